import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instantOf } from './clock-api.ts';

test('a time of the clock is a day, or a day with its time and zone', () => {
  for (const [given, read] of [
    ['2026-11-27T17:58:00Z', '2026-11-27T17:58:00.000Z'],
    ['2026-11-27T17:58+01:00', '2026-11-27T16:58:00.000Z'],
    ['2028-02-29', '2028-02-29T00:00:00.000Z'],
    ['2027-01-01T00:30:00+01:00', '2026-12-31T23:30:00.000Z'],
    ['1970-01-01', '1970-01-01T00:00:00.000Z'],
    ['2099-12-31T23:59:59.999Z', '2099-12-31T23:59:59.999Z'],
  ] as const) {
    assert.equal(new Date(instantOf(given)).toISOString(), read);
  }
});

test('a day that does not exist is refused rather than taken for another', () => {
  for (const given of [
    '2026-02-30T08:00:00Z',
    '2027-02-29',
    '2026-12-01T25:00:00Z',
    '2026-11-27T17:58:00',
    5,
  ]) {
    assert.throws(() => instantOf(given), /A time such as 2026-11-27T17:58:00Z/);
  }
});

test('a year that can only be a slip is refused: the clock could never come back from it', () => {
  for (const given of ['2100-01-01', '9999-12-31T00:00:00Z', '1969-12-31']) {
    assert.throws(() => instantOf(given), /A time from 1970 to 2099 was expected, "/);
  }
});
