/**
 * The syntax of metric math. From loose to tight: OR, AND, comparisons, + and -, * and /, unary -, ^.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  /** The id of a query (lower case), or a keyword such as `DESC`. */
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'list'; readonly items: readonly Expression[] }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly Expression[] }
  | { readonly kind: 'negation'; readonly of: Expression }
  | {
      readonly kind: 'operation';
      readonly operator: Operator;
      readonly left: Expression;
      readonly right: Expression;
    };

export type Operator = (typeof levels)[number][number] | '^';

const levels = [['||'], ['&&'], ['==', '!=', '<=', '>=', '<', '>'], ['+', '-'], ['*', '/']] as const;

const tokenPattern =
  /\s*(?:(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|([A-Za-z_][A-Za-z0-9_]*)|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(==|!=|<=|>=|&&|\|\||[-+*/^<>()[\],]))/y;

type Token =
  | { readonly kind: 'number' | 'name' | 'string'; readonly text: string }
  | { readonly kind: 'sign'; readonly text: string };

/** Throws `MathSyntaxError` when it is no expression. */
export function parseExpression(text: string): Expression {
  return new Parser(tokensOf(text)).whole();
}

export class MathSyntaxError extends Error {}

function tokensOf(text: string): readonly Token[] {
  const tokens: Token[] = [];
  tokenPattern.lastIndex = 0;
  for (let at = 0; text.slice(at).trim() !== ''; at = tokenPattern.lastIndex) {
    const match = tokenPattern.exec(text);
    if (!match) throw new MathSyntaxError(`Unexpected character '${text.slice(at).trim().charAt(0)}'`);
    const [, number, name, single, double, sign = ''] = match;
    const quoted = single ?? double;
    if (number !== undefined) tokens.push({ kind: 'number', text: number });
    else if (quoted !== undefined) tokens.push({ kind: 'string', text: quoted });
    else if (name === 'AND' || name === 'OR')
      tokens.push({ kind: 'sign', text: name === 'AND' ? '&&' : '||' });
    else if (name !== undefined) tokens.push({ kind: 'name', text: name });
    else tokens.push({ kind: 'sign', text: sign });
  }
  return tokens;
}

class Parser {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  whole(): Expression {
    const expression = this.#level(0);
    const rest = this.#tokens[this.#next];
    if (rest) throw new MathSyntaxError(`Unexpected '${rest.text}'`);
    return expression;
  }

  #level(level: number): Expression {
    const operators = levels[level];
    if (!operators) return this.#unary();
    let left = this.#level(level + 1);
    for (let operator = this.#takeOne(operators); operator; operator = this.#takeOne(operators)) {
      left = { kind: 'operation', operator, left, right: this.#level(level + 1) };
    }
    return left;
  }

  #unary(): Expression {
    if (this.#take('-')) return { kind: 'negation', of: this.#unary() };
    const base = this.#primary();
    if (!this.#take('^')) return base;
    return { kind: 'operation', operator: '^', left: base, right: this.#unary() };
  }

  #primary(): Expression {
    const token = this.#tokens[this.#next++];
    if (!token) throw new MathSyntaxError('Unexpected end of the expression');
    if (token.kind === 'number') return { kind: 'number', value: Number(token.text) };
    if (token.kind === 'string') return { kind: 'string', value: token.text };
    if (token.kind === 'name') {
      if (!this.#take('(')) return { kind: 'name', name: token.text };
      return { kind: 'call', name: token.text, arguments: this.#items(')') };
    }
    if (token.text === '[') return { kind: 'list', items: this.#items(']') };
    if (token.text !== '(') throw new MathSyntaxError(`Unexpected '${token.text}'`);
    const inner = this.#level(0);
    this.#expect(')');
    return inner;
  }

  #items(end: string): readonly Expression[] {
    const items: Expression[] = [];
    if (this.#take(end)) return items;
    do items.push(this.#level(0));
    while (this.#take(','));
    this.#expect(end);
    return items;
  }

  #take(sign: string): boolean {
    const token = this.#tokens[this.#next];
    if (token?.kind !== 'sign' || token.text !== sign) return false;
    this.#next += 1;
    return true;
  }

  #takeOne<T extends string>(signs: readonly T[]): T | undefined {
    return signs.find((sign) => this.#take(sign));
  }

  #expect(sign: string): void {
    if (this.#take(sign)) return;
    throw new MathSyntaxError(`Expected '${sign}' before '${this.#tokens[this.#next]?.text ?? 'the end'}'`);
  }
}
