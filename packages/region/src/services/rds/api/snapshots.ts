import type * as Api from '@aws-sdk/client-rds';
import type { Context } from '../../../kernel/context.ts';
import { beginSnapshot, request } from '../actions.ts';
import { dbSnapshotAlreadyExists, invalidDbSnapshotState } from '../errors.ts';
import { noteSnapshot } from '../events.ts';
import { type DbInstance, type DbSnapshot, lookUpInstance, lookUpSnapshot, type RdsState } from '../state.ts';
import { describedSnapshot } from './describe.ts';
import { checkedIdentifier, page } from './input.ts';

export function createDBSnapshot(
  ctx: Context,
  state: RdsState,
  input: Api.CreateDBSnapshotMessage,
): Api.CreateDBSnapshotResult {
  const instance = lookUpInstance(state, input.DBInstanceIdentifier);
  const backingUp = request(instance, 'snapshot');
  const snapshot = newSnapshot(ctx, state, instance, input.DBSnapshotIdentifier, input.Tags);
  beginSnapshot(ctx, state, backingUp, snapshot.storageId);
  return { DBSnapshot: describedSnapshot(snapshot, state) };
}

export function describeDBSnapshots(
  _ctx: Context,
  state: RdsState,
  input: Api.DescribeDBSnapshotsMessage,
): Api.DBSnapshotMessage {
  const { DBSnapshotIdentifier: id, DBInstanceIdentifier: of, SnapshotType: type } = input;
  const found = id === undefined ? [...state.snapshots.values()] : [lookUpSnapshot(state, id)];
  const shown = found.filter(
    ({ instance }) =>
      (of === undefined || instance.identifier === of.toLowerCase()) &&
      (type === undefined || type === 'manual') &&
      (input.DbiResourceId === undefined || instance.resourceId === input.DbiResourceId),
  );
  const { records, Marker } = page(shown, input);
  return {
    DBSnapshots: records.map((snapshot) => describedSnapshot(snapshot, state)),
    ...(Marker !== undefined && { Marker }),
  };
}

export function deleteDBSnapshot(
  ctx: Context,
  state: RdsState,
  input: Api.DeleteDBSnapshotMessage,
): Api.DeleteDBSnapshotResult {
  const snapshot = lookUpSnapshot(state, input.DBSnapshotIdentifier);
  const { identifier, storageId, status } = snapshot;
  const isNeeded = state.instances.find(
    (instance) => instance.sourceStorageId === storageId && instance.status === 'creating',
  );
  if (status === 'creating' || status === 'deleting' || isNeeded) {
    throw invalidDbSnapshotState(identifier, isNeeded ? 'being restored' : status);
  }
  state.snapshots.put(identifier, { ...snapshot, status: 'deleting' });
  ctx.perform({ kind: 'deleteSnapshot', identifier, storageId });
  noteSnapshot(ctx, state, snapshot, 'RDS-EVENT-0041');
  return { DBSnapshot: describedSnapshot({ ...snapshot, status: 'deleting' }, state) };
}

/** Notes a snapshot as being taken; who calls has it taken. */
export function newSnapshot(
  ctx: Context,
  state: RdsState,
  instance: DbInstance,
  given: string | undefined,
  tags?: readonly Api.Tag[],
): DbSnapshot {
  const identifier = checkedIdentifier('DBSnapshotIdentifier', given);
  if (state.snapshots.has(identifier)) throw dbSnapshotAlreadyExists(identifier);
  const snapshot: DbSnapshot = {
    identifier,
    arn: ctx.arn('rds', `snapshot:${identifier}`),
    storageId: `snapshot-${ctx.random.hex(20)}`,
    status: 'creating',
    created: ctx.now,
    tags: tags ?? (instance.copyTagsToSnapshot ? instance.tags : []),
    instance,
  };
  state.snapshots.put(identifier, snapshot);
  noteSnapshot(ctx, state, snapshot, 'RDS-EVENT-0040');
  return snapshot;
}
