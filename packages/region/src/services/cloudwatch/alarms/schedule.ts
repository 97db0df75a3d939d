/**
 * When alarms are evaluated: all of them by one timer.
 * Confirmed by docs: alarms with periods of a minute or more every minute, those of 10, 20 or 30 seconds every 10 seconds.
 */
import type { Context } from '../../../kernel/context.ts';
import { type Instant, instant } from '../../../kernel/instant.ts';
import { alarmDelayMs } from '../metrics/tiers.ts';
import { planOf } from './plan.ts';
import { type AlarmsState, isMetricAlarm } from './state.ts';

const subject = 'alarms';
const name = 'evaluate';

const fastMs = 10_000;
export const minuteMs = 60_000;

/** Sets the timer for the next evaluation; no alarms, no timer. */
export function scheduleEvaluation(ctx: Context, state: AlarmsState): void {
  const plans = [...state.alarms.values()].filter(isMetricAlarm).map((alarm) => planOf(alarm.configuration));
  scheduleBy(ctx, stepOf(plans));
}

/** How often alarms of these periods are to be evaluated. */
export function stepOf(periods: readonly { readonly periodMs: number }[]): number | undefined {
  if (periods.length === 0) return undefined;
  return periods.some(({ periodMs }) => periodMs < minuteMs) ? fastMs : minuteMs;
}

export function scheduleBy(ctx: Context, stepMs: number | undefined): void {
  if (stepMs === undefined) return ctx.timers.cancel(subject, name);
  const due = instant(Math.floor((ctx.now - alarmDelayMs) / stepMs + 1) * stepMs + alarmDelayMs);
  const set = ctx.timers.due(subject, name);
  if (set === undefined || set > due || set <= ctx.now) ctx.timers.set(subject, name, due);
}

/**
 * The end of the newest period that is over at an evaluation.
 * @param due when the evaluation was due. A region that was asleep evaluates all alarms once, for the latest minute.
 */
export function evaluatedUntil(now: Instant, due: Instant): number {
  return now - due < fastMs ? due - alarmDelayMs : Math.floor((now - alarmDelayMs) / minuteMs) * minuteMs;
}

export function isDue(periodMs: number, until: number): boolean {
  return periodMs < minuteMs || until % minuteMs === 0;
}

export function isEvaluation(timer: { readonly subject: string; readonly name: string }): boolean {
  return timer.subject === subject && timer.name === name;
}
