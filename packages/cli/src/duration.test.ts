import assert from 'node:assert/strict';
import { test } from 'node:test';
import { durationOf } from './duration.ts';

const durations: readonly (readonly [text: string, seconds: number | undefined])[] = [
  ['90', 90],
  ['1.5', 1.5],
  ['500ms', 0.5],
  ['90s', 90],
  ['3m', 180],
  ['1h30m', 5400],
  ['1.5m', 90],
  ['2d', 172_800],
  ['1m1ms', 60.001],
  ['', undefined],
  ['m', undefined],
  ['5x', undefined],
  ['30m1h', undefined],
  ['-5s', undefined],
  ['1e3', undefined],
];

for (const [text, seconds] of durations) {
  test(`'${text}' is ${seconds === undefined ? 'no duration' : `${seconds} s`}`, () => {
    assert.equal(durationOf(text), seconds);
  });
}
