import type { MetricDataQuery, MetricStat } from '@aws-sdk/client-cloudwatch';
import { notModelled } from '../../../kernel/aws-error.ts';
import { validationError } from '../errors.ts';
import { metricIdentity } from './identity.ts';
import { type MetricReader, roundedStart } from './reader.ts';
import { statisticNamed } from './statistics.ts';

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

/** The series of all queries whose data are to be returned. */
export function evaluate(
  reader: MetricReader,
  queries: readonly MetricDataQuery[],
  range: QueryRange,
): readonly EvaluatedSeries[] {
  return queries
    .filter(({ ReturnData }) => ReturnData !== false)
    .map((query) => {
      if (!query.MetricStat) throw notModelled('cloudwatch metric math', 'cloudwatch');
      const { timestamps, values } = readMetricStat(reader, query.MetricStat, range);
      const label = query.Label ?? query.MetricStat.Metric?.MetricName ?? '';
      return { id: query.Id ?? '', label, periodSeconds: query.MetricStat.Period ?? 60, timestamps, values };
    });
}

export function readMetricStat(
  reader: MetricReader,
  { Metric, Period = 60, Stat = '', Unit }: MetricStat,
  { start, end }: QueryRange,
): { readonly timestamps: number[]; readonly values: number[] } {
  const statistic = statisticNamed(Stat);
  if (!statistic) throw validationError(`Invalid statistic: ${Stat}`);
  const periodMs = Period * 1000;
  const periods = reader.periods({
    metric: metricIdentity(Metric?.Namespace ?? '', Metric?.MetricName ?? '', Metric?.Dimensions),
    unit: Unit,
    periodMs,
    start: roundedStart(start, periodMs, reader.now),
    end,
    needsDistribution: statistic.needsDistribution,
  });
  const [timestamps, values]: [number[], number[]] = [[], []];
  for (const { timestamp, sample } of periods) {
    const value = statistic.of(sample);
    if (value === undefined) continue;
    timestamps.push(timestamp);
    values.push(value);
  }
  return { timestamps, values };
}
