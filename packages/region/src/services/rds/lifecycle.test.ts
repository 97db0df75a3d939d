import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type DbInstanceStatus,
  type LifecycleEvent,
  lifecycleEvents,
  next,
  statuses,
  type Transition,
} from './lifecycle.ts';

/** Every pair that is neither a refused request nor an ignored report. */
const expected: Readonly<Record<DbInstanceStatus, Partial<Record<LifecycleEvent, Transition>>>> = {
  creating: { delete: 'deleting', started: 'backing-up', startFailed: 'failed', regionStarted: 'creating' },
  'backing-up': { delete: 'deleting', backedUp: 'available', exited: 'starting', regionStarted: 'starting' },
  available: {
    modify: 'modifying',
    resetPassword: 'resetting-master-credentials',
    reboot: 'rebooting',
    stop: 'stopping',
    snapshot: 'backing-up',
    delete: 'deleting',
    exited: 'starting',
    regionStarted: 'starting',
  },
  modifying: {
    delete: 'deleting',
    started: 'available',
    startFailed: 'failed',
    changed: 'available',
    exited: 'starting',
    regionStarted: 'starting',
  },
  'resetting-master-credentials': {
    delete: 'deleting',
    changed: 'available',
    exited: 'starting',
    regionStarted: 'starting',
  },
  rebooting: { delete: 'deleting', started: 'available', startFailed: 'failed', regionStarted: 'rebooting' },
  stopping: { delete: 'deleting', serverStopped: 'stopped', regionStarted: 'stopped' },
  stopped: { delete: 'deleting', start: 'starting', regionStarted: 'stopped' },
  starting: { delete: 'deleting', started: 'available', startFailed: 'failed', regionStarted: 'starting' },
  deleting: { destroyed: 'gone', destroyFailed: 'failed', regionStarted: 'deleting' },
  failed: { delete: 'deleting', regionStarted: 'starting' },
};

const requests: readonly LifecycleEvent[] = [
  'modify',
  'resetPassword',
  'reboot',
  'stop',
  'start',
  'snapshot',
  'delete',
];

for (const status of statuses) {
  test(`a DB instance that is ${status} moves as documented, on every event`, () => {
    for (const event of lifecycleEvents) {
      const otherwise = requests.includes(event) ? 'refused' : 'ignored';
      assert.equal(next(status, event), expected[status][event] ?? otherwise, `${status} × ${event}`);
    }
  });
}
