/**
 * When a schedule's hours begin and end, to be told to the user. What really happens is Application Auto Scaling's part.
 * The next days are tried one by one: a year of them has at most two days whose length a clock change alters.
 */
import type { Schedule } from '@plimsoll/blueprint';

/** Whether the service runs at a time, and when that changes next. */
export interface HoursNow {
  readonly isOpen: boolean;
  readonly changes: Date;
}

export function hoursAt(schedule: Schedule, now: Date): HoursNow {
  const starts = next(schedule, schedule.start, now);
  const ends = nextEnd(schedule, now);
  return ends < starts ? { isOpen: true, changes: ends } : { isOpen: false, changes: starts };
}

export function nextEnd(schedule: Schedule, now: Date): Date {
  return next(schedule, schedule.end, now);
}

/** For instance `Mon 2026-11-30 08:00 UTC`, in the schedule's time zone. */
export function timeText(time: Date, timezone: string): string {
  const { weekday, year, month, day, hour, minute } = partsOf(time, timezone);
  return `${weekday} ${year}-${month}-${day} ${hour}:${minute} ${timezone}`;
}

export function hoursText({ days, start, end, timezone }: Schedule): string {
  return `${days} ${start}–${end} ${timezone}`;
}

const weekdays: readonly string[] = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const dayMs = 86_400_000;

function next({ days, timezone }: Schedule, time: string, now: Date): Date {
  const { year, month, day } = partsOf(now, timezone);
  const today = Date.UTC(Number(year), Number(month) - 1, Number(day));
  for (let ahead = 0; ahead <= 7; ahead++) {
    const date = new Date(today + ahead * dayMs);
    if (!isOn(days, date.getUTCDay())) continue;
    const found = instantOf(date, time, timezone);
    if (found > now) return found;
  }
  throw new Error(`${days} names no day`);
}

function isOn(days: Schedule['days'], day: number): boolean {
  const [first = '', last = first] = days.split('-');
  const from = weekdays.indexOf(first);
  const to = weekdays.indexOf(last);
  return (day - from + 7) % 7 <= (to - from + 7) % 7;
}

/** A local time of day as an instant. The offset is looked up where the first guess lands, which is hours off at most. */
function instantOf(date: Date, time: string, timezone: string): Date {
  const [hours = '', minutes = ''] = time.split(':');
  const asUtc = date.getTime() + (Number(hours) * 60 + Number(minutes)) * 60_000;
  const guess = asUtc - offsetMs(new Date(asUtc), timezone);
  return new Date(asUtc - offsetMs(new Date(guess), timezone));
}

function offsetMs(time: Date, timezone: string): number {
  const { year, month, day, hour, minute } = partsOf(time, timezone);
  const local = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute));
  return local - Math.floor(time.getTime() / 60_000) * 60_000;
}

function partsOf(time: Date, timeZone: string): Readonly<Record<string, string>> {
  const format = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  return Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]));
}
