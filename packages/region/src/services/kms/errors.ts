import { AwsError } from '../../kernel/aws-error.ts';

export function notFound(message: string): AwsError {
  return new AwsError('NotFoundException', message);
}

export function validation(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

export function alreadyExists(alias: string): AwsError {
  return new AwsError('AlreadyExistsException', `An alias with the name ${alias} already exists`);
}

export function invalidCiphertext(): AwsError {
  return new AwsError('InvalidCiphertextException', '');
}

export function incorrectKey(): AwsError {
  return new AwsError(
    'IncorrectKeyException',
    'The key ID in the request does not identify a CMK that can perform this operation.',
  );
}

export function disabled(arn: string): AwsError {
  return new AwsError('DisabledException', `${arn} is disabled.`);
}

export function invalidState(arn: string, state: string): AwsError {
  const words =
    state === 'PendingDeletion' ? 'is pending deletion.' : `is not valid for this operation: ${state}.`;
  return new AwsError('KMSInvalidStateException', `${arn} ${words}`);
}

export function managedKey(): AwsError {
  return new AwsError(
    'AccessDeniedException',
    'The request was rejected: AWS managed keys are managed by AWS.',
  );
}

export function invalidMarker(): AwsError {
  return new AwsError('InvalidMarkerException', 'The marker is not valid.');
}

export function malformedPolicy(): AwsError {
  return new AwsError('MalformedPolicyDocumentException', 'The new key policy is not valid JSON.');
}
