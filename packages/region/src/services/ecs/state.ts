import type {
  Cluster,
  ContainerDefinition,
  DeploymentConfiguration,
  HealthStatus,
  LoadBalancer,
  NetworkConfiguration,
  Tag,
  TaskDefinition,
  TaskOverride,
  TaskStopCode,
} from '@aws-sdk/client-ecs';
import type { Instant } from '../../kernel/instant.ts';
import type { Table, Tables } from '../../kernel/table.ts';
import { watchedAlarm } from '../cloudwatch/views.ts';
import type { Failures, RolloutState, ServiceDeploymentStatus } from './deployment.ts';
import type { AlarmWatch, FindAlarm } from './deployment-alarms.ts';
import { TaskIndex } from './task-index.ts';
import type { TaskStatus } from './task-lifecycle.ts';
import type { Shift } from './traffic-shift.ts';

export interface ClusterRecord {
  readonly name: string;
  readonly arn: string;
  readonly status: 'ACTIVE' | 'INACTIVE';
  readonly settings: NonNullable<Cluster['settings']>;
  readonly configuration?: Cluster['configuration'];
  readonly capacityProviders: readonly string[];
  readonly defaultCapacityProviderStrategy: NonNullable<Cluster['defaultCapacityProviderStrategy']>;
}

export interface TaskDefinitionRecord {
  readonly arn: string;
  readonly family: string;
  readonly revision: number;
  readonly status: 'ACTIVE' | 'INACTIVE' | 'DELETE_IN_PROGRESS';
  readonly registeredAt: Instant;
  readonly registeredBy: string;
  readonly deregisteredAt?: Instant;
  readonly deleteRequestedAt?: Instant;
  /** As registered, with the defaults that AWS fills in. */
  readonly definition: Omit<
    TaskDefinition,
    'containerDefinitions' | 'registeredAt' | 'deregisteredAt' | 'deleteRequestedAt' | 'status'
  > & { readonly containerDefinitions: readonly ContainerDefinition[] };
}

/** What a deployment rolls out: an update of any of these starts another deployment. */
export interface ServiceRevisionRecord {
  readonly arn: string;
  readonly createdAt: Instant;
  readonly taskDefinition: string;
  readonly networkConfiguration: NetworkConfiguration;
  readonly loadBalancers: readonly LoadBalancer[];
  readonly platformVersion: string;
  /** Subnets never change their zone. */
  readonly subnets: readonly { readonly subnetId: string; readonly availabilityZone: string }[];
  /** Its tasks are in the alternate target groups: those and the others change their roles with each shift of traffic. */
  readonly usesAlternate?: boolean;
}

export interface DeploymentRecord extends Failures {
  readonly id: string;
  readonly status: 'PRIMARY' | 'ACTIVE';
  readonly rolloutState: RolloutState;
  readonly rolloutStateReason: string;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
  readonly revision: ServiceRevisionRecord;
  readonly serviceDeploymentArn: string;
  /** No launches before, after tasks that failed to start. */
  readonly launchAfter?: Instant;
  /** How far a blue/green, linear or canary deployment is. */
  readonly shift?: Shift;
  readonly alarms?: AlarmWatch;
}

export interface ServiceRecord {
  readonly key: string;
  readonly name: string;
  readonly arn: string;
  readonly cluster: string;
  readonly status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  readonly desiredCount: number;
  readonly deploymentConfiguration: DeploymentConfiguration & {
    readonly minimumHealthyPercent: number;
    readonly maximumPercent: number;
  };
  readonly healthCheckGracePeriodSeconds?: number;
  readonly availabilityZoneRebalancing: 'ENABLED' | 'DISABLED';
  readonly enableECSManagedTags: boolean;
  readonly propagateTags: 'SERVICE' | 'TASK_DEFINITION' | 'NONE';
  readonly createdAt: Instant;
  readonly createdBy: string;
  readonly clientToken?: string;
  /** The PRIMARY one first. Empty once the service is INACTIVE. */
  readonly deployments: readonly DeploymentRecord[];
  /** Where a rollback goes: the last one that completed, also when its tasks are gone. */
  readonly lastCompleted?: DeploymentRecord;
  /** The deployment that all traffic is to go back to, as soon as all its tasks are healthy. */
  readonly restoringTo?: string;
  /** How it was after its last review, for the console and `status`. */
  readonly waitingOn: readonly string[];
  readonly isSteady: boolean;
}

export interface ServiceEventRecord {
  readonly id: string;
  readonly createdAt: Instant;
  readonly message: string;
  /** Of events that tell how many. */
  readonly count?: number;
}

export interface ContainerRecord {
  readonly name: string;
  readonly arn: string;
  readonly image: string;
  readonly imageDigest?: string;
  readonly runtimeId: string;
  readonly lastStatus: 'PENDING' | 'RUNNING' | 'STOPPED';
  /** Its start was asked for; the outcome may still be under way. */
  readonly isStarting: boolean;
  readonly exitCode?: number;
  readonly reason?: string;
  readonly healthStatus: HealthStatus;
  readonly failedChecks: number;
  readonly startedAt?: Instant;
  readonly finishedAt?: Instant;
}

export interface NetworkInterfaceRecord {
  readonly attachmentId: string;
  readonly networkInterfaceId: string;
  readonly subnetId: string;
  readonly availabilityZone: string;
  readonly macAddress: string;
  readonly privateIp: string;
}

export interface TargetRecord {
  readonly targetGroupArn: string;
  readonly containerName: string;
  readonly port: number;
  readonly state: string;
  readonly reason?: string;
  readonly description?: string;
}

export interface TaskRecord {
  readonly id: string;
  readonly arn: string;
  readonly cluster: string;
  readonly taskDefinition: string;
  readonly group: string;
  readonly startedBy?: string;
  /** Of the RunTask that made it. */
  readonly clientToken?: string;
  readonly serviceKey?: string;
  readonly deploymentId?: string;
  readonly platformVersion: string;
  readonly lastStatus: TaskStatus;
  readonly desiredStatus: 'RUNNING' | 'STOPPED';
  readonly overrides: TaskOverride;
  readonly network: NetworkInterfaceRecord;
  readonly isAttached: boolean;
  readonly containers: readonly ContainerRecord[];
  /** Registered targets; empty once they are deregistered and unused. */
  readonly targets: readonly TargetRecord[];
  readonly wasHealthy: boolean;
  readonly protectedUntil?: Instant;
  readonly version: number;
  readonly createdAt: Instant;
  readonly pullStartedAt?: Instant;
  readonly pullStoppedAt?: Instant;
  readonly startedAt?: Instant;
  readonly stoppingAt?: Instant;
  readonly executionStoppedAt?: Instant;
  readonly stoppedAt?: Instant;
  readonly stopCode?: TaskStopCode;
  readonly stoppedReason?: string;
}

/** The history that DescribeServiceDeployments shows. */
export interface ServiceDeploymentRecord {
  readonly arn: string;
  readonly serviceArn: string;
  readonly cluster: string;
  readonly deploymentId: string;
  readonly status: ServiceDeploymentStatus;
  readonly statusReason?: string;
  readonly createdAt: Instant;
  readonly finishedAt?: Instant;
  /** When it was stopped: by a user, by a newer one, or by a failure. */
  readonly stoppedAt?: Instant;
  readonly updatedAt: Instant;
  readonly sourceRevisionArns: readonly string[];
  readonly targetRevisionArn: string;
  readonly rollback?: { readonly reason: string; readonly startedAt: Instant; readonly revisionArn: string };
  /** The circuit breaker's count when the deployment ended or failed. */
  readonly failedTasks?: number;
  /** The alarms that ended it. */
  readonly triggeredAlarms?: readonly string[];
  /** The circuit breaker ended it. */
  readonly isTripped?: boolean;
}

export interface EcsState {
  readonly clusters: Table<ClusterRecord>;
  /** By `family:revision`. */
  readonly taskDefinitions: Table<TaskDefinitionRecord>;
  /** The latest revision of each family: numbers are never given twice. */
  readonly families: Table<number>;
  /** By `cluster/service`. */
  readonly services: Table<ServiceRecord>;
  /** By service key, newest first. */
  readonly events: Table<readonly ServiceEventRecord[]>;
  readonly tasks: Table<TaskRecord>;
  readonly taskIndex: TaskIndex<TaskRecord>;
  readonly serviceDeployments: Table<ServiceDeploymentRecord>;
  readonly serviceRevisions: Table<ServiceRevisionRecord & { readonly serviceKey: string }>;
  /** By resource ARN. */
  readonly tags: Table<readonly Tag[]>;
  readonly accountSettings: Table<string>;
  readonly findAlarm: FindAlarm;
}

const opened = new WeakMap<Tables, EcsState>();

/** One for all: views are asked each minute, of every service. */
export function openEcs(tables: Tables): EcsState {
  const known = opened.get(tables) ?? open(tables);
  opened.set(tables, known);
  return known;
}

function open(tables: Tables): EcsState {
  const tasks = tables.table<TaskRecord>('ecs.tasks');
  return {
    clusters: tables.table('ecs.clusters'),
    taskDefinitions: tables.table('ecs.taskDefinitions'),
    families: tables.table('ecs.families'),
    services: tables.table('ecs.services'),
    events: tables.table('ecs.events'),
    tasks,
    taskIndex: new TaskIndex(tasks),
    serviceDeployments: tables.table('ecs.serviceDeployments'),
    serviceRevisions: tables.table('ecs.serviceRevisions'),
    tags: tables.table('ecs.tags'),
    accountSettings: tables.table('ecs.accountSettings'),
    findAlarm: (name) => watchedAlarm(tables, name),
  };
}

/** The PRIMARY deployment; every service that is not INACTIVE has one. */
export function primaryOf(service: ServiceRecord): DeploymentRecord | undefined {
  return service.deployments[0];
}

/** Tasks of a service that have not STOPPED. */
export function tasksOf(state: EcsState, service: ServiceRecord): TaskRecord[] {
  return state.taskIndex.ofService(service.key).filter(({ lastStatus }) => lastStatus !== 'STOPPED');
}

/** Changes a task: one more version, as with every change that AWS tells of. */
export function putTask(state: EcsState, task: TaskRecord, changes: Partial<TaskRecord>): TaskRecord {
  const changed = { ...task, ...changes, version: task.version + 1 };
  state.tasks.put(task.id, changed);
  return changed;
}

export function putContainer(
  state: EcsState,
  task: TaskRecord,
  name: string,
  changes: Partial<ContainerRecord>,
): TaskRecord {
  const containers = task.containers.map((container) =>
    container.name === name ? { ...container, ...changes } : container,
  );
  return putTask(state, task, { containers });
}
