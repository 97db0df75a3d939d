import { AwsError } from '../../kernel/aws-error.ts';

// Texts are Known (as AWS answers, not printed in its reference) unless marked.

export function secretNotFound(): AwsError {
  return new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
}

/** @param what for instance `staging label: AWSCURRENT` or `VersionId: x` */
export function valueNotFound(what: string): AwsError {
  return new AwsError(
    'ResourceNotFoundException',
    `Secrets Manager can't find the specified secret value for ${what}`,
  );
}

export function secretExists(name: string): AwsError {
  return new AwsError(
    'ResourceExistsException',
    `The operation failed because the secret ${name} already exists.`,
  );
}

export function tokenInUse(token: string, name: string): AwsError {
  return new AwsError(
    'ResourceExistsException',
    `You can't use ClientRequestToken ${token} because that value is already in use for a version of secret ${name}.`,
  );
}

export function markedForDeletion(): AwsError {
  return invalidRequest("You can't perform this operation on the secret because it was marked for deletion.");
}

/** Chosen: the text; AWS documents only that such a secret is changed by its service. */
export function managedSecret(owningService: string): AwsError {
  return invalidRequest(
    `You can't perform this operation on the secret because it is managed by ${owningService}. Use ${owningService} to change or delete it.`,
  );
}

export function invalidRequest(message: string): AwsError {
  return new AwsError('InvalidRequestException', message);
}

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

export function malformedPolicy(): AwsError {
  return new AwsError(
    'MalformedPolicyDocumentException',
    'This resource policy contains an error. See the IAM documentation for the correct JSON format.',
  );
}

/** Confirmed by API: the text of the exception. */
export function encryptionFailure(): AwsError {
  return new AwsError(
    'EncryptionFailure',
    "Secrets Manager can't encrypt the protected secret text using the provided KMS key. Check that the KMS key is available, enabled, and not in an invalid state.",
  );
}

/** Confirmed by API: the text of the exception. */
export function decryptionFailure(): AwsError {
  return new AwsError(
    'DecryptionFailure',
    "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
  );
}

/** Confirmed by answers of AWS. */
export function keyAccessDenied(): AwsError {
  return new AwsError('AccessDeniedException', 'Access to KMS is not allowed');
}
