/**
 * Patterns for messages of fields between spaces: `[ip, user, status = 5*, bytes > 1000]`. What stands in a message in
 * square brackets or double quotes is one field. The fields are as many as the pattern names, but for one `...`.
 */
import { invalidPattern } from '../errors.ts';
import { type Condition, parseCondition } from './condition.ts';
import type { FilterPattern } from './pattern.ts';
import { PatternTokens } from './tokens.ts';

interface Field {
  readonly name: string;
  readonly isMet: Condition;
}

export function parseSpaceDelimited(text: string): FilterPattern {
  if (!text.endsWith(']')) throw invalidPattern('its bracket is not closed');
  const fields = parseFields(new PatternTokens(text.slice(1, -1)));
  const ellipsis = fields.findIndex(({ name }) => name === '...');
  if (fields.filter(({ name }) => name === '...').length > 1) throw invalidPattern('it has two ellipses');
  const before = ellipsis < 0 ? fields : fields.slice(0, ellipsis);
  const after = ellipsis < 0 ? [] : fields.slice(ellipsis + 1);
  const named = [...before, ...after];
  return {
    isStructured: true,
    selectors: named.map(({ name }) => `$${name}`),
    match: (message) => {
      const values = valuesOf(message);
      if (ellipsis < 0 ? values.length !== before.length : values.length < named.length) return undefined;
      const chosen = [...values.slice(0, before.length), ...values.slice(values.length - after.length)];
      if (!named.every(({ isMet }, index) => isMet(chosen[index] ?? ''))) return undefined;
      return (selector) => chosen[named.findIndex(({ name }) => `$${name}` === selector)];
    },
  };
}

function parseFields(tokens: PatternTokens): readonly Field[] {
  const fields: Field[] = [];
  do fields.push(parseField(tokens));
  while (tokens.skip(','));
  const rest = tokens.next();
  if (rest.kind !== 'end') throw invalidPattern(`${rest.text} stands where a comma is expected`);
  return fields;
}

function parseField(tokens: PatternTokens): Field {
  const { kind, text: name } = tokens.peek();
  if (kind !== 'word' || !/^(\.\.\.|\w[\w-]*)$/.test(name)) {
    throw invalidPattern(`${name} is no name of a field`);
  }
  return { name, isMet: anyOf(tokens, name) };
}

// && binds closer than ||.
function anyOf(tokens: PatternTokens, name: string): Condition {
  const first = allOf(tokens, name);
  if (!tokens.skip('||')) return first;
  const rest = anyOf(tokens, name);
  return (value) => first(value) || rest(value);
}

function allOf(tokens: PatternTokens, name: string): Condition {
  const first = single(tokens, name);
  if (!tokens.skip('&&')) return first;
  const rest = allOf(tokens, name);
  return (value) => first(value) && rest(value);
}

function single(tokens: PatternTokens, name: string): Condition {
  const { text } = tokens.take('word');
  if (text !== name) throw invalidPattern(`${text} stands in the conditions of ${name}`);
  return tokens.peek().kind === 'operator' ? parseCondition(tokens) : () => true;
}

function valuesOf(message: string): readonly string[] {
  return [...message.trim().matchAll(/"((?:[^"\\]|\\.)*)"|\[([^\]]*)\]|(\S+)/g)].map(
    ([, quoted, bracketed, bare]) => quoted ?? bracketed ?? bare ?? '',
  );
}
