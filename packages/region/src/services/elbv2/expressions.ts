import { validationError } from './errors.ts';

/**
 * Confirmed by docs: expressions of rules have no lookaround, back-references, atomic groups, possessive quantifiers,
 * recursion or Unicode classes. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/listener-rules.html
 */
const UNSUPPORTED = /^(?:[^\\]|\\.)*?(?:\(\?(?:<?[=!]|>|R|&|\d)|[*+?}]\+|\\[1-9]|\\k<|\\[pP]\{)/;

export function checkExpression(value: string, maxLength: number): void {
  if (value.length === 0 || value.length > maxLength) {
    throw validationError(`The regular expression must have 1 to ${maxLength} characters`);
  }
  if (UNSUPPORTED.test(value)) throw validationError(`The regular expression '${value}' is not supported`);
  try {
    new RegExp(value);
  } catch {
    throw validationError(`The regular expression '${value}' is not valid`);
  }
}
