import { AwsError } from '../../kernel/aws-error.ts';

export function invalidParameterValue(message: string): AwsError {
  return new AwsError('InvalidParameterValue', message);
}

export function invalidParameterCombination(message: string): AwsError {
  return new AwsError('InvalidParameterCombination', message);
}

export function missingParameter(name: string): AwsError {
  return new AwsError('MissingParameter', `The parameter ${name} is required.`);
}

/** AWS's answer to what breaks a limit of the API's model. */
export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message);
}
