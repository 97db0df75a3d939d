import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { hasScalingActions, repeatScalingActions } from './actions.ts';
import { settleComposites } from './composite.ts';
import { type DataPoint, decideState, hasLowSamples, isBreaching } from './evaluation.ts';
import { expireHistory } from './history.ts';
import { type Plan, planOf } from './plan.ts';
import { reasonFor } from './reason.ts';
import { evaluatedUntil, isDue, scheduleEvaluation } from './schedule.ts';
import { type AlarmMetric, type AlarmsState, isMetricAlarm, type MetricAlarmRecord } from './state.ts';
import { transition } from './transition.ts';

/** How alarms read metrics: at once, within a step. Points come oldest first, with `start` ≤ timestamp < `end`. */
export interface AlarmMetrics {
  /** In periods that begin at `start`. */
  points(metric: AlarmMetric, start: number, end: number): readonly DataPoint[];
  /** The value of the minute that begins at `start`. */
  minute(metric: AlarmMetric, start: number): number | undefined;
  /** Of the one query that returns data. */
  queryPoints(queries: readonly MetricDataQuery[], start: number, end: number): readonly DataPoint[];
}

/** Evaluates every alarm that is due. Writes only what changed: most evaluations change nothing. */
export function evaluateAlarms(
  ctx: Context,
  state: AlarmsState,
  metricsAt: (now: number) => AlarmMetrics,
  timer: { readonly due: Instant },
): void {
  const until = evaluatedUntil(ctx.now, timer.due);
  const metrics = metricsAt(until);
  const moved = new Set<string>();
  for (const alarm of state.alarms.values()) {
    if (isMetricAlarm(alarm) && tryEvaluate(ctx, state, metrics, alarm, until)) moved.add(alarm.name);
  }
  settleComposites(ctx, state, moved);
  expireHistory(ctx.now, state);
  scheduleEvaluation(ctx, state);
}

/** An expression that fails on its data, such as one that finds too much, is that alarm's trouble only. */
function tryEvaluate(
  ctx: Context,
  state: AlarmsState,
  metrics: AlarmMetrics,
  alarm: MetricAlarmRecord,
  until: number,
): boolean {
  try {
    return evaluate(ctx, state, metrics, alarm, until);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    ctx.warn('alarm-evaluation', `The alarm ${alarm.name} could not be evaluated: ${error.message}`);
    return false;
  }
}

/** @returns whether the alarm's state changed */
function evaluate(
  ctx: Context,
  state: AlarmsState,
  metrics: AlarmMetrics,
  alarm: MetricAlarmRecord,
  end: number,
): boolean {
  const { configuration } = alarm;
  const plan = planOf(configuration);
  const { rule, periodMs, rangeMs, ignoredPercentile } = plan;
  if (!isDue(periodMs, end)) return false;
  const confirming = confirmingValue(metrics, alarm, plan, end);
  if (confirming !== undefined) return stay(ctx, alarm, confirming);
  const points = read(metrics, alarm, end - rangeMs, end);
  const range = { end, periodMs, now: ctx.now };
  const isKept = ignoredPercentile !== undefined && hasLowSamples(points, rule, ignoredPercentile);
  const next = isKept ? undefined : decideState(points, rule, range);
  const newest = points.at(-1)?.value;
  if (next === undefined || next === alarm.state.value) {
    if (next !== undefined) evaluatedWhole.set(alarm, end);
    return stay(ctx, alarm, newest);
  }
  const reason = reasonFor(next, points, rule, range, configuration);
  transition(ctx, state, alarm, { value: next, ...reason }, newest);
  return true;
}

/** Until when an alarm, as it now stands, was last evaluated on its whole range: another record is another alarm. */
const evaluatedWhole = new WeakMap<MetricAlarmRecord, number>();

/** Chosen: data that comes late is seen after so many evaluations at most. */
const confirmations = 5;

/**
 * One point often says enough: when the newest one does not breach, an alarm that was evaluated OK a period ago stays so,
 * since the range has got no more breaching points and no more missing ones; likewise ALARM with a breaching one. This is
 * what makes a minute of a thousand alarms cheap. Longer periods slide by a minute and are read whole.
 */
function confirmingValue(
  metrics: AlarmMetrics,
  alarm: MetricAlarmRecord,
  { rule, periodMs, minuteValue, ignoredPercentile }: Plan,
  end: number,
): number | undefined {
  if (!minuteValue || ignoredPercentile !== undefined) return undefined;
  const whole = evaluatedWhole.get(alarm);
  if (whole === undefined || end - whole > confirmations * periodMs) return undefined;
  if (alarm.state.value === 'INSUFFICIENT_DATA') return undefined;
  const newest = minuteValue((metric) => metrics.minute(metric, end - periodMs));
  if (newest === undefined) return undefined;
  const isConfirming = isBreaching(newest, rule) === (alarm.state.value === 'ALARM');
  return isConfirming ? newest : undefined;
}

function stay(ctx: Context, alarm: MetricAlarmRecord, newest: number | undefined): false {
  if (hasScalingActions(alarm)) repeatScalingActions(ctx, alarm, newest);
  return false;
}

function read(
  metrics: AlarmMetrics,
  { configuration: { metric, queries = [] } }: MetricAlarmRecord,
  start: number,
  end: number,
): readonly DataPoint[] {
  return metric ? metrics.points(metric, start, end) : metrics.queryPoints(queries, start, end);
}
