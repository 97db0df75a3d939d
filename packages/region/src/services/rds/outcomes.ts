import type { Context } from '../../kernel/context.ts';
import { after } from '../../kernel/instant.ts';
import type { Timer } from '../../kernel/timers.ts';
import {
  applyPending,
  beginDestroy,
  beginPasswordReset,
  beginStart,
  parametersOf,
  perform,
  request,
  rotate,
  save,
} from './actions.ts';
import { noteInstance, noteSnapshot } from './events.ts';
import { type LifecycleEvent, next } from './lifecycle.ts';
import { deleteSecret, endRotation } from './master-secret.ts';
import type { Outcome } from './runtime.ts';
import type { DbInstance, DbSnapshot, RdsState } from './state.ts';

/* What happens to DB instances: outcomes of actions, timers, reports of the plane, and the start of the region. */

// Chosen: the first backup of a new instance. AWS takes minutes.
const backupSeconds = 0.5;
// Chosen: a server that does not start is tried three times, waiting longer each time.
const retrySeconds = [1, 3];
// Confirmed by docs: a stopped instance is started after seven days.
const longestStopSeconds = 7 * 24 * 3600;

/** No database runs when a region starts: those that ran are started again, what was cut off is done again. */
export function onStart(ctx: Context, state: RdsState): void {
  for (const snapshot of [...state.snapshots.values()]) resumeSnapshot(ctx, state, snapshot);
  for (const instance of [...state.instances.values()]) resume(ctx, state, instance);
}

export function onTimer(ctx: Context, state: RdsState, timer: Timer): void {
  const instance = state.instances.find(({ resourceId }) => resourceId === timer.subject);
  if (!instance) return;
  switch (timer.name) {
    case 'retryStart':
      beginStart(ctx, state, instance);
      return;
    case 'retryPassword':
      if (instance.status === 'resetting-master-credentials') beginPasswordReset(ctx, state, instance);
      return;
    case 'backup':
      noteInstance(ctx, state, instance, 'RDS-EVENT-0002');
      move(ctx, state, instance, 'backedUp');
      return;
    case 'modified':
      move(ctx, state, instance, 'changed');
      return;
    case 'rotate':
      rotate(ctx, state, instance);
      return;
    case 'autoStart':
      if (instance.status !== 'stopped') return;
      noteInstance(ctx, state, instance, 'RDS-EVENT-0154');
      beginStart(ctx, state, { ...request(instance, 'start'), startReason: 'request' });
      return;
    case 'maintenance':
      applyPending(ctx, state, instance);
      return;
  }
}

export function onOutcome(ctx: Context, state: RdsState, outcome: Outcome): void {
  if (outcome.kind === 'snapshotDeleted') {
    state.snapshots.delete(outcome.identifier);
    return;
  }
  // Whatever has become of its instance meanwhile, the snapshot is there or not.
  if (outcome.kind === 'snapshotTaken') endSnapshot(ctx, state, outcome.storageId, 'available');
  if (outcome.kind === 'snapshotFailed') {
    endSnapshot(ctx, state, outcome.storageId, 'failed');
    ctx.warn('rds-snapshot', `A snapshot failed: ${outcome.reason}`);
  }
  const instance = state.instances.find(({ resourceId }) => resourceId === outcome.resourceId);
  if (!instance) return;
  if (outcome.kind === 'exited') {
    exited(ctx, state, instance, outcome.reason);
    return;
  }
  if (outcome.kind === 'parametersApplied') {
    save(state, { ...instance, appliedParameters: outcome.parameters });
    return;
  }
  if (outcome.kind === 'parametersRefused') {
    ctx.warn('rds-parameter', `${instance.identifier} keeps its parameters: ${outcome.reason}`);
    return;
  }
  if (outcome.attempt !== instance.attempt) return;
  switch (outcome.kind) {
    case 'started':
      started(ctx, state, instance, outcome.port);
      return;
    case 'startFailed':
      startFailed(ctx, state, instance, outcome.reason);
      return;
    case 'stopped':
      noteInstance(ctx, state, instance, 'RDS-EVENT-0087');
      ctx.timers.set(instance.resourceId, 'autoStart', after(ctx.now, longestStopSeconds));
      move(ctx, state, instance, 'serverStopped');
      return;
    case 'passwordSet':
      passwordSet(ctx, state, instance);
      return;
    case 'passwordFailed':
      // If the server went away, its start brings the password with it (see `entered`).
      ctx.warn('rds-password', `${instance.identifier}: the new master password waits: ${outcome.reason}`);
      ctx.timers.set(instance.resourceId, 'retryPassword', after(ctx.now, 1));
      return;
    case 'snapshotTaken':
    case 'snapshotFailed':
      move(ctx, state, instance, 'backedUp');
      return;
    case 'destroyed':
      destroyed(ctx, state, instance);
      return;
    case 'destroyFailed':
      destroyFailed(ctx, state, instance, outcome.reason);
      return;
  }
}

function started(ctx: Context, state: RdsState, instance: DbInstance, port: number): void {
  tellPort(ctx, instance, port);
  const { masterUserSecret } = instance;
  const up: DbInstance = {
    ...instance,
    port,
    failures: 0,
    appliedParameters: parametersOf(state, instance),
    ...(masterUserSecret?.status === 'creating' && {
      masterUserSecret: { ...masterUserSecret, status: 'active' as const },
    }),
  };
  noteInstance(ctx, state, up, startedEvent(instance));
  move(ctx, state, up, 'started');
}

function startedEvent({ status, startReason, sourceStorageId }: DbInstance) {
  if (status === 'creating') return sourceStorageId === undefined ? 'RDS-EVENT-0005' : 'RDS-EVENT-0043';
  if (status === 'modifying') return 'RDS-EVENT-0014';
  if (status === 'rebooting' || startReason === 'region') return 'RDS-EVENT-0006';
  return startReason === 'recovery' ? 'RDS-EVENT-0021' : 'RDS-EVENT-0088';
}

/** The real port is in the endpoint, so templates get it; a person who typed another one is told. */
function tellPort(ctx: Context, instance: DbInstance, port: number): void {
  const { identifier, requestedPort } = instance;
  if (instance.port === undefined && port !== requestedPort) {
    const text = `${identifier} listens on 127.0.0.1:${port}, not on port ${requestedPort}: databases of one machine need ports of their own.`;
    ctx.warn('rds-port', text);
    return;
  }
  if (instance.port === undefined || instance.port === port) return;
  ctx.warn(
    'rds-port-changed',
    `${identifier} now listens on 127.0.0.1:${port}, because another program has taken port ${instance.port}. ` +
      'Deploy again the stacks that use its endpoint, or free the port and start the region again.',
  );
}

function startFailed(ctx: Context, state: RdsState, instance: DbInstance, reason: string): void {
  ctx.warn('rds-start-failed', `${instance.identifier} did not start: ${reason}`);
  const failed = { ...instance, failures: instance.failures + 1 };
  const wait = retrySeconds[instance.failures];
  if (wait !== undefined) {
    save(state, failed);
    ctx.timers.set(instance.resourceId, 'retryStart', after(ctx.now, wait));
    return;
  }
  noteInstance(ctx, state, failed, 'RDS-EVENT-0031', reason);
  move(ctx, state, failed, 'startFailed');
}

function exited(ctx: Context, state: RdsState, instance: DbInstance, reason: string): void {
  if (next(instance.status, 'exited') !== 'starting') return;
  ctx.warn('rds-exited', `${instance.identifier}: ${reason}`);
  noteInstance(ctx, state, instance, 'RDS-EVENT-0004');
  noteInstance(ctx, state, instance, 'RDS-EVENT-0020');
  for (const name of ['backup', 'modified']) ctx.timers.cancel(instance.resourceId, name);
  beginStart(ctx, state, { ...instance, status: 'starting', startReason: 'recovery' });
}

function passwordSet(ctx: Context, state: RdsState, instance: DbInstance): void {
  const { passwordToSet, ...rest } = instance;
  const { masterUserSecret } = instance;
  noteInstance(ctx, state, instance, 'RDS-EVENT-0016');
  const changed: DbInstance = {
    ...rest,
    passwordVerifier: passwordToSet ?? instance.passwordVerifier,
    ...(masterUserSecret && { masterUserSecret: endRotation(ctx, instance, masterUserSecret) }),
  };
  move(ctx, state, changed, 'changed');
}

function endSnapshot(ctx: Context, state: RdsState, storageId: string, status: 'available' | 'failed'): void {
  const snapshot = state.snapshots.find((one) => one.storageId === storageId);
  if (snapshot?.status !== 'creating') return;
  state.snapshots.put(snapshot.identifier, { ...snapshot, status });
  if (status === 'available') noteSnapshot(ctx, state, snapshot, 'RDS-EVENT-0042');
}

function endFinalSnapshot(
  ctx: Context,
  state: RdsState,
  instance: DbInstance,
  status: 'available' | 'failed',
): void {
  const final = state.snapshots.get(instance.finalSnapshotIdentifier ?? '');
  if (final) endSnapshot(ctx, state, final.storageId, status);
}

function destroyed(ctx: Context, state: RdsState, instance: DbInstance): void {
  endFinalSnapshot(ctx, state, instance, 'available');
  if (instance.masterUserSecret) deleteSecret(ctx, instance.resourceId, instance.masterUserSecret);
  noteInstance(ctx, state, instance, 'RDS-EVENT-0003');
  ctx.timers.drop(instance.resourceId);
  state.instances.delete(instance.identifier);
}

/** Confirmed by docs: an instance is not deleted without the final snapshot that was asked for. */
function destroyFailed(ctx: Context, state: RdsState, instance: DbInstance, reason: string): void {
  ctx.warn('rds-delete-failed', `${instance.identifier} is kept, its final snapshot failed: ${reason}`);
  endFinalSnapshot(ctx, state, instance, 'failed');
  const { finalSnapshotIdentifier: _, ...kept } = instance;
  noteInstance(ctx, state, kept, 'RDS-EVENT-0031', `the final snapshot failed: ${reason}`);
  move(ctx, state, kept, 'destroyFailed');
}

// --- between statuses

/** Applies an event by the table, and does what follows from the new status. */
function move(ctx: Context, state: RdsState, instance: DbInstance, event: LifecycleEvent): void {
  const status = next(instance.status, event);
  if (status === 'ignored' || status === 'refused' || status === 'gone') {
    save(state, instance);
    return;
  }
  entered(ctx, state, { ...instance, status });
}

function entered(ctx: Context, state: RdsState, instance: DbInstance): void {
  save(state, instance);
  if (instance.status === 'backing-up') {
    firstBackup(ctx, state, instance);
    return;
  }
  if (instance.status !== 'available') return;
  if (instance.passwordToSet !== undefined) {
    beginPasswordReset(ctx, state, request(instance, 'resetPassword'));
  }
}

/** Confirmed by docs: a retention period of 0 turns automated backups off. */
function firstBackup(ctx: Context, state: RdsState, instance: DbInstance): void {
  if (instance.backupRetentionPeriod === 0) {
    move(ctx, state, instance, 'backedUp');
    return;
  }
  noteInstance(ctx, state, instance, 'RDS-EVENT-0001');
  ctx.timers.set(instance.resourceId, 'backup', after(ctx.now, backupSeconds));
}

/** A snapshot that was cut off has failed, unless it is the final one: that is taken with the deletion's next try. */
function resumeSnapshot(ctx: Context, state: RdsState, { identifier, storageId, status }: DbSnapshot): void {
  if (status === 'deleting') perform(ctx, { kind: 'deleteSnapshot', identifier, storageId });
  const isFinal = state.instances.find((instance) => instance.finalSnapshotIdentifier === identifier);
  if (!isFinal) endSnapshot(ctx, state, storageId, 'failed');
}

function resume(ctx: Context, state: RdsState, before: DbInstance): void {
  const status = next(before.status, 'regionStarted');
  if (status === 'ignored' || status === 'refused' || status === 'gone') return;
  for (const name of ['backup', 'modified', 'retryStart', 'retryPassword']) {
    ctx.timers.cancel(before.resourceId, name);
  }
  const instance: DbInstance = { ...before, status, failures: 0 };
  if (status === 'deleting') {
    beginDestroy(ctx, state, instance);
    return;
  }
  if (status === 'stopped') {
    save(state, instance);
    return;
  }
  const startReason = status === 'creating' ? 'creation' : 'region';
  beginStart(ctx, state, { ...instance, startReason });
}
