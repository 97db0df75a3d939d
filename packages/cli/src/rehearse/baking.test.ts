import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment } from '@aws-sdk/client-ecs';
import { bakes } from './baking.ts';

const primary: Deployment = {
  status: 'PRIMARY',
  rolloutState: 'IN_PROGRESS',
  desiredCount: 2,
  runningCount: 2,
  pendingCount: 0,
};
const old: Deployment = { status: 'ACTIVE', desiredCount: 0, runningCount: 0, pendingCount: 0 };

const cases: readonly (readonly [
  what: string,
  deployments: Deployment[],
  health: string[],
  bakes: boolean,
])[] = [
  ['all tasks serve, and the deployment goes on', [primary, old], ['healthy', 'healthy'], true],
  ['a first deployment', [primary], ['healthy', 'healthy'], true],
  ['an old task runs', [primary, { ...old, runningCount: 1 }], ['healthy', 'healthy'], false],
  ['a task is yet to start', [{ ...primary, runningCount: 1 }], ['healthy'], false],
  ['a task is being looked at', [primary], ['healthy', 'initial'], false],
  ['a target drains', [primary, old], ['healthy', 'healthy', 'draining'], false],
  ['not all are registered', [primary], ['healthy'], false],
  ['it is over', [{ ...primary, rolloutState: 'COMPLETED' }], ['healthy', 'healthy'], false],
  ['no task is wanted', [{ ...primary, desiredCount: 0, runningCount: 0 }], [], false],
];

for (const [what, deployments, health, expected] of cases) {
  test(`${what}: a release ${expected ? 'waits for its alarms only' : 'is not waiting for its alarms only'}`, () => {
    assert.equal(bakes({ deployments }, health), expected);
  });
}
