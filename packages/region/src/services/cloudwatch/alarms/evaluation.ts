/**
 * What state the data points of an alarm call for. More periods than `evaluationPeriods` are looked at, the evaluation
 * range: with enough real points in it the newest of them decide and missing ones do not matter; with fewer, all real
 * points count and the alarm's setting fills the rest.
 *
 * Confirmed by docs: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html
 * ("Configuring how CloudWatch alarms treat missing data"); its tables are the tests beside this file.
 */
import type { AlarmState, MissingData, ThresholdComparison } from './state.ts';

export interface DataPoint {
  /** The start of its period, in milliseconds. */
  readonly timestamp: number;
  readonly value: number;
  readonly sampleCount?: number;
}

export interface EvaluationRule {
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly comparison: ThresholdComparison;
  readonly threshold: number;
  readonly treatMissingData: MissingData;
}

export interface EvaluationRange {
  /** The end of the newest period, in milliseconds. */
  readonly end: number;
  readonly periodMs: number;
}

// Confirmed by docs for three periods, which look at five; Chosen for others, for which AWS publishes no number.
export function rangeLength(evaluationPeriods: number): number {
  return evaluationPeriods + 2;
}

/**
 * @param points the real data points of the range, oldest first
 * @returns the state they call for; undefined to keep the present one
 */
export function decideState(
  points: readonly DataPoint[],
  rule: EvaluationRule,
  range: EvaluationRange,
): AlarmState | undefined {
  const { evaluationPeriods, datapointsToAlarm, treatMissingData } = rule;
  const first = Math.max(0, points.length - evaluationPeriods);
  let breaching = 0;
  for (let i = first; i < points.length; i += 1) {
    if (isBreaching((points[i] as DataPoint).value, rule)) breaching += 1;
  }
  if (breaching >= datapointsToAlarm) return 'ALARM';
  const real = points.length - first;
  const missing = evaluationPeriods - real;
  if (missing === 0 || treatMissingData === 'notBreaching') return 'OK';
  if (treatMissingData === 'breaching') return breaching + missing >= datapointsToAlarm ? 'ALARM' : 'OK';
  if (real > breaching) return 'OK';
  if (treatMissingData === 'ignore') return undefined;
  if (real === 0) return 'INSUFFICIENT_DATA';
  // Confirmed by docs: with nothing but breaching and missing points, the alarm waits until the oldest breaching one
  // is as old as the data points to alarm, so that one early point makes no false alarm.
  const oldest = points[first] as DataPoint;
  return range.end - oldest.timestamp >= datapointsToAlarm * range.periodMs ? 'ALARM' : undefined;
}

export function isBreaching(
  value: number,
  { comparison, threshold }: Pick<EvaluationRule, 'comparison' | 'threshold'>,
): boolean {
  switch (comparison) {
    case 'GreaterThanThreshold':
      return value > threshold;
    case 'GreaterThanOrEqualToThreshold':
      return value >= threshold;
    case 'LessThanThreshold':
      return value < threshold;
    case 'LessThanOrEqualToThreshold':
      return value <= threshold;
  }
}

/**
 * Whether a percentile stands on too few samples to mean much.
 * Confirmed by docs: from p50 on, fewer than 10 / (1 - percentile) samples; below, fewer than 10 / percentile.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
 * Chosen: the samples of all evaluated periods are counted together.
 * @param percentile 0 to 100
 */
export function hasLowSamples(
  points: readonly DataPoint[],
  { evaluationPeriods }: Pick<EvaluationRule, 'evaluationPeriods'>,
  percentile: number,
): boolean {
  const samples = points
    .slice(-evaluationPeriods)
    .reduce((sum, { sampleCount }) => sum + (sampleCount ?? 0), 0);
  // In whole numbers: 10 / (1 - 0.99) would be a little over 1000.
  const needed = percentile >= 50 ? 1000 / (100 - percentile) : 1000 / percentile;
  return samples < Math.round(needed * 1e6) / 1e6;
}
