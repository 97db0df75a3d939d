import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../../kernel/instant.ts';
import { nextHealth } from './container-events.ts';
import { taskHealth } from './health.ts';
import type { ServiceRecord, TaskDefinitionRecord, TaskRecord } from './state.ts';

type ContainerHealth = 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN';

/** After how many seconds RUNNING, container check (if any), targets, grace → what the scheduler thinks. */
const rows: readonly (readonly [
  string,
  number,
  ContainerHealth | undefined,
  readonly string[],
  number,
  string,
])[] = [
  ['no check, just started', 39, undefined, [], 0, 'unknown'],
  ['no check, for 40 s', 40, undefined, [], 0, 'healthy'],
  ['container check not done', 99, 'UNKNOWN', [], 0, 'unknown'],
  ['container check passed', 1, 'HEALTHY', [], 0, 'healthy'],
  ['container check failed', 99, 'UNHEALTHY', [], 0, 'unhealthy container'],
  ['container check failed in grace', 59, 'UNHEALTHY', [], 60, 'unknown'],
  ['target initial', 99, undefined, ['initial'], 0, 'unknown'],
  ['target healthy', 1, undefined, ['healthy'], 0, 'healthy'],
  ['target healthy in grace', 1, undefined, ['healthy'], 60, 'healthy'],
  ['target unhealthy', 99, undefined, ['unhealthy'], 0, 'unhealthy target'],
  ['target unhealthy in grace', 59, undefined, ['unhealthy'], 60, 'unknown'],
  ['target unhealthy after grace', 60, undefined, ['unhealthy'], 60, 'unhealthy target'],
  ['health checks off', 1, undefined, ['unavailable'], 0, 'healthy'],
  ['one target of two', 99, undefined, ['healthy', 'initial'], 0, 'unknown'],
  ['both needed, one failed', 99, 'HEALTHY', ['unhealthy'], 0, 'unhealthy target'],
  ['both needed, one not done', 99, 'UNKNOWN', ['healthy'], 0, 'unknown'],
  ['both passed', 1, 'HEALTHY', ['healthy'], 0, 'healthy'],
];

for (const [what, seconds, container, targets, grace, expected] of rows) {
  test(`health of a task: ${what} → ${expected}`, () => {
    const task = {
      lastStatus: 'RUNNING',
      startedAt: instant(0),
      containers: [{ name: 'app', healthStatus: container ?? 'UNKNOWN' }],
      targets: targets.map((state) => ({ state })),
    } as unknown as TaskRecord;
    const definition = {
      definition: {
        containerDefinitions: [
          { name: 'app', ...(container === undefined ? {} : { healthCheck: { command: ['CMD', 'x'] } }) },
          { name: 'side', essential: false, healthCheck: { command: ['CMD', 'y'] } },
        ],
      },
    } as unknown as TaskDefinitionRecord;
    const service = { healthCheckGracePeriodSeconds: grace } as ServiceRecord;
    const { health, failed } = taskHealth(task, definition, service, instant(seconds * 1000));
    assert.equal([health, failed].filter(Boolean).join(' '), expected);
  });
}

const check = { command: ['CMD', 'x'], retries: 2, startPeriod: 10 };

const checks: readonly (readonly [
  string,
  ContainerHealth,
  number,
  boolean,
  number,
  ContainerHealth,
  number,
])[] = [
  ['a success makes it healthy', 'UNKNOWN', 0, true, 20, 'HEALTHY', 0],
  ['also inside the start period', 'UNKNOWN', 0, true, 1, 'HEALTHY', 0],
  ['a failure inside the start period does not count', 'UNKNOWN', 0, false, 9, 'UNKNOWN', 0],
  ['unless it has been healthy', 'HEALTHY', 0, false, 9, 'HEALTHY', 1],
  ['one failure is not enough', 'HEALTHY', 0, false, 20, 'HEALTHY', 1],
  ['two are', 'HEALTHY', 1, false, 25, 'UNHEALTHY', 2],
  ['a success in between starts the count again', 'HEALTHY', 1, true, 25, 'HEALTHY', 0],
  ['it recovers', 'UNHEALTHY', 5, true, 99, 'HEALTHY', 0],
];

for (const [what, healthStatus, failedChecks, passed, seconds, status, count] of checks) {
  test(`container health check: ${what}`, () => {
    const container = { healthStatus, failedChecks, startedAt: instant(0) };
    assert.deepEqual(nextHealth(container, check, passed, seconds * 1000), {
      healthStatus: status,
      failedChecks: count,
    });
  });
}
