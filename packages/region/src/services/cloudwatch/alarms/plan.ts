import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { type EvaluationRule, rangeLength } from './evaluation.ts';
import type { MetricAlarmConfiguration } from './state.ts';

/** What an alarm's evaluation needs, worked out once per configuration. */
export interface Plan {
  readonly rule: EvaluationRule;
  readonly periodMs: number;
  /** The evaluation range's length. */
  readonly rangeMs: number;
  /** Set where too few samples of this percentile keep the state. */
  readonly ignoredPercentile?: number;
}

const plans = new WeakMap<MetricAlarmConfiguration, Plan>();

export function planOf(configuration: MetricAlarmConfiguration): Plan {
  const known = plans.get(configuration);
  if (known) return known;
  const plan = makePlan(configuration);
  plans.set(configuration, plan);
  return plan;
}

function makePlan(configuration: MetricAlarmConfiguration): Plan {
  const { metric, queries, evaluationPeriods, datapointsToAlarm, threshold, comparison } = configuration;
  const periodMs = 1000 * (metric?.period ?? periodOf(queries ?? []));
  const percentile = percentileOf(metric?.extendedStatistic);
  // Confirmed by docs: alarms on AWS/DynamoDB always ignore missing data, whatever they were given.
  const treatMissingData =
    metric?.namespace === 'AWS/DynamoDB' ? 'ignore' : (configuration.treatMissingData ?? 'missing');
  return {
    rule: {
      evaluationPeriods,
      datapointsToAlarm: datapointsToAlarm ?? evaluationPeriods,
      threshold,
      comparison,
      treatMissingData,
    },
    periodMs,
    rangeMs: rangeLength(evaluationPeriods) * periodMs,
    ...(configuration.lowSamples === 'ignore' &&
      percentile !== undefined && { ignoredPercentile: percentile }),
  };
}

/** The period of an alarm on queries: the longest of what they read. */
export function periodOf(queries: readonly MetricDataQuery[]): number {
  return Math.max(...queries.map(({ MetricStat, Period }) => MetricStat?.Period ?? Period ?? 0), 10);
}

export function percentileOf(statistic: string | undefined): number | undefined {
  const [, percentile] = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/.exec(statistic ?? '') ?? [];
  return percentile === undefined ? undefined : Number(percentile);
}
