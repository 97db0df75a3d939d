import {
  type Dimension,
  type MetricDataQuery,
  type PutMetricAlarmInput,
  StandardUnit,
  Statistic as StatisticName,
} from '@aws-sdk/client-cloudwatch';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { invalidParameterCombination, missingParameter, validationError } from '../errors.ts';
import { checkQueries } from '../metrics/check-queries.ts';
import { statisticNamed } from '../metrics/statistics.ts';
import { checkExpressions } from './check-expressions.ts';
import { commonConfiguration } from './common-input.ts';
import { checkOneOf, constraint } from './errors.ts';
import { percentileOf, periodOf } from './plan.ts';
import { saveAlarm } from './save.ts';
import { scheduleEvaluation } from './schedule.ts';
import type {
  AlarmMetric,
  AlarmsState,
  MetricAlarmConfiguration,
  MissingData,
  ThresholdComparison,
} from './state.ts';

export function putMetricAlarm(ctx: Context, state: AlarmsState, input: PutMetricAlarmInput): object {
  const configuration = configurationOf(ctx, input);
  saveAlarm(ctx, state, input, configuration);
  scheduleEvaluation(ctx, state);
  return {};
}

function configurationOf(ctx: Context, input: PutMetricAlarmInput): MetricAlarmConfiguration {
  if (input.EvaluationWindow && 'WallClockWindow' in input.EvaluationWindow)
    throw notModelled('cloudwatch PutMetricAlarm: EvaluationWindow WallClockWindow', 'cloudwatch');
  const comparison = comparisonOf(input);
  const source = sourceOf(input);
  const evaluationPeriods = evaluationPeriodsOf(input);
  checkWindow(source.metric?.period ?? periodOf(source.queries ?? []), evaluationPeriods);
  if (input.Threshold === undefined) throw missingParameter('Threshold');
  if (!Number.isFinite(input.Threshold))
    throw validationError(`The value ${input.Threshold} for parameter Threshold is invalid.`);
  const treatMissingData = treatmentOf(input);
  const lowSamples = lowSamplesOf(input, source.metric);
  return {
    kind: 'MetricAlarm',
    ...commonConfiguration(ctx, input),
    ...source,
    evaluationPeriods,
    ...(input.DatapointsToAlarm !== undefined && { datapointsToAlarm: input.DatapointsToAlarm }),
    threshold: input.Threshold,
    comparison,
    ...(treatMissingData !== undefined && { treatMissingData }),
    ...(lowSamples !== undefined && { lowSamples }),
  };
}

const comparisons: readonly string[] = [
  'GreaterThanOrEqualToThreshold',
  'GreaterThanThreshold',
  'LessThanThreshold',
  'LessThanOrEqualToThreshold',
] satisfies readonly ThresholdComparison[];

const anomalyComparisons: readonly string[] = [
  'LessThanLowerOrGreaterThanUpperThreshold',
  'LessThanLowerThreshold',
  'GreaterThanUpperThreshold',
];

function comparisonOf({ ComparisonOperator, ThresholdMetricId }: PutMetricAlarmInput): ThresholdComparison {
  if (ComparisonOperator === undefined) throw missingParameter('ComparisonOperator');
  if (anomalyComparisons.includes(ComparisonOperator) || ThresholdMetricId !== undefined)
    throw notModelled(`cloudwatch PutMetricAlarm: anomaly detection (${ComparisonOperator})`, 'cloudwatch');
  checkOneOf(ComparisonOperator, 'comparisonOperator', [...anomalyComparisons, ...comparisons]);
  return ComparisonOperator as ThresholdComparison;
}

type Source =
  | { readonly metric: AlarmMetric; readonly queries?: never }
  | { readonly queries: readonly MetricDataQuery[]; readonly metric?: never };

function sourceOf(input: PutMetricAlarmInput): Source {
  const {
    MetricName,
    Namespace,
    Statistic,
    ExtendedStatistic,
    Period,
    Unit,
    Dimensions = [],
    Metrics,
  } = input;
  const single = { MetricName, Namespace, Statistic, ExtendedStatistic, Period, Unit };
  if (Metrics !== undefined && Metrics.length > 0) {
    const given = Object.entries(single).filter(([, value]) => value !== undefined);
    if (given.length > 0 || Dimensions.length > 0)
      throw validationError(
        `Metrics list and ${given[0]?.[0] ?? 'Dimensions'} are mutually exclusive: an alarm is based on one metric or on the list.`,
      );
    checkAlarmQueries(Metrics);
    return { queries: Metrics };
  }
  if (MetricName === undefined) throw missingParameter('MetricName');
  if (Namespace === undefined) throw missingParameter('Namespace');
  checkStatistic(input);
  if (Period === undefined) throw missingParameter('Period');
  checkPeriod(Period);
  checkDimensions(Dimensions);
  const metric = {
    namespace: Namespace,
    metricName: MetricName,
    dimensions: Dimensions,
    ...(Statistic !== undefined && { statistic: Statistic }),
    ...(ExtendedStatistic !== undefined && { extendedStatistic: ExtendedStatistic }),
    period: Period,
    ...(Unit !== undefined && { unit: Unit }),
  };
  return { metric };
}

function checkStatistic({ Statistic, ExtendedStatistic, Unit }: PutMetricAlarmInput): void {
  if (Statistic === undefined && ExtendedStatistic === undefined)
    throw invalidParameterCombination('Either Statistic or ExtendedStatistic must be specified');
  if (Statistic !== undefined && ExtendedStatistic !== undefined)
    throw invalidParameterCombination('Both Statistic and ExtendedStatistic must not be specified');
  if (ExtendedStatistic !== undefined && !statisticNamed(ExtendedStatistic))
    throw validationError(`The value ${ExtendedStatistic} for parameter ExtendedStatistic is not supported.`);
  checkOneOf(Statistic, 'statistic', Object.values(StatisticName));
  checkOneOf(Unit, 'unit', Object.values(StandardUnit));
}

/** Confirmed by API text: up to 30. Two of one name are no metric's, as PutMetricData says. */
function checkDimensions(dimensions: readonly Dimension[]): void {
  if (dimensions.length > 30)
    throw validationError('The collection Dimensions must not have a size greater than 30.');
  if (new Set(dimensions.map(({ Name }) => Name)).size < dimensions.length)
    throw validationError('No metric may specify the same dimension name twice.');
}

/** Confirmed by API text: up to ten metrics and ten expressions, of which exactly one returns data. */
function checkAlarmQueries(queries: readonly MetricDataQuery[]): void {
  const returning = queries.filter(({ ReturnData }) => ReturnData !== false);
  const expressions = queries.filter(({ Expression }) => Expression !== undefined);
  if (expressions.length > 10 || queries.length - expressions.length > 10)
    throw validationError('The Metrics list must not have more than 10 metrics and 10 expressions.');
  if (returning.length !== 1)
    throw validationError(
      'Invalid metrics list: ReturnData must be true for exactly one element and false for all others.',
    );
  for (const { Expression = '', Period, MetricStat } of queries) {
    if (/ANOMALY_DETECTION_BAND/i.test(Expression))
      throw notModelled('cloudwatch PutMetricAlarm: ANOMALY_DETECTION_BAND', 'cloudwatch');
    // Confirmed by docs: an alarm cannot be based on SEARCH, which gives a changing number of series.
    if (/\bSEARCH\s*\(/i.test(Expression)) throw validationError('SEARCH is not supported on Metric Alarms.');
    const period = MetricStat?.Period ?? Period;
    if (period !== undefined) checkPeriod(period);
  }
  checkQueries(queries, 'Metrics');
  checkExpressions(queries);
}

function checkPeriod(period: number): void {
  if (period === 10 || period === 20 || period === 30 || (period > 0 && period % 60 === 0)) return;
  throw validationError('Period must be 10, 20, 30 or a multiple of 60');
}

function evaluationPeriodsOf({ EvaluationPeriods, DatapointsToAlarm }: PutMetricAlarmInput): number {
  if (EvaluationPeriods === undefined) throw missingParameter('EvaluationPeriods');
  const atLeastOne = 'Member must have value greater than or equal to 1';
  if (EvaluationPeriods < 1) throw constraint(EvaluationPeriods, 'evaluationPeriods', atLeastOne);
  if (DatapointsToAlarm === undefined) return EvaluationPeriods;
  if (DatapointsToAlarm < 1) throw constraint(DatapointsToAlarm, 'datapointsToAlarm', atLeastOne);
  if (DatapointsToAlarm > EvaluationPeriods)
    throw validationError('DatapointsToAlarm must be less than or equal to EvaluationPeriods');
  return EvaluationPeriods;
}

/** Confirmed by public record of both texts. */
function checkWindow(period: number, evaluationPeriods: number): void {
  const seconds = period * evaluationPeriods;
  if (period < 3600 && seconds > 86_400)
    throw validationError(
      'Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400) for alarms using period < 3600',
    );
  if (seconds > 604_800)
    throw validationError(
      'Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= 604800) for alarms using period >= 3600',
    );
}

function treatmentOf({ TreatMissingData }: PutMetricAlarmInput): MissingData | undefined {
  const known: readonly string[] = ['breaching', 'notBreaching', 'ignore', 'missing'];
  if (TreatMissingData === undefined || known.includes(TreatMissingData))
    return TreatMissingData as MissingData | undefined;
  throw validationError(
    `Option ${TreatMissingData} is not supported for treat-missing-data parameter. Supported options are [breaching, notBreaching, ignore, missing].`,
  );
}

function lowSamplesOf(
  { EvaluateLowSampleCountPercentile: option }: PutMetricAlarmInput,
  metric: AlarmMetric | undefined,
): 'evaluate' | 'ignore' | undefined {
  if (option === undefined) return undefined;
  if (option !== 'evaluate' && option !== 'ignore')
    throw validationError(
      `Option ${option} is not supported for evaluate-low-sample-count-percentile parameter. Supported options are [evaluate, ignore].`,
    );
  if (percentileOf(metric?.extendedStatistic) === undefined)
    throw validationError('EvaluateLowSampleCountPercentile is only supported for percentile statistics.');
  return option;
}
