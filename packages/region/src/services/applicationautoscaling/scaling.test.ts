import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Scenario } from './testing/scenario.ts';

test('CPU over its target scales out after three minutes, holds, and scales in after fifteen low ones', async () => {
  const scenario = new Scenario();
  await scenario.service(2);
  await scenario.target(2, 10);
  await scenario.track();
  const seen: number[] = [];
  const note = async (): Promise<void> => {
    seen.push(await scenario.desired());
  };
  // A load of four tasks' worth at the target.
  await scenario.minutes(12, { CPUUtilization: (running) => Math.min(100, 240 / running) }, note);
  await scenario.minutes(40, { CPUUtilization: (running) => Math.min(100, 60 / running) }, note);
  assert.ok(seen.every((count) => count >= 2 && count <= 10));
});
