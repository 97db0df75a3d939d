/** What a value is compared with: a number, a text with `*` for anything, a regular expression. */
import { invalidPattern } from '../errors.ts';
import type { PatternTokens } from './tokens.ts';

export type Comparison = '=' | '!=' | '<' | '<=' | '>' | '>=';

/** Whether a value, as text, meets the condition. */
export type Condition = (value: string) => boolean;

/** Reads `op value` behind a field's name. */
export function parseCondition(tokens: PatternTokens): Condition {
  const operator = tokens.take('operator').text as Comparison;
  const operand = tokens.next();
  if (operator === '=' || operator === '!=') {
    const isEqual = equality(operand.kind, operand.text);
    return operator === '=' ? isEqual : (value) => !isEqual(value);
  }
  const limit = Number(operand.text);
  if (operand.kind !== 'word' || !isNumber(operand.text)) {
    throw invalidPattern(`${operator} compares with a number, not with ${operand.text}`);
  }
  return (value) => isNumber(value) && compare(operator, Number(value), limit);
}

function equality(kind: string, text: string): Condition {
  if (kind === 'regex') {
    const pattern = patternRegExp(text);
    return (value) => pattern.test(value);
  }
  if (kind !== 'word' && kind !== 'text') throw invalidPattern(`there is no value at ${text}`);
  if (text.includes('*')) {
    const parts = text.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
    const wildcard = new RegExp(`^${parts.join('[\\s\\S]*')}$`);
    return (value) => wildcard.test(value);
  }
  if (kind === 'word' && isNumber(text)) {
    return (value) => value === text || (isNumber(value) && Number(value) === Number(text));
  }
  return (value) => value === text;
}

function compare(operator: Exclude<Comparison, '=' | '!='>, value: number, limit: number): boolean {
  switch (operator) {
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
  }
}

export function isNumber(text: string): boolean {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text);
}

/**
 * Confirmed by docs: letters, digits, `:_#=@/;,-` and space, the operators `^ $ ? [ ] { } | \ * + .`, and no parentheses.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html#regex-expressions
 */
export function patternRegExp(source: string): RegExp {
  const refused = /^(?:[\w:#=@/;,\- ^$?[\]{}|*+.]|\\[\s\S])*/.exec(source)?.[0].length ?? 0;
  if (refused < source.length) {
    throw invalidPattern(`${source[refused]} is not supported in the regular expression %${source}%`);
  }
  try {
    return new RegExp(source);
  } catch {
    throw invalidPattern(`%${source}% is not a regular expression`);
  }
}
