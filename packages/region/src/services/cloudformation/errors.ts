import { AwsError } from '../../kernel/aws-error.ts';

// Every text that AWS's clients read is here or beside the one rule that says it; marks as in the behaviour reference.

export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message);
}

export function templateFormatError(message: string): AwsError {
  return validationError(`Template format error: ${message}`);
}

export function templateError(message: string): AwsError {
  return validationError(`Template error: ${message}`);
}

/** What a template or a request asks for and this region does not do: named, never done halfway. */
export function notModelledHere(what: string): AwsError {
  return validationError(
    `${what} is not modelled by this local region. What is: packages/region/src/services/cloudformation/README.md`,
  );
}

export function stackDoesNotExist(name: string): AwsError {
  return validationError(`Stack [${name}] does not exist`);
}

// Known: DescribeStacks and the other queries word it this way; the CDK looks for `does not exist`.
export function stackWithIdDoesNotExist(name: string): AwsError {
  return validationError(`Stack with id ${name} does not exist`);
}

export function stackAlreadyExists(name: string): AwsError {
  return new AwsError('AlreadyExistsException', `Stack [${name}] already exists`);
}

export function noUpdates(): AwsError {
  return validationError('No updates are to be performed.');
}

export function stackBusy(stackId: string, status: string, what: string): AwsError {
  return validationError(`Stack:${stackId} is in ${status} state and can not be ${what}.`);
}

export function changeSetNotFound(name: string): AwsError {
  return new AwsError('ChangeSetNotFound', `ChangeSet [${name}] does not exist`, { status: 404 });
}

export function changeSetAlreadyExists(name: string): AwsError {
  return new AwsError(
    'AlreadyExistsException',
    `ChangeSet ${name} cannot be created due to a mismatch with existing attribute Name`,
  );
}

export function changeSetNotExecutable(id: string, status: string): AwsError {
  return new AwsError(
    'InvalidChangeSetStatus',
    `ChangeSet [${id}] cannot be executed in its current status of [${status}]`,
  );
}

export function insufficientCapabilities(missing: string): AwsError {
  return new AwsError('InsufficientCapabilitiesException', `Requires capabilities : [${missing}]`);
}

export function tokenAlreadyExists(token: string): AwsError {
  return new AwsError(
    'TokenAlreadyExistsException',
    `A client request token ${token} was already used for a different operation`,
  );
}

export function exportInUse(name: string, verb: 'deleted' | 'updated', by: readonly string[]): AwsError {
  return validationError(`Export ${name} cannot be ${verb} as it is in use by ${by.join(' and ')}`);
}
