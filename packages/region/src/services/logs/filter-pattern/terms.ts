/**
 * Unstructured patterns: terms that must all occur, `-term` that must not, `?term` of which one must. Terms are matched
 * with their letter case; one with other characters than letters, digits and `_` stands in double quotes; `%…%` is a
 * regular expression.
 */
import { invalidPattern } from '../errors.ts';
import { patternRegExp } from './condition.ts';
import type { FilterPattern } from './pattern.ts';

interface Term {
  readonly sign: '' | '-' | '?';
  readonly occursIn: (message: string) => boolean;
}

const term = /\s*([-?]?)(?:%((?:[^%\\]|\\.)*)%|"((?:[^"\\]|\\.)*)"|([^\s"%]+))\s*/y;

export function parseTerms(text: string): FilterPattern {
  const terms = [...termsOf(text)];
  const required = terms.filter(({ sign }) => sign === '');
  const excluded = terms.filter(({ sign }) => sign === '-');
  const optional = terms.filter(({ sign }) => sign === '?');
  return {
    isStructured: false,
    selectors: [],
    match: (message) => {
      const matches =
        required.every(({ occursIn }) => occursIn(message)) &&
        !excluded.some(({ occursIn }) => occursIn(message)) &&
        // Confirmed by docs: optional terms beside required ones have no effect.
        (optional.length === 0 || required.length > 0 || optional.some(({ occursIn }) => occursIn(message)));
      return matches ? () => undefined : undefined;
    },
  };
}

function* termsOf(text: string): Generator<Term> {
  const next = new RegExp(term);
  while (next.lastIndex < text.length) {
    const from = next.lastIndex;
    const found = next.exec(text);
    if (!found) throw invalidPattern(`there is no term at ${text.slice(from)}`);
    const [, sign = '', regex, quoted, bare] = found;
    yield { sign: sign as Term['sign'], occursIn: occurrence(regex, quoted, bare) };
  }
}

function occurrence(
  regex: string | undefined,
  quoted: string | undefined,
  bare = '',
): (message: string) => boolean {
  if (regex !== undefined) {
    const pattern = patternRegExp(regex);
    return (message) => pattern.test(message);
  }
  const wanted = quoted === undefined ? checkBare(bare) : quoted.replace(/\\(.)/g, '$1');
  return (message) => message.includes(wanted);
}

function checkBare(word: string): string {
  if (/^\w+$/.test(word)) return word;
  throw invalidPattern(`a term with ${word.replace(/\w/g, '')} stands in double quotes`);
}
