import { malformed } from './malformed.ts';

export interface Token {
  readonly kind: 'word' | 'number' | 'period' | 'text' | 'symbol' | 'end';
  /** Of a text what stands between its quotes; of a word in backticks what stands between them. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const forms: readonly (readonly [Exclude<Token['kind'], 'end'>, RegExp])[] = [
  ['period', /\d+(?:ms|s|m|h|d|w)\b/y],
  ['number', /\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y],
  ['text', /"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)'/y],
  ['word', /`([^`]+)`|@?[A-Za-z_][\w.]*/y],
  ['symbol', /!=|<=|>=|=~|[=<>()[\],|+\-*/%^]/y],
];

/**
 * The words of a query, read on demand: only who reads knows whether `/` divides or begins a regular expression.
 */
export class QueryScanner {
  readonly source: string;
  #at = 0;

  constructor(source: string) {
    this.source = source;
  }

  peek(): Token {
    const at = this.#at;
    const token = this.next();
    this.#at = at;
    return token;
  }

  next(): Token {
    this.#skipSpace();
    const start = this.#at;
    if (start >= this.source.length) return { kind: 'end', text: '', start, end: start };
    for (const [kind, form] of forms) {
      form.lastIndex = start;
      const found = form.exec(this.source);
      if (!found) continue;
      this.#at = form.lastIndex;
      const inner = found[1] ?? found[2];
      const text = inner ?? found[0];
      return {
        kind,
        text: kind === 'text' ? text.replace(/\\(["'\\])/g, '$1') : text,
        start,
        end: this.#at,
      };
    }
    throw this.unexpected({ kind: 'symbol', text: this.source[start] ?? '', start, end: start + 1 });
  }

  /** Takes the next token if it is this symbol or keyword; keywords have no letter case. */
  skip(text: string): boolean {
    if (!this.isNext(text)) return false;
    this.next();
    return true;
  }

  isNext(text: string): boolean {
    const { kind, text: found } = this.peek();
    return (kind === 'word' || kind === 'symbol') && found.toLowerCase() === text;
  }

  expect(text: string): void {
    const token = this.next();
    if (token.kind === 'text' || token.text.toLowerCase() !== text) throw this.unexpected(token, text);
  }

  take(kind: Token['kind']): Token {
    const token = this.next();
    if (token.kind !== kind) throw this.unexpected(token, kind);
    return token;
  }

  /** A regular expression between slashes, if one is next. `(?i)` at its beginning means any letter case. */
  regExp(): RegExp | undefined {
    this.#skipSpace();
    const form = /\/((?:[^/\\\n]|\\.)+)\//y;
    form.lastIndex = this.#at;
    const found = form.exec(this.source);
    if (!found) return undefined;
    const start = this.#at;
    this.#at = form.lastIndex;
    return compile(found[1] ?? '', start, this.#at);
  }

  /** What the query says from a place on to the last token. */
  textFrom(start: number): string {
    return this.source.slice(start, this.#at).trim();
  }

  /** AWS's words. */
  unexpected({ kind, text, start, end }: Token, expected?: string): Error {
    const before = this.source.slice(0, start);
    const line = before.split('\n').length;
    const position = start - (before.lastIndexOf('\n') + 1) + 1;
    const what = kind === 'end' ? 'unexpected end of the query' : `unexpected symbol found ${text}`;
    const hint = expected === undefined ? '' : `, expecting ${expected}`;
    return malformed(`${what} at line ${line} and position ${position}${hint}`, { start, end });
  }

  #skipSpace(): void {
    const space = /(?:\s|#[^\n]*)*/y;
    space.lastIndex = this.#at;
    space.exec(this.source);
    this.#at = space.lastIndex;
  }
}

export function compile(source: string, start: number, end: number): RegExp {
  const [, insensitive, pattern = ''] = /^(\(\?i\))?([\s\S]*)$/.exec(source) ?? [];
  try {
    return new RegExp(pattern, insensitive === undefined ? '' : 'i');
  } catch {
    throw malformed(`${source} is not a regular expression`, { start, end });
  }
}
