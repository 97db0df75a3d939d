/** Evaluates the queries of GetMetricData and of alarms on metric math: each once, in whatever order they refer to each other. */
import type { MetricDataQuery, MetricStat } from '@aws-sdk/client-cloudwatch';
import { notModelled } from '../../../kernel/aws-error.ts';
import { validationError } from '../errors.ts';
import { type MetricIdentity, metricIdentity } from './identity.ts';
import { distinguishing, type LabelPlace, labelOf } from './labels.ts';
import { evaluateExpression, type Scope } from './math/evaluate.ts';
import { parseSearch } from './math/search.ts';
import { isSeries, type Series, type Value } from './math/series.ts';
import { type Expression, MathSyntaxError, parseExpression } from './math/syntax.ts';
import { type MetricReader, roundedStart } from './reader.ts';
import { statisticNamed } from './statistics.ts';
import { day } from './tiers.ts';

export interface EvaluatedSeries {
  readonly id: string;
  readonly label: string;
  readonly periodSeconds: number;
  /** Milliseconds, oldest first. */
  readonly timestamps: readonly number[];
  readonly values: readonly number[];
}

export interface QueryRange {
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** Confirmed by docs (search expressions): a graph shows 500 time series. Chosen: as many as one search finds. */
const searchResults = 500;
/** Confirmed by API text (GetMetricData): data points of one answer. */
const mostPoints = 100_800;
const defaultSearchPeriodSeconds = 300;

/** The series of all queries whose data are to be returned. Throws `ValidationError` for what AWS refuses. */
export function evaluate(
  reader: MetricReader,
  queries: readonly MetricDataQuery[],
  range: QueryRange,
  place: LabelPlace = { region: '', accountId: '' },
): readonly EvaluatedSeries[] {
  const evaluation = new Evaluation(reader, queries, range);
  return queries
    .filter(({ ReturnData }) => ReturnData !== false)
    .flatMap((query) => {
      const value = evaluation.result(query);
      if (typeof value === 'number') {
        throw expressionError(query, 'The result of an expression must be one or several time series');
      }
      const isOne = isSeries(value);
      return (isOne ? [value] : value).map((series) => ({
        id: query.Id ?? '',
        label: labelOf(query.Label, series, place, !isOne),
        periodSeconds: series.periodMs / 1000,
        timestamps: series.timestamps,
        values: series.values,
      }));
    });
}

class Evaluation {
  readonly #reader: MetricReader;
  readonly #queries: ReadonlyMap<string, MetricDataQuery>;
  readonly #range: QueryRange;
  readonly #results = new Map<string, Value>();
  readonly #underWay = new Set<string>();

  constructor(reader: MetricReader, queries: readonly MetricDataQuery[], range: QueryRange) {
    this.#reader = reader;
    this.#queries = new Map(queries.map((query) => [query.Id ?? '', query]));
    this.#range = range;
  }

  result(query: MetricDataQuery): Value {
    const id = query.Id ?? '';
    const known = this.#results.get(id);
    if (known !== undefined) return known;
    if (this.#underWay.has(id)) throw expressionError(query, 'Circular reference');
    this.#underWay.add(id);
    const value = query.MetricStat ? this.#read(query.MetricStat) : this.#calculate(query);
    this.#underWay.delete(id);
    this.#results.set(id, value);
    return value;
  }

  #read(stat: MetricStat): Series {
    return readSeries(this.#reader, remembered(seriesQueries, stat, seriesQueryOf), this.#range);
  }

  #calculate(query: MetricDataQuery): Value {
    try {
      const value = evaluateExpression(remembered(expressions, query, expressionOf), this.#scope(query));
      return isSeries(value) ? { ...value, label: query.Id ?? '' } : value;
    } catch (error) {
      if (error instanceof MathSyntaxError) throw expressionError(query, error.message);
      throw error;
    }
  }

  #scope(query: MetricDataQuery): Scope {
    const first = [...this.#queries.values()].find(({ MetricStat }) => MetricStat)?.MetricStat?.Period;
    return {
      periodMs: (query.Period ?? first ?? 60) * 1000,
      timestamps: (periodMs) => timeline(this.#range, periodMs, this.#reader.now),
      query: (id) => {
        const other = this.#queries.get(id);
        return other && this.result(other);
      },
      metrics: (part) =>
        [...this.#queries.values()]
          .filter(({ MetricStat, Id = '' }) => MetricStat && Id.includes(part))
          .flatMap((other) => {
            const value = this.result(other);
            return typeof value !== 'number' && isSeries(value)
              ? [{ ...value, label: other.Label ?? value.label }]
              : [];
          }),
      search: (text, statistic, period) =>
        this.#search(text, statistic, period ?? query.Period ?? defaultSearchPeriodSeconds),
    };
  }

  #search(text: string, statistic: string, periodSeconds: number): readonly Series[] {
    const matches = parseSearch(text);
    const found: MetricIdentity[] = [];
    for (const metric of this.#reader.store.metrics()) {
      if (found.length >= searchResults) break;
      const isActive = metric.streams.some(({ seen }) => seen >= this.#reader.now - 14 * day);
      if (isActive && matches(metric)) found.push(metric);
    }
    const query = { periodMs: periodSeconds * 1000, statistic };
    return distinguishing(found.map((metric) => readSeries(this.#reader, { metric, ...query }, this.#range)));
  }
}

interface SeriesQuery {
  readonly metric: MetricIdentity;
  readonly periodMs: number;
  readonly statistic: string;
  readonly unit?: string | undefined;
}

/** Worked out once per query: alarms ask theirs every minute. */
const seriesQueries = new WeakMap<MetricStat, SeriesQuery>();
const expressions = new WeakMap<MetricDataQuery, Expression>();

function remembered<Key extends object, T>(known: WeakMap<Key, T>, key: Key, make: (key: Key) => T): T {
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = make(key);
  known.set(key, made);
  return made;
}

function seriesQueryOf({ Metric, Period = 60, Stat = '', Unit }: MetricStat): SeriesQuery {
  const metric = metricIdentity(Metric?.Namespace ?? '', Metric?.MetricName ?? '', Metric?.Dimensions);
  return { metric, periodMs: Period * 1000, statistic: Stat, unit: Unit };
}

function expressionOf({ Expression: text = '' }: MetricDataQuery): Expression {
  // Confirmed by API text: an expression that selects is a Metrics Insights query.
  if (/^\s*SELECT\b/i.test(text)) throw notModelled('cloudwatch Metrics Insights query', 'cloudwatch');
  return parseExpression(text);
}

function readSeries(
  reader: MetricReader,
  { metric, periodMs, statistic, unit }: SeriesQuery,
  { start, end }: QueryRange,
): Series {
  const measure = statisticNamed(statistic);
  if (!measure) throw validationError(`The value ${statistic} for parameter Stat is not supported.`);
  const [timestamps, values]: [number[], number[]] = [[], []];
  const periods = reader.periods({
    metric,
    unit,
    periodMs,
    start: roundedStart(start, periodMs, reader.now),
    end,
    needsDistribution: measure.needsDistribution,
  });
  for (const { timestamp, sample } of periods) {
    const value = measure.of(sample);
    if (value === undefined) continue;
    timestamps.push(timestamp);
    values.push(value);
  }
  const { namespace, name, dimensions } = metric;
  return {
    label: name,
    periodMs,
    timestamps,
    values,
    properties: { namespace, name, dimensions, statistic },
  };
}

/** Every timestamp that a series of this period may have. */
function timeline({ start, end }: QueryRange, periodMs: number, now: number): readonly number[] {
  const first = roundedStart(start, periodMs, now);
  const count = Math.max(0, Math.ceil((end - first) / periodMs));
  if (count > mostPoints) throw validationError('You have requested too many data points.');
  const timestamps: number[] = [];
  for (let i = 0; i < count; i += 1) timestamps.push(first + i * periodMs);
  return timestamps;
}

function expressionError({ Id = '' }: MetricDataQuery, reason: string): Error {
  return validationError(`Error in expression '${Id}': ${reason}`);
}
