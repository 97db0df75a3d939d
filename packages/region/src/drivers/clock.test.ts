import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../kernel/instant.ts';
import { atRate, ClockError, type ClockSetting, isMachineTime, readClock, startingClock } from './clock.ts';

const friday = Date.parse('2026-11-27T17:58:00Z');
const machine = Date.parse('2026-11-22T12:00:00Z');

test('the clock reads on from its point at its rate', () => {
  const rows: readonly (readonly [rate: number, machineSeconds: number, regionSeconds: number])[] = [
    [1, 10, 10],
    [20, 3, 60],
    [0, 3600, 0],
    [0.5, 10, 5],
  ];
  for (const [rate, passed, expected] of rows) {
    const reading = readClock({ region: friday, machine, rate }, machine + passed * 1000);
    assert.equal(reading - friday, expected * 1000, `rate ${rate}`);
  }
});

test('another rate goes on from the same reading', () => {
  const fast = atRate({ region: friday, machine, rate: 20 }, 1, machine + 3000);
  assert.deepEqual(fast, { region: friday + 60_000, machine: machine + 3000, rate: 1 });
});

test('a region starts with the machine’s time, with its own, or where it is told to', () => {
  const kept: ClockSetting = { region: friday, machine, rate: 1 };
  const later = machine + 60_000;
  const begin = instant(friday + 3_600_000);
  const rows: readonly (readonly [name: string, setting: ClockSetting, region: number, rate: number])[] = [
    ['nothing kept, nothing asked', startingClock(undefined, true, {}, later), later, 1],
    [
      'at real time, time went on while it was down',
      startingClock(kept, false, {}, later),
      friday + 60_000,
      1,
    ],
    ['at another rate it stood still', startingClock({ ...kept, rate: 20 }, false, {}, later), friday, 20],
    ['paused it stays paused', startingClock({ ...kept, rate: 0 }, false, {}, later), friday, 0],
    ['a time in the future', startingClock(undefined, false, { start: begin }, later), begin, 1],
    [
      'an empty home may begin in the past',
      startingClock(undefined, true, { start: instant(0) }, later),
      0,
      1,
    ],
    ['a rate alone', startingClock(undefined, false, { rate: 20 }, later), later, 20],
  ];
  for (const [name, setting, region, rate] of rows) {
    assert.equal(readClock(setting, later), region, name);
    assert.equal(setting.rate, rate, name);
  }
});

test('a home that holds something never goes back', () => {
  assert.throws(
    () => startingClock(undefined, false, { start: instant(machine - 1) }, machine),
    (error: unknown) =>
      error instanceof ClockError &&
      /cannot go back: it reads 2026-11-22T12:00:00.000Z, and 2026-11-22T11:59:59.999Z was asked for/.test(
        error.message,
      ),
  );
});

test('only rate 1 without an offset is the machine’s own time', () => {
  assert.ok(isMachineTime({ region: machine, machine, rate: 1 }));
  assert.ok(!isMachineTime({ region: friday, machine, rate: 1 }));
  assert.ok(!isMachineTime({ region: machine, machine, rate: 2 }));
});
