/**
 * GitHub's expressions, as far as our workflows go: contexts, literals, `! == != && ||`, parentheses and a few functions.
 * What is not known is an error that names itself, so that no workflow passes by luck.
 * https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
 */
export type Value = string | number | boolean | null | { readonly [key: string]: unknown };

/** What a step, job or workflow leaves, or is given. */
export type Outputs = Readonly<Record<string, string>>;

/** How the job or step stands, for `success()` and its like. */
export interface Status {
  readonly hasFailed: boolean;
}

export interface Scope {
  readonly contexts: Readonly<Record<string, unknown>>;
  readonly status: Status;
}

const statusFunctions = /\b(success|failure|always|cancelled)\s*\(/;

/** The value of `if:`. Without a function that asks for the status, `success()` is meant too. */
export function isMet(condition: string | undefined, scope: Scope): boolean {
  if (condition === undefined) return !scope.status.hasFailed;
  const text = condition.trim().replace(/^\$\{\{([\s\S]*)\}\}$/, '$1');
  const holds = isTrue(evaluate(text, scope));
  return holds && (statusFunctions.test(text) || !scope.status.hasFailed);
}

/** Text with its `${{ … }}` filled in. */
export function interpolate(text: string, scope: Scope): string {
  return text.replace(/\$\{\{([\s\S]*?)\}\}/g, (_, inner: string) => textOf(evaluate(inner, scope)));
}

/** Each value as text with its expressions filled in. */
export function filled(values: Readonly<Record<string, unknown>>, scope: Scope): Outputs {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, interpolate(String(value), scope)]),
  );
}

export function evaluate(text: string, scope: Scope): Value {
  const parser = new Parser(tokensOf(text), scope);
  const value = parser.or();
  parser.end();
  return value;
}

type Token =
  | { readonly kind: 'literal'; readonly value: Value }
  | { readonly kind: 'word' | 'sign'; readonly text: string };

const tokenPattern =
  /\s*(?:'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?)|([A-Za-z_][\w-]*(?:\.[A-Za-z_*][\w-]*)*)|(&&|\|\||==|!=|[!(),]))/y;

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  const source = text.trim();
  tokenPattern.lastIndex = 0;
  while (tokenPattern.lastIndex < source.length) {
    const at = tokenPattern.lastIndex;
    const found = tokenPattern.exec(source);
    if (!found)
      throw new Error(`This expression is not understood at ${JSON.stringify(source.slice(at))}: ${source}`);
    const [, quoted, number, word, sign] = found;
    if (quoted !== undefined) tokens.push({ kind: 'literal', value: quoted.replaceAll("''", "'") });
    else if (number !== undefined) tokens.push({ kind: 'literal', value: Number(number) });
    else if (word !== undefined) tokens.push({ kind: 'word', text: word });
    else tokens.push({ kind: 'sign', text: sign ?? '' });
  }
  return tokens;
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #scope: Scope;
  #at = 0;

  constructor(tokens: readonly Token[], scope: Scope) {
    this.#tokens = tokens;
    this.#scope = scope;
  }

  or(): Value {
    let left = this.#and();
    while (this.#takes('||')) {
      const right = this.#and();
      left = isTrue(left) ? left : right;
    }
    return left;
  }

  end(): void {
    if (this.#at < this.#tokens.length)
      throw new Error('This expression goes on where its end was expected.');
  }

  #and(): Value {
    let left = this.#comparison();
    while (this.#takes('&&')) {
      const right = this.#comparison();
      left = isTrue(left) ? right : left;
    }
    return left;
  }

  #comparison(): Value {
    const left = this.#unary();
    if (this.#takes('==')) return areEqual(left, this.#unary());
    if (this.#takes('!=')) return !areEqual(left, this.#unary());
    return left;
  }

  #unary(): Value {
    if (this.#takes('!')) return !isTrue(this.#unary());
    if (this.#takes('(')) {
      const value = this.or();
      this.#expect(')');
      return value;
    }
    const token = this.#tokens[this.#at++];
    if (token?.kind === 'literal') return token.value;
    if (token?.kind !== 'word') throw new Error('A value was expected in this expression.');
    return this.#takes('(') ? this.#call(token.text) : this.#named(token.text);
  }

  #call(name: string): Value {
    const given: Value[] = [];
    while (!this.#takes(')')) {
      if (given.length > 0) this.#expect(',');
      given.push(this.or());
    }
    const known = functions[name];
    if (!known) throw new Error(`The function ${name} is not known here.`);
    return known(given, this.#scope.status);
  }

  #named(path: string): Value {
    const constant = { true: true, false: false, null: null }[path];
    if (constant !== undefined) return constant;
    const [context = '', ...rest] = path.split('.');
    if (!(context in this.#scope.contexts)) throw new Error(`The context ${context} is not there: ${path}`);
    let value: unknown = this.#scope.contexts[context];
    for (const key of rest) value = (value as Record<string, unknown> | null | undefined)?.[key];
    return (value ?? null) as Value;
  }

  #takes(sign: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== 'sign' || token.text !== sign) return false;
    this.#at += 1;
    return true;
  }

  #expect(sign: string): void {
    if (!this.#takes(sign)) throw new Error(`'${sign}' was expected in this expression.`);
  }
}

const functions: Readonly<Record<string, (given: readonly Value[], status: Status) => Value>> = {
  startsWith: ([text = '', start = '']) => lower(text).startsWith(lower(start)),
  endsWith: ([text = '', end = '']) => lower(text).endsWith(lower(end)),
  contains: ([text = '', part = '']) => lower(text).includes(lower(part)),
  format: ([text = '', ...values]) =>
    textOf(text).replace(/\{(\d+)\}/g, (_, index: string) => textOf(values[Number(index)] ?? '')),
  success: (_, { hasFailed }) => !hasFailed,
  failure: (_, { hasFailed }) => hasFailed,
  always: () => true,
  cancelled: () => false,
};

function isTrue(value: Value): boolean {
  return value !== false && value !== null && value !== '' && value !== 0;
}

/** Strings without regard to case; of two types both as numbers. */
function areEqual(left: Value, right: Value): boolean {
  if (typeof left === typeof right && typeof left !== 'object') return lower(left) === lower(right);
  return left === right || numberOf(left) === numberOf(right);
}

function numberOf(value: Value): number {
  if (value === null || value === '') return 0;
  return typeof value === 'object' ? Number.NaN : Number(value);
}

function textOf(value: Value): string {
  if (value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function lower(value: Value): string {
  return textOf(value).toLowerCase();
}
