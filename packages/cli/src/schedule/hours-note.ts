import type { ResolvedEnvironment } from '@plimsoll/blueprint';
import { hoursAt, hoursText, nextEnd, timeText } from './office-hours.ts';

/** What the schedule does to the service now, for whoever has just deployed it; undefined without one. */
export function hoursNote(
  { scaling: { schedule } }: ResolvedEnvironment,
  { now, isAtZero }: { readonly now: Date; readonly isAtZero: boolean },
): string | undefined {
  if (schedule === undefined) {
    return isAtZero ? 'no task runs: its desired count is 0, so that its URL answers 503' : undefined;
  }
  const { isOpen, changes } = hoursAt(schedule, now);
  const at = (time: Date): string => timeText(time, schedule.timezone);
  const hours = hoursText(schedule);
  if (isAtZero && isOpen) {
    return `no task runs although it is within the hours (${hours}): its desired count is 0`;
  }
  if (isAtZero) return `at zero until ${at(changes)} (${hours}): no task runs, its URL answers 503`;
  if (isOpen) return `runs until ${at(changes)} (${hours})`;
  // As on AWS: a schedule acts at its times, and what is deployed between them runs.
  return `outside of the hours (${hours}), yet it runs: the schedule stops it at its next end, ${at(nextEnd(schedule, now))}`;
}
