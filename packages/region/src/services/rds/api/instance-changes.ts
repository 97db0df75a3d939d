import type * as Api from '@aws-sdk/client-rds';
import type { Context } from '../../../kernel/context.ts';
import {
  applyPending,
  beginDestroy,
  beginModification,
  beginPasswordReset,
  beginRestart,
  beginStart,
  beginStop,
  request,
  rotate,
} from '../actions.ts';
import { invalidParameterCombination, protectedInstance } from '../errors.ts';
import { noteInstance } from '../events.ts';
import { deleteSecret, makeSecret, verifierOf } from '../master-secret.ts';
import { lookUpParameterGroup } from '../parameters.ts';
import { type DbInstance, lookUpInstance, type PendingChanges, type RdsState } from '../state.ts';
import { describedInstance } from './describe.ts';
import {
  checkedClass,
  checkedIdentifier,
  checkedPassword,
  checkedRetention,
  checkedStorage,
  checkIamAuthentication,
  chosenVersion,
} from './input.ts';
import { announce, checkSecurityGroups } from './instances.ts';
import { newSnapshot } from './snapshots.ts';
import { nextWindow } from './window.ts';

export function modifyDBInstance(
  ctx: Context,
  state: RdsState,
  versions: readonly string[],
  input: Api.ModifyDBInstanceMessage,
): Api.ModifyDBInstanceResult {
  const instance = lookUpInstance(state, input.DBInstanceIdentifier);
  request(instance, 'modify');
  checkIamAuthentication('ModifyDBInstance', input.EnableIAMDatabaseAuthentication);
  checkUpgrade(ctx, instance, versions, input.EngineVersion);
  checkRotation(instance, input.RotateMasterUserPassword);
  const prompt = withPrompt(ctx, state, instance, input);
  const pending = pendingChanges(prompt, input);
  const waiting: DbInstance = pending ? { ...prompt, pending } : prompt;
  announce(ctx, { ...waiting, ...pending }, instance);
  const answered = () => ({
    DBInstance: describedInstance(state, lookUpInstance(state, instance.identifier)),
  });
  if (input.RotateMasterUserPassword) {
    rotate(ctx, state, waiting);
  } else if (pending && input.ApplyImmediately) {
    applyPending(ctx, state, waiting);
  } else if (waiting.passwordToSet !== undefined) {
    beginPasswordReset(ctx, state, request(waiting, 'resetPassword'));
  } else {
    beginModification(ctx, state, request(waiting, 'modify'));
  }
  if (pending && !input.ApplyImmediately) {
    ctx.timers.set(instance.resourceId, 'maintenance', nextWindow(waiting.maintenanceWindow, ctx.now));
  }
  return answered();
}

export function rebootDBInstance(
  ctx: Context,
  state: RdsState,
  input: Api.RebootDBInstanceMessage,
): Api.RebootDBInstanceResult {
  const instance = lookUpInstance(state, input.DBInstanceIdentifier);
  if (input.ForceFailover) {
    // Confirmed by docs: ForceFailover needs a Multi-AZ instance.
    if (!instance.multiAz) {
      throw invalidParameterCombination('Cannot specify ForceFailover for non-MultiAZ DB instance.');
    }
    ctx.warn(
      'rds-failover',
      `${instance.identifier}: there is no standby to fail over to; the server restarts.`,
    );
  }
  const rebooting = request(instance, 'reboot');
  noteInstance(ctx, state, instance, 'RDS-EVENT-0004');
  beginRestart(ctx, state, rebooting);
  return { DBInstance: describedInstance(state, lookUpInstance(state, instance.identifier)) };
}

export function startDBInstance(
  ctx: Context,
  state: RdsState,
  input: Api.StartDBInstanceMessage,
): Api.StartDBInstanceResult {
  const instance = lookUpInstance(state, input.DBInstanceIdentifier);
  const starting = request(instance, 'start');
  ctx.timers.cancel(instance.resourceId, 'autoStart');
  beginStart(ctx, state, { ...starting, startReason: 'request' });
  return { DBInstance: describedInstance(state, lookUpInstance(state, instance.identifier)) };
}

export function stopDBInstance(
  ctx: Context,
  state: RdsState,
  input: Api.StopDBInstanceMessage,
): Api.StopDBInstanceResult {
  const instance = lookUpInstance(state, input.DBInstanceIdentifier);
  const stopping = request(instance, 'stop');
  beginStop(ctx, state, stopping);
  return { DBInstance: describedInstance(state, lookUpInstance(state, instance.identifier)) };
}

/** Confirmed by API: a final snapshot is taken unless SkipFinalSnapshot, and then needs an identifier. */
export function deleteDBInstance(
  ctx: Context,
  state: RdsState,
  input: Api.DeleteDBInstanceMessage,
): Api.DeleteDBInstanceResult {
  const instance = lookUpInstance(state, input.DBInstanceIdentifier);
  if (instance.deletionProtection) throw protectedInstance();
  const deleting = request(instance, 'delete');
  const final = finalSnapshotIdentifier(input);
  if (final !== undefined) newSnapshot(ctx, state, instance, final);
  beginDestroy(ctx, state, final === undefined ? deleting : { ...deleting, finalSnapshotIdentifier: final });
  return { DBInstance: describedInstance(state, lookUpInstance(state, instance.identifier)) };
}

function finalSnapshotIdentifier(input: Api.DeleteDBInstanceMessage): string | undefined {
  const { SkipFinalSnapshot: skip = false, FinalDBSnapshotIdentifier: given } = input;
  if (skip && given !== undefined) {
    throw invalidParameterCombination(
      'FinalDBSnapshotIdentifier can not be specified when SkipFinalSnapshot is true.',
    );
  }
  if (skip) return undefined;
  if (given === undefined) {
    throw invalidParameterCombination(
      'FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.',
    );
  }
  return checkedIdentifier('FinalDBSnapshotIdentifier', given);
}

/**
 * The changes that never wait for the maintenance window.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ModifyInstance.Settings.html
 */
function withPrompt(
  ctx: Context,
  state: RdsState,
  instance: DbInstance,
  input: Api.ModifyDBInstanceMessage,
): DbInstance {
  checkSecurityGroups(ctx, input.VpcSecurityGroupIds ?? []);
  const group = input.DBParameterGroupName && lookUpParameterGroup(state, input.DBParameterGroupName);
  return {
    ...withPassword(ctx, instance, input),
    ...(input.VpcSecurityGroupIds && { securityGroupIds: input.VpcSecurityGroupIds }),
    ...(group && { parameterGroupName: group.name }),
    ...(input.BackupRetentionPeriod !== undefined && {
      backupRetentionPeriod: checkedRetention(input.BackupRetentionPeriod),
    }),
    ...(input.PreferredBackupWindow !== undefined && { backupWindow: input.PreferredBackupWindow }),
    ...(input.PreferredMaintenanceWindow !== undefined && {
      maintenanceWindow: input.PreferredMaintenanceWindow,
    }),
    ...(input.AutoMinorVersionUpgrade !== undefined && {
      autoMinorVersionUpgrade: input.AutoMinorVersionUpgrade,
    }),
    ...(input.CopyTagsToSnapshot !== undefined && { copyTagsToSnapshot: input.CopyTagsToSnapshot }),
    ...(input.DeletionProtection !== undefined && { deletionProtection: input.DeletionProtection }),
    ...(input.PubliclyAccessible !== undefined && { publiclyAccessible: input.PubliclyAccessible }),
    ...(input.MaxAllocatedStorage !== undefined && { maxAllocatedStorage: input.MaxAllocatedStorage }),
  };
}

/** A new password, or the change between a password of one's own and a managed one. */
function withPassword(ctx: Context, instance: DbInstance, input: Api.ModifyDBInstanceMessage): DbInstance {
  const { MasterUserPassword: password, ManageMasterUserPassword: manage } = input;
  const { masterUserSecret, ...plain } = instance;
  if (manage === true && !masterUserSecret) {
    const made = makeSecret(ctx, instance, input.MasterUserSecretKmsKeyId);
    return { ...plain, masterUserSecret: made.secret, passwordToSet: made.passwordVerifier };
  }
  if (masterUserSecret && manage !== false) {
    if (password === undefined) return instance;
    throw invalidParameterCombination(
      'You can’t specify MasterUserPassword when ManageMasterUserPassword is enabled.',
    );
  }
  if (masterUserSecret && password === undefined) {
    throw invalidParameterCombination(
      'You must specify MasterUserPassword to turn off ManageMasterUserPassword.',
    );
  }
  if (masterUserSecret) deleteSecret(ctx, instance.resourceId, masterUserSecret);
  if (password === undefined) return plain;
  return { ...plain, passwordToSet: verifierOf(ctx, checkedPassword(password)) };
}

/** The changes that wait for the window unless ApplyImmediately, added to those that wait already. */
function pendingChanges(
  instance: DbInstance,
  input: Api.ModifyDBInstanceMessage,
): PendingChanges | undefined {
  const { DBInstanceClass, AllocatedStorage, MultiAZ, StorageType, Iops, StorageThroughput } = input;
  const changes: PendingChanges = {
    ...instance.pending,
    ...(isNew(DBInstanceClass, instance.instanceClass) && { instanceClass: checkedClass(DBInstanceClass) }),
    ...(isNew(AllocatedStorage, instance.allocatedStorage) && {
      allocatedStorage: grown(instance, AllocatedStorage),
    }),
    ...(isNew(MultiAZ, instance.multiAz) && { multiAz: MultiAZ }),
    ...(isNew(StorageType, instance.storageType) && { storageType: StorageType }),
    ...(isNew(Iops, instance.iops) && { iops: Iops }),
    ...(isNew(StorageThroughput, instance.storageThroughput) && { storageThroughput: StorageThroughput }),
  };
  return Object.keys(changes).length > 0 ? changes : undefined;
}

function isNew<T>(asked: T | undefined, current: T | undefined): asked is T {
  return asked !== undefined && asked !== current;
}

/** Confirmed by docs: allocated storage cannot be reduced. */
function grown(instance: DbInstance, size: number): number {
  if (size > instance.allocatedStorage) return checkedStorage(size, instance.storageType);
  throw invalidParameterCombination(
    'Requested allocated storage is less than the current allocated storage.',
  );
}

function checkRotation(instance: DbInstance, asked: boolean | undefined): void {
  if (!asked || instance.masterUserSecret) return;
  throw invalidParameterCombination(
    'You can’t specify RotateMasterUserPassword when ManageMasterUserPassword is not enabled.',
  );
}

function checkUpgrade(
  ctx: Context,
  instance: DbInstance,
  versions: readonly string[],
  asked: string | undefined,
): void {
  if (asked !== undefined && asked !== instance.engineVersion) chosenVersion(ctx, versions, asked);
}
