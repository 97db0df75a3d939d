import { AwsError } from '../../kernel/aws-error.ts';

export function groupNotFound(): AwsError {
  return new AwsError('ResourceNotFoundException', 'The specified log group does not exist.');
}

export function streamNotFound(): AwsError {
  return new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.');
}

export function alreadyExists(what: 'group' | 'stream'): AwsError {
  return new AwsError('ResourceAlreadyExistsException', `The specified log ${what} already exists`);
}

export function invalidParameter(message: string): AwsError {
  return new AwsError('InvalidParameterException', message);
}

export function invalidToken(): AwsError {
  return invalidParameter('The specified nextToken is invalid.');
}

/** @param what is wrong with the pattern */
export function invalidPattern(what: string): AwsError {
  return invalidParameter(`Invalid filter pattern: ${what}.`);
}

export function metricFilterNotFound(): AwsError {
  return new AwsError('ResourceNotFoundException', 'The specified metric filter does not exist.');
}

export function limitExceeded(): AwsError {
  return new AwsError('LimitExceededException', 'Resource limit exceeded.');
}

export function queryNotFound(id: string): AwsError {
  return new AwsError('ResourceNotFoundException', `Query ${id} does not exist.`);
}
