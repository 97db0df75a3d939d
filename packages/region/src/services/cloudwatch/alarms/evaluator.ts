import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { repeatScalingActions } from './actions.ts';
import { settleComposites } from './composite.ts';
import { type DataPoint, decideState, hasLowSamples, isBreaching } from './evaluation.ts';
import { expireHistory } from './history.ts';
import { reasonFor } from './reason.ts';
import { evaluatedUntil, isDue, minuteMs, scheduleBy } from './schedule.ts';
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
    if (isDue(one.periodMs, until) && tryEvaluate(ctx, state, metrics, one, until)) moved.add(one.alarm.name);
  }
  settleComposites(ctx, state, moved);
  expireHistory(ctx.now, state);
  scheduleBy(ctx, watched.stepMs);
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
  if (isFollowed(watched, end)) {
    const newest = watched.valueAt(end - watched.periodMs);
    if (isConfirmed(watched, newest)) {
      agree(watched, end, metrics);
      return stay(ctx, watched, newest);
    }
  }
  const { alarm, plan } = watched;
  const { rule, periodMs, rangeMs, ignoredPercentile } = plan;
  const points = read(metrics, alarm, end - rangeMs, end);
  const range = { end, periodMs, now: ctx.now };
  const isKept = ignoredPercentile !== undefined && hasLowSamples(points, rule, ignoredPercentile);
  const next = isKept ? undefined : decideState(points, rule, range);
  const newest = points.at(-1)?.value;
  if (next === alarm.state.value) agree(watched, end, metrics);
  else watched.agreed = -1;
  if (next === undefined || next === alarm.state.value) return stay(ctx, watched, newest);
  const reason = reasonFor(next, points, rule, range, alarm.configuration);
  transition(ctx, state, alarm, { value: next, ...reason }, newest);
  return true;
}

/**
 * Whether the minute that just ended is all that came since data last called for the state that the alarm is in: it did so
 * a minute ago, and nothing came late. Longer periods slide by a minute and are read whole.
 */
function isFollowed({ metrics, agreed, agreedTo }: WatchedAlarm, end: number): boolean {
  if (metrics === undefined || agreed !== end / minuteMs - 1) return false;
  for (const metric of metrics) if (metric.isLateSince(agreedTo)) return false;
  return true;
}

function agree(watched: WatchedAlarm, end: number, { sequence }: AlarmMetrics): void {
  watched.agreed = end / minuteMs;
  watched.agreedTo = sequence;
}

function isConfirmed(watched: WatchedAlarm, newest: number | undefined): boolean {
  const { breaching, other, missing } = watched.confirmedBy;
  if (newest === undefined) return missing;
  return isBreaching(newest, watched) ? breaching : other;
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
