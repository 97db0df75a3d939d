import type * as Api from '@aws-sdk/client-rds';
import type { Context } from '../../../kernel/context.ts';
import { beginStart } from '../actions.ts';
import { dbInstanceAlreadyExists, invalidParameterCombination, invalidParameterValue } from '../errors.ts';
import { type MadeSecret, makeSecret, verifierOf } from '../master-secret.ts';
import { lookUpParameterGroup } from '../parameters.ts';
import {
  type DbInstance,
  lookUpInstance,
  lookUpSnapshot,
  lookUpSubnetGroup,
  type RdsState,
} from '../state.ts';
import { describedInstance } from './describe.ts';
import {
  checkEngine,
  checkedClass,
  checkedDatabaseName,
  checkedIdentifier,
  checkedMasterUsername,
  checkedPassword,
  checkedRetention,
  checkedStorage,
  checkIamAuthentication,
  chosenVersion,
  page,
} from './input.ts';

const resourceIdAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function createDBInstance(
  ctx: Context,
  state: RdsState,
  versions: readonly string[],
  input: Api.CreateDBInstanceMessage,
): Api.CreateDBInstanceResult {
  const identifier = newIdentifier(state, input.DBInstanceIdentifier);
  checkEngine('CreateDBInstance', input.Engine);
  checkIamAuthentication('CreateDBInstance', input.EnableIAMDatabaseAuthentication);
  const engineVersion = chosenVersion(ctx, versions, input.EngineVersion);
  const storageType = input.StorageType ?? 'gp2';
  const masterUsername = checkedMasterUsername(input.MasterUsername);
  const databaseName = checkedDatabaseName(input.DBName);
  const resourceId = `db-${ctx.random.text(26, resourceIdAlphabet)}`;
  const arn = ctx.arn('rds', `db:${identifier}`);
  const credentials = masterCredentials(ctx, { arn, resourceId, masterUsername }, input);
  const instance: DbInstance = {
    ...placement(ctx, state, engineVersion, input),
    identifier,
    resourceId,
    arn,
    engineVersion,
    instanceClass: checkedClass(input.DBInstanceClass),
    allocatedStorage: checkedStorage(input.AllocatedStorage, storageType),
    ...(input.MaxAllocatedStorage !== undefined && { maxAllocatedStorage: input.MaxAllocatedStorage }),
    storageType,
    ...(input.Iops !== undefined && { iops: input.Iops }),
    ...(input.StorageThroughput !== undefined && { storageThroughput: input.StorageThroughput }),
    storageEncrypted: input.StorageEncrypted ?? false,
    ...(input.KmsKeyId !== undefined && { kmsKeyId: input.KmsKeyId }),
    masterUsername,
    ...credentials,
    ...(databaseName !== undefined && { databaseName }),
    requestedPort: input.Port ?? 5432,
    maintenanceWindow: input.PreferredMaintenanceWindow ?? 'sun:03:00-sun:03:30',
  };
  announce(ctx, instance);
  beginStart(ctx, state, instance);
  return { DBInstance: describedInstance(state, lookUpInstance(state, identifier)) };
}

export function restoreDBInstanceFromDBSnapshot(
  ctx: Context,
  state: RdsState,
  input: Api.RestoreDBInstanceFromDBSnapshotMessage,
): Api.RestoreDBInstanceFromDBSnapshotResult {
  const identifier = newIdentifier(state, input.DBInstanceIdentifier);
  checkIamAuthentication('RestoreDBInstanceFromDBSnapshot', input.EnableIAMDatabaseAuthentication);
  const snapshot = lookUpSnapshot(state, input.DBSnapshotIdentifier);
  if (snapshot.status !== 'available') {
    throw invalidParameterValue(`DBSnapshot ${snapshot.identifier} is ${snapshot.status}.`);
  }
  const { instance: source } = snapshot;
  const resourceId = `db-${ctx.random.text(26, resourceIdAlphabet)}`;
  const arn = ctx.arn('rds', `db:${identifier}`);
  const { masterUsername } = source;
  const owner = { arn, resourceId, masterUsername };
  const made = input.ManageMasterUserPassword
    ? makeSecret(ctx, owner, input.MasterUserSecretKmsKeyId)
    : undefined;
  const {
    masterUserSecret: _secret,
    iops,
    storageThroughput,
    maxAllocatedStorage,
    kmsKeyId,
    databaseName,
  } = source;
  const instance: DbInstance = {
    ...placement(ctx, state, source.engineVersion, input),
    identifier,
    resourceId,
    arn,
    engineVersion: source.engineVersion,
    instanceClass: checkedClass(input.DBInstanceClass ?? source.instanceClass),
    allocatedStorage: input.AllocatedStorage ?? source.allocatedStorage,
    storageType: input.StorageType ?? source.storageType,
    storageEncrypted: source.storageEncrypted,
    ...(iops !== undefined && { iops }),
    ...(storageThroughput !== undefined && { storageThroughput }),
    ...(maxAllocatedStorage !== undefined && { maxAllocatedStorage }),
    ...(kmsKeyId !== undefined && { kmsKeyId }),
    ...(databaseName !== undefined && { databaseName }),
    masterUsername,
    // Confirmed by docs: without a managed secret the restored instance has the password of its snapshot.
    passwordVerifier: made?.passwordVerifier ?? source.passwordVerifier,
    ...(made && { masterUserSecret: made.secret }),
    sourceStorageId: snapshot.storageId,
    requestedPort: input.Port ?? source.requestedPort,
    maintenanceWindow: source.maintenanceWindow,
  };
  announce(ctx, instance);
  beginStart(ctx, state, instance);
  return { DBInstance: describedInstance(state, lookUpInstance(state, identifier)) };
}

export function describeDBInstances(
  _ctx: Context,
  state: RdsState,
  input: Api.DescribeDBInstancesMessage,
): Api.DBInstanceMessage {
  const found = input.DBInstanceIdentifier
    ? [lookUpInstance(state, input.DBInstanceIdentifier)]
    : state.instances.filter((instance) =>
        (input.Filters ?? []).every((filter) => matches(instance, filter)),
      );
  const { records, Marker } = page(found, input);
  return {
    DBInstances: records.map((instance) => describedInstance(state, instance)),
    ...(Marker !== undefined && { Marker }),
  };
}

function matches(instance: DbInstance, { Name, Values = [] }: Api.Filter): boolean {
  switch (Name) {
    case 'db-instance-id':
      return Values.some((value) => [instance.identifier, instance.arn].includes(value));
    case 'dbi-resource-id':
      return Values.includes(instance.resourceId);
    case 'engine':
      return Values.includes('postgres');
    case 'db-cluster-id':
    case 'domain':
      return false;
    default:
      throw invalidParameterValue(`Unrecognized filter name: ${Name}`);
  }
}

function newIdentifier(state: RdsState, given: string | undefined): string {
  const identifier = checkedIdentifier('DBInstanceIdentifier', given);
  if (identifier.length > 63)
    throw invalidParameterValue('DBInstanceIdentifier is longer than 63 characters.');
  if (state.instances.has(identifier)) throw dbInstanceAlreadyExists();
  return identifier;
}

type Credentials = Pick<DbInstance, 'passwordVerifier' | 'masterUserSecret'>;

function masterCredentials(
  ctx: Context,
  owner: { readonly arn: string; readonly resourceId: string; readonly masterUsername: string },
  input: Api.CreateDBInstanceMessage,
): Credentials {
  const { MasterUserPassword: password } = input;
  if (input.ManageMasterUserPassword) {
    if (password !== undefined) {
      throw invalidParameterCombination(
        'You can’t specify MasterUserPassword when ManageMasterUserPassword is enabled.',
      );
    }
    return managed(makeSecret(ctx, owner, input.MasterUserSecretKmsKeyId));
  }
  if (password === undefined) {
    throw invalidParameterValue('The parameter MasterUserPassword must be provided and must not be blank.');
  }
  return { passwordVerifier: verifierOf(ctx, checkedPassword(password)) };
}

function managed({ secret, passwordVerifier }: MadeSecret): Credentials {
  return { passwordVerifier, masterUserSecret: secret };
}

type Placement = Omit<
  DbInstance,
  | 'identifier'
  | 'resourceId'
  | 'arn'
  | 'engineVersion'
  | 'instanceClass'
  | 'allocatedStorage'
  | 'storageType'
  | 'storageEncrypted'
  | 'masterUsername'
  | 'passwordVerifier'
  | 'requestedPort'
  | 'maintenanceWindow'
>;

/** What a new and a restored instance are given alike. */
function placement(
  ctx: Context,
  state: RdsState,
  engineVersion: string,
  input: Api.CreateDBInstanceMessage | Api.RestoreDBInstanceFromDBSnapshotMessage,
): Placement {
  const family = `postgres${engineVersion.split('.')[0]}`;
  const parameterGroup = lookUpParameterGroup(state, input.DBParameterGroupName ?? `default.${family}`);
  if (parameterGroup.family !== family) {
    throw invalidParameterCombination(
      `The Parameter Group ${parameterGroup.name} with DBParameterGroupFamily ${parameterGroup.family} can't be used ` +
        `for this instance. Please use a Parameter Group with DBParameterGroupFamily ${family}`,
    );
  }
  const group =
    input.DBSubnetGroupName === undefined ? undefined : lookUpSubnetGroup(state, input.DBSubnetGroupName);
  const securityGroupIds = input.VpcSecurityGroupIds ?? [];
  checkSecurityGroups(ctx, securityGroupIds);
  return {
    status: 'creating',
    attempt: 0,
    failures: 0,
    startReason: 'creation',
    created: ctx.now,
    tags: input.Tags ?? [],
    appliedParameters: {},
    parameterGroupName: parameterGroup.name,
    ...(group && { subnetGroupName: group.name }),
    securityGroupIds,
    availabilityZone: input.AvailabilityZone ?? group?.subnets[0]?.availabilityZone ?? `${ctx.region}a`,
    multiAz: input.MultiAZ ?? false,
    publiclyAccessible: input.PubliclyAccessible ?? false,
    backupRetentionPeriod: checkedRetention(input.BackupRetentionPeriod ?? 1),
    backupWindow: input.PreferredBackupWindow ?? '01:00-01:30',
    autoMinorVersionUpgrade: input.AutoMinorVersionUpgrade ?? true,
    copyTagsToSnapshot: input.CopyTagsToSnapshot ?? false,
    deletionProtection: input.DeletionProtection ?? false,
  };
}

export function checkSecurityGroups(ctx: Context, groupIds: readonly string[]): void {
  if (groupIds.length === 0) return;
  const { SecurityGroups = [] } = ctx.call('ec2', 'describeSecurityGroups', {
    Filters: [{ Name: 'group-id', Values: [...groupIds] }],
  });
  const missing = groupIds.find((id) => !SecurityGroups.some(({ GroupId }) => GroupId === id));
  if (missing === undefined) return;
  throw invalidParameterValue(`Invalid security group , groupId= ${missing}, groupName=.`);
}

/** What was asked for and is not there: said once, never passed over. `before` has said it already. */
export function announce(ctx: Context, instance: DbInstance, before?: DbInstance): void {
  const { identifier } = instance;
  if (instance.multiAz && !before?.multiAz) {
    ctx.warn('rds-multi-az', `${identifier}: MultiAZ is kept, but there is one server and no standby yet.`);
  }
  if (instance.storageEncrypted && !before) {
    ctx.warn(
      'rds-encryption',
      `${identifier}: StorageEncrypted is kept, but the data is not encrypted on this disk.`,
    );
  }
  if (instance.publiclyAccessible && !before?.publiclyAccessible) {
    ctx.warn(
      'rds-public',
      `${identifier}: PubliclyAccessible is kept, but the database listens on 127.0.0.1 only.`,
    );
  }
  if (instance.backupRetentionPeriod > 0 && !before?.backupRetentionPeriod) {
    ctx.warn(
      'rds-backups',
      `${identifier}: BackupRetentionPeriod is kept, but no automated backups are taken; snapshots work.`,
    );
  }
}
