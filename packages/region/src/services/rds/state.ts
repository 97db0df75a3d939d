import type { Tag } from '@aws-sdk/client-rds';
import type { Instant } from '../../kernel/instant.ts';
import type { Table, Tables } from '../../kernel/table.ts';
import { dbInstanceNotFound, dbSnapshotNotFound, dbSubnetGroupNotFound } from './errors.ts';
import type { DbInstanceStatus } from './lifecycle.ts';

export interface DbInstance {
  /** Lower case, as RDS keeps identifiers. */
  readonly identifier: string;
  readonly resourceId: string;
  readonly arn: string;
  readonly status: DbInstanceStatus;
  /** Of the action under way. An outcome with another number is dropped. */
  readonly attempt: number;
  /** Starts that failed since the last one that did not. */
  readonly failures: number;
  readonly created: Instant;
  readonly tags: readonly Tag[];

  readonly engineVersion: string;
  readonly instanceClass: string;
  readonly allocatedStorage: number;
  readonly maxAllocatedStorage?: number;
  readonly storageType: string;
  readonly iops?: number;
  readonly storageThroughput?: number;
  readonly storageEncrypted: boolean;
  readonly kmsKeyId?: string;

  readonly masterUsername: string;
  /** Never the password itself. */
  readonly passwordVerifier: string;
  readonly masterUserSecret?: ManagedSecret;
  readonly databaseName?: string;
  /** The snapshot that the data comes from. */
  readonly sourceStorageId?: string;

  /** What `Port` asked for. */
  readonly requestedPort: number;
  /** Where the database listens; kept over restarts. */
  readonly port?: number;
  readonly subnetGroupName?: string;
  readonly securityGroupIds: readonly string[];
  readonly availabilityZone: string;
  readonly multiAz: boolean;
  readonly publiclyAccessible: boolean;

  readonly parameterGroupName: string;
  /** The parameters that the running server has, to tell what waits for a reboot. */
  readonly appliedParameters: Readonly<Record<string, string>>;

  readonly backupRetentionPeriod: number;
  readonly backupWindow: string;
  readonly maintenanceWindow: string;
  readonly autoMinorVersionUpgrade: boolean;
  readonly copyTagsToSnapshot: boolean;
  readonly deletionProtection: boolean;

  /** Why the server is being started. */
  readonly startReason: 'creation' | 'request' | 'recovery' | 'region';
  /** Changes that wait for the maintenance window. */
  readonly pending?: PendingChanges;
  /** A new password that the running server does not have yet. */
  readonly passwordToSet?: string;
  /** Of an instance that is deleted: its final snapshot. */
  readonly finalSnapshotIdentifier?: string;
}

export interface ManagedSecret {
  readonly arn: string;
  readonly kmsKeyId?: string;
  readonly status: 'creating' | 'active' | 'rotating' | 'impaired';
  /** The version whose password is being set. */
  readonly pendingVersionId?: string;
}

export interface PendingChanges {
  readonly instanceClass?: string;
  readonly allocatedStorage?: number;
  readonly multiAz?: boolean;
  readonly storageType?: string;
  readonly iops?: number;
  readonly storageThroughput?: number;
}

export interface DbSnapshot {
  readonly identifier: string;
  readonly arn: string;
  /** Names the copy at the plane. */
  readonly storageId: string;
  readonly status: 'creating' | 'available' | 'failed' | 'deleting';
  readonly created: Instant;
  readonly tags: readonly Tag[];
  /** The instance as it was. */
  readonly instance: DbInstance;
}

export interface DbSubnetGroup {
  readonly name: string;
  readonly arn: string;
  readonly description: string;
  readonly vpcId: string;
  readonly subnets: readonly { readonly id: string; readonly availabilityZone: string }[];
  readonly tags: readonly Tag[];
}

export interface DbParameterGroup {
  readonly name: string;
  readonly arn: string;
  readonly family: string;
  readonly description: string;
  readonly parameters: Readonly<Record<string, string>>;
  readonly tags: readonly Tag[];
}

export interface RdsEvent {
  readonly sourceIdentifier: string;
  readonly sourceType: 'db-instance' | 'db-snapshot';
  readonly sourceArn: string;
  readonly message: string;
  readonly categories: readonly string[];
  readonly date: Instant;
}

export interface RdsState {
  readonly instances: Table<DbInstance>;
  readonly snapshots: Table<DbSnapshot>;
  readonly subnetGroups: Table<DbSubnetGroup>;
  readonly parameterGroups: Table<DbParameterGroup>;
  readonly events: Table<RdsEvent>;
}

export function openRds(tables: Tables): RdsState {
  return {
    instances: tables.table('rds.instances'),
    snapshots: tables.table('rds.snapshots'),
    subnetGroups: tables.table('rds.subnetGroups'),
    parameterGroups: tables.table('rds.parameterGroups'),
    events: tables.table('rds.events'),
  };
}

/** By identifier, in any case, or by ARN. */
export function lookUpInstance(state: RdsState, id = ''): DbInstance {
  const instance = id.startsWith('arn:')
    ? state.instances.find(({ arn }) => arn === id)
    : state.instances.get(id.toLowerCase());
  if (!instance) throw dbInstanceNotFound(id);
  return instance;
}

export function lookUpSnapshot(state: RdsState, id = ''): DbSnapshot {
  const snapshot = id.startsWith('arn:')
    ? state.snapshots.find(({ arn }) => arn === id)
    : state.snapshots.get(id.toLowerCase());
  if (!snapshot) throw dbSnapshotNotFound(id);
  return snapshot;
}

export function lookUpSubnetGroup(state: RdsState, name = ''): DbSubnetGroup {
  const group = state.subnetGroups.get(name.toLowerCase());
  if (!group) throw dbSubnetGroupNotFound(name);
  return group;
}
