import type { DatabasePlane, DatabaseSpec, MasterUser } from './ports.ts';

/** What RDS asks the plane to do. `attempt` comes back with the outcome. */
export type Action =
  | StartAction
  | DestroyAction
  | ({ readonly kind: 'stop' } & OfAttempt)
  | ({ readonly kind: 'setPassword'; readonly master: MasterUser } & OfAttempt)
  | {
      readonly kind: 'applyParameters';
      readonly resourceId: string;
      readonly parameters: Readonly<Record<string, string>>;
    }
  | ({ readonly kind: 'takeSnapshot'; readonly storageId: string } & OfAttempt)
  | { readonly kind: 'deleteSnapshot'; readonly identifier: string; readonly storageId: string };

interface StartAction {
  readonly kind: 'start' | 'restart';
  readonly attempt: number;
  readonly spec: DatabaseSpec;
}

interface DestroyAction extends OfAttempt {
  readonly kind: 'destroy';
  /** The final snapshot, if one is to be taken. */
  readonly storageId?: string;
}

interface OfAttempt {
  readonly resourceId: string;
  readonly attempt: number;
}

/** What the plane reports. */
export type Outcome =
  | ({ readonly kind: 'started'; readonly port: number } & OfAttempt)
  | ({
      readonly kind: 'startFailed' | 'passwordFailed' | 'destroyFailed';
      readonly reason: string;
    } & OfAttempt)
  | ({ readonly kind: 'stopped' | 'passwordSet' | 'destroyed' } & OfAttempt)
  | ({ readonly kind: 'snapshotTaken'; readonly storageId: string } & OfAttempt)
  | ({ readonly kind: 'snapshotFailed'; readonly storageId: string; readonly reason: string } & OfAttempt)
  | {
      readonly kind: 'parametersApplied';
      readonly resourceId: string;
      readonly parameters: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'parametersRefused'; readonly resourceId: string; readonly reason: string }
  | { readonly kind: 'snapshotDeleted'; readonly identifier: string }
  | { readonly kind: 'exited'; readonly resourceId: string; readonly reason: string };

export async function perform(plane: DatabasePlane, action: Action): Promise<Outcome> {
  switch (action.kind) {
    case 'start':
    case 'restart':
      return start(plane, action);
    case 'stop':
      await plane.stop(action.resourceId);
      return { kind: 'stopped', ...attemptOf(action) };
    case 'setPassword': {
      const done = await plane.setMasterPassword(action.resourceId, action.master);
      return done.kind === 'done'
        ? { kind: 'passwordSet', ...attemptOf(action) }
        : { kind: 'passwordFailed', ...attemptOf(action), reason: done.reason };
    }
    case 'applyParameters': {
      const { resourceId, parameters } = action;
      const done = await plane.applyParameters(resourceId, parameters);
      return done.kind === 'done'
        ? { kind: 'parametersApplied', resourceId, parameters }
        : { kind: 'parametersRefused', resourceId, reason: done.reason };
    }
    case 'takeSnapshot': {
      const { storageId } = action;
      const done = await plane.takeSnapshot(action.resourceId, storageId);
      return done.kind === 'done'
        ? { kind: 'snapshotTaken', ...attemptOf(action), storageId }
        : { kind: 'snapshotFailed', ...attemptOf(action), storageId, reason: done.reason };
    }
    case 'destroy':
      return destroy(plane, action);
    case 'deleteSnapshot':
      await plane.deleteSnapshot(action.storageId);
      return { kind: 'snapshotDeleted', identifier: action.identifier };
  }
}

async function start(plane: DatabasePlane, action: StartAction): Promise<Outcome> {
  const { spec, attempt } = action;
  const { resourceId } = spec;
  if (action.kind === 'restart') await plane.stop(resourceId);
  const outcome = await plane.start(spec);
  return outcome.kind === 'started'
    ? { kind: 'started', resourceId, attempt, port: outcome.port }
    : { kind: 'startFailed', resourceId, attempt, reason: outcome.reason };
}

/** Without its final snapshot a database is not destroyed. */
async function destroy(plane: DatabasePlane, action: DestroyAction): Promise<Outcome> {
  if (action.storageId !== undefined) {
    await plane.stop(action.resourceId);
    const taken = await plane.takeSnapshot(action.resourceId, action.storageId);
    if (taken.kind === 'failed') {
      return { kind: 'destroyFailed', ...attemptOf(action), reason: taken.reason };
    }
  }
  await plane.destroy(action.resourceId);
  return { kind: 'destroyed', ...attemptOf(action) };
}

function attemptOf({ resourceId, attempt }: OfAttempt): OfAttempt {
  return { resourceId, attempt };
}
