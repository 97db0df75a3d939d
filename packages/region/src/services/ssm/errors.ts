import { AwsError } from '../../kernel/aws-error.ts';

// Messages Known unless marked: AWS answers ParameterNotFound without a message for GetParameter.

export function parameterNotFound(name: string): AwsError {
  return new AwsError('ParameterNotFound', `Parameter ${name} not found.`);
}

export function parameterAlreadyExists(): AwsError {
  return new AwsError(
    'ParameterAlreadyExists',
    'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
  );
}

export function parameterVersionNotFound(selector: string): AwsError {
  return new AwsError('ParameterVersionNotFound', `Systems Manager could not find version ${selector}.`);
}

export function validationException(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

export function invalidFilterKey(key: string): AwsError {
  return new AwsError(
    'InvalidFilterKey',
    `The following filter key is not valid: ${key}. Valid filter keys include: [Name, Type, Path, tag:*].`,
  );
}

export function invalidResourceId(): AwsError {
  return new AwsError(
    'InvalidResourceId',
    'The resource ID is not valid. Verify that you entered the correct ID.',
  );
}

export function invalidNextToken(): AwsError {
  return new AwsError('InvalidNextToken', 'The specified token is not valid.');
}
