/**
 * Expressions of queries. From loose to tight: or, and, not, comparisons and `like`, `in`, sums, products, powers. What is
 * compared with something missing is false.
 */
import { floorTime, functions, periodOf } from './functions.ts';
import { malformed } from './malformed.ts';
import type { QueryScanner, Token } from './scanner.ts';
import { compile } from './scanner.ts';
import { compareValues, isTrue, numberOf, type Row, textOf, type Value } from './value.ts';

export type Expression = (row: Row) => Value;

export function parseExpression(scanner: QueryScanner): Expression {
  const first = parseAnd(scanner);
  if (!scanner.skip('or')) return first;
  const rest = parseExpression(scanner);
  return (row) => isTrue(first(row)) || isTrue(rest(row));
}

function parseAnd(scanner: QueryScanner): Expression {
  const first = parseNot(scanner);
  if (!scanner.skip('and')) return first;
  const rest = parseAnd(scanner);
  return (row) => isTrue(first(row)) && isTrue(rest(row));
}

function parseNot(scanner: QueryScanner): Expression {
  if (!scanner.skip('not')) return parseComparison(scanner);
  const inner = parseNot(scanner);
  return (row) => !isTrue(inner(row));
}

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

function parseComparison(scanner: QueryScanner): Expression {
  const left = parseSum(scanner);
  const { kind, text } = scanner.peek();
  const compare = kind === 'symbol' ? comparisons[text] : undefined;
  if (compare !== undefined) {
    scanner.next();
    const right = parseSum(scanner);
    return (row) => {
      const [a, b] = [left(row), right(row)];
      if (a === undefined || b === undefined) return false;
      // Chosen: a text that is no number is neither less nor greater than a number.
      if (isOrder(text) && isOneNumber(a, b)) return false;
      return compare(compareValues(a, b));
    };
  }
  const isNegated = scanner.skip('not');
  if (scanner.skip('like') || (!isNegated && scanner.skip('=~'))) return like(scanner, left, isNegated);
  if (scanner.skip('in')) return within(scanner, left, isNegated);
  if (isNegated) throw scanner.unexpected(scanner.next(), 'like or in');
  return left;
}

function isOrder(operator: string): boolean {
  return operator.startsWith('<') || operator.startsWith('>');
}

function isOneNumber(a: Value, b: Value): boolean {
  const isNumber = typeof a === 'number' || typeof b === 'number';
  return isNumber && (numberOf(a) === undefined || numberOf(b) === undefined);
}

function like(scanner: QueryScanner, left: Expression, isNegated: boolean): Expression {
  const pattern = scanner.regExp() ?? containing(scanner);
  return (row) => {
    const value = left(row);
    return value !== undefined && pattern.test(textOf(value)) !== isNegated;
  };
}

// Confirmed by docs: a text after like is looked for as it is; `=~` and like take regular expressions in quotes as well
// where they begin with (?i).
function containing(scanner: QueryScanner): RegExp {
  const { text, start, end } = scanner.take('text');
  return text.startsWith('(?i)')
    ? compile(text, start, end)
    : new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
}

function within(scanner: QueryScanner, left: Expression, isNegated: boolean): Expression {
  scanner.expect('[');
  const members: Expression[] = [];
  do members.push(parseSum(scanner));
  while (scanner.skip(','));
  scanner.expect(']');
  return (row) => {
    const value = left(row);
    if (value === undefined) return false;
    return members.some((member) => compareValues(value, member(row)) === 0) !== isNegated;
  };
}

type Arithmetic = (a: number, b: number) => number;

const sums: Readonly<Record<string, Arithmetic>> = { '+': (a, b) => a + b, '-': (a, b) => a - b };
const products: Readonly<Record<string, Arithmetic>> = {
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '%': (a, b) => a % b,
};
const powers: Readonly<Record<string, Arithmetic>> = { '^': (a, b) => a ** b };

const parseSum = (scanner: QueryScanner): Expression => leftToRight(scanner, sums, parseProduct);
const parseProduct = (scanner: QueryScanner): Expression => leftToRight(scanner, products, parsePower);
const parsePower = (scanner: QueryScanner): Expression => leftToRight(scanner, powers, parsePrimary);

function leftToRight(
  scanner: QueryScanner,
  operators: Readonly<Record<string, Arithmetic>>,
  operand: (scanner: QueryScanner) => Expression,
): Expression {
  let expression = operand(scanner);
  for (;;) {
    const { kind, text } = scanner.peek();
    const work = kind === 'symbol' ? operators[text] : undefined;
    if (work === undefined) return expression;
    scanner.next();
    expression = arithmetic(work, expression, operand(scanner));
  }
}

function arithmetic(work: Arithmetic, left: Expression, right: Expression): Expression {
  return (row) => {
    const [a, b] = [numberOf(left(row)), numberOf(right(row))];
    const result = a === undefined || b === undefined ? Number.NaN : work(a, b);
    return Number.isFinite(result) ? result : undefined;
  };
}

function parsePrimary(scanner: QueryScanner): Expression {
  if (scanner.skip('(')) {
    const inner = parseExpression(scanner);
    scanner.expect(')');
    return inner;
  }
  if (scanner.skip('-'))
    return arithmetic(
      (a, b) => a * b,
      () => -1,
      parsePrimary(scanner),
    );
  const token = scanner.next();
  switch (token.kind) {
    case 'number': {
      const number = Number(token.text);
      return () => number;
    }
    case 'text':
      return () => token.text;
    case 'word':
      return scanner.isNext('(') ? parseCall(scanner, token) : field(token.text);
    default:
      throw scanner.unexpected(token);
  }
}

function field(name: string): Expression {
  if (name === 'true' || name === 'false') return () => name === 'true';
  return (row) => row.get(name);
}

function parseCall(scanner: QueryScanner, { text, start, end }: Token): Expression {
  const name = text.toLowerCase();
  scanner.expect('(');
  if (name === 'bin') return binned(scanner, field('@timestamp'));
  if (name === 'datefloor') {
    const time = parseExpression(scanner);
    scanner.expect(',');
    return binned(scanner, time);
  }
  const [work, least, most] = functions.get(name) ?? unknown(text, { start, end });
  const given: Expression[] = [];
  if (!scanner.isNext(')')) {
    do given.push(parseExpression(scanner));
    while (scanner.skip(','));
  }
  scanner.expect(')');
  if (given.length < least || given.length > most) {
    throw malformed(`${text} takes ${least === most ? least : `${least} to ${most}`} arguments`, {
      start,
      end,
    });
  }
  return (row) => work(...given.map((argument) => argument(row)));
}

function binned(scanner: QueryScanner, time: Expression): Expression {
  const period = periodOf(scanner.take('period').text);
  scanner.expect(')');
  return (row) => floorTime(time(row), period);
}

function unknown(name: string, place: { readonly start: number; readonly end: number }): never {
  const known = ['bin', 'datefloor', ...functions.keys()].join(', ');
  throw malformed(
    `The function ${name} is not modelled by this local region, or stands where it may not. Modelled are ${known}.`,
    place,
  );
}
