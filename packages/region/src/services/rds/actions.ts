import type { Context } from '../../kernel/context.ts';
import { after } from '../../kernel/instant.ts';
import { invalidDbInstanceState } from './errors.ts';
import { type LifecycleEvent, next } from './lifecycle.ts';
import { beginRotation } from './master-secret.ts';
import { isDynamic, lookUpParameterGroup, serverParameters } from './parameters.ts';
import type { DatabaseSpec } from './ports.ts';
import type { Action } from './runtime.ts';
import type { DbInstance, RdsState } from './state.ts';

/*
 * What is begun on DB instances. A request first asks the lifecycle table by `request`, then begins something; what
 * comes of it is in outcomes.ts.
 */

// Chosen: a modification that restarts nothing. AWS takes minutes.
const modificationSeconds = 0.5;

/** The instance in the status that a request brings it to; refuses what the status does not allow. Writes nothing. */
export function request(instance: DbInstance, event: LifecycleEvent): DbInstance {
  const status = next(instance.status, event);
  if (status === 'refused' || status === 'ignored' || status === 'gone') {
    throw invalidDbInstanceState(instance.identifier, instance.status);
  }
  return { ...instance, status };
}

export function beginStart(ctx: Context, state: RdsState, instance: DbInstance): void {
  begin(ctx, state, instance, (attempt) => ({ kind: 'start', attempt, spec: specOf(state, instance) }));
}

export function beginRestart(ctx: Context, state: RdsState, instance: DbInstance): void {
  begin(ctx, state, instance, (attempt) => ({ kind: 'restart', attempt, spec: specOf(state, instance) }));
}

export function beginStop(ctx: Context, state: RdsState, instance: DbInstance): void {
  const { resourceId } = instance;
  begin(ctx, state, instance, (attempt) => ({ kind: 'stop', attempt, resourceId }));
}

export function beginSnapshot(ctx: Context, state: RdsState, instance: DbInstance, storageId: string): void {
  const { resourceId } = instance;
  begin(ctx, state, instance, (attempt) => ({ kind: 'takeSnapshot', attempt, resourceId, storageId }));
}

/** Destroys, after the final snapshot that the instance names, if it names one. */
export function beginDestroy(ctx: Context, state: RdsState, instance: DbInstance): void {
  const { resourceId, finalSnapshotIdentifier: final } = instance;
  const storageId = final && state.snapshots.get(final)?.storageId;
  ctx.timers.drop(resourceId);
  begin(ctx, state, instance, (attempt) => ({
    kind: 'destroy',
    attempt,
    resourceId,
    ...(storageId && { storageId }),
  }));
}

/** For changes that take effect without the server: they are there after a short while. */
export function beginModification(ctx: Context, state: RdsState, instance: DbInstance): void {
  save(state, instance);
  ctx.timers.set(instance.resourceId, 'modified', after(ctx.now, modificationSeconds));
}

/** Gives the server the password in `passwordToSet`. */
export function beginPasswordReset(ctx: Context, state: RdsState, instance: DbInstance): void {
  const { resourceId, masterUsername: name, passwordToSet: passwordVerifier = '' } = instance;
  const master = { name, passwordVerifier };
  begin(ctx, state, instance, (attempt) => ({ kind: 'setPassword', attempt, resourceId, master }));
}

/** Changes that waited for the maintenance window take effect; a new class restarts the server. */
export function applyPending(ctx: Context, state: RdsState, instance: DbInstance): void {
  const { pending, ...rest } = instance;
  if (!pending || next(instance.status, 'modify') === 'refused') return;
  const changed = { ...request(rest, 'modify'), ...pending };
  if (changed.instanceClass !== instance.instanceClass) beginRestart(ctx, state, changed);
  else beginModification(ctx, state, changed);
}

/** A new password for a managed secret, at once if the server runs. */
export function rotate(ctx: Context, state: RdsState, instance: DbInstance): void {
  if (!instance.masterUserSecret) return;
  if (next(instance.status, 'resetPassword') === 'refused') {
    // Chosen: an instance that is not available is asked again an hour later.
    ctx.timers.set(instance.resourceId, 'rotate', after(ctx.now, 3600));
    return;
  }
  const { secret, passwordVerifier } = beginRotation(ctx, instance, instance.masterUserSecret);
  beginPasswordReset(ctx, state, {
    ...request(instance, 'resetPassword'),
    masterUserSecret: secret,
    passwordToSet: passwordVerifier,
  });
}

export function save(state: RdsState, instance: DbInstance): void {
  state.instances.put(instance.identifier, instance);
}

export function perform(ctx: Context, action: Action): void {
  ctx.perform(action);
}

export function parametersOf(state: RdsState, instance: DbInstance): Readonly<Record<string, string>> {
  return serverParameters(instance.instanceClass, lookUpParameterGroup(state, instance.parameterGroupName));
}

/**
 * Gives running servers the dynamic parameters of their group; static ones wait for a reboot.
 * Confirmed by docs: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithParamGroups.html
 */
export function applyDynamicParameters(ctx: Context, state: RdsState, groupName: string): void {
  const members = state.instances.filter(
    (instance) => instance.parameterGroupName === groupName && instance.status === 'available',
  );
  for (const instance of members) {
    const wanted = Object.entries(parametersOf(state, instance)).filter(([name]) => isDynamic(name));
    const kept = Object.entries(instance.appliedParameters).filter(([name]) => !isDynamic(name));
    const parameters = Object.fromEntries([...kept, ...wanted]);
    perform(ctx, { kind: 'applyParameters', resourceId: instance.resourceId, parameters });
  }
}

/** Saves the instance with a new attempt and performs its action. */
function begin(
  ctx: Context,
  state: RdsState,
  instance: DbInstance,
  actionOf: (attempt: number) => Action,
): void {
  const attempt = instance.attempt + 1;
  save(state, { ...instance, attempt });
  perform(ctx, actionOf(attempt));
}

function specOf(state: RdsState, instance: DbInstance): DatabaseSpec {
  const { resourceId, port, masterUsername, passwordVerifier, databaseName, sourceStorageId } = instance;
  return {
    resourceId,
    master: { name: masterUsername, passwordVerifier },
    parameters: parametersOf(state, instance),
    ...(port !== undefined && { port }),
    ...(databaseName !== undefined && { databaseName }),
    ...(sourceStorageId !== undefined && { snapshotId: sourceStorageId }),
  };
}
