import type { Attachment, Container, Task } from '@aws-sdk/client-ecs';
import type { Context } from '../../../kernel/context.ts';
import { type Instant, toDate } from '../../../kernel/instant.ts';
import { healthStatusOf } from '../health.ts';
import { taskDefinitionOf } from '../lookups.ts';
import type { ContainerRecord, EcsState, TaskDefinitionRecord, TaskRecord } from '../state.ts';

/** A task as DescribeTasks shows it. */
export function describedTask(
  ctx: Context,
  state: EcsState,
  task: TaskRecord,
  include: readonly string[] = [],
): Task {
  const record = taskDefinitionOf(state, task.taskDefinition);
  const { cpu, memory, runtimePlatform } = record.definition;
  return {
    attachments: [attachment(task)],
    attributes: [
      {
        name: 'ecs.cpu-architecture',
        value: runtimePlatform?.cpuArchitecture === 'ARM64' ? 'arm64' : 'x86_64',
      },
    ],
    availabilityZone: task.network.availabilityZone,
    clusterArn: ctx.arn('ecs', `cluster/${task.cluster}`),
    containers: task.containers.map((container) => describedContainer(record, task, container)),
    createdAt: toDate(task.createdAt),
    desiredStatus: task.desiredStatus,
    enableExecuteCommand: false,
    group: task.group,
    healthStatus: healthStatusOf(task, record),
    lastStatus: task.lastStatus,
    launchType: 'FARGATE',
    overrides: { containerOverrides: task.containers.map(({ name }) => ({ name })), ...task.overrides },
    platformVersion: task.platformVersion === 'LATEST' ? '1.4.0' : task.platformVersion,
    platformFamily: 'Linux',
    tags: include.includes('TAGS') ? [...(state.tags.get(task.arn) ?? [])] : [],
    taskArn: task.arn,
    taskDefinitionArn: task.taskDefinition,
    version: task.version,
    ephemeralStorage: { sizeInGiB: 20 },
    ...(cpu === undefined ? {} : { cpu }),
    ...(memory === undefined ? {} : { memory }),
    ...(task.startedBy === undefined ? {} : { startedBy: task.startedBy }),
    ...(task.isAttached ? { connectivity: 'CONNECTED' } : {}),
    ...(task.stopCode === undefined ? {} : { stopCode: task.stopCode }),
    ...(task.stoppedReason === undefined ? {} : { stoppedReason: task.stoppedReason }),
    ...datesOf(task),
  };
}

const dates = [
  'pullStartedAt',
  'pullStoppedAt',
  'startedAt',
  'stoppingAt',
  'executionStoppedAt',
  'stoppedAt',
] as const;

function datesOf(task: TaskRecord): { [date in (typeof dates)[number]]?: Date } {
  return Object.fromEntries(
    dates.flatMap((name) => {
      const at: Instant | undefined = task[name];
      return at === undefined ? [] : [[name, toDate(at)]];
    }),
  );
}

function attachment(task: TaskRecord): Attachment {
  const { network } = task;
  const details = {
    subnetId: network.subnetId,
    networkInterfaceId: network.networkInterfaceId,
    macAddress: network.macAddress,
    privateIPv4Address: network.privateIp,
  };
  const isDeleted = task.lastStatus === 'STOPPED';
  return {
    id: network.attachmentId,
    type: 'ElasticNetworkInterface',
    status: isDeleted ? 'DELETED' : task.isAttached ? 'ATTACHED' : 'PRECREATED',
    details: Object.entries(details).map(([name, value]) => ({ name, value })),
  };
}

function describedContainer(
  { definition }: TaskDefinitionRecord,
  task: TaskRecord,
  container: ContainerRecord,
): Container {
  const own = definition.containerDefinitions.find((one) => one.name === container.name);
  const { name, arn, image, runtimeId, lastStatus, healthStatus, imageDigest, exitCode, reason } = container;
  return {
    containerArn: arn,
    taskArn: task.arn,
    name,
    image,
    runtimeId,
    lastStatus,
    networkBindings: [],
    networkInterfaces: [
      { attachmentId: task.network.attachmentId, privateIpv4Address: task.network.privateIp },
    ],
    healthStatus,
    cpu: String(own?.cpu ?? 0),
    ...(own?.memory === undefined ? {} : { memory: String(own.memory) }),
    ...(own?.memoryReservation === undefined ? {} : { memoryReservation: String(own.memoryReservation) }),
    ...(imageDigest === undefined ? {} : { imageDigest }),
    ...(exitCode === undefined ? {} : { exitCode }),
    ...(reason === undefined ? {} : { reason }),
  };
}
