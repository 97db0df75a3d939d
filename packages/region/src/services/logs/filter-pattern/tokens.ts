import { invalidPattern } from '../errors.ts';

export interface Token {
  readonly kind: 'operator' | 'logic' | 'punctuation' | 'text' | 'regex' | 'word' | 'end';
  readonly text: string;
}

const forms: readonly (readonly [Exclude<Token['kind'], 'end'>, RegExp])[] = [
  ['logic', /&&|\|\|/y],
  ['operator', /!=|<=|>=|[=<>]/y],
  ['punctuation', /[(),]/y],
  ['text', /"((?:[^"\\]|\\.)*)"/y],
  ['regex', /%((?:[^%\\]|\\.)*)%/y],
  ['word', /(?:\['[^']*'\]|\[[\d*]+\]|[^\s()=!<>,&|"%[\]])+/y],
];

/** The words of a JSON or space-delimited pattern, read one by one. */
export class PatternTokens {
  readonly #text: string;
  #at = 0;
  #regexes = 0;

  constructor(text: string) {
    this.#text = text;
  }

  peek(): Token {
    const at = this.#at;
    const regexes = this.#regexes;
    const token = this.next();
    this.#at = at;
    this.#regexes = regexes;
    return token;
  }

  next(): Token {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at += 1;
    if (this.#at >= this.#text.length) return { kind: 'end', text: 'the end' };
    for (const [kind, form] of forms) {
      form.lastIndex = this.#at;
      const found = form.exec(this.#text);
      if (!found) continue;
      this.#at = form.lastIndex;
      // Confirmed by docs: two regular expressions in a pattern at most.
      if (kind === 'regex' && ++this.#regexes > 2)
        throw invalidPattern('it has more than two regular expressions');
      const text = found[1] ?? found[0];
      return { kind, text: kind === 'text' ? text.replace(/\\(.)/g, '$1') : text };
    }
    throw invalidPattern(`${this.#text.slice(this.#at)} cannot be read`);
  }

  /** Takes the next token if it is this one. */
  skip(text: string): boolean {
    const { kind, text: found } = this.peek();
    if (kind === 'text' || kind === 'regex' || found !== text) return false;
    this.next();
    return true;
  }

  take(kind: 'operator' | 'word'): Token {
    const token = this.next();
    if (token.kind !== kind) {
      const expected = kind === 'word' ? 'a name' : 'a comparison';
      throw invalidPattern(`${token.text} stands where ${expected} is expected`);
    }
    return token;
  }
}
