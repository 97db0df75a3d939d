import type { HealthCheck } from '@aws-sdk/client-ecs';
import type { Context } from '../../kernel/context.ts';
import { after } from '../../kernel/instant.ts';
import {
  type ContainerAction,
  containerNamed,
  executionRole,
  killTimer,
  StartFailure,
  startReadyContainers,
} from './containers.ts';
import { requestReview } from './deployments.ts';
import { asExecutionRole } from './execution-role.ts';
import { writeLines } from './logs.ts';
import { taskDefinitionOf } from './lookups.ts';
import type { EcsEvent } from './runtime.ts';
import { type ContainerRecord, type EcsState, putContainer, putTask, type TaskRecord } from './state.ts';
import { advance, deactivate, failToStart, stopContainers, stopTask } from './tasks.ts';

/** Something happened to a container. Events of tasks that are forgotten, or past that status, mean nothing. */
export function onContainerEvent(ctx: Context, state: EcsState, event: EcsEvent): void {
  const task = state.tasks.get('taskId' in event ? event.taskId : taskIdOf(event.runtimeId));
  if (task === undefined) return;
  switch (event.kind) {
    case 'pulled':
      pulled(ctx, state, task, event);
      return;
    case 'pullFailed': {
      if (task.lastStatus !== 'PENDING') return;
      const reason = `CannotPullContainerError: ${event.detail.replace(/^CannotPullContainerError: /, '')}`;
      failToStart(ctx, state, putContainer(state, task, event.container, { reason }), reason);
      return;
    }
    case 'started':
      started(ctx, state, task, event.container);
      return;
    case 'startFailed':
      startFailed(ctx, state, task, event);
      return;
    case 'checked':
      checked(ctx, state, task, event);
      return;
    case 'exited':
      exited(ctx, state, task, event);
      return;
    case 'logLines': {
      const container = task.containers.find(({ runtimeId }) => runtimeId === event.runtimeId);
      const taskDefinition = taskDefinitionOf(state, task.taskDefinition);
      const definition = taskDefinition.definition.containerDefinitions.find(
        ({ name }) => name === container?.name,
      );
      const agent = asExecutionRole(ctx, executionRole(task, taskDefinition), task.id);
      if (definition) writeLines(agent, definition, task.id, event.lines);
    }
  }
}

function taskIdOf(runtimeId: string): string {
  return runtimeId.slice(0, runtimeId.lastIndexOf('-'));
}

function pulled(
  ctx: Context,
  state: EcsState,
  task: TaskRecord,
  event: { readonly container: string; readonly imageDigest: string },
): void {
  if (task.lastStatus !== 'PENDING') return;
  const { imageDigest } = event;
  const known = putContainer(state, task, event.container, { imageDigest });
  const isComplete = known.containers.every((container) => container.imageDigest !== undefined);
  if (isComplete) startReady(ctx, state, putTask(state, known, { pullStoppedAt: ctx.now }));
}

function startReady(ctx: Context, state: EcsState, task: TaskRecord): TaskRecord {
  if (task.lastStatus !== 'PENDING') return task;
  let current: TaskRecord;
  try {
    current = ctx.attempt(() => startReadyContainers(ctx, state, task));
  } catch (error) {
    if (error instanceof StartFailure) return failToStart(ctx, state, task, error.message);
    throw error;
  }
  const isComplete = current.containers.every((container) => container.startedAt !== undefined);
  return isComplete ? advance(ctx, state, current, 'started') : current;
}

function started(ctx: Context, state: EcsState, task: TaskRecord, name: string): void {
  const container = containerNamed(task, name);
  if (container.lastStatus === 'STOPPED') return;
  const running = putContainer(state, task, name, {
    isStarting: false,
    lastStatus: 'RUNNING',
    startedAt: ctx.now,
  });
  if (task.lastStatus === 'STOPPED') {
    ctx.perform({ kind: 'signal', runtimeId: container.runtimeId, signal: 'kill' } satisfies ContainerAction);
    return;
  }
  const check = healthCheckOf(state, task, name);
  if (check) ctx.timers.set(task.id, checkTimer(name), after(ctx.now, check.interval ?? 30));
  if (task.lastStatus === 'STOPPING') stopContainers(ctx, state, running);
  else startReady(ctx, state, running);
}

function startFailed(
  ctx: Context,
  state: EcsState,
  task: TaskRecord,
  event: { readonly container: string; readonly reason: string },
): void {
  const { reason } = event;
  const failed = putContainer(state, task, event.container, {
    isStarting: false,
    lastStatus: 'STOPPED',
    reason,
  });
  if (failed.lastStatus === 'STOPPING') stopContainers(ctx, state, failed);
  else failToStart(ctx, state, failed, reason);
}

function exited(
  ctx: Context,
  state: EcsState,
  task: TaskRecord,
  event: { readonly runtimeId: string; readonly exitCode: number; readonly reason?: string },
): void {
  const container = task.containers.find(({ runtimeId }) => runtimeId === event.runtimeId);
  if (container === undefined || container.lastStatus === 'STOPPED') return;
  const ended = putContainer(state, task, container.name, {
    ...endOf(ctx, event),
    // An exit can be told before the outcome of the start.
    startedAt: container.startedAt ?? ctx.now,
  });
  ctx.timers.cancel(task.id, killTimer(container.name));
  ctx.timers.cancel(task.id, checkTimer(container.name));
  if (ended.lastStatus === 'STOPPING') stopContainers(ctx, state, ended);
  else if (isEssential(state, task, container.name)) essentialExited(ctx, state, ended);
  else startReady(ctx, state, ended);
}

function endOf(
  ctx: Context,
  { exitCode, reason }: { readonly exitCode: number; readonly reason?: string },
): Partial<ContainerRecord> {
  return {
    isStarting: false,
    lastStatus: 'STOPPED',
    exitCode,
    finishedAt: ctx.now,
    ...(reason === undefined ? {} : { reason }),
  };
}

/** Confirmed by docs: an essential container that ends stops the task; its targets leave without waiting. */
function essentialExited(ctx: Context, state: EcsState, task: TaskRecord): void {
  if (task.desiredStatus === 'STOPPED') {
    deactivate(ctx, state, task);
    return;
  }
  const unproven = task.startedAt === undefined ? 'failedToStart' : 'diedUnproven';
  stopTask(ctx, state, task, {
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    drains: false,
    outcome: task.wasHealthy ? 'diedProven' : unproven,
  });
}

function isEssential(state: EcsState, task: TaskRecord, name: string): boolean {
  const { definition } = taskDefinitionOf(state, task.taskDefinition);
  return definition.containerDefinitions.find((container) => container.name === name)?.essential !== false;
}

export function healthCheckOf(state: EcsState, task: TaskRecord, name: string): HealthCheck | undefined {
  const { definition } = taskDefinitionOf(state, task.taskDefinition);
  return definition.containerDefinitions.find((container) => container.name === name)?.healthCheck;
}

export function checkTimer(container: string): string {
  return `check:${container}`;
}

/** A container's next health check is due. */
export function checkContainer(ctx: Context, state: EcsState, task: TaskRecord, name: string): void {
  const check = healthCheckOf(state, task, name);
  const { lastStatus, runtimeId } = containerNamed(task, name);
  if (check === undefined || lastStatus !== 'RUNNING' || task.lastStatus === 'STOPPING') return;
  ctx.perform({
    kind: 'check',
    taskId: task.id,
    container: name,
    runtimeId,
    command: check.command ?? [],
    timeoutSeconds: check.timeout ?? 5,
  } satisfies ContainerAction);
}

/**
 * Confirmed by API text: a success makes it healthy, also inside the start period; failures inside the start period do
 * not count unless it has been healthy; `retries` failures in a row make it unhealthy.
 */
function checked(
  ctx: Context,
  state: EcsState,
  task: TaskRecord,
  { container: name, passed }: { readonly container: string; readonly passed: boolean },
): void {
  const check = healthCheckOf(state, task, name);
  const container = containerNamed(task, name);
  if (check === undefined || container.lastStatus !== 'RUNNING') return;
  ctx.timers.set(task.id, checkTimer(name), after(ctx.now, check.interval ?? 30));
  const next = nextHealth(container, check, passed, ctx.now);
  if (next.healthStatus === container.healthStatus && next.failedChecks === container.failedChecks) return;
  const changed = putContainer(state, task, name, next);
  if (next.healthStatus === container.healthStatus) return;
  startReady(ctx, state, changed);
  if (task.serviceKey !== undefined) requestReview(ctx, task.serviceKey);
}

export function nextHealth(
  container: Pick<ContainerRecord, 'healthStatus' | 'failedChecks' | 'startedAt'>,
  check: HealthCheck,
  passed: boolean,
  now: number,
): Pick<ContainerRecord, 'healthStatus' | 'failedChecks'> {
  if (passed) return { healthStatus: 'HEALTHY', failedChecks: 0 };
  const startPeriodEnds = (container.startedAt ?? now) + (check.startPeriod ?? 0) * 1000;
  const { healthStatus, failedChecks } = container;
  if (now < startPeriodEnds && healthStatus === 'UNKNOWN') return { healthStatus, failedChecks };
  const failures = failedChecks + 1;
  return failures >= (check.retries ?? 3)
    ? { healthStatus: 'UNHEALTHY', failedChecks: failures }
    : { healthStatus, failedChecks: failures };
}
