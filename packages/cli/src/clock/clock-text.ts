import type { ClockReading } from '@plimsoll/region/clock-client.js';

const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** `2026-11-27 18:01:00 UTC, Friday` and how it goes. */
export function clockText({ now, rate, machine, advancingTo }: ClockReading): string {
  const at = new Date(now);
  const time = `${now.slice(0, 10)} ${now.slice(11, 19)} UTC, ${weekdays[at.getUTCDay()]}`;
  if (advancingTo !== undefined) return `${time}; it is being advanced to ${advancingTo}`;
  if (rate === 0) return `${time}; it stands still (plimsoll clock resume)`;
  if (rate !== 1) return `${time}; it goes at ${rate} times real time`;
  const offset = at.getTime() - Date.parse(machine);
  return Math.abs(offset) < 1000 ? `${time}; the machine's own time` : `${time}; at real time`;
}
