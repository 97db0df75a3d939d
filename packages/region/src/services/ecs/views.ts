import type { Tables, Written } from '../../kernel/table.ts';
import { countsOf } from './api/described-service.ts';
import { taskDefinitionOf } from './lookups.ts';
import { type ContainerRecord, type EcsState, openEcs, type TaskRecord, tasksOf } from './state.ts';

/** What the task metadata endpoint, version 4, and the credentials endpoint need to know. Read-only. */
export interface EcsViews {
  /** `${ECS_CONTAINER_METADATA_URI_V4}`: by the container's runtime id. */
  containerMetadata(runtimeId: string): object | undefined;
  /** `${ECS_CONTAINER_METADATA_URI_V4}/task` and `/taskWithTags`: by the task's ARN or id. */
  taskMetadata(task: string, options: { readonly withTags: boolean }): object | undefined;
  /** The role of a task that runs; undefined when it has none. */
  taskRoleArn(task: string): string | undefined;
}

export function ecsViews(tables: Tables): EcsViews {
  const state = openEcs(tables);
  const find = (task: string) => state.tasks.get(task.slice(task.lastIndexOf('/') + 1));
  return {
    containerMetadata: (runtimeId) => {
      const task = find(runtimeId.slice(0, runtimeId.lastIndexOf('-')));
      const container = task?.containers.find((one) => one.runtimeId === runtimeId);
      return task && container && containerDocument(state, task, container);
    },
    taskMetadata: (reference, options) => {
      const task = find(reference);
      return task && taskDocument(state, task, options);
    },
    taskRoleArn: (reference) => {
      const task = find(reference);
      if (task === undefined || task.lastStatus === 'STOPPED') return undefined;
      return (
        task.overrides.taskRoleArn ?? taskDefinitionOf(state, task.taskDefinition).definition.taskRoleArn
      );
    },
  };
}

/** What scaling looks at each minute, by `cluster/service`. */
export function serviceCapacity(
  tables: Tables,
  serviceKey: string,
):
  | {
      readonly status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
      readonly desiredCount: number;
      readonly isDeploying: boolean;
    }
  | undefined {
  const service = openEcs(tables).services.get(serviceKey);
  if (!service) return undefined;
  const [primary, ...others] = service.deployments;
  return {
    status: service.status,
    desiredCount: service.desiredCount,
    isDeploying: others.length > 0 || primary?.rolloutState === 'IN_PROGRESS',
  };
}

/** How many tasks of a service run, as DescribeServices counts them; by `cluster/service`. */
export function runningTasks(tables: Tables, serviceKey: string): number {
  const state = openEcs(tables);
  const service = state.services.get(serviceKey);
  return service === undefined ? 0 : countsOf(tasksOf(state, service)).runningCount;
}

/** The services, as `cluster/service`, whose records or tasks are among what was written. */
export function servicesWritten(tables: Tables, written: readonly Written[]): ReadonlySet<string> {
  const { services, tasks } = openEcs(tables);
  const keys = written.map(({ table, key }) => {
    if (table === services.name) return key;
    return table === tasks.name ? tasks.get(key)?.serviceKey : undefined;
  });
  return new Set(keys.filter((key) => key !== undefined));
}

/** Fields Confirmed by docs: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-response.html */
function taskDocument(
  state: EcsState,
  task: TaskRecord,
  { withTags }: { readonly withTags: boolean },
): Record<string, unknown> {
  const { definition, family, revision } = taskDefinitionOf(state, task.taskDefinition);
  const serviceName = task.serviceKey?.slice(task.serviceKey.indexOf('/') + 1);
  return {
    Cluster: clusterArn(task),
    TaskARN: task.arn,
    Family: family,
    Revision: String(revision),
    DesiredStatus: task.desiredStatus,
    KnownStatus: task.lastStatus,
    Limits: { CPU: Number(definition.cpu) / 1024, Memory: Number(definition.memory) },
    ...isoDate('PullStartedAt', task.pullStartedAt),
    ...isoDate('PullStoppedAt', task.pullStoppedAt),
    AvailabilityZone: task.network.availabilityZone,
    LaunchType: 'FARGATE',
    ...(serviceName === undefined ? {} : { ServiceName: serviceName }),
    Containers: task.containers.map((container) => containerDocument(state, task, container)),
    ...(withTags ? { TaskTags: tagsOf(state, task.arn) } : {}),
  };
}

function containerDocument(
  state: EcsState,
  task: TaskRecord,
  container: ContainerRecord,
): Record<string, unknown> {
  const { definition, family, revision } = taskDefinitionOf(state, task.taskDefinition);
  const definitions = definition.containerDefinitions;
  const own = definitions.find(({ name }) => name === container.name);
  const { logConfiguration } = own ?? {};
  return {
    DockerId: container.runtimeId,
    Name: container.name,
    DockerName: container.name,
    Image: container.image,
    ...(container.imageDigest === undefined ? {} : { ImageID: container.imageDigest }),
    Labels: {
      ...own?.dockerLabels,
      'com.amazonaws.ecs.cluster': clusterArn(task),
      'com.amazonaws.ecs.container-name': container.name,
      'com.amazonaws.ecs.task-arn': task.arn,
      'com.amazonaws.ecs.task-definition-family': family,
      'com.amazonaws.ecs.task-definition-version': String(revision),
    },
    DesiredStatus: task.desiredStatus,
    KnownStatus: container.lastStatus,
    Limits: { CPU: own?.cpu ?? 0, ...(own?.memory === undefined ? {} : { Memory: own.memory }) },
    ...isoDate('CreatedAt', container.startedAt),
    ...isoDate('StartedAt', container.startedAt),
    ...isoDate('FinishedAt', container.finishedAt),
    ...(container.exitCode === undefined ? {} : { ExitCode: container.exitCode }),
    Type: 'NORMAL',
    ContainerARN: container.arn,
    ...(logConfiguration === undefined
      ? {}
      : { LogDriver: logConfiguration.logDriver, LogOptions: logConfiguration.options }),
    Networks: [
      {
        NetworkMode: 'awsvpc',
        IPv4Addresses: [task.network.privateIp],
        AttachmentIndex: 0,
        MACAddress: task.network.macAddress,
      },
    ],
  };
}

function clusterArn(task: TaskRecord): string {
  return `${task.arn.slice(0, task.arn.indexOf(':task/'))}:cluster/${task.cluster}`;
}

function tagsOf(state: EcsState, arn: string): Record<string, string> {
  return Object.fromEntries((state.tags.get(arn) ?? []).map(({ key = '', value = '' }) => [key, value]));
}

function isoDate(name: string, at: number | undefined): Record<string, string> {
  return at === undefined ? {} : { [name]: new Date(at).toISOString() };
}
