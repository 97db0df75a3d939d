import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Context } from '../../../kernel/context.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { hasScalingActions, repeatScalingActions } from './actions.ts';
import { settleComposites } from './composite.ts';
import { type DataPoint, decideState, hasLowSamples } from './evaluation.ts';
import { expireHistory } from './history.ts';
import { planOf } from './plan.ts';
import { reasonFor } from './reason.ts';
import { evaluatedUntil, isDue, scheduleEvaluation } from './schedule.ts';
import { type AlarmMetric, type AlarmsState, isMetricAlarm, type MetricAlarmRecord } from './state.ts';
import { transition } from './transition.ts';

/** How alarms read metrics: at once, within a step. Points come oldest first, with `start` ≤ timestamp < `end`. */
export interface AlarmMetrics {
  /** In periods that begin at `start`. */
  points(metric: AlarmMetric, start: number, end: number): readonly DataPoint[];
  /** Of the one query that returns data. */
  queryPoints(queries: readonly MetricDataQuery[], start: number, end: number): readonly DataPoint[];
}

/** Evaluates every alarm that is due. Writes only what changed: most evaluations change nothing. */
export function evaluateAlarms(
  ctx: Context,
  state: AlarmsState,
  metrics: AlarmMetrics,
  timer: { readonly due: Instant },
): void {
  const until = evaluatedUntil(ctx.now, timer.due);
  const moved = new Set<string>();
  for (const alarm of state.alarms.values()) {
    if (isMetricAlarm(alarm) && evaluate(ctx, state, metrics, alarm, until)) moved.add(alarm.name);
  }
  settleComposites(ctx, state, moved);
  expireHistory(ctx.now, state);
  scheduleEvaluation(ctx, state);
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
  const { rule, periodMs, rangeMs, ignoredPercentile } = planOf(configuration);
  if (!isDue(periodMs, end)) return false;
  const points = read(metrics, alarm, end - rangeMs, end);
  const range = { end, periodMs, now: ctx.now };
  const isKept = ignoredPercentile !== undefined && hasLowSamples(points, rule, ignoredPercentile);
  const next = isKept ? undefined : decideState(points, rule, range);
  const newest = points.at(-1)?.value;
  if (next === undefined || next === alarm.state.value) {
    if (hasScalingActions(alarm)) repeatScalingActions(ctx, alarm, newest);
    return false;
  }
  const reason = reasonFor(next, points, rule, range, configuration);
  transition(ctx, state, alarm, { value: next, ...reason }, newest);
  return true;
}

function read(
  metrics: AlarmMetrics,
  { configuration: { metric, queries = [] } }: MetricAlarmRecord,
  start: number,
  end: number,
): readonly DataPoint[] {
  return metric ? metrics.points(metric, start, end) : metrics.queryPoints(queries, start, end);
}
