/**
 * The filter patterns of CloudWatch Logs, which FilterLogEvents and metric filters share: terms, `[…]` for messages of
 * fields between spaces, `{…}` for messages in JSON.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
import { parseJsonPattern } from './json-pattern.ts';
import type { FilterPattern } from './pattern.ts';
import { parseSpaceDelimited } from './space-delimited.ts';
import { parseTerms } from './terms.ts';

/** @throws AwsError `InvalidParameterException` that says what is wrong */
export function parseFilterPattern(pattern: string | undefined): FilterPattern {
  const text = (pattern ?? '').trim();
  if (text.startsWith('{')) return parseJsonPattern(text);
  if (text.startsWith('[')) return parseSpaceDelimited(text);
  return parseTerms(text);
}
