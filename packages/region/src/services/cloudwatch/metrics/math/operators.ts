import { isSeries, join, mapPoints, type Series, type Value } from './series.ts';
import { MathSyntaxError, type Operator } from './syntax.ts';

/**
 * Confirmed by docs (metric math, basic arithmetic and comparisons): of two series a missing value counts as 0; a data point
 * that would be divided by zero is dropped; comparisons give 0 or 1.
 */
const binary: Readonly<Record<Operator, (a: number, b: number) => number>> = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => a / b,
  '^': (a, b) => a ** b,
  '==': (a, b) => Number(a === b),
  '!=': (a, b) => Number(a !== b),
  '<': (a, b) => Number(a < b),
  '>': (a, b) => Number(a > b),
  '<=': (a, b) => Number(a <= b),
  '>=': (a, b) => Number(a >= b),
  '&&': (a, b) => Number(a !== 0 && b !== 0),
  '||': (a, b) => Number(a !== 0 || b !== 0),
};

export function operate(operator: Operator, left: Value, right: Value): Value {
  const combine = binary[operator];
  if (typeof left === 'number') {
    if (typeof right === 'number') return combine(left, right);
    return mapSeries(right, (series) => mapPoints(series, (value) => combine(left, value)));
  }
  if (typeof right === 'number') {
    return mapSeries(left, (series) => mapPoints(series, (value) => combine(value, right)));
  }
  const joined = (a: Series, b: Series): Series => join(a, b, (x = 0, y = 0) => combine(x, y));
  if (isSeries(right)) return mapSeries(left, (series) => keepName(series, joined(series, right)));
  if (isSeries(left)) return mapSeries(right, (series) => keepName(series, joined(left, series)));
  throw new MathSyntaxError(
    `Unsupported operand types for ${operator}: an array of time series on both sides`,
  );
}

export function mapSeries(value: Exclude<Value, number>, change: (series: Series) => Series): Value {
  return isSeries(value) ? change(value) : value.map(change);
}

/** Each series of an array keeps its label. */
function keepName({ label, properties }: Series, { periodMs, timestamps, values }: Series): Series {
  return { label, periodMs, timestamps, values, properties };
}
