import { AwsError } from '../../../kernel/aws-error.ts';
import { validationError } from '../errors.ts';

export function invalidNextToken(): AwsError {
  return new AwsError('InvalidNextToken', 'The next token is invalid.');
}

/** Confirmed by public record: CloudWatch says `Unknown` and no more of an alarm that it does not have. */
export function alarmNotFound(): AwsError {
  return new AwsError('ResourceNotFound', 'Unknown', { status: 404 });
}

/** What the tag operations say of an ARN that names nothing. */
export function resourceNotFound(arn: string): AwsError {
  return new AwsError('ResourceNotFoundException', `Unknown resource: ${arn}`, { status: 404 });
}

/** The form in which AWS reports a member that is out of the API's own limits. */
export function constraint(value: unknown, member: string, rule: string): AwsError {
  return validationError(
    `1 validation error detected: Value '${String(value)}' at '${member}' failed to satisfy constraint: ${rule}`,
  );
}

/** Refuses what is none of the words that the API knows for this member. */
export function checkOneOf(value: string | undefined, member: string, known: readonly string[]): void {
  if (value === undefined || known.includes(value)) return;
  throw constraint(value, member, `Member must satisfy enum value set: [${known.join(', ')}]`);
}
