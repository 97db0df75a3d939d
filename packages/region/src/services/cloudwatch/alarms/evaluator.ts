import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { repeatScalingActions } from './actions.ts';
import { settleComposites } from './composite.ts';
import { type DataPoint, decideState, hasLowSamples, isBreaching } from './evaluation.ts';
import { expireHistory } from './history.ts';
import { reasonFor } from './reason.ts';
import { evaluatedUntil, isDue, scheduleEvaluation } from './schedule.ts';
import type { AlarmMetric, AlarmsState, MetricAlarmRecord } from './state.ts';
import { transition } from './transition.ts';
import type { WatchedAlarm, WatchedAlarms } from './watched.ts';

/** How alarms read ranges of metrics: at once, within a step. Points come oldest first, with `start` ≤ timestamp < `end`. */
export interface AlarmMetrics {
  /** In periods that begin at `start`. */
  points(metric: AlarmMetric, start: number, end: number): readonly DataPoint[];
  /** Of the one query that returns data. */
  queryPoints(queries: readonly MetricDataQuery[], start: number, end: number): readonly DataPoint[];
  /** The first record of the log that is not in memory yet. */
  readonly sequence: number;
}

/** Evaluates every alarm that is due. Writes only what changed: most evaluations change nothing. */
export function evaluateAlarms(
  ctx: Context,
  state: AlarmsState,
  {
    watched,
    metricsAt,
  }: { readonly watched: WatchedAlarms; readonly metricsAt: (now: number) => AlarmMetrics },
  timer: { readonly due: Instant },
): void {
  const until = evaluatedUntil(ctx.now, timer.due);
  const metrics = metricsAt(until);
  const moved = new Set<string>();
  for (const one of watched.all()) {
    if (isDue(one.plan.periodMs, until) && tryEvaluate(ctx, state, metrics, one, until))
      moved.add(one.alarm.name);
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
  watched: WatchedAlarm,
  until: number,
): boolean {
  try {
    return evaluate(ctx, state, metrics, watched, until);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const { name } = watched.alarm;
    ctx.warn('alarm-evaluation', `The alarm ${name} could not be evaluated: ${error.message}`);
    return false;
  }
}

/** @returns whether the alarm's state changed */
function evaluate(
  ctx: Context,
  state: AlarmsState,
  metrics: AlarmMetrics,
  watched: WatchedAlarm,
  end: number,
): boolean {
  const { alarm, plan } = watched;
  const { rule, periodMs, rangeMs, ignoredPercentile } = plan;
  const newest = newestPoint(watched, end);
  if (newest !== undefined && isConfirmed(watched, newest.value)) {
    watched.agreed = { end, sequence: metrics.sequence };
    return stay(ctx, watched, newest.value);
  }
  const points = read(metrics, alarm, end - rangeMs, end);
  const range = { end, periodMs, now: ctx.now };
  const isKept = ignoredPercentile !== undefined && hasLowSamples(points, rule, ignoredPercentile);
  const next = isKept ? undefined : decideState(points, rule, range);
  const value = points.at(-1)?.value;
  watched.agreed = next === alarm.state.value ? { end, sequence: metrics.sequence } : undefined;
  if (next === undefined || next === alarm.state.value) return stay(ctx, watched, value);
  const reason = reasonFor(next, points, rule, range, alarm.configuration);
  transition(ctx, state, alarm, { value: next, ...reason }, value);
  return true;
}

/**
 * The point of the minute that just ended, where that is all that came since data last called for the state that the alarm
 * is in: a minute ago, and no late ones. Longer periods slide by a minute and are read whole.
 */
function newestPoint(
  { plan, minutes, agreed }: WatchedAlarm,
  end: number,
): { readonly value: number | undefined } | undefined {
  const start = end - plan.periodMs;
  if (minutes === undefined || agreed?.end !== start || plan.ignoredPercentile !== undefined)
    return undefined;
  for (const metric of minutes.metrics) if (metric.isLateSince(agreed.sequence)) return undefined;
  return { value: minutes.valueAt(start) };
}

/**
 * One point often says enough: with a newest one that does not breach an alarm stays OK, since the range has got no more
 * breaching points and no more missing ones; likewise ALARM with a breaching one. Without one it stays OK where what is
 * missing does not breach, and INSUFFICIENT_DATA where that means that the range has none. This is what makes a minute of a
 * thousand alarms cheap.
 */
function isConfirmed({ alarm, plan, isScaling }: WatchedAlarm, newest: number | undefined): boolean {
  const { value } = alarm.state;
  const { rule } = plan;
  if (newest !== undefined)
    return value !== 'INSUFFICIENT_DATA' && isBreaching(newest, rule) === (value === 'ALARM');
  // A scaling policy is told the newest point of the range.
  if (isScaling) return false;
  const { treatMissingData } = rule;
  return value === 'OK' ? treatMissingData === 'notBreaching' : value === 'INSUFFICIENT_DATA';
}

function stay(ctx: Context, { alarm, isScaling }: WatchedAlarm, newest: number | undefined): false {
  if (isScaling) repeatScalingActions(ctx, alarm, newest);
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
