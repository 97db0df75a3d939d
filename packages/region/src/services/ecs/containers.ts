import type { ContainerDefinition, ContainerOverride } from '@aws-sdk/client-ecs';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context, Principal } from '../../kernel/context.ts';
import { after } from '../../kernel/instant.ts';
import { asExecutionRole } from './execution-role.ts';
import { openLogStream } from './logs.ts';
import { taskDefinitionOf } from './lookups.ts';
import type { ContainerSpec } from './ports.ts';
import { resolveSecrets } from './secrets.ts';
import {
  type ContainerRecord,
  type EcsState,
  putContainer,
  putTask,
  type TaskDefinitionRecord,
  type TaskRecord,
} from './state.ts';

/** What this service asks of its task runner. */
export type ContainerAction =
  | {
      readonly kind: 'pull';
      readonly taskId: string;
      readonly container: string;
      readonly image: string;
      readonly puller?: Principal;
    }
  | {
      readonly kind: 'start';
      readonly taskId: string;
      readonly container: string;
      readonly spec: ContainerSpec;
    }
  | { readonly kind: 'signal'; readonly runtimeId: string; readonly signal: 'stop' | 'kill' }
  | {
      readonly kind: 'check';
      readonly taskId: string;
      readonly container: string;
      readonly runtimeId: string;
      readonly command: readonly string[];
      readonly timeoutSeconds: number;
    };

/** Confirmed by docs: on Fargate 30 s when the container definition gives none. */
const defaultStopTimeoutSeconds = 30;

/** Checks secrets and log streams, then asks for the images. Throws the text of `stoppedReason` as a `StartFailure`. */
export function prepareContainers(ctx: Context, state: EcsState, task: TaskRecord): TaskRecord {
  const definition = taskDefinitionOf(state, task.taskDefinition);
  const roleArn = executionRole(task, definition);
  const agent = asExecutionRole(ctx, roleArn, task.id);
  for (const container of definition.definition.containerDefinitions) {
    orStartFailure(secretFailure, () => resolveSecrets(ctx, roleArn, task.id, container));
    orStartFailure(logFailure, () => openLogStream(agent, container, task.id));
  }
  for (const { name, image } of task.containers) {
    ctx.perform({
      kind: 'pull',
      taskId: task.id,
      container: name,
      image,
      ...(roleArn !== undefined && { puller: agent.caller }),
    } satisfies ContainerAction);
  }
  return putTask(state, task, { pullStartedAt: ctx.now });
}

/** A task cannot start; the message is its `stoppedReason`. */
export class StartFailure extends Error {}

/** Confirmed*: `ResourceInitializationError: unable to pull secrets or registry auth: <detail>`. Detail Known. */
function secretFailure(error: AwsError): string {
  return (
    'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ' +
    (error.code === 'ResourceInitializationError' ? error.message : `${error.code}: ${error.message}`)
  );
}

/** Known. */
function logFailure(error: AwsError): string {
  return (
    'ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: ' +
    `failed to create Cloudwatch log stream: ${error.code}: ${error.message} : exit status 1`
  );
}

function orStartFailure<T>(text: (error: AwsError) => string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof AwsError) throw new StartFailure(text(error));
    throw error;
  }
}

export function executionRole(task: TaskRecord, definition: TaskDefinitionRecord): string | undefined {
  return task.overrides.executionRoleArn ?? definition.definition.executionRoleArn;
}

/** Starts the containers whose dependencies are met. Throws a `StartFailure` when one never can. */
export function startReadyContainers(ctx: Context, state: EcsState, task: TaskRecord): TaskRecord {
  if (task.containers.some((container) => container.imageDigest === undefined)) return task;
  const definition = taskDefinitionOf(state, task.taskDefinition);
  return definition.definition.containerDefinitions.reduce((current, container) => {
    const record = containerNamed(current, container.name);
    if (record.lastStatus !== 'PENDING' || record.isStarting) return current;
    if (!areDependenciesMet(current, container)) return current;
    ctx.perform({
      kind: 'start',
      taskId: task.id,
      container: record.name,
      spec: containerSpec(ctx, current, definition, container),
    } satisfies ContainerAction);
    return putContainer(state, current, record.name, { isStarting: true });
  }, task);
}

export function containerNamed(task: TaskRecord, name: string | undefined): ContainerRecord {
  const container = task.containers.find((candidate) => candidate.name === name);
  if (container === undefined) throw new Error(`task ${task.id} has no container ${name}`);
  return container;
}

function areDependenciesMet(task: TaskRecord, container: ContainerDefinition): boolean {
  return (container.dependsOn ?? []).every(({ containerName, condition }) => {
    const other = containerNamed(task, containerName);
    const hasEnded = other.lastStatus === 'STOPPED';
    if (condition === 'SUCCESS' && hasEnded && other.exitCode !== 0) {
      throw new StartFailure(
        `Container dependency ${containerName} of ${container.name} ended with exit code ${other.exitCode}`,
      );
    }
    switch (condition) {
      case 'START':
        return other.startedAt !== undefined;
      case 'HEALTHY':
        return other.healthStatus === 'HEALTHY';
      default:
        return hasEnded;
    }
  });
}

function containerSpec(
  ctx: Context,
  task: TaskRecord,
  definition: TaskDefinitionRecord,
  container: ContainerDefinition,
): ContainerSpec {
  const record = containerNamed(task, container.name);
  const override = overrideOf(task, container.name);
  const taskRoleArn = task.overrides.taskRoleArn ?? definition.definition.taskRoleArn;
  const command = override?.command ?? container.command;
  const cpu = override?.cpu ?? container.cpu;
  const memory = override?.memory ?? container.memory;
  return {
    runtimeId: record.runtimeId,
    name: record.name,
    taskArn: task.arn,
    imageDigest: record.imageDigest ?? '',
    environment: environmentOf(ctx, container, override),
    secrets: orStartFailure(secretFailure, () =>
      resolveSecrets(ctx, executionRole(task, definition), task.id, container),
    ),
    privateIp: task.network.privateIp,
    containerPorts: (container.portMappings ?? []).map(({ containerPort }) => containerPort ?? 0),
    ...(taskRoleArn === undefined ? {} : { taskRoleArn }),
    ...(container.entryPoint === undefined ? {} : { entryPoint: container.entryPoint }),
    ...(command === undefined ? {} : { command }),
    ...(container.workingDirectory === undefined ? {} : { workingDirectory: container.workingDirectory }),
    ...(cpu ? { cpu } : {}),
    ...(memory === undefined ? {} : { memoryMiB: memory }),
  };
}

export function overrideOf(task: TaskRecord, container: string | undefined): ContainerOverride | undefined {
  return task.overrides.containerOverrides?.find(({ name }) => name === container);
}

function environmentOf(
  ctx: Context,
  container: ContainerDefinition,
  override: ContainerOverride | undefined,
): Record<string, string> {
  const given = [...(container.environment ?? []), ...(override?.environment ?? [])];
  return {
    // Known: Fargate sets these in every container.
    AWS_EXECUTION_ENV: 'AWS_ECS_FARGATE',
    AWS_REGION: ctx.region,
    AWS_DEFAULT_REGION: ctx.region,
    ...Object.fromEntries(given.map(({ name = '', value = '' }) => [name, value])),
  };
}

/** Sends the stop signal to each container on which no running one depends. */
export function signalContainers(ctx: Context, state: EcsState, task: TaskRecord): void {
  const definitions = taskDefinitionOf(state, task.taskDefinition).definition.containerDefinitions;
  for (const container of task.containers) {
    if (container.lastStatus !== 'RUNNING' || isSignalled(ctx, task, container.name)) continue;
    const dependents = definitions.filter(({ dependsOn }) =>
      dependsOn?.some(({ containerName }) => containerName === container.name),
    );
    if (dependents.some(({ name }) => isAlive(containerNamed(task, name)))) continue;
    const { stopTimeout } = definitions.find(({ name }) => name === container.name) ?? {};
    const { runtimeId } = container;
    ctx.perform({ kind: 'signal', runtimeId, signal: 'stop' } satisfies ContainerAction);
    ctx.timers.set(
      task.id,
      killTimer(container.name),
      after(ctx.now, stopTimeout ?? defaultStopTimeoutSeconds),
    );
  }
}

/** Confirmed by docs: SIGKILL when the stop timeout is over. */
export function killContainer(ctx: Context, task: TaskRecord, name: string): void {
  const { runtimeId, lastStatus } = containerNamed(task, name);
  if (lastStatus !== 'RUNNING') return;
  ctx.perform({ kind: 'signal', runtimeId, signal: 'kill' } satisfies ContainerAction);
}

export function killTimer(container: string): string {
  return `kill:${container}`;
}

function isSignalled(ctx: Context, task: TaskRecord, container: string): boolean {
  return ctx.timers.due(task.id, killTimer(container)) !== undefined;
}

/** Runs, or may run in a moment. */
export function isAlive(container: ContainerRecord): boolean {
  return container.lastStatus === 'RUNNING' || container.isStarting;
}
