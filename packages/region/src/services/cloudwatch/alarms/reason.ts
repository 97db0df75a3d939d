import { type DataPoint, type EvaluationRange, type EvaluationRule, isBreaching } from './evaluation.ts';
import { double, javaDouble, writeJson } from './json.ts';
import type { AlarmState, MetricAlarmConfiguration, MissingData } from './state.ts';
import { awsTime, reasonTime } from './times.ts';

/** What an alarm of a metric says of its state: AWS's sentence, and the same as JSON. */
export interface Reason {
  readonly reason: string;
  readonly reasonData: string;
}

export const initialReason = 'Unchecked: Initial alarm creation';

/**
 * Texts as AWS's own alarms show them in public records; the long form, with `out of the last`, is that of alarms which
 * were given `DatapointsToAlarm`.
 * @param points the real data points of the range, oldest first
 */
export function reasonFor(
  state: AlarmState,
  points: readonly DataPoint[],
  rule: EvaluationRule,
  range: EvaluationRange & { readonly now: number },
  configuration: MetricAlarmConfiguration,
): Reason {
  const evaluated = points.slice(-rule.evaluationPeriods);
  return {
    reason: sentence(state, evaluated, rule, configuration.datapointsToAlarm !== undefined),
    reasonData: reasonData(evaluated, rule, range, configuration),
  };
}

function sentence(
  state: AlarmState,
  evaluated: readonly DataPoint[],
  rule: EvaluationRule,
  isLong: boolean,
): string {
  const { evaluationPeriods: periods, datapointsToAlarm } = rule;
  if (state === 'INSUFFICIENT_DATA')
    return `Insufficient Data: ${count(periods, 'datapoint')} ${wasWere(periods)} unknown.`;
  const isAlarm = state === 'ALARM';
  const missing = periods - evaluated.length;
  const matching = evaluated.filter(({ value }) => isBreaching(value, rule) === isAlarm).reverse();
  if (matching.length === 0)
    return `Threshold Crossed: ${received(evaluated.length)} received for ${count(periods, 'period')}${treated(missing, rule.treatMissingData)}.`;
  const { length } = matching;
  const needed = isAlarm ? datapointsToAlarm : periods - datapointsToAlarm + 1;
  const crossing = `${wasWere(length)} ${isAlarm ? '' : 'not '}${words[rule.comparison]} the threshold (${javaDouble(rule.threshold)})${treated(missing, rule.treatMissingData)}`;
  const transition = isLong
    ? ` (minimum ${count(needed, 'datapoint')} for ${isAlarm ? 'OK -> ALARM' : 'ALARM -> OK'} transition)`
    : '';
  const how = isLong ? `${length} out of the last ${periods} datapoints` : count(length, 'datapoint');
  if (length < 5) return `Threshold Crossed: ${how} [${list(matching)}] ${crossing}${transition}.`;
  const recent = `The most recent datapoints${isAlarm ? ' which crossed the threshold' : ''}: [${list(matching.slice(0, 5))}]`;
  return `Threshold Crossed: ${how} ${crossing}. ${recent}${transition}.`;
}

const words = {
  GreaterThanThreshold: 'greater than',
  GreaterThanOrEqualToThreshold: 'greater than or equal to',
  LessThanThreshold: 'less than',
  LessThanOrEqualToThreshold: 'less than or equal to',
} as const;

const list = (points: readonly DataPoint[]): string =>
  points.map(({ value, timestamp }) => `${javaDouble(value)} (${reasonTime(timestamp)})`).join(', ');

const received = (real: number): string =>
  real === 0 ? 'no datapoints were' : `${count(real, 'datapoint')} ${wasWere(real)}`;

function treated(missing: number, as: MissingData): string {
  if (missing === 0 || (as !== 'breaching' && as !== 'notBreaching')) return '';
  const name = as === 'breaching' ? 'Breaching' : 'NonBreaching';
  return ` and ${count(missing, 'missing datapoint')} ${wasWere(missing)} treated as [${name}]`;
}

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

const wasWere = (number: number): string => (number === 1 ? 'was' : 'were');

function reasonData(
  evaluated: readonly DataPoint[],
  rule: EvaluationRule,
  range: EvaluationRange & { readonly now: number },
  { metric }: MetricAlarmConfiguration,
): string {
  const [oldest] = evaluated;
  return writeJson({
    version: '1.0',
    queryDate: awsTime(range.now),
    startDate: oldest && awsTime(oldest.timestamp),
    unit: metric?.unit,
    statistic: metric?.statistic ?? metric?.extendedStatistic,
    period: range.periodMs / 1000,
    recentDatapoints: evaluated.map(({ value }) => double(value)),
    threshold: double(rule.threshold),
    evaluatedDatapoints: evaluatedDatapoints(evaluated, rule, range),
  });
}

/** Newest first. With too few real points, the empty periods are named too. */
function evaluatedDatapoints(
  evaluated: readonly DataPoint[],
  { evaluationPeriods }: EvaluationRule,
  { end, periodMs }: EvaluationRange,
) {
  const missing = evaluationPeriods - evaluated.length;
  const empty = Array.from({ length: evaluationPeriods }, (_, index) => end - (index + 1) * periodMs)
    .filter((timestamp) => !evaluated.some((point) => point.timestamp === timestamp))
    .slice(0, missing);
  return [...evaluated, ...empty.map((timestamp) => ({ timestamp, value: undefined }))]
    .sort((a, b) => b.timestamp - a.timestamp)
    .map(({ timestamp, value, ...rest }) => ({
      timestamp: awsTime(timestamp),
      sampleCount:
        'sampleCount' in rest && rest.sampleCount !== undefined ? double(rest.sampleCount) : undefined,
      value: value === undefined ? undefined : double(value),
    }));
}
