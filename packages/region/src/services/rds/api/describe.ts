import type * as Api from '@aws-sdk/client-rds';
import { toDate } from '../../../kernel/instant.ts';
import { lookUpParameterGroup, serverParameters } from '../parameters.ts';
import type { DbInstance, DbSnapshot, DbSubnetGroup, RdsState } from '../state.ts';

/* Records as the API tells them. */

export function describedInstance(state: RdsState, instance: DbInstance): Api.DBInstance {
  const group = instance.subnetGroupName && state.subnetGroups.get(instance.subnetGroupName);
  const isUp = instance.port !== undefined && instance.status !== 'creating';
  return {
    DBInstanceIdentifier: instance.identifier,
    DBInstanceArn: instance.arn,
    DbiResourceId: instance.resourceId,
    DBInstanceStatus: instance.status,
    DBInstanceClass: instance.instanceClass,
    Engine: 'postgres',
    EngineVersion: instance.engineVersion,
    LicenseModel: 'postgresql-license',
    MasterUsername: instance.masterUsername,
    ...(instance.databaseName !== undefined && { DBName: instance.databaseName }),
    ...(isUp && { Endpoint: endpointOf(instance) }),
    DbInstancePort: 0,
    InstanceCreateTime: toDate(instance.created),
    ...storageOf(instance),
    ...backupOf(instance),
    VpcSecurityGroups: instance.securityGroupIds.map((id) => ({ VpcSecurityGroupId: id, Status: 'active' })),
    DBSecurityGroups: [],
    DBParameterGroups: [
      {
        DBParameterGroupName: instance.parameterGroupName,
        ParameterApplyStatus: isInSync(state, instance) ? 'in-sync' : 'pending-reboot',
      },
    ],
    OptionGroupMemberships: [],
    ReadReplicaDBInstanceIdentifiers: [],
    StatusInfos: [],
    ...(group && { DBSubnetGroup: describedSubnetGroup(group) }),
    AvailabilityZone: instance.availabilityZone,
    MultiAZ: instance.multiAz,
    PubliclyAccessible: instance.publiclyAccessible,
    AutoMinorVersionUpgrade: instance.autoMinorVersionUpgrade,
    DeletionProtection: instance.deletionProtection,
    IAMDatabaseAuthenticationEnabled: false,
    PerformanceInsightsEnabled: false,
    MonitoringInterval: 0,
    NetworkType: 'IPV4',
    PendingModifiedValues: pendingOf(instance),
    ...(instance.masterUserSecret && { MasterUserSecret: secretOf(instance.masterUserSecret) }),
    TagList: [...instance.tags],
  };
}

// Known: the zones of RDS endpoints. Of other regions none is told.
const hostedZones: Readonly<Record<string, string>> = {
  'eu-central-1': 'Z1RLNUO7B9Q6NB',
  'eu-west-1': 'Z29XKXDKYMONMX',
  'us-east-1': 'Z2R2ITUGPM61AM',
};

/** Every database is reached through loopback, on a port of its own. */
function endpointOf({ arn, port }: DbInstance): Api.Endpoint {
  const hostedZoneId = hostedZones[arn.split(':')[3] ?? ''];
  return {
    Address: '127.0.0.1',
    ...(port !== undefined && { Port: port }),
    ...(hostedZoneId !== undefined && { HostedZoneId: hostedZoneId }),
  };
}

function storageOf(instance: DbInstance): Partial<Api.DBInstance> {
  return {
    AllocatedStorage: instance.allocatedStorage,
    ...(instance.maxAllocatedStorage !== undefined && { MaxAllocatedStorage: instance.maxAllocatedStorage }),
    StorageType: instance.storageType,
    ...(instance.iops !== undefined && { Iops: instance.iops }),
    ...(instance.storageThroughput !== undefined && { StorageThroughput: instance.storageThroughput }),
    StorageEncrypted: instance.storageEncrypted,
    ...(instance.kmsKeyId !== undefined && { KmsKeyId: instance.kmsKeyId }),
  };
}

function backupOf(instance: DbInstance): Partial<Api.DBInstance> {
  return {
    BackupRetentionPeriod: instance.backupRetentionPeriod,
    PreferredBackupWindow: instance.backupWindow,
    PreferredMaintenanceWindow: instance.maintenanceWindow,
    CopyTagsToSnapshot: instance.copyTagsToSnapshot,
  };
}

/** Does the running server have what its group says? */
function isInSync(state: RdsState, instance: DbInstance): boolean {
  if (instance.status === 'creating') return true;
  const group = lookUpParameterGroup(state, instance.parameterGroupName);
  const wanted = Object.entries(serverParameters(instance.instanceClass, group));
  const { appliedParameters } = instance;
  if (wanted.length !== Object.keys(appliedParameters).length) return false;
  return wanted.every(([name, value]) => appliedParameters[name] === value);
}

function pendingOf({ pending, passwordToSet }: DbInstance): Api.PendingModifiedValues {
  return {
    ...(passwordToSet !== undefined && { MasterUserPassword: '****' }),
    ...(pending?.instanceClass !== undefined && { DBInstanceClass: pending.instanceClass }),
    ...(pending?.allocatedStorage !== undefined && { AllocatedStorage: pending.allocatedStorage }),
    ...(pending?.multiAz !== undefined && { MultiAZ: pending.multiAz }),
    ...(pending?.storageType !== undefined && { StorageType: pending.storageType }),
    ...(pending?.iops !== undefined && { Iops: pending.iops }),
    ...(pending?.storageThroughput !== undefined && { StorageThroughput: pending.storageThroughput }),
  };
}

function secretOf({
  arn,
  status,
  kmsKeyId,
}: NonNullable<DbInstance['masterUserSecret']>): Api.MasterUserSecret {
  return { SecretArn: arn, SecretStatus: status, ...(kmsKeyId !== undefined && { KmsKeyId: kmsKeyId }) };
}

export function describedSnapshot(snapshot: DbSnapshot, state: RdsState): Api.DBSnapshot {
  const { instance } = snapshot;
  const group = instance.subnetGroupName && state.subnetGroups.get(instance.subnetGroupName);
  return {
    DBSnapshotIdentifier: snapshot.identifier,
    DBSnapshotArn: snapshot.arn,
    DBInstanceIdentifier: instance.identifier,
    DbiResourceId: instance.resourceId,
    Status: snapshot.status,
    PercentProgress: snapshot.status === 'available' ? 100 : 0,
    SnapshotType: 'manual',
    SnapshotCreateTime: toDate(snapshot.created),
    OriginalSnapshotCreateTime: toDate(snapshot.created),
    InstanceCreateTime: toDate(instance.created),
    Engine: 'postgres',
    EngineVersion: instance.engineVersion,
    LicenseModel: 'postgresql-license',
    MasterUsername: instance.masterUsername,
    Port: instance.requestedPort,
    AllocatedStorage: instance.allocatedStorage,
    StorageType: instance.storageType,
    Encrypted: instance.storageEncrypted,
    ...(instance.kmsKeyId !== undefined && { KmsKeyId: instance.kmsKeyId }),
    AvailabilityZone: instance.availabilityZone,
    ...(group && { VpcId: group.vpcId }),
    IAMDatabaseAuthenticationEnabled: false,
    TagList: [...snapshot.tags],
  };
}

export function describedSubnetGroup(group: DbSubnetGroup): Api.DBSubnetGroup {
  return {
    DBSubnetGroupName: group.name,
    DBSubnetGroupArn: group.arn,
    DBSubnetGroupDescription: group.description,
    VpcId: group.vpcId,
    SubnetGroupStatus: 'Complete',
    SupportedNetworkTypes: ['IPV4'],
    Subnets: group.subnets.map(({ id, availabilityZone }) => ({
      SubnetIdentifier: id,
      SubnetAvailabilityZone: { Name: availabilityZone },
      SubnetStatus: 'Active',
    })),
  };
}
