/**
 * The rule of a composite alarm: `(ALARM("cpu") OR ALARM(memory)) AND NOT ALARM("deployment")`.
 * Confirmed by API text (PutCompositeAlarm): ALARM, OK, INSUFFICIENT_DATA, TRUE, FALSE, AND, OR, NOT, parentheses; alarms by
 * name or ARN. NOT binds closest, then AND, then OR.
 *
 * Known: `AT_LEAST(2, ALARM, (a, b, c))` and `AT_LEAST("50%", NOT OK, (a, b))` hold when so many of the alarms are so.
 */
import { validationError } from '../errors.ts';
import { type AlarmState, alarmNameOf } from './state.ts';

export type Rule =
  | { readonly kind: 'state'; readonly state: AlarmState; readonly alarm: string }
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'not'; readonly of: Rule }
  | { readonly kind: 'atLeast'; readonly count: number; readonly of: readonly Rule[] }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Rule[] };

/** @throws ValidationError where the rule is none */
export function parseRule(text: string): Rule {
  const parser = new RuleParser(tokensOf(text));
  const rule = parser.or();
  if (!parser.isAtEnd) throw invalidRule();
  return rule;
}

export function holds(rule: Rule, stateOf: (alarm: string) => AlarmState | undefined): boolean {
  switch (rule.kind) {
    case 'state':
      return stateOf(rule.alarm) === rule.state;
    case 'constant':
      return rule.value;
    case 'not':
      return !holds(rule.of, stateOf);
    case 'and':
      return rule.of.every((part) => holds(part, stateOf));
    case 'or':
      return rule.of.some((part) => holds(part, stateOf));
    case 'atLeast':
      return rule.of.filter((part) => holds(part, stateOf)).length >= rule.count;
  }
}

/** The names of the alarms in a rule, each once. */
export function childrenOf(rule: Rule): readonly string[] {
  switch (rule.kind) {
    case 'state':
      return [rule.alarm];
    case 'constant':
      return [];
    case 'not':
      return childrenOf(rule.of);
    case 'and':
    case 'or':
    case 'atLeast':
      return [...new Set(rule.of.flatMap(childrenOf))];
  }
}

interface Token {
  readonly kind: 'word' | 'quoted' | 'open' | 'close' | 'comma';
  readonly text: string;
}

const tokenPattern = /\s*(?:(\()|(\))|(,)|"((?:[^"\\]|\\.)*)"|([^\s(),"]+))/y;

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const pattern = new RegExp(tokenPattern);
  const { length } = text.trimEnd();
  while (pattern.lastIndex < length) {
    const [, open, close, comma, quoted, word] = pattern.exec(text) ?? [];
    if (open !== undefined) tokens.push({ kind: 'open', text: open });
    else if (close !== undefined) tokens.push({ kind: 'close', text: close });
    else if (comma !== undefined) tokens.push({ kind: 'comma', text: comma });
    else if (quoted !== undefined) tokens.push({ kind: 'quoted', text: quoted.replace(/\\(.)/g, '$1') });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else throw invalidRule();
  }
  return tokens;
}

class RuleParser {
  readonly #tokens: readonly Token[];
  #at = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  or(): Rule {
    return this.#sequence('or', 'OR', () => this.#sequence('and', 'AND', () => this.#not()));
  }

  #sequence(kind: 'and' | 'or', word: string, part: () => Rule): Rule {
    const first = part();
    const parts = [first];
    while (this.#takesWord(word)) parts.push(part());
    return parts.length === 1 ? first : { kind, of: parts };
  }

  #not(): Rule {
    if (this.#takesWord('NOT')) return { kind: 'not', of: this.#not() };
    if (this.#takes('open')) {
      const inner = this.or();
      this.#expect('close');
      return inner;
    }
    return this.#operand();
  }

  #operand(): Rule {
    const { text } = this.#expect('word');
    if (text === 'TRUE' || text === 'FALSE') return { kind: 'constant', value: text === 'TRUE' };
    if (text === 'AT_LEAST') return this.#atLeast();
    const state = stateNamed(text);
    this.#expect('open');
    const alarm = this.#name();
    this.#expect('close');
    return { kind: 'state', state, alarm };
  }

  #atLeast(): Rule {
    this.#expect('open');
    const amount = (this.#takes('quoted') ?? this.#expect('word')).text;
    this.#expect('comma');
    const isNot = this.#takesWord('NOT');
    const state = stateNamed(this.#expect('word').text);
    this.#expect('comma');
    this.#expect('open');
    const names = [this.#name()];
    while (this.#takes('comma')) names.push(this.#name());
    this.#expect('close');
    this.#expect('close');
    const of = names.map((alarm): Rule => {
      const part = { kind: 'state', state, alarm } as const;
      return isNot ? { kind: 'not', of: part } : part;
    });
    return { kind: 'atLeast', count: countOf(amount, names.length), of };
  }

  #name(): string {
    return alarmNameOf((this.#takes('quoted') ?? this.#expect('word')).text);
  }

  #takesWord(word: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'word' || token.text !== word) return false;
    this.#at += 1;
    return true;
  }

  #takes(kind: Token['kind']): Token | undefined {
    const token = this.#tokens[this.#at];
    if (token?.kind !== kind) return undefined;
    this.#at += 1;
    return token;
  }

  #expect(kind: Token['kind']): Token {
    const token = this.#takes(kind);
    if (!token) throw invalidRule();
    return token;
  }
}

function stateNamed(text: string): AlarmState {
  if (text === 'ALARM' || text === 'OK' || text === 'INSUFFICIENT_DATA') return text;
  throw invalidRule();
}

/** A number of alarms, or a share of them, rounded up. */
function countOf(amount: string, all: number): number {
  const [, number, percent] = /^(\d+)(%?)$/.exec(amount) ?? [];
  const count = percent === '%' ? Math.ceil((Number(number) * all) / 100) : Number(number);
  if (!(count >= 1 && count <= all)) throw invalidRule();
  return count;
}

function invalidRule(): Error {
  return validationError('Invalid AlarmRule: the rule expression could not be parsed.');
}
