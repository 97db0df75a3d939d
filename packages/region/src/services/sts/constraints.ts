import { AwsError } from '../../kernel/aws-error.ts';

/** A rule of a request's member, in the words of AWS's messages. */
export interface Constraint {
  readonly member: string;
  /** Left out of the message where it is long or secret. */
  readonly value?: string | number;
  readonly rule: string;
  readonly isMet: boolean;
}

/**
 * Known: all that is wrong is told at once, in this form.
 * @throws ValidationError
 */
export function checkConstraints(constraints: readonly Constraint[]): void {
  const unmet = constraints.filter(({ isMet }) => !isMet);
  if (unmet.length === 0) return;
  const told = unmet.map(
    ({ member, value, rule }) =>
      `Value ${value === undefined ? '' : `'${value}' `}at '${member}' failed to satisfy constraint: Member must ${rule}`,
  );
  const count = `${unmet.length} validation error${unmet.length === 1 ? '' : 's'} detected`;
  throw validationError(`${count}: ${told.join('; ')}`);
}

export function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message);
}

export function longerThan(member: string, value: string, shortest: number, isShown = true): Constraint {
  return {
    member,
    ...(isShown && { value }),
    rule: `have length greater than or equal to ${shortest}`,
    isMet: value.length >= shortest,
  };
}

export function shorterThan(member: string, value: string, longest: number, isShown = true): Constraint {
  return {
    member,
    ...(isShown && { value }),
    rule: `have length less than or equal to ${longest}`,
    isMet: value.length <= longest,
  };
}

export function matching(member: string, value: string, pattern: string): Constraint {
  return {
    member,
    value,
    rule: `satisfy regular expression pattern: ${pattern}`,
    isMet: new RegExp(`^(?:${pattern})$`, 'u').test(value),
  };
}
