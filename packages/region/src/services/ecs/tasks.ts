import type { AwsVpcConfiguration, Tag, TaskOverride, TaskStopCode } from '@aws-sdk/client-ecs';
import type { Context } from '../../kernel/context.ts';
import { after, instant } from '../../kernel/instant.ts';
import { isAlive, prepareContainers, StartFailure, signalContainers } from './containers.ts';
import type { TaskOutcome } from './deployment.ts';
import { noteOutcome, requestReview } from './deployments.ts';
import { attachNetworkInterface, deleteNetworkInterface } from './network.ts';
import { tellCounted } from './service-events.ts';
import {
  type ContainerRecord,
  type EcsState,
  putTask,
  type ServiceRecord,
  type TaskDefinitionRecord,
  type TaskRecord,
} from './state.ts';
import { deregisterTargets, registerTargets } from './targets.ts';
import { nextTaskStatus, stoppedTaskRetentionSeconds, type TaskEvent, taskDelays } from './task-lifecycle.ts';
import { registeredIn } from './traffic.ts';

/**
 * Chosen: the time between the stop of a service's task and its deregistration. About 10 s on AWS (behaviour reference
 * A1.1); short here, since a person waits for the deployment.
 */
const deregisterAfterMs = 500;

export interface TaskRequest {
  readonly cluster: string;
  readonly taskDefinition: TaskDefinitionRecord;
  readonly subnet: { readonly subnetId: string; readonly availabilityZone: string };
  readonly network: AwsVpcConfiguration;
  readonly group: string;
  readonly platformVersion: string;
  readonly overrides: TaskOverride;
  readonly startedBy?: string;
  readonly clientToken?: string;
  readonly service?: { readonly key: string; readonly deploymentId: string };
  readonly tags: readonly Tag[];
}

/** Makes a task and its network interface. Throws the `AwsError` of the interface. */
export function createTask(ctx: Context, state: EcsState, request: TaskRequest): TaskRecord {
  const id = ctx.random.hex(32);
  const arn = ctx.arn('ecs', `task/${request.cluster}/${id}`);
  const { taskDefinition, service, startedBy, clientToken } = request;
  const task: TaskRecord = {
    id,
    arn,
    cluster: request.cluster,
    taskDefinition: taskDefinition.arn,
    group: request.group,
    platformVersion: request.platformVersion,
    lastStatus: 'PROVISIONING',
    desiredStatus: 'RUNNING',
    overrides: request.overrides,
    network: attachNetworkInterface(ctx, request.subnet, request.network.securityGroups ?? []),
    isAttached: false,
    containers: taskDefinition.definition.containerDefinitions.map(({ name = '', image = '' }) =>
      newContainer(ctx, { cluster: request.cluster, taskId: id, name, image }),
    ),
    targets: [],
    wasHealthy: false,
    version: 1,
    createdAt: ctx.now,
    ...(startedBy === undefined ? {} : { startedBy }),
    ...(clientToken === undefined ? {} : { clientToken }),
    ...(service === undefined ? {} : { serviceKey: service.key, deploymentId: service.deploymentId }),
  };
  state.tasks.put(id, task);
  state.taskIndex.note(task);
  if (request.tags.length > 0) state.tags.put(arn, request.tags);
  ctx.timers.set(id, 'attach', instant(ctx.now + taskDelays.attachMs));
  return task;
}

function newContainer(
  ctx: Context,
  of: { readonly cluster: string; readonly taskId: string; readonly name: string; readonly image: string },
): ContainerRecord {
  return {
    name: of.name,
    arn: ctx.arn('ecs', `container/${of.cluster}/${of.taskId}/${ctx.random.uuid()}`),
    image: of.image,
    runtimeId: `${of.taskId}-${ctx.random.digits(10)}`,
    lastStatus: 'PENDING',
    isStarting: false,
    healthStatus: 'UNKNOWN',
    failedChecks: 0,
  };
}

export interface StopRequest {
  readonly stopCode: TaskStopCode;
  readonly stoppedReason: string;
  /** Waits until its targets carry no traffic, as the service scheduler does. */
  readonly drains: boolean;
  /** What it means for the deployment. */
  readonly outcome?: TaskOutcome;
}

/** Wants a task stopped; the first reason stays. */
export function stopTask(ctx: Context, state: EcsState, task: TaskRecord, request: StopRequest): TaskRecord {
  if (task.desiredStatus === 'STOPPED') return task;
  const { stopCode, stoppedReason, drains, outcome } = request;
  const stopping = putTask(state, task, {
    desiredStatus: 'STOPPED',
    stoppingAt: ctx.now,
    stopCode,
    stoppedReason,
  });
  if (outcome) noteOutcome(ctx, state, task, outcome);
  const next = advance(ctx, state, stopping, 'stop');
  if (next.lastStatus !== 'DEACTIVATING') return next;
  if (drains && next.targets.length > 0) {
    ctx.timers.set(task.id, 'deregister', instant(ctx.now + deregisterAfterMs));
    return next;
  }
  return deactivate(ctx, state, next);
}

/** Deregisters its targets and does not wait for them. */
export function deactivate(ctx: Context, state: EcsState, task: TaskRecord): TaskRecord {
  if (task.lastStatus !== 'DEACTIVATING') return task;
  const drained = putTask(state, beginDraining(ctx, state, task), { targets: [] });
  return advance(ctx, state, drained, 'deactivated');
}

/** Deregisters its targets, if that has not been done. */
export function beginDraining(ctx: Context, state: EcsState, task: TaskRecord): TaskRecord {
  const isDraining = task.targets.every((target) => target.state === 'draining' || target.state === 'unused');
  ctx.timers.cancel(task.id, 'deregister');
  if (isDraining) return task;
  deregisterTargets(ctx, task);
  const service = serviceOf(state, task);
  if (service && task.deploymentId !== undefined) {
    for (const { targetGroupArn } of task.targets) {
      tellCounted(ctx, state, service, { kind: 'deregistered', targetGroupArn });
    }
    tellCounted(ctx, state, service, { kind: 'draining', deploymentId: task.deploymentId });
  }
  return putTask(state, task, {
    targets: task.targets.map(({ targetGroupArn, containerName, port }) => ({
      targetGroupArn,
      containerName,
      port,
      state: 'draining',
    })),
  });
}

/** Moves a task along its table and does what entering the new status means. Drops what does not belong to it. */
export function advance(ctx: Context, state: EcsState, task: TaskRecord, event: TaskEvent): TaskRecord {
  const status = nextTaskStatus(task.lastStatus, event);
  if (status === undefined || status === task.lastStatus) return task;
  const entered = enter(ctx, state, putTask(state, task, { lastStatus: status }));
  if (entered.serviceKey !== undefined) requestReview(ctx, entered.serviceKey);
  return entered;
}

function enter(ctx: Context, state: EcsState, task: TaskRecord): TaskRecord {
  switch (task.lastStatus) {
    case 'PROVISIONING':
      return task;
    case 'PENDING':
      return prepare(ctx, state, task);
    case 'ACTIVATING':
      ctx.timers.set(task.id, 'activate', instant(ctx.now + taskDelays.activateMs));
      return task;
    case 'RUNNING':
      return enterRunning(ctx, state, task);
    case 'DEACTIVATING':
      return task;
    case 'STOPPING':
      return stopContainers(ctx, state, task);
    case 'DEPROVISIONING':
      ctx.timers.set(task.id, 'detach', instant(ctx.now + taskDelays.detachMs));
      return putTask(state, task, { executionStoppedAt: ctx.now });
    case 'STOPPED':
      return enterStopped(ctx, state, task);
  }
}

function prepare(ctx: Context, state: EcsState, task: TaskRecord): TaskRecord {
  try {
    return prepareContainers(ctx, state, putTask(state, task, { isAttached: true }));
  } catch (error) {
    if (error instanceof StartFailure) return failToStart(ctx, state, task, error.message);
    throw error;
  }
}

export function failToStart(ctx: Context, state: EcsState, task: TaskRecord, reason: string): TaskRecord {
  return stopTask(ctx, state, task, {
    stopCode: 'TaskFailedToStart',
    stoppedReason: reason,
    drains: false,
    outcome: 'failedToStart',
  });
}

function enterRunning(ctx: Context, state: EcsState, task: TaskRecord): TaskRecord {
  const service = serviceOf(state, task);
  const deployment = service?.deployments.find(({ id }) => id === task.deploymentId);
  const targets = registerTargets(ctx, task, deployment ? registeredIn(deployment.revision) : []);
  if (service) {
    for (const { targetGroupArn } of targets) {
      tellCounted(ctx, state, service, { kind: 'registered', targetGroupArn });
    }
  }
  noteOutcome(ctx, state, task, 'running');
  return putTask(state, task, { startedAt: ctx.now, targets });
}

/** Signals what runs; ended at once when nothing does. Asked again whenever a container ends. */
export function stopContainers(ctx: Context, state: EcsState, task: TaskRecord): TaskRecord {
  if (!task.containers.some(isAlive)) return advance(ctx, state, task, 'ended');
  signalContainers(ctx, state, task);
  return task;
}

function enterStopped(ctx: Context, state: EcsState, task: TaskRecord): TaskRecord {
  ctx.timers.drop(task.id);
  deleteNetworkInterface(ctx, task.network);
  ctx.timers.set(task.id, 'forget', after(ctx.now, stoppedTaskRetentionSeconds));
  return putTask(state, task, {
    stoppedAt: ctx.now,
    isAttached: false,
    containers: task.containers.map((container) => ({
      ...container,
      lastStatus: 'STOPPED',
      isStarting: false,
    })),
  });
}

export function serviceOf(state: EcsState, task: TaskRecord): ServiceRecord | undefined {
  return task.serviceKey === undefined ? undefined : state.services.get(task.serviceKey);
}
