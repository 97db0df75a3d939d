import { isDeepStrictEqual } from 'node:util';
import type {
  DescribeTasksRequest,
  DescribeTasksResponse,
  ListTasksRequest,
  ListTasksResponse,
  RunTaskRequest,
  RunTaskResponse,
  StopTaskRequest,
  StopTaskResponse,
  Tag,
  TaskOverride,
} from '@aws-sdk/client-ecs';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { clientTokenConflict, invalidParameter } from '../errors.ts';
import {
  activeCluster,
  activeTaskDefinition,
  existingService,
  existingTask,
  findTask,
  page,
} from '../lookups.ts';
import type { EcsState, TaskDefinitionRecord, TaskRecord } from '../state.ts';
import { createTask, stopTask } from '../tasks.ts';
import { describedTask } from './described-task.ts';
import { checkNetwork, checkPlatformVersion, checkStrategy } from './service-rules.ts';
import { checkTags } from './tags.ts';

/** Starts up to 10 tasks, spread over the zones of the given subnets. */
export function runTask(ctx: Context, state: EcsState, input: RunTaskRequest): RunTaskResponse {
  const cluster = activeCluster(state, input.cluster);
  const definition = activeTaskDefinition(state, input.taskDefinition ?? '');
  const count = input.count ?? 1;
  if (count < 1 || count > 10) throw invalidParameter('count must be between 1 and 10.');
  const before = ranBefore(state, cluster.name, input, definition);
  if (before.length > 0)
    return { tasks: before.map((task) => describedTask(ctx, state, task, ['TAGS'])), failures: [] };
  checkRunnable(input, definition);
  const { networkConfiguration, subnets } = checkNetwork(ctx, input.networkConfiguration);
  const tags = runTags(state, input, definition, cluster.name);
  const tasks = Array.from({ length: count }, (_, i) =>
    createTask(ctx, state, {
      cluster: cluster.name,
      taskDefinition: definition,
      subnet: subnets[i % subnets.length] ?? { subnetId: '', availabilityZone: '' },
      network: networkConfiguration.awsvpcConfiguration ?? { subnets: [] },
      group: input.group ?? `family:${definition.family}`,
      platformVersion: checkPlatformVersion(input.platformVersion),
      overrides: input.overrides ?? {},
      tags,
      ...(input.startedBy === undefined ? {} : { startedBy: input.startedBy }),
      ...(input.clientToken === undefined ? {} : { clientToken: input.clientToken }),
    }),
  );
  return { tasks: tasks.map((task) => describedTask(ctx, state, task, ['TAGS'])), failures: [] };
}

/**
 * The tasks of the same request, known by its client token, which SDKs add by themselves: a retry starts nothing twice.
 * Confirmed by docs: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html
 */
function ranBefore(
  state: EcsState,
  cluster: string,
  input: RunTaskRequest,
  definition: TaskDefinitionRecord,
): readonly TaskRecord[] {
  const { clientToken, count = 1, overrides = {} } = input;
  if (clientToken === undefined) return [];
  const tasks = state.tasks.filter((task) => task.cluster === cluster && task.clientToken === clientToken);
  const isSame = tasks.every(
    (task) => task.taskDefinition === definition.arn && isDeepStrictEqual(task.overrides, overrides),
  );
  if (tasks.length > 0 && (!isSame || tasks.length !== count)) {
    throw clientTokenConflict(tasks.map(({ arn }) => arn));
  }
  return tasks;
}

function checkRunnable(input: RunTaskRequest, definition: TaskDefinitionRecord): void {
  if (input.launchType !== undefined && input.launchType !== 'FARGATE') {
    throw notModelled(`ecs RunTask: launchType ${input.launchType}`, 'ecs');
  }
  if (input.enableExecuteCommand) throw notModelled('ecs RunTask: enableExecuteCommand', 'ecs');
  if (input.group?.startsWith('service:')) throw invalidParameter('Invalid group name.');
  checkStrategy('RunTask', input.capacityProviderStrategy ?? []);
  checkOverrides(input.overrides ?? {}, definition);
  checkTags(input.tags ?? []);
}

function checkOverrides(overrides: TaskOverride, definition: TaskDefinitionRecord): void {
  for (const member of ['cpu', 'memory', 'ephemeralStorage', 'inferenceAcceleratorOverrides'] as const) {
    if (overrides[member] !== undefined) throw notModelled(`ecs RunTask: overrides.${member}`, 'ecs');
  }
  for (const override of overrides.containerOverrides ?? []) {
    if (!definition.definition.containerDefinitions.some(({ name }) => name === override.name)) {
      throw invalidParameter(
        `Override for container named ${override.name} is not a container in the TaskDefinition.`,
      );
    }
    if ((override.environmentFiles ?? []).length > 0) {
      throw notModelled('ecs RunTask: overrides.containerOverrides[].environmentFiles', 'ecs');
    }
  }
}

function runTags(
  state: EcsState,
  input: RunTaskRequest,
  definition: TaskDefinitionRecord,
  clusterName: string,
): Tag[] {
  if (input.propagateTags === 'SERVICE') throw invalidParameter('SERVICE is not valid for RunTask.');
  const propagated = input.propagateTags === 'TASK_DEFINITION' ? (state.tags.get(definition.arn) ?? []) : [];
  const managed = input.enableECSManagedTags ? [{ key: 'aws:ecs:clusterName', value: clusterName }] : [];
  return [...propagated, ...(input.tags ?? []), ...managed];
}

/** Known: without a reason AWS writes `Task stopped by user`. It deregisters and signals together, without draining. */
export function stopTaskByUser(ctx: Context, state: EcsState, input: StopTaskRequest): StopTaskResponse {
  const task = existingTask(state, input.cluster, input.task ?? '');
  const stopped = stopTask(ctx, state, task, {
    stopCode: 'UserInitiated',
    stoppedReason: input.reason ?? 'Task stopped by user',
    drains: false,
  });
  return { task: describedTask(ctx, state, stopped) };
}

export function describeTasks(
  ctx: Context,
  state: EcsState,
  input: DescribeTasksRequest,
): DescribeTasksResponse {
  const { name } = activeCluster(state, input.cluster);
  const references = input.tasks ?? [];
  if (references.length < 1) throw invalidParameter('Tasks cannot be empty.');
  if (references.length > 100) throw invalidParameter('tasks can have at most 100 items.');
  const found = references.map((reference) => ({ reference, task: findTask(state, name, reference) }));
  return {
    tasks: found.flatMap(({ task }) => (task ? [describedTask(ctx, state, task, input.include)] : [])),
    failures: found.flatMap(({ reference, task }) =>
      task ? [] : [{ arn: taskArn(ctx, name, reference), reason: 'MISSING' }],
    ),
  };
}

function taskArn(ctx: Context, cluster: string, reference: string): string {
  return reference.startsWith('arn:') ? reference : ctx.arn('ecs', `task/${cluster}/${reference}`);
}

/** Confirmed by API text: RUNNING tasks unless another desired status is asked for; PENDING finds none. */
export function listTasks(_ctx: Context, state: EcsState, input: ListTasksRequest): ListTasksResponse {
  const cluster = activeCluster(state, input.cluster);
  const candidates =
    input.serviceName === undefined
      ? [...state.tasks.values()]
      : state.taskIndex.ofService(existingService(state, cluster.name, input.serviceName).key);
  const tasks = candidates.filter((task) => task.cluster === cluster.name && isListed(task, input));
  const { items, nextToken } = page(tasks, input);
  return { taskArns: items.map(({ arn }) => arn), ...(nextToken === undefined ? {} : { nextToken }) };
}

function isListed(task: TaskRecord, input: ListTasksRequest): boolean {
  const { startedBy, family, launchType } = input;
  const name = task.taskDefinition.slice(task.taskDefinition.lastIndexOf('/') + 1);
  return (
    task.desiredStatus === (input.desiredStatus ?? 'RUNNING') &&
    (startedBy === undefined || task.startedBy === startedBy) &&
    (family === undefined || name.startsWith(`${family}:`)) &&
    (launchType ?? 'FARGATE') === 'FARGATE'
  );
}
