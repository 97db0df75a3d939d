import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Schedule } from '@plimsoll/blueprint';
import { hoursAt, timeText } from './office-hours.ts';

const utc: Schedule = { start: '08:00', end: '18:00', days: 'MON-FRI', timezone: 'UTC' };
const berlin: Schedule = { ...utc, days: 'MON-SUN', timezone: 'Europe/Berlin' };

const rows: readonly (readonly [Schedule, now: string, isOpen: boolean, changes: string])[] = [
  [utc, '2026-11-27T17:58:00Z', true, 'Fri 2026-11-27 18:00 UTC'],
  [utc, '2026-11-27T18:00:00Z', false, 'Mon 2026-11-30 08:00 UTC'],
  [utc, '2026-11-28T12:00:00Z', false, 'Mon 2026-11-30 08:00 UTC'],
  [utc, '2026-11-30T07:59:59Z', false, 'Mon 2026-11-30 08:00 UTC'],
  [utc, '2026-11-30T08:00:00Z', true, 'Mon 2026-11-30 18:00 UTC'],
  [{ ...utc, days: 'SAT' }, '2026-11-28T19:00:00Z', false, 'Sat 2026-12-05 08:00 UTC'],
  [{ ...utc, days: 'FRI-MON' }, '2026-11-29T19:00:00Z', false, 'Mon 2026-11-30 08:00 UTC'],
  [berlin, '2026-10-24T22:30:00Z', false, 'Sun 2026-10-25 08:00 Europe/Berlin'],
];

for (const [schedule, now, isOpen, changes] of rows) {
  test(`at ${now} the hours ${schedule.days} 08:00–18:00 ${schedule.timezone} are ${isOpen ? 'on' : 'off'} until ${changes}`, () => {
    const found = hoursAt(schedule, new Date(now));
    assert.equal(found.isOpen, isOpen);
    assert.equal(timeText(found.changes, schedule.timezone), changes);
  });
}

test('over a change to winter time and to summer time, eight is eight on the clock of the place', () => {
  const begins = (now: string): string => hoursAt(berlin, new Date(now)).changes.toISOString();
  assert.equal(begins('2026-10-24T20:00:00Z'), '2026-10-25T07:00:00.000Z');
  assert.equal(begins('2027-03-27T20:00:00Z'), '2027-03-28T06:00:00.000Z');
});
