import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parsePs, treeRows } from './ps-trees.ts';

test('ps: processes of a tree by group and by parent, times of macOS and others', () => {
  const rows = parsePs(`
    10     1    10  2048   0:01.50
    11    10    10  1024   1:02.25
    12    11    12   512   01:00:01
    20     1    20   100   2-00:00:00
`);
  assert.deepEqual(
    treeRows(rows, 10).map(({ pid, memoryBytes, cpuMs }) => [pid, memoryBytes, cpuMs]),
    [
      [10, 2_097_152, 1500],
      [11, 1_048_576, 62_250],
      [12, 524_288, 3_601_000],
    ],
  );
  assert.equal(rows[3]?.cpuMs, 2 * 86_400_000);
});
