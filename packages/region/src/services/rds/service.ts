import type * as Api from '@aws-sdk/client-rds';
import { awaitMinute, endedMinute, MinuteMetrics } from '../../kernel/metric-minutes.ts';
import { operation, type ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import { describeDBEngineVersions, describeOrderableDBInstanceOptions } from './api/engine-versions.ts';
import { describeEvents } from './api/events.ts';
import {
  deleteDBInstance,
  modifyDBInstance,
  rebootDBInstance,
  startDBInstance,
  stopDBInstance,
} from './api/instance-changes.ts';
import { createDBInstance, describeDBInstances, restoreDBInstanceFromDBSnapshot } from './api/instances.ts';
import {
  createDBParameterGroup,
  deleteDBParameterGroup,
  describeDBParameterGroups,
  describeDBParameters,
  modifyDBParameterGroup,
  resetDBParameterGroup,
} from './api/parameter-groups.ts';
import { createDBSnapshot, deleteDBSnapshot, describeDBSnapshots } from './api/snapshots.ts';
import {
  createDBSubnetGroup,
  deleteDBSubnetGroup,
  describeDBSubnetGroups,
  modifyDBSubnetGroup,
} from './api/subnet-groups.ts';
import { addTagsToResource, listTagsForResource, removeTagsFromResource } from './api/tags.ts';
import { dbInstanceType } from './cloudformation/db-instance.ts';
import { dbParameterGroupType } from './cloudformation/db-parameter-group.ts';
import { dbSubnetGroupType } from './cloudformation/db-subnet-group.ts';
import {
  beginMeasure,
  type MeasureAction,
  type Measured,
  measure,
  namespace,
  publishMetrics,
} from './metrics-publishing.ts';
import { onOutcome, onStart, onTimer } from './outcomes.ts';
import type { DatabasePlane } from './ports.ts';
import { type Action, type Outcome, perform } from './runtime.ts';
import { openRds, type RdsState } from './state.ts';

/** Amazon Relational Database Service: real PostgreSQL, one server per DB instance. */
export function rds(dependencies: {
  readonly tables: Tables;
  readonly databases: DatabasePlane;
  /** Whether CloudWatch is told each minute; the region needs that service then. Default false. */
  readonly publishesMetrics?: boolean;
}): ServiceModule {
  const { databases, publishesMetrics = false } = dependencies;
  const state = openRds(dependencies.tables);
  const metrics = new MinuteMetrics(namespace);
  return {
    name: 'rds',
    resourceTypes: [dbInstanceType, dbSubnetGroupType, dbParameterGroupType],
    operations: {
      ...instanceOperations(state, databases),
      ...changeOperations(state, databases),
      ...snapshotOperations(state),
      ...groupOperations(state),
      ...tellingOperations(state, databases),
    },
    onStart: (ctx) => {
      onStart(ctx, state);
      if (publishesMetrics) awaitMinute(ctx);
    },
    onTimer: (ctx, timer) => {
      const minute = endedMinute(timer);
      if (minute === undefined) {
        onTimer(ctx, state, timer);
        return;
      }
      awaitMinute(ctx);
      beginMeasure(ctx, state, minute);
    },
    onEvent: (ctx, event: Outcome | Measured) =>
      event.kind === 'measured' ? publishMetrics(ctx, state, metrics, event) : onOutcome(ctx, state, event),
    perform: (action: Action | MeasureAction) =>
      action.kind === 'measure' ? measure(databases, action) : perform(databases, action),
    connect: (deliver) => databases.onExit((exit) => deliver({ kind: 'exited', ...exit })),
  };
}

/** Members of CreateDBInstance, ModifyDBInstance and RestoreDBInstanceFromDBSnapshot without effect. */
const ignored = {
  MonitoringInterval: 'enhanced monitoring is not modelled',
  MonitoringRoleArn: 'enhanced monitoring is not modelled',
  EnablePerformanceInsights: 'Performance Insights is not modelled',
  PerformanceInsightsKMSKeyId: 'Performance Insights is not modelled',
  PerformanceInsightsRetentionPeriod: 'Performance Insights is not modelled',
  DatabaseInsightsMode: 'Database Insights is not modelled',
  CACertificateIdentifier: 'databases do not speak TLS yet',
  LicenseModel: 'PostgreSQL has one license model',
  NetworkType: 'databases listen on 127.0.0.1',
  EngineLifecycleSupport: 'there is no extended support',
  DedicatedLogVolume: 'storage is a folder of this machine',
} as const;

function instanceOperations(state: RdsState, { engineVersions }: DatabasePlane): ServiceModule['operations'] {
  return {
    CreateDBInstance: operation<Api.CreateDBInstanceMessage, Api.CreateDBInstanceResult>({
      accepts: [
        ...['DBInstanceIdentifier', 'DBInstanceClass', 'Engine', 'EngineVersion', 'DBName', 'Port'],
        ...['AllocatedStorage', 'MaxAllocatedStorage', 'StorageType', 'Iops', 'StorageThroughput'],
        ...['StorageEncrypted', 'KmsKeyId', 'MasterUsername', 'MasterUserPassword'],
        ...[
          'ManageMasterUserPassword',
          'MasterUserSecretKmsKeyId',
          'DBSubnetGroupName',
          'VpcSecurityGroupIds',
        ],
        ...['AvailabilityZone', 'MultiAZ', 'PubliclyAccessible', 'DBParameterGroupName'],
        ...['BackupRetentionPeriod', 'PreferredBackupWindow', 'PreferredMaintenanceWindow'],
        ...['AutoMinorVersionUpgrade', 'CopyTagsToSnapshot', 'DeletionProtection', 'Tags'],
        ...['EnableIAMDatabaseAuthentication'],
      ] as (keyof Api.CreateDBInstanceMessage)[],
      ignores: { ...ignored, EnableCloudwatchLogsExports: 'the log is postgres.log beside the data' },
      handler: (ctx, input) => createDBInstance(ctx, state, engineVersions, input),
    }),
    RestoreDBInstanceFromDBSnapshot: operation<
      Api.RestoreDBInstanceFromDBSnapshotMessage,
      Api.RestoreDBInstanceFromDBSnapshotResult
    >({
      accepts: [
        ...['DBInstanceIdentifier', 'DBSnapshotIdentifier', 'DBInstanceClass', 'Port', 'AvailabilityZone'],
        ...['DBSubnetGroupName', 'MultiAZ', 'PubliclyAccessible', 'AutoMinorVersionUpgrade', 'StorageType'],
        ...['AllocatedStorage', 'VpcSecurityGroupIds', 'DBParameterGroupName', 'DeletionProtection'],
        ...['CopyTagsToSnapshot', 'BackupRetentionPeriod', 'PreferredBackupWindow', 'Tags'],
        ...['ManageMasterUserPassword', 'MasterUserSecretKmsKeyId', 'EnableIAMDatabaseAuthentication'],
      ] as (keyof Api.RestoreDBInstanceFromDBSnapshotMessage)[],
      ignores: {
        CACertificateIdentifier: ignored.CACertificateIdentifier,
        LicenseModel: ignored.LicenseModel,
        NetworkType: ignored.NetworkType,
      },
      handler: (ctx, input) => restoreDBInstanceFromDBSnapshot(ctx, state, input),
    }),
    DescribeDBInstances: operation<Api.DescribeDBInstancesMessage, Api.DBInstanceMessage>({
      accepts: ['DBInstanceIdentifier', 'Filters', 'Marker', 'MaxRecords'],
      handler: (ctx, input) => describeDBInstances(ctx, state, input),
    }),
  };
}

function changeOperations(state: RdsState, { engineVersions }: DatabasePlane): ServiceModule['operations'] {
  return {
    ModifyDBInstance: operation<Api.ModifyDBInstanceMessage, Api.ModifyDBInstanceResult>({
      accepts: [
        ...['DBInstanceIdentifier', 'ApplyImmediately', 'DBInstanceClass', 'AllocatedStorage', 'StorageType'],
        ...['MaxAllocatedStorage', 'Iops', 'StorageThroughput', 'MultiAZ', 'EngineVersion'],
        ...['MasterUserPassword', 'ManageMasterUserPassword', 'RotateMasterUserPassword'],
        ...['MasterUserSecretKmsKeyId', 'VpcSecurityGroupIds', 'DBParameterGroupName', 'PubliclyAccessible'],
        ...['BackupRetentionPeriod', 'PreferredBackupWindow', 'PreferredMaintenanceWindow'],
        ...['AutoMinorVersionUpgrade', 'CopyTagsToSnapshot', 'DeletionProtection'],
        ...['EnableIAMDatabaseAuthentication'],
      ] as (keyof Api.ModifyDBInstanceMessage)[],
      ignores: {
        ...ignored,
        CloudwatchLogsExportConfiguration: 'the log is postgres.log beside the data',
        AllowMajorVersionUpgrade: 'one major version runs here',
      },
      handler: (ctx, input) => modifyDBInstance(ctx, state, engineVersions, input),
    }),
    RebootDBInstance: operation<Api.RebootDBInstanceMessage, Api.RebootDBInstanceResult>({
      accepts: ['DBInstanceIdentifier', 'ForceFailover'],
      handler: (ctx, input) => rebootDBInstance(ctx, state, input),
    }),
    StartDBInstance: operation<Api.StartDBInstanceMessage, Api.StartDBInstanceResult>({
      accepts: ['DBInstanceIdentifier'],
      handler: (ctx, input) => startDBInstance(ctx, state, input),
    }),
    StopDBInstance: operation<Api.StopDBInstanceMessage, Api.StopDBInstanceResult>({
      accepts: ['DBInstanceIdentifier'],
      handler: (ctx, input) => stopDBInstance(ctx, state, input),
    }),
    DeleteDBInstance: operation<Api.DeleteDBInstanceMessage, Api.DeleteDBInstanceResult>({
      accepts: [
        'DBInstanceIdentifier',
        'SkipFinalSnapshot',
        'FinalDBSnapshotIdentifier',
        'DeleteAutomatedBackups',
      ],
      handler: (ctx, input) => deleteDBInstance(ctx, state, input),
    }),
  };
}

function snapshotOperations(state: RdsState): ServiceModule['operations'] {
  return {
    CreateDBSnapshot: operation<Api.CreateDBSnapshotMessage, Api.CreateDBSnapshotResult>({
      accepts: ['DBSnapshotIdentifier', 'DBInstanceIdentifier', 'Tags'],
      handler: (ctx, input) => createDBSnapshot(ctx, state, input),
    }),
    DescribeDBSnapshots: operation<Api.DescribeDBSnapshotsMessage, Api.DBSnapshotMessage>({
      accepts: [
        'DBSnapshotIdentifier',
        'DBInstanceIdentifier',
        'SnapshotType',
        'DbiResourceId',
        'Marker',
        'MaxRecords',
      ],
      handler: (ctx, input) => describeDBSnapshots(ctx, state, input),
    }),
    DeleteDBSnapshot: operation<Api.DeleteDBSnapshotMessage, Api.DeleteDBSnapshotResult>({
      accepts: ['DBSnapshotIdentifier'],
      handler: (ctx, input) => deleteDBSnapshot(ctx, state, input),
    }),
  };
}

function groupOperations(state: RdsState): ServiceModule['operations'] {
  return {
    CreateDBSubnetGroup: operation<Api.CreateDBSubnetGroupMessage, Api.CreateDBSubnetGroupResult>({
      accepts: ['DBSubnetGroupName', 'DBSubnetGroupDescription', 'SubnetIds', 'Tags'],
      handler: (ctx, input) => createDBSubnetGroup(ctx, state, input),
    }),
    ModifyDBSubnetGroup: operation<Api.ModifyDBSubnetGroupMessage, Api.ModifyDBSubnetGroupResult>({
      accepts: ['DBSubnetGroupName', 'DBSubnetGroupDescription', 'SubnetIds'],
      handler: (ctx, input) => modifyDBSubnetGroup(ctx, state, input),
    }),
    DescribeDBSubnetGroups: operation<Api.DescribeDBSubnetGroupsMessage, Api.DBSubnetGroupMessage>({
      accepts: ['DBSubnetGroupName', 'Marker', 'MaxRecords'],
      handler: (ctx, input) => describeDBSubnetGroups(ctx, state, input),
    }),
    DeleteDBSubnetGroup: operation<Api.DeleteDBSubnetGroupMessage, object>({
      accepts: ['DBSubnetGroupName'],
      handler: (ctx, input) => deleteDBSubnetGroup(ctx, state, input),
    }),
    CreateDBParameterGroup: operation<Api.CreateDBParameterGroupMessage, Api.CreateDBParameterGroupResult>({
      accepts: ['DBParameterGroupName', 'DBParameterGroupFamily', 'Description', 'Tags'],
      handler: (ctx, input) => createDBParameterGroup(ctx, state, input),
    }),
    ModifyDBParameterGroup: operation<Api.ModifyDBParameterGroupMessage, Api.DBParameterGroupNameMessage>({
      accepts: ['DBParameterGroupName', 'Parameters'],
      handler: (ctx, input) => modifyDBParameterGroup(ctx, state, input),
    }),
    ResetDBParameterGroup: operation<Api.ResetDBParameterGroupMessage, Api.DBParameterGroupNameMessage>({
      accepts: ['DBParameterGroupName', 'ResetAllParameters', 'Parameters'],
      handler: (ctx, input) => resetDBParameterGroup(ctx, state, input),
    }),
    DescribeDBParameterGroups: operation<Api.DescribeDBParameterGroupsMessage, Api.DBParameterGroupsMessage>({
      accepts: ['DBParameterGroupName', 'Marker', 'MaxRecords'],
      handler: (ctx, input) => describeDBParameterGroups(ctx, state, input),
    }),
    DescribeDBParameters: operation<Api.DescribeDBParametersMessage, Api.DBParameterGroupDetails>({
      accepts: ['DBParameterGroupName', 'Source', 'Marker', 'MaxRecords'],
      handler: (ctx, input) => describeDBParameters(ctx, state, input),
    }),
    DeleteDBParameterGroup: operation<Api.DeleteDBParameterGroupMessage, object>({
      accepts: ['DBParameterGroupName'],
      handler: (ctx, input) => deleteDBParameterGroup(ctx, state, input),
    }),
  };
}

function tellingOperations(state: RdsState, { engineVersions }: DatabasePlane): ServiceModule['operations'] {
  return {
    DescribeDBEngineVersions: operation<Api.DescribeDBEngineVersionsMessage, Api.DBEngineVersionMessage>({
      accepts: ['Engine', 'EngineVersion', 'DBParameterGroupFamily', 'DefaultOnly', 'Marker', 'MaxRecords'],
      handler: (_ctx, input) => describeDBEngineVersions(engineVersions, input),
    }),
    DescribeOrderableDBInstanceOptions: operation<
      Api.DescribeOrderableDBInstanceOptionsMessage,
      Api.OrderableDBInstanceOptionsMessage
    >({
      accepts: ['Engine', 'EngineVersion', 'DBInstanceClass', 'LicenseModel', 'Vpc', 'Marker', 'MaxRecords'],
      handler: (ctx, input) => describeOrderableDBInstanceOptions(ctx, engineVersions, input),
    }),
    DescribeEvents: operation<Api.DescribeEventsMessage, Api.EventsMessage>({
      accepts: [
        ...['SourceIdentifier', 'SourceType', 'StartTime', 'EndTime', 'Duration', 'EventCategories'],
        ...['Marker', 'MaxRecords'],
      ] as (keyof Api.DescribeEventsMessage)[],
      handler: (ctx, input) => describeEvents(ctx, state, input),
    }),
    AddTagsToResource: operation<Api.AddTagsToResourceMessage, object>({
      accepts: ['ResourceName', 'Tags'],
      handler: (ctx, input) => addTagsToResource(ctx, state, input),
    }),
    RemoveTagsFromResource: operation<Api.RemoveTagsFromResourceMessage, object>({
      accepts: ['ResourceName', 'TagKeys'],
      handler: (ctx, input) => removeTagsFromResource(ctx, state, input),
    }),
    ListTagsForResource: operation<Api.ListTagsForResourceMessage, Api.TagListMessage>({
      accepts: ['ResourceName'],
      handler: (ctx, input) => listTagsForResource(ctx, state, input),
    }),
  };
}
