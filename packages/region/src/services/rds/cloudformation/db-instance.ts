import type { CreateDBInstanceMessage, DBInstance, ModifyDBInstanceMessage } from '@aws-sdk/client-rds';
import {
  caseless,
  flag,
  ignored,
  integer,
  listOf,
  object,
  type Properties,
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  type Stability,
  stable,
  tags,
  text,
} from '../../../kernel/resource-type.ts';
import { allTags, setTags } from './tags.ts';

/** As CreateDBInstance's members, but for one name, one type, and the snapshot to restore. */
interface InstanceProperties extends Omit<CreateDBInstanceMessage, 'AllocatedStorage' | 'Port' | 'Tags'> {
  readonly AllocatedStorage?: string;
  readonly Port?: string;
  readonly VPCSecurityGroups?: string[];
  readonly DBSnapshotIdentifier?: string;
  readonly MasterUserSecret?: { readonly KmsKeyId?: string };
  readonly ApplyImmediately?: boolean;
}

const createOnly = [
  'DBName',
  'Engine',
  'MasterUsername',
  'DBSubnetGroupName',
  'AvailabilityZone',
  'StorageEncrypted',
  'KmsKeyId',
] as const;

/** Called the same in templates and in DescribeDBInstances. */
const sameNames = [
  'DBName',
  'Engine',
  'DBInstanceClass',
  'MaxAllocatedStorage',
  'StorageType',
  'Iops',
  'StorageThroughput',
  'StorageEncrypted',
  'MasterUsername',
  'AvailabilityZone',
  'MultiAZ',
  'PubliclyAccessible',
  'BackupRetentionPeriod',
  'PreferredBackupWindow',
  'PreferredMaintenanceWindow',
  'AutoMinorVersionUpgrade',
  'CopyTagsToSnapshot',
  'DeletionProtection',
] as const;

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-rds-dbinstance.html
export const dbInstanceType: ResourceType = {
  name: 'AWS::RDS::DBInstance',
  properties: {
    DBInstanceIdentifier: replaces(caseless),
    DBName: replaces(text),
    DBSnapshotIdentifier: replaces(text),
    Engine: replaces(caseless),
    EngineVersion: text,
    DBInstanceClass: required(text),
    AllocatedStorage: text,
    MaxAllocatedStorage: integer,
    StorageType: caseless,
    Iops: integer,
    StorageThroughput: integer,
    StorageEncrypted: replaces(flag),
    KmsKeyId: replaces(text),
    MasterUsername: replaces(text),
    MasterUserPassword: text,
    ManageMasterUserPassword: flag,
    MasterUserSecret: object({ KmsKeyId: text }),
    EnableIAMDatabaseAuthentication: flag,
    ApplyImmediately: flag,
    Port: replaces(text),
    DBSubnetGroupName: replaces(caseless),
    VPCSecurityGroups: listOf(text),
    AvailabilityZone: replaces(text),
    MultiAZ: flag,
    PubliclyAccessible: flag,
    DBParameterGroupName: caseless,
    BackupRetentionPeriod: integer,
    PreferredBackupWindow: text,
    PreferredMaintenanceWindow: caseless,
    AutoMinorVersionUpgrade: flag,
    CopyTagsToSnapshot: flag,
    DeletionProtection: flag,
    Tags: tags,
    DeleteAutomatedBackups: ignored('no automated backups are taken'),
    AllowMajorVersionUpgrade: ignored('one major version runs here'),
    MonitoringInterval: ignored('enhanced monitoring is not modelled'),
    MonitoringRoleArn: ignored('enhanced monitoring is not modelled'),
    EnablePerformanceInsights: ignored('Performance Insights is not modelled'),
    PerformanceInsightsKMSKeyId: ignored('Performance Insights is not modelled'),
    PerformanceInsightsRetentionPeriod: ignored('Performance Insights is not modelled'),
    DatabaseInsightsMode: ignored('Database Insights is not modelled'),
    EnableCloudwatchLogsExports: ignored('the log is postgres.log beside the data'),
    CACertificateIdentifier: ignored('databases do not speak TLS yet'),
    NetworkType: ignored('databases listen on 127.0.0.1'),
    LicenseModel: ignored('PostgreSQL has one license model'),
    EngineLifecycleSupport: ignored('there is no extended support'),
  },

  create(ctx, properties) {
    const { DBSnapshotIdentifier, ...given } = instanceOf(properties);
    const identifier = given.DBInstanceIdentifier ?? ctx.generateName(63, { lowerCase: true });
    const request = { ...requestOf(given), DBInstanceIdentifier: identifier, Tags: allTags(ctx, properties) };
    const { DBInstance } =
      DBSnapshotIdentifier === undefined
        ? ctx.call('rds', 'createDBInstance', {
            ...request,
            DBInstanceClass: given.DBInstanceClass,
            Engine: given.Engine,
          })
        : restore(ctx, DBSnapshotIdentifier, request);
    return { physicalId: DBInstance?.DBInstanceIdentifier ?? '' };
  },

  update(ctx, { physicalId }, properties) {
    const request = requestOf(instanceOf(properties));
    const { Port: _port, DBInstanceIdentifier: _identifier, ...changes } = request;
    for (const member of createOnly) delete changes[member];
    const modification: ModifyDBInstanceMessage = { ...changes, DBInstanceIdentifier: physicalId };
    // Confirmed by docs: CloudFormation modifies at once unless the property says otherwise.
    const { ApplyImmediately = true } = instanceOf(properties);
    const { DBInstance } = ctx.call('rds', 'modifyDBInstance', { ...modification, ApplyImmediately });
    setTags(ctx, DBInstance?.DBInstanceArn ?? '', allTags(ctx, properties));
  },

  delete(ctx, { physicalId }) {
    const found = find(ctx, physicalId);
    if (!found || found.DBInstanceStatus === 'deleting') return;
    ctx.call('rds', 'deleteDBInstance', { DBInstanceIdentifier: physicalId, SkipFinalSnapshot: true });
  },

  read(ctx, { physicalId, properties }) {
    const now = find(ctx, physicalId);
    if (!now || now.DBInstanceStatus === 'deleting') return undefined;
    const { EngineVersion: wanted } = instanceOf(properties);
    return {
      ...pick(now, sameNames),
      DBInstanceIdentifier: now.DBInstanceIdentifier,
      // Confirmed by docs: a major version alone stands for its newest minor one.
      EngineVersion: now.EngineVersion?.startsWith(`${wanted}.`) ? wanted : now.EngineVersion,
      AllocatedStorage: String(now.AllocatedStorage),
      ManageMasterUserPassword: now.MasterUserSecret !== undefined,
      EnableIAMDatabaseAuthentication: now.IAMDatabaseAuthenticationEnabled,
      DBSubnetGroupName: now.DBSubnetGroup?.DBSubnetGroupName,
      DBParameterGroupName: now.DBParameterGroups?.[0]?.DBParameterGroupName,
      VPCSecurityGroups: now.VpcSecurityGroups?.map(({ VpcSecurityGroupId }) => VpcSecurityGroupId),
      Tags: now.TagList,
    };
  },

  deleteWithSnapshot(ctx, { physicalId }) {
    const found = find(ctx, physicalId);
    if (!found || found.DBInstanceStatus === 'deleting') return;
    const random = ctx.random.text(12);
    ctx.call('rds', 'deleteDBInstance', {
      DBInstanceIdentifier: physicalId,
      // Known: `STACK-snapshot-LOGICALID-RANDOM`.
      FinalDBSnapshotIdentifier: `${ctx.stackName}-snapshot-${ctx.logicalId}-${random}`.toLowerCase(),
    });
  },

  // Confirmed by docs: Snapshot for instances outside of clusters.
  defaultDeletionPolicy: () => 'Snapshot',

  stable(ctx, { physicalId }) {
    return stability(ctx, physicalId);
  },

  deleted(ctx, { physicalId }) {
    const found = find(ctx, physicalId);
    if (!found) return stable;
    if (found.DBInstanceStatus === 'deleting') return { kind: 'waiting', on: `${physicalId} is deleting` };
    return { kind: 'failed', reason: `DB instance ${physicalId} is ${found.DBInstanceStatus}` };
  },

  attributes(ctx, { physicalId }) {
    const found = find(ctx, physicalId);
    return {
      DBInstanceArn: found?.DBInstanceArn,
      DbiResourceId: found?.DbiResourceId,
      'Endpoint.Address': found?.Endpoint?.Address,
      'Endpoint.Port': String(found?.Endpoint?.Port ?? ''),
      'Endpoint.HostedZoneId': found?.Endpoint?.HostedZoneId,
      'MasterUserSecret.SecretArn': found?.MasterUserSecret?.SecretArn,
    };
  },
};

function pick(now: DBInstance, names: readonly (keyof DBInstance)[]): Properties {
  return Object.fromEntries(names.map((name) => [name, now[name]]));
}

function instanceOf(properties: Properties): InstanceProperties {
  return properties as unknown as InstanceProperties;
}

function requestOf(properties: InstanceProperties) {
  const {
    VPCSecurityGroups,
    AllocatedStorage,
    Port,
    MasterUserSecret,
    ApplyImmediately: _,
    ...given
  } = properties;
  const request: Omit<CreateDBInstanceMessage, 'DBInstanceIdentifier' | 'DBInstanceClass' | 'Engine'> &
    Partial<CreateDBInstanceMessage> & { DeleteAutomatedBackups?: boolean } = {
    ...given,
    ...(VPCSecurityGroups && { VpcSecurityGroupIds: VPCSecurityGroups }),
    ...(AllocatedStorage !== undefined && { AllocatedStorage: Number(AllocatedStorage) }),
    ...(Port !== undefined && { Port: Number(Port) }),
    ...(MasterUserSecret?.KmsKeyId !== undefined && { MasterUserSecretKmsKeyId: MasterUserSecret.KmsKeyId }),
  };
  return request;
}

/** Confirmed by docs: a restored instance keeps the engine, user, database name and encryption of its snapshot. */
function restore(ctx: ResourceContext, snapshot: string, request: ReturnType<typeof requestOf>) {
  const {
    Engine,
    EngineVersion,
    DBName,
    MasterUsername,
    MasterUserPassword,
    StorageEncrypted,
    KmsKeyId,
    ...rest
  } = request;
  return ctx.call('rds', 'restoreDBInstanceFromDBSnapshot', {
    ...rest,
    DBInstanceIdentifier: request.DBInstanceIdentifier,
    DBSnapshotIdentifier: snapshot,
  });
}

function find(ctx: ResourceContext, identifier: string): DBInstance | undefined {
  const { DBInstances: [found] = [] } = ctx.call('rds', 'describeDBInstances', {
    Filters: [{ Name: 'db-instance-id', Values: [identifier] }],
  });
  return found;
}

/** Confirmed by docs: an instance is complete when it is available. */
function stability(ctx: ResourceContext, identifier: string): Stability {
  const status = find(ctx, identifier)?.DBInstanceStatus;
  if (status === 'available') return stable;
  if (status === undefined) return { kind: 'failed', reason: `DB instance ${identifier} is gone` };
  if (status === 'failed') return { kind: 'failed', reason: failureOf(ctx, identifier) };
  return { kind: 'waiting', on: `DB instance ${identifier} is ${status}` };
}

/** What the instance's last event says of its failure. */
function failureOf(ctx: ResourceContext, identifier: string): string {
  const { Events = [] } = ctx.call('rds', 'describeEvents', {
    SourceIdentifier: identifier,
    SourceType: 'db-instance',
    EventCategories: ['failure'],
  });
  return Events.at(-1)?.Message ?? `DB instance ${identifier} failed`;
}
