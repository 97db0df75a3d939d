import { AwsError } from '../../kernel/aws-error.ts';

export function validationException(message: string): AwsError {
  return new AwsError('ValidationException', message);
}

/** Confirmed by users' reports: the texts of both. */
export function targetNotRegistered(resourceId: string): AwsError {
  return notFound(`No scalable target registered for ${of(resourceId)}`);
}

export function targetNotFound(resourceId: string): AwsError {
  return notFound(`No scalable target found for ${of(resourceId)}`);
}

export function policyNotFound(resourceId: string, name: string): AwsError {
  return notFound(`No scaling policy found for ${of(resourceId)}, policy name: ${name}`);
}

export function scheduledActionNotFound(resourceId: string, name: string): AwsError {
  return notFound(`No scheduled action found for ${of(resourceId)}, scheduled action name: ${name}`);
}

export function resourceNotFound(arn: string): AwsError {
  const message = `The scalable target with the ARN ${arn} was not found.`;
  return new AwsError('ResourceNotFoundException', message, { fields: { ResourceName: arn } });
}

export function limitExceeded(message: string): AwsError {
  return new AwsError('LimitExceededException', message);
}

export function tooManyTags(arn: string): AwsError {
  return new AwsError('TooManyTagsException', 'A resource can have at most 50 tags.', {
    fields: { ResourceName: arn },
  });
}

export function invalidNextToken(): AwsError {
  return new AwsError('InvalidNextTokenException', 'The next token is not valid.');
}

function notFound(message: string): AwsError {
  return new AwsError('ObjectNotFoundException', message);
}

function of(resourceId: string): string {
  return `service namespace: ecs, resource ID: ${resourceId}, scalable dimension: ecs:service:DesiredCount`;
}
