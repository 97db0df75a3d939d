import { type Expression, parseExpression } from './expression.ts';
import { malformed } from './malformed.ts';
import type { QueryScanner } from './scanner.ts';
import { compareValues, numberOf, type Row, textOf, type Value } from './value.ts';

/** What `stats` makes of the rows of one group. */
export type Aggregation = (rows: readonly Row[]) => Value;

/** `count(*)`, `pct(@duration, 95)`. */
export function parseAggregation(scanner: QueryScanner): Aggregation {
  const { text, start, end } = scanner.take('word');
  const name = text.toLowerCase();
  scanner.expect('(');
  if (name === 'count' && (scanner.skip('*') || scanner.isNext(')'))) {
    scanner.expect(')');
    return (rows) => rows.length;
  }
  const make = aggregations[name];
  if (make === undefined) {
    const known = Object.keys(aggregations).join(', ');
    throw malformed(`The statistic ${text} is not modelled by this local region. Modelled are ${known}.`, {
      start,
      end,
    });
  }
  const of = parseExpression(scanner);
  const made = make(of, scanner);
  scanner.expect(')');
  return made;
}

const aggregations: Readonly<Record<string, (of: Expression, scanner: QueryScanner) => Aggregation>> = {
  count: (of) => (rows) => present(rows, of).length,
  count_distinct: (of) => (rows) => new Set(present(rows, of).map(textOf)).size,
  sum: (of) => (rows) => sum(numbers(rows, of)),
  avg: (of) => (rows) => {
    const found = numbers(rows, of);
    return found.length === 0 ? undefined : sum(found) / found.length;
  },
  min: (of) => (rows) => present(rows, of).sort(compareValues)[0],
  max: (of) => (rows) => present(rows, of).sort(compareValues).at(-1),
  pct: (of, scanner) => {
    scanner.expect(',');
    const part = Number(scanner.take('number').text) / 100;
    return (rows) => percentile(numbers(rows, of), part);
  },
};

function present(rows: readonly Row[], of: Expression): Value[] {
  return rows.map(of).filter((value) => value !== undefined);
}

function numbers(rows: readonly Row[], of: Expression): readonly number[] {
  return rows.map((row) => numberOf(of(row))).filter((value) => value !== undefined);
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** Chosen: the nearest rank, which is exact; AWS estimates with many values. */
function percentile(values: readonly number[], part: number): Value {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(part * sorted.length) - 1)];
}
