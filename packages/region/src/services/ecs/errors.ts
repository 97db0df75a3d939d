import { AwsError } from '../../kernel/aws-error.ts';

// Codes Confirmed by the SDK's model; messages Known.

export function clientException(message: string): AwsError {
  return new AwsError('ClientException', message);
}

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

export function clusterNotFound(): AwsError {
  return new AwsError('ClusterNotFoundException', 'Cluster not found.');
}

export function clusterContainsServices(): AwsError {
  return new AwsError(
    'ClusterContainsServicesException',
    'The Cluster cannot be deleted while Services are active.',
  );
}

export function clusterContainsTasks(): AwsError {
  return new AwsError(
    'ClusterContainsTasksException',
    'The Cluster cannot be deleted while Tasks are active.',
  );
}

export function serviceNotFound(): AwsError {
  return new AwsError('ServiceNotFoundException', 'Service not found.');
}

export function serviceNotActive(): AwsError {
  return new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.');
}

export function serviceAlreadyExists(): AwsError {
  return invalidParameter('Creation of service was not idempotent.');
}

export function clientTokenConflict(taskArns: readonly string[]): AwsError {
  return new AwsError(
    'ConflictException',
    'The provided clientToken is already in use with a different RunTask request.',
    { fields: { resourceIds: taskArns } },
  );
}

export function taskNotFound(): AwsError {
  return invalidParameter('The referenced task was not found.');
}

export function taskDefinitionNotFound(): AwsError {
  return clientException('Unable to describe task definition.');
}

export function taskDefinitionMissing(): AwsError {
  return clientException('TaskDefinition not found.');
}

export function taskDefinitionInactive(): AwsError {
  return clientException('TaskDefinition is inactive');
}

export function serviceDeploymentNotFound(): AwsError {
  return new AwsError(
    'ServiceDeploymentNotFoundException',
    'The specified service deployment was not found.',
  );
}

/** Text Confirmed by API text. */
export function conflict(): AwsError {
  return new AwsError(
    'ConflictException',
    'The request could not be processed because of conflict in the current state of the resource.',
  );
}

export function resourceNotFound(): AwsError {
  return new AwsError('ResourceNotFoundException', 'The specified resource was not found.');
}
