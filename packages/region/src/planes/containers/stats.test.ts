import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usageBetween } from './stats.ts';

const mib = 2 ** 20;

for (const [what, elapsedMs, cpuMs, memory, expected] of [
  ['a quarter of a core', 2000, 500, { usage: 64 * mib }, { cores: 0.25, memoryMiB: 64 }],
  [
    'files that can be dropped are no memory (cgroup v2)',
    1000,
    0,
    { usage: 64 * mib, stats: { inactive_file: 4 * mib } },
    { cores: 0, memoryMiB: 60 },
  ],
  [
    'the same of cgroup v1',
    1000,
    0,
    { usage: 64 * mib, stats: { total_inactive_file: 4 * mib } },
    { cores: 0, memoryMiB: 60 },
  ],
  ['a moment is too short', 50, 50, { usage: mib }, undefined],
  ['an engine that tells no memory has ended it', 1000, 10, {}, undefined],
] as const) {
  test(`stats of an engine: ${what}`, () => {
    const usage = usageBetween(
      { at: 10, cpuNs: 7e6 },
      { at: 10 + elapsedMs, cpuNs: 7e6 + cpuMs * 1e6 },
      { memory_stats: memory },
    );
    assert.deepEqual(usage, expected);
  });
}
