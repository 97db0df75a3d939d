import { AwsError } from '../../kernel/aws-error.ts';

/** Known: from public reports. */
export function certificateNotFound(arn: string): AwsError {
  return new AwsError('ResourceNotFoundException', `Could not find certificate ${arn}.`);
}

export function invalidArn(arn: string | undefined): AwsError {
  return new AwsError('InvalidArnException', `The ARN '${arn ?? ''}' is not that of a certificate.`);
}

/** Known: from public reports. */
export function certificateInUse(arn: string, accountId: string): AwsError {
  return new AwsError('ResourceInUseException', `Certificate ${arn} in account ${accountId} is in use.`);
}

export function validation(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

export function invalidTag(message: string): AwsError {
  return new AwsError('InvalidTagException', message);
}

export function tooManyTags(): AwsError {
  return new AwsError('TooManyTagsException', 'A certificate cannot have more than 50 tags.');
}
