/**
 * The filter patterns of CloudWatch Logs, which FilterLogEvents and metric filters share: terms, `[…]` for messages of
 * fields between spaces, `{…}` for messages in JSON.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
import { parseJsonPattern } from './json-pattern.ts';
import { parseSpaceDelimited } from './space-delimited.ts';
import { parseTerms } from './terms.ts';

export interface FilterPattern {
  /** Whether a message that matches has values to be used: `$.code` or `$code`. */
  readonly isStructured: boolean;
  /** What the pattern itself names, in order. */
  readonly selectors: readonly string[];
  /** How to look up values in a message that matches; undefined if it does not. */
  match(message: string): Lookup | undefined;
}

/** The value of a selector as text; undefined if the message has none. */
export type Lookup = (selector: string) => string | undefined;

/** @throws AwsError `InvalidParameterException` that says what is wrong */
export function parseFilterPattern(pattern: string | undefined): FilterPattern {
  const text = (pattern ?? '').trim();
  if (text.startsWith('{')) return parseJsonPattern(text);
  if (text.startsWith('[')) return parseSpaceDelimited(text);
  return parseTerms(text);
}
