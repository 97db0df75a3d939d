/**
 * Whether an alarm's expressions can ever be evaluated: an alarm that waits for what cannot come would say nothing. They are
 * evaluated once, on metrics of one point.
 */
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { validationError } from '../errors.ts';
import { evaluateExpression, type Scope } from '../metrics/math/evaluate.ts';
import { isSeries, type Series, type Value } from '../metrics/math/series.ts';
import { MathSyntaxError, parseExpression } from '../metrics/math/syntax.ts';

/** Throws `ValidationError` for expressions that cannot be evaluated, or whose result is not one time series. */
export function checkExpressions(queries: readonly MetricDataQuery[]): void {
  const all = new Map(queries.map((query) => [query.Id ?? '', query]));
  const results = new Map<string, Value>();
  const result = (query: MetricDataQuery, within: readonly string[]): Value => {
    const id = query.Id ?? '';
    if (query.MetricStat) return sample(id);
    if (within.includes(id)) throw expressionError(id, 'Circular reference');
    const value = results.get(id) ?? calculate(query, scopeOf([...within, id]));
    results.set(id, value);
    return value;
  };
  const scopeOf = (within: readonly string[]): Scope => ({
    periodMs: 60_000,
    timestamps: () => [0],
    query: (id) => {
      const other = all.get(id);
      return other && result(other, within);
    },
    metrics: (part) =>
      queries.flatMap(({ MetricStat, Id = '' }) => (MetricStat && Id.includes(part) ? [sample(Id)] : [])),
    search: () => [],
  });
  for (const query of queries) {
    const value = result(query, []);
    if (query.ReturnData !== false && !isOneSeries(value))
      throw expressionError(query.Id ?? '', 'The expression of an alarm must give one time series');
  }
}

function sample(label: string): Series {
  return { label, periodMs: 60_000, timestamps: [0], values: [1] };
}

function isOneSeries(value: Value): boolean {
  return typeof value !== 'number' && (isSeries(value) || value.length === 1);
}

function calculate({ Id = '', Expression = '' }: MetricDataQuery, scope: Scope): Value {
  try {
    return evaluateExpression(parseExpression(Expression), scope);
  } catch (error) {
    if (error instanceof MathSyntaxError) throw expressionError(Id, error.message);
    throw error;
  }
}

function expressionError(id: string, reason: string): Error {
  return validationError(`Error in expression '${id}': ${reason}`);
}
