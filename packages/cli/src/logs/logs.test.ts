import assert from 'node:assert/strict';
import { test } from 'node:test';
import { streamLabel } from './log-lines.ts';
import { sinceTime } from './since.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
const times: readonly (readonly [since: string, time: string])[] = [
  ['90s', '2026-11-22T11:58:30Z'],
  ['15m', '2026-11-22T11:45:00Z'],
  ['2h', '2026-11-22T10:00:00Z'],
  ['1d', '2026-11-21T12:00:00Z'],
  ['2026-11-22T09:30:00Z', '2026-11-22T09:30:00Z'],
];

for (const [since, time] of times) {
  test(`--since ${since} is ${time} at noon`, () => {
    assert.equal(sinceTime(since, now), Date.parse(time));
  });
}

test('other times are refused with what is allowed', () => {
  for (const wrong of ['', '5', 'yesterday', '-1h', '5w'])
    assert.throws(() => sinceTime(wrong, now), { message: /allowed: 90s, 15m, 2h, 1d or an ISO 8601 time/ });
});

test('a stream is shown as its container and the start of its task', () => {
  assert.equal(streamLabel('shop/app/0123456789abcdef'), 'app/01234567');
  assert.equal(streamLabel('custom'), 'custom');
});
