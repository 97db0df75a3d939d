/** Reading within a step, for alarms: what is in memory, which is all that an alarm may look back on. */
import type { Dimension, MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { validationError } from '../errors.ts';
import { metricIdentity } from './identity.ts';
import { type EvaluatedSeries, evaluate } from './queries.ts';
import { MetricReader, roundedStart } from './reader.ts';
import { statisticNamed } from './statistics.ts';
import type { MetricStore } from './store.ts';

export interface StatisticQuery {
  readonly Namespace: string;
  readonly MetricName: string;
  readonly Dimensions?: readonly Dimension[] | undefined;
  /** Seconds: 1, 5, 10, 20, 30 or a multiple of 60. */
  readonly period: number;
  /** `Average`, `p99`, `TM(5%:95%)` … */
  readonly statistic: string;
  readonly unit?: string | undefined;
}

export interface StatisticPoint {
  /** Milliseconds: where the period begins. */
  readonly timestamp: number;
  readonly value: number;
  readonly sampleCount: number;
}

/**
 * The periods that have data, oldest first. The first one begins at `startMs`, rounded down as GetMetricData does; the end
 * is exclusive. Throws `ValidationError` for a statistic that there is not.
 */
export function readStatistic(
  store: MetricStore,
  query: StatisticQuery,
  startMs: number,
  endMs: number,
): readonly StatisticPoint[] {
  const statistic = statisticNamed(query.statistic);
  if (!statistic) throw validationError(`Invalid statistic: ${query.statistic}`);
  const periodMs = query.period * 1000;
  const periods = new MetricReader(store, endMs).periods({
    metric: metricIdentity(query.Namespace, query.MetricName, query.Dimensions),
    unit: query.unit,
    periodMs,
    start: roundedStart(startMs, periodMs, endMs),
    end: endMs,
    needsDistribution: statistic.needsDistribution,
  });
  return periods.flatMap(({ timestamp, sample }) => {
    const value = statistic.of(sample);
    return value === undefined ? [] : [{ timestamp, value, sampleCount: sample.count }];
  });
}

/** As GetMetricData: a series for each query whose data are returned, metric math included, points oldest first. */
export function evaluateQueries(
  store: MetricStore,
  queries: readonly MetricDataQuery[],
  range: { readonly start: number; readonly end: number },
  options: { readonly now: number },
): readonly EvaluatedSeries[] {
  return evaluate(new MetricReader(store, options.now), queries, range);
}
