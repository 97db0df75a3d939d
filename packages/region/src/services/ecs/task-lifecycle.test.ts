import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextTaskStatus, type TaskEvent, type TaskStatus } from './task-lifecycle.ts';

const events: readonly TaskEvent[] = [
  'attached',
  'started',
  'activated',
  'stop',
  'deactivated',
  'ended',
  'detached',
];

/** Per status: what each event, in the order above, leads to; `-` where the event does not belong to the status. */
const expected: { readonly [status in TaskStatus]: readonly (TaskStatus | '-')[] } = {
  PROVISIONING: ['PENDING', '-', '-', 'DEPROVISIONING', '-', '-', '-'],
  PENDING: ['-', 'ACTIVATING', '-', 'STOPPING', '-', '-', '-'],
  ACTIVATING: ['-', '-', 'RUNNING', 'DEACTIVATING', '-', '-', '-'],
  RUNNING: ['-', '-', '-', 'DEACTIVATING', '-', '-', '-'],
  DEACTIVATING: ['-', '-', '-', 'DEACTIVATING', 'STOPPING', '-', '-'],
  STOPPING: ['-', '-', '-', 'STOPPING', '-', 'DEPROVISIONING', '-'],
  DEPROVISIONING: ['-', '-', '-', 'DEPROVISIONING', '-', '-', 'STOPPED'],
  STOPPED: ['-', '-', '-', 'STOPPED', '-', '-', '-'],
};

for (const [status, row] of Object.entries(expected)) {
  test(`a task that is ${status} goes on as documented, whatever happens`, () => {
    assert.deepEqual(
      events.map((event) => nextTaskStatus(status as TaskStatus, event) ?? '-'),
      row,
    );
  });
}
