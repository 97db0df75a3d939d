/**
 * The unstructured filter patterns of CloudWatch Logs: terms that must all occur, `-term` that must not, `?term` of which
 * one must. Terms are matched with their letter case; a term with other characters than letters, digits and `_` stands in
 * double quotes. JSON (`{…}`), space-delimited (`[…]`) and regular expression (`%…%`) patterns are not modelled.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
import { notModelled } from '../../kernel/aws-error.ts';
import { invalidParameter } from './errors.ts';

export type EventFilter = (message: string) => boolean;

export function parseFilterPattern(pattern: string | undefined): EventFilter {
  const text = (pattern ?? '').trim();
  if (text === '') return () => true;
  if (/^[{[%]/.test(text)) throw notModelled(`logs filter pattern ${text}`, 'logs');
  const terms = [...text.matchAll(/([-?]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))\s*/g)].map(
    ([, sign = '', quoted, bare]) => ({
      sign,
      term: quoted === undefined ? checkBare(bare ?? '', text) : quoted.replace(/\\(.)/g, '$1'),
    }),
  );
  const required = terms.filter(({ sign }) => sign === '');
  const excluded = terms.filter(({ sign }) => sign === '-');
  const optional = terms.filter(({ sign }) => sign === '?');
  return (message) =>
    required.every(({ term }) => message.includes(term)) &&
    !excluded.some(({ term }) => message.includes(term)) &&
    (optional.length === 0 || required.length > 0 || optional.some(({ term }) => message.includes(term)));
}

function checkBare(term: string, pattern: string): string {
  if (/^\w+$/.test(term)) return term;
  throw invalidParameter(
    `Invalid filter pattern: ${pattern}. A term with ${term.replace(/\w/g, '')} stands in double quotes.`,
  );
}
