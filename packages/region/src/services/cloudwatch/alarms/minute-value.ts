/**
 * What an alarm's metric or expression is at one minute, without reading others: for expressions of which each point comes
 * of the points at its own time, of arithmetic, `IF`, and `FILL` with a number. It says what `metrics/math` says of a range
 * of one minute; what is not of this kind is evaluated there.
 */
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { operate } from '../metrics/math/operators.ts';
import { type Expression, MathSyntaxError, parseExpression } from '../metrics/math/syntax.ts';
import type { AlarmMetric } from './state.ts';

/** Absent: it has no data point. */
type Point = number | undefined;
export type MinuteValue = (minute: number) => Point;
type Open = (metric: AlarmMetric) => MinuteValue;

/** A number is no series: with one the other side decides where there are points. */
type Part =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'points'; readonly at: MinuteValue };

/**
 * @param open gives what reads a metric by the minute
 * @returns absent: it has to be evaluated on a range
 */
export function minuteValueOf(queries: readonly MetricDataQuery[], open: Open): MinuteValue | undefined {
  const returned = queries.filter(({ ReturnData }) => ReturnData !== false);
  const [query] = returned;
  const part =
    returned.length === 1 && query ? partOfQuery(query, { queries, open, underWay: [] }) : undefined;
  return part?.kind === 'points' ? part.at : undefined;
}

interface Scope {
  readonly queries: readonly MetricDataQuery[];
  readonly open: Open;
  /** Those that refer to this one: a circle is no value. */
  readonly underWay: readonly MetricDataQuery[];
}

function partOfQuery(query: MetricDataQuery, scope: Scope): Part | undefined {
  const { Expression: text, MetricStat, Period = 60 } = query;
  if (scope.underWay.includes(query) || Period !== 60) return undefined;
  if (MetricStat) {
    const metric = MetricStat.Period === 60 ? metricOf(MetricStat) : undefined;
    return metric && { kind: 'points', at: scope.open(metric) };
  }
  const expression = parsed(text ?? '');
  return expression && partOf(expression, { ...scope, underWay: [...scope.underWay, query] });
}

function metricOf({ Metric, Stat, Unit }: NonNullable<MetricDataQuery['MetricStat']>): AlarmMetric {
  return {
    namespace: Metric?.Namespace ?? '',
    metricName: Metric?.MetricName ?? '',
    dimensions: Metric?.Dimensions ?? [],
    extendedStatistic: Stat ?? '',
    period: 60,
    ...(Unit !== undefined && { unit: Unit }),
  };
}

/** Absent: it is no metric math, which its evaluation tells. */
function parsed(text: string): Expression | undefined {
  try {
    return parseExpression(text);
  } catch (error) {
    if (error instanceof MathSyntaxError) return undefined;
    throw error;
  }
}

function partOf(expression: Expression, scope: Scope): Part | undefined {
  switch (expression.kind) {
    case 'number':
      return { kind: 'number', value: expression.value };
    case 'name': {
      const query = scope.queries.find(({ Id }) => Id === expression.name);
      return query && partOfQuery(query, scope);
    }
    case 'negation':
      return negated(partOf(expression.of, scope));
    case 'operation': {
      const [left, right] = [partOf(expression.left, scope), partOf(expression.right, scope)];
      const { operator } = expression;
      return left && right && combined(left, right, (a, b) => operate(operator, a, b) as number);
    }
    case 'call':
      return partOfCall(expression.name, expression.arguments, scope);
    default:
      return undefined;
  }
}

function negated(of: Part | undefined): Part | undefined {
  return of && combined({ kind: 'number', value: 0 }, of, (_, value) => -value);
}

/** Of two series a missing value counts as 0 (confirmed by docs); with neither there is no point. */
function combined(left: Part, right: Part, combine: (a: number, b: number) => number): Part {
  if (left.kind === 'number' && right.kind === 'number')
    return { kind: 'number', value: combine(left.value, right.value) };
  const areBoth = left.kind === right.kind;
  return {
    kind: 'points',
    at: (minute) => {
      const [a, b] = [valueAt(left, minute), valueAt(right, minute)];
      if (areBoth ? a === undefined && b === undefined : a === undefined || b === undefined) return undefined;
      return finite(combine(a ?? 0, b ?? 0));
    },
  };
}

function partOfCall(name: string, given: readonly Expression[], scope: Scope): Part | undefined {
  const [first, second, third, ...more] = given.map((one) => partOf(one, scope));
  if (first?.kind !== 'points' || second === undefined || more.length > 0) return undefined;
  if (name === 'FILL' && given.length === 2 && second.kind === 'number')
    return { kind: 'points', at: (minute) => finite(first.at(minute) ?? second.value) };
  if (name !== 'IF' || (given.length === 3 && third === undefined)) return undefined;
  return {
    kind: 'points',
    at: (minute) => {
      const condition = first.at(minute);
      if (condition === undefined) return undefined;
      if (condition !== 0) return finite(valueAt(second, minute) ?? 0);
      return third && finite(valueAt(third, minute));
    },
  };
}

function valueAt(part: Part, minute: number): Point {
  return part.kind === 'number' ? part.value : part.at(minute);
}

function finite(value: Point): Point {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}
