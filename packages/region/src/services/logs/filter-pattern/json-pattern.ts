/**
 * Patterns for messages in JSON: `{ $.level = "error" && ($.status >= 500 || $.user.id NOT EXISTS) }`. A message that is
 * no JSON object or list matches none of them.
 */
import { invalidPattern } from '../errors.ts';
import { parseCondition } from './condition.ts';
import type { FilterPattern } from './pattern.ts';
import { PatternTokens } from './tokens.ts';

type Test = (document: unknown) => boolean;

export function parseJsonPattern(text: string): FilterPattern {
  if (!text.endsWith('}')) throw invalidPattern('its brace is not closed');
  const tokens = new PatternTokens(text.slice(1, -1));
  const selectors: string[] = [];
  const test = anyOf(tokens, selectors);
  const rest = tokens.next();
  if (rest.kind !== 'end') throw invalidPattern(`${rest.text} stands where && or || is expected`);
  return {
    isStructured: true,
    selectors: [...new Set(selectors)],
    match: (message) => {
      const document = parsed(message);
      if (document === undefined || !test(document)) return undefined;
      return (selector) => {
        const [value] = isSelector(selector) ? select(document, stepsOf(selector)) : [];
        return value === undefined || value === null ? undefined : textOf(value);
      };
    },
  };
}

/** Whether a text names a property: `$.a.b[0]`, `$.['a.b']`. */
export function isSelector(text: string): boolean {
  return /^\$(\.[^.[\]\s]+|\.?\['[^']+'\]|\[(\d+|\*)\])+$/.test(text);
}

function anyOf(tokens: PatternTokens, selectors: string[]): Test {
  const first = allOf(tokens, selectors);
  if (!tokens.skip('||')) return first;
  const rest = anyOf(tokens, selectors);
  return (document) => first(document) || rest(document);
}

function allOf(tokens: PatternTokens, selectors: string[]): Test {
  const first = single(tokens, selectors);
  if (!tokens.skip('&&')) return first;
  const rest = allOf(tokens, selectors);
  return (document) => first(document) && rest(document);
}

function single(tokens: PatternTokens, selectors: string[]): Test {
  if (tokens.skip('(')) {
    const inner = anyOf(tokens, selectors);
    if (!tokens.skip(')')) throw invalidPattern('a parenthesis is not closed');
    return inner;
  }
  const { text: selector } = tokens.take('word');
  if (!isSelector(selector)) throw invalidPattern(`${selector} is no selector such as $.level`);
  selectors.push(selector);
  const steps = stepsOf(selector);
  if (tokens.peek().kind === 'word') return state(tokens, steps);
  const isMet = parseCondition(tokens);
  // Chosen: a property that is missing meets no comparison, `!=` neither. AWS's pages show no example.
  return (document) => select(document, steps).some((value) => isScalar(value) && isMet(textOf(value)));
}

/** `IS NULL`, `IS TRUE`, `IS FALSE`, `NOT EXISTS`, `EXISTS`. */
function state(tokens: PatternTokens, steps: readonly string[]): Test {
  const words = [tokens.take('word').text.toUpperCase()];
  if (words[0] !== 'EXISTS') words.push(tokens.take('word').text.toUpperCase());
  switch (words.join(' ')) {
    case 'IS NULL':
      return (document) => select(document, steps).some((value) => value === null);
    case 'IS TRUE':
      return (document) => select(document, steps).some((value) => value === true);
    case 'IS FALSE':
      return (document) => select(document, steps).some((value) => value === false);
    case 'NOT EXISTS':
      return (document) => select(document, steps).length === 0;
    case 'EXISTS':
      return (document) => select(document, steps).length > 0;
    default:
      throw invalidPattern(`${words.join(' ')} is not IS NULL, IS TRUE, IS FALSE, EXISTS or NOT EXISTS`);
  }
}

function stepsOf(selector: string): readonly string[] {
  return [...selector.slice(1).matchAll(/\.?\['([^']+)'\]|\[(\d+|\*)\]|\.([^.[\]]+)/g)].map(
    ([, quoted, index, name]) => quoted ?? index ?? name ?? '',
  );
}

function select(value: unknown, [step, ...rest]: readonly string[]): readonly unknown[] {
  if (step === undefined) return [value];
  if (typeof value !== 'object' || value === null) return [];
  if (step === '*') return Object.values(value).flatMap((member) => select(member, rest));
  if (!Object.hasOwn(value, step)) return [];
  return select((value as Readonly<Record<string, unknown>>)[step], rest);
}

function parsed(message: string): unknown {
  if (!/^\s*[{[]/.test(message)) return undefined;
  try {
    return JSON.parse(message);
  } catch {
    return undefined;
  }
}

function isScalar(value: unknown): boolean {
  return value !== null && typeof value !== 'object';
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
