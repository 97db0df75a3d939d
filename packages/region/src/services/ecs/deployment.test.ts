import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type BreakerSettings,
  breakerThreshold,
  countOutcome,
  launchDelaySeconds,
  nextRollout,
  type RolloutEvent,
  type RolloutState,
  type ServiceDeploymentStatus,
  statusWhenStopped,
  type TaskOutcome,
} from './deployment.ts';

test('a rollout is in progress, then completed or failed; only a completed or running one can be gone back to', () => {
  const events: readonly RolloutEvent[] = ['settled', 'tripped', 'stopped', 'revived'];
  const expected: { readonly [state in RolloutState]: readonly (RolloutState | '-')[] } = {
    IN_PROGRESS: ['COMPLETED', 'FAILED', 'FAILED', 'IN_PROGRESS'],
    COMPLETED: ['COMPLETED', '-', '-', 'IN_PROGRESS'],
    FAILED: ['-', '-', '-', '-'],
  };
  for (const [state, row] of Object.entries(expected)) {
    assert.deepEqual(
      events.map((event) => nextRollout(state as RolloutState, event) ?? '-'),
      row,
      state,
    );
  }
});

test('a deployment that goes on is rolled back when stopped, one that is over cannot be stopped', () => {
  const expected: { readonly [status in ServiceDeploymentStatus]: ServiceDeploymentStatus | undefined } = {
    IN_PROGRESS: 'ROLLBACK_REQUESTED',
    ROLLBACK_REQUESTED: 'ROLLBACK_REQUESTED',
    ROLLBACK_IN_PROGRESS: 'ROLLBACK_IN_PROGRESS',
    SUCCESSFUL: undefined,
    STOPPED: undefined,
    ROLLBACK_SUCCESSFUL: undefined,
    ROLLBACK_FAILED: undefined,
  };
  for (const [status, next] of Object.entries(expected)) {
    assert.equal(statusWhenStopped(status as ServiceDeploymentStatus), next, status);
  }
});

const thresholds: readonly (readonly [string, Partial<BreakerSettings>, number, number])[] = [
  ['half of 1 is raised to 3', {}, 1, 3],
  ['half of 25 is rounded up', {}, 25, 13],
  ['half of 400 is the most', {}, 400, 200],
  ['half of 800 is cut to 200', {}, 800, 200],
  ['a bounded percentage', { thresholdConfiguration: { type: 'BOUNDED_PERCENT', value: 10 } }, 100, 10],
  [
    'an unbounded percentage',
    { thresholdConfiguration: { type: 'UNBOUNDED_PERCENT', value: 100 } },
    800,
    800,
  ],
  [
    'an unbounded percentage of few',
    { thresholdConfiguration: { type: 'UNBOUNDED_PERCENT', value: 10 } },
    2,
    1,
  ],
  ['a count', { thresholdConfiguration: { type: 'COUNT', value: 7 } }, 100, 7],
];

for (const [what, settings, desired, expected] of thresholds) {
  test(`circuit breaker threshold: ${what} (desired ${desired} → ${expected})`, () => {
    assert.equal(breakerThreshold({ enable: true, rollback: true, ...settings }, desired), expected);
  });
}

const outcomes: readonly (readonly [TaskOutcome, boolean, readonly [number, number]])[] = [
  ['running', true, [2, 0]],
  ['healthy', true, [0, 0]],
  ['healthy', false, [2, 0]],
  ['failedToStart', true, [3, 6]],
  ['failedHealthChecks', true, [3, 5]],
  ['diedUnproven', true, [3, 5]],
  ['diedProven', true, [2, 5]],
];

for (const [outcome, reset, [failedTasks, failedLaunches]] of outcomes) {
  test(`of 2 failed tasks and 5 failed launches, ${outcome} (reset ${reset}) leaves ${failedTasks} and ${failedLaunches}`, () => {
    assert.deepEqual(countOutcome({ failedTasks: 2, failedLaunches: 5 }, outcome, reset), {
      failedTasks,
      failedLaunches,
    });
  });
}

test('launches that fail in a row are retried ever later, up to 27 minutes', () => {
  assert.deepEqual(
    [0, 1, 3, 4, 5, 6, 10, 11, 12, 100].map(launchDelaySeconds),
    [0, 1, 1, 10, 20, 40, 640, 1280, 1620, 1620],
  );
});
