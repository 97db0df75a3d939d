import { AwsError } from '../../kernel/aws-error.ts';

// Confirmed by answers of AWS recorded in public test suites, unless marked otherwise.

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameter', `Invalid parameter: ${message}`);
}

export function invalidToken(): AwsError {
  return new AwsError('InvalidParameter', 'Invalid token');
}

export function invalidAttributeValue(message: string): AwsError {
  return new AwsError('ParameterValueInvalid', message);
}

export function dataTypeMissing(attribute: string): AwsError {
  return new AwsError(
    'ValidationError',
    `1 validation error detected: Value null at 'messageAttributes.${attribute}.member.dataType' failed to satisfy constraint: Member must not be null`,
  );
}

export function topicNotFound(): AwsError {
  return new AwsError('NotFound', 'Topic does not exist', { status: 404 });
}

export function subscriptionNotFound(): AwsError {
  return new AwsError('NotFound', 'Subscription does not exist', { status: 404 });
}

/** For the operations on tags, which have an error of their own. */
export function resourceNotFound(): AwsError {
  return new AwsError('ResourceNotFound', 'Resource does not exist', { status: 404 });
}

// Known: the words; confirmed: the code.
export function authorizationError(message: string): AwsError {
  return new AwsError('AuthorizationError', message, { status: 403 });
}

// Known: the words; confirmed: the codes and the limits.
export function subscriptionLimitExceeded(): AwsError {
  return new AwsError('SubscriptionLimitExceeded', 'Subscription limit exceeded', { status: 403 });
}

export function filterPolicyLimitExceeded(): AwsError {
  return new AwsError('FilterPolicyLimitExceeded', 'Filter policy limit exceeded', { status: 403 });
}

export function topicLimitExceeded(): AwsError {
  return new AwsError('TopicLimitExceeded', 'Topic limit exceeded', { status: 403 });
}

export function tagLimitExceeded(): AwsError {
  return new AwsError('TagLimitExceeded', 'Could not complete request: tag quota of per resource exceeded');
}

export type BatchFault =
  | 'BatchEntryIdsNotDistinct'
  | 'BatchRequestTooLong'
  | 'EmptyBatchRequest'
  | 'InvalidBatchEntryId'
  | 'TooManyEntriesInBatchRequest';

const batchTexts: Readonly<Record<BatchFault, string>> = {
  BatchEntryIdsNotDistinct: 'Two or more batch entries in the request have the same Id.',
  BatchRequestTooLong: 'The length of all the messages put together is more than the limit.',
  EmptyBatchRequest: "The batch request doesn't contain any entries.",
  InvalidBatchEntryId: "The Id of a batch entry in a batch request doesn't abide by the specification.",
  TooManyEntriesInBatchRequest: 'The batch request contains more entries than permissible.',
};

export function batchFault(fault: BatchFault): AwsError {
  return new AwsError(fault, batchTexts[fault]);
}
