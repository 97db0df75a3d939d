import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../../kernel/instant.ts';
import { keptVersions, moveStages } from './stages.ts';
import type { Version } from './state.ts';

const day = 24 * 3600 * 1000;

function version(id: string, ...stages: string[]): Version {
  return { id, stages, created: instant(0) };
}

for (const [name, before, stages, to, after] of [
  ['the first version', [version('a')], ['AWSCURRENT'], 'a', { a: ['AWSCURRENT'] }],
  [
    'a second version',
    [version('a', 'AWSCURRENT'), version('b')],
    ['AWSCURRENT'],
    'b',
    { a: ['AWSPREVIOUS'], b: ['AWSCURRENT'] },
  ],
  [
    'a third version',
    [version('a', 'AWSPREVIOUS'), version('b', 'AWSCURRENT'), version('c')],
    ['AWSCURRENT'],
    'c',
    { a: [], b: ['AWSPREVIOUS'], c: ['AWSCURRENT'] },
  ],
  [
    'a return to the previous version',
    [version('a', 'AWSPREVIOUS'), version('b', 'AWSCURRENT')],
    ['AWSCURRENT'],
    'a',
    { a: ['AWSCURRENT'], b: ['AWSPREVIOUS'] },
  ],
  [
    'a label of one’s own',
    [version('a', 'AWSCURRENT', 'blue'), version('b')],
    ['blue'],
    'b',
    { a: ['AWSCURRENT'], b: ['blue'] },
  ],
  [
    'AWSCURRENT moved to where it is',
    [version('a', 'AWSCURRENT')],
    ['AWSCURRENT'],
    'a',
    { a: ['AWSCURRENT'] },
  ],
] as const) {
  test(`labels after ${name}`, () => {
    const moved = moveStages(before, stages, to);
    assert.deepEqual(Object.fromEntries(moved.map((one) => [one.id, [...one.stages].sort()])), after);
  });
}

test('a version without a label is kept for a day, then only among the newest hundred', () => {
  const versions = Array.from({ length: 103 }, (_, i) =>
    version(`v${i}`, ...(i === 0 ? ['AWSPREVIOUS'] : [])),
  );
  assert.equal(keptVersions(versions, instant(day / 2)).length, 103);
  const kept = keptVersions(versions, instant(2 * day)).map(({ id }) => id);
  assert.deepEqual(kept.slice(0, 2), ['v0', 'v3']);
  assert.equal(kept.length, 101);
});
