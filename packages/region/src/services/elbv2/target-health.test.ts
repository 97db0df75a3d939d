import assert from 'node:assert/strict';
import { test } from 'node:test';
import { next, registering, type TargetEvent, type TargetStatus, unused } from './target-health.ts';

const thresholds = { healthyThresholdCount: 3, unhealthyThresholdCount: 2 };
const failure = { reason: 'Target.Timeout', description: 'Request timed out' } as const;

const statuses: Readonly<Record<string, TargetStatus>> = {
  unused,
  initial: registering,
  initialFailedOnce: next(registering, { kind: 'checkFailed', ...failure }, thresholds),
  healthy: { state: 'healthy', failures: 0 },
  healthyFailedOnce: { state: 'healthy', failures: 1 },
  unhealthy: { state: 'unhealthy', ...failure, successes: 0 },
  unhealthyPassedTwice: { state: 'unhealthy', ...failure, successes: 2 },
  draining: next(registering, { kind: 'deregistered' }, thresholds),
  unavailable: next(registering, { kind: 'checksDisabled' }, thresholds),
};

const events: Readonly<Record<string, TargetEvent>> = {
  groupUsed: { kind: 'groupUsed' },
  groupUnused: { kind: 'groupUnused' },
  zoneDisabled: { kind: 'zoneDisabled' },
  checkStarted: { kind: 'checkStarted' },
  checkPassed: { kind: 'checkPassed' },
  checkFailed: { kind: 'checkFailed', ...failure },
  checksDisabled: { kind: 'checksDisabled' },
  deregistered: { kind: 'deregistered' },
};

// Rows: the status; columns: groupUsed, groupUnused, zoneDisabled, checkStarted, checkPassed, checkFailed, checksDisabled,
// deregistered. `-`: nothing changes.
const table: Readonly<Record<string, string>> = {
  unused: 'initial - unused - - - - draining',
  initial: '- unused unused initial healthy initial unavailable draining',
  initialFailedOnce: '- unused unused initial healthy unhealthy unavailable draining',
  healthy: '- unused unused - - healthy unavailable draining',
  healthyFailedOnce: '- unused unused - healthy unhealthy unavailable draining',
  unhealthy: '- unused unused - unhealthy unhealthy unavailable draining',
  unhealthyPassedTwice: '- unused unused - healthy unhealthy unavailable draining',
  draining: '- - - - - - - -',
  unavailable: '- unused unused initial - - - draining',
};

for (const [name, row] of Object.entries(table)) {
  test(`a target that is ${name} goes where each event says`, () => {
    const status = statuses[name] ?? unused;
    const found = Object.values(events).map((event) => {
      const after = next(status, event, thresholds);
      return after === status ? '-' : after.state;
    });
    assert.deepEqual(found.join(' '), row);
  });
}

test('a success between failures starts their count anew, and a failure that of the successes', () => {
  const run = (from: TargetStatus, ...kinds: ('checkPassed' | 'checkFailed')[]) =>
    kinds.reduce((status, kind) => next(status, events[kind] ?? { kind: 'groupUsed' }, thresholds), from)
      .state;
  const { healthy = unused, unhealthy = unused } = statuses;
  assert.equal(run(healthy, 'checkFailed', 'checkPassed', 'checkFailed'), 'healthy');
  assert.equal(run(healthy, 'checkFailed', 'checkFailed'), 'unhealthy');
  assert.equal(run(unhealthy, 'checkPassed', 'checkPassed', 'checkFailed', 'checkPassed'), 'unhealthy');
  assert.equal(run(unhealthy, 'checkPassed', 'checkPassed', 'checkPassed'), 'healthy');
});
