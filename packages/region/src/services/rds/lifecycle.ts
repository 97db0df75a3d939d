/*
 * The life of a DB instance, pure. Requests ask, the plane reports; every pair of status and event is listed.
 *
 *   creating ─started─▶ backing-up ─backedUp─▶ available ─▶ modifying · rebooting · stopping ─▶ …
 *        └─startFailed─▶ failed                    └─exited─▶ starting ─started─▶ available
 *
 * `refused` answers a request with InvalidDBInstanceState; `ignored` is a report that no longer matters.
 * Statuses confirmed by docs: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html
 */
export const statuses = [
  'creating',
  'backing-up',
  'available',
  'modifying',
  'resetting-master-credentials',
  'rebooting',
  'stopping',
  'stopped',
  'starting',
  'deleting',
  'failed',
] as const;
export type DbInstanceStatus = (typeof statuses)[number];

export const lifecycleEvents = [
  // Asked for by a request.
  'modify',
  'resetPassword',
  'reboot',
  'stop',
  'start',
  'snapshot',
  'delete',
  // Reported by the plane or a timer.
  'started',
  'startFailed',
  'changed',
  'backedUp',
  'serverStopped',
  'exited',
  'destroyed',
  'destroyFailed',
  // The region came up again; no database runs.
  'regionStarted',
] as const;
export type LifecycleEvent = (typeof lifecycleEvents)[number];

export type Transition = DbInstanceStatus | 'refused' | 'ignored' | 'gone';

type Row = Readonly<Record<LifecycleEvent, Transition>>;

const refusing = {
  modify: 'refused',
  resetPassword: 'refused',
  reboot: 'refused',
  stop: 'refused',
  start: 'refused',
  snapshot: 'refused',
  delete: 'deleting',
} as const;

const ignoring = {
  started: 'ignored',
  startFailed: 'ignored',
  changed: 'ignored',
  backedUp: 'ignored',
  serverStopped: 'ignored',
  exited: 'ignored',
  destroyed: 'ignored',
  destroyFailed: 'ignored',
} as const;

const table: Readonly<Record<DbInstanceStatus, Row>> = {
  creating: {
    ...refusing,
    ...ignoring,
    started: 'backing-up',
    startFailed: 'failed',
    regionStarted: 'creating',
  },
  'backing-up': {
    ...refusing,
    ...ignoring,
    backedUp: 'available',
    exited: 'starting',
    regionStarted: 'starting',
  },
  available: {
    modify: 'modifying',
    resetPassword: 'resetting-master-credentials',
    reboot: 'rebooting',
    stop: 'stopping',
    start: 'refused',
    snapshot: 'backing-up',
    delete: 'deleting',
    ...ignoring,
    exited: 'starting',
    regionStarted: 'starting',
  },
  modifying: {
    ...refusing,
    ...ignoring,
    started: 'available',
    startFailed: 'failed',
    changed: 'available',
    exited: 'starting',
    regionStarted: 'starting',
  },
  'resetting-master-credentials': {
    ...refusing,
    ...ignoring,
    changed: 'available',
    exited: 'starting',
    regionStarted: 'starting',
  },
  rebooting: {
    ...refusing,
    ...ignoring,
    started: 'available',
    startFailed: 'failed',
    regionStarted: 'rebooting',
  },
  stopping: { ...refusing, ...ignoring, serverStopped: 'stopped', regionStarted: 'stopped' },
  stopped: {
    ...refusing,
    ...ignoring,
    // Confirmed by docs: a stopped instance can be started or deleted, not modified.
    // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StopInstance.html
    start: 'starting',
    regionStarted: 'stopped',
  },
  starting: {
    ...refusing,
    ...ignoring,
    started: 'available',
    startFailed: 'failed',
    regionStarted: 'starting',
  },
  deleting: {
    ...refusing,
    delete: 'refused',
    ...ignoring,
    destroyed: 'gone',
    destroyFailed: 'failed',
    regionStarted: 'deleting',
  },
  // Chosen: what failed is tried again when the region starts again, since its cause is mostly on this machine.
  failed: { ...refusing, ...ignoring, regionStarted: 'starting' },
};

export function next(status: DbInstanceStatus, event: LifecycleEvent): Transition {
  return table[status][event];
}
