import type { Context } from '../../kernel/context.ts';
import { instant } from '../../kernel/instant.ts';
import type { Written } from '../../kernel/table.ts';
import type { Timer } from '../../kernel/timers.ts';
import { alarmsTable } from '../cloudwatch/views.ts';
import { checkContainer } from './container-events.ts';
import { killContainer } from './containers.ts';
import { writtenAlarms } from './deployment-alarms.ts';
import { requestReview } from './deployments.ts';
import { deleteNetworkInterface } from './network.ts';
import { review, tellSteady } from './reconcile.ts';
import { type EcsState, primaryOf, putTask, type TaskRecord } from './state.ts';
import { deregisterTargets, newlyReadTargets, type WrittenTarget, writtenTargets } from './targets.ts';
import { advance, beginDraining, deactivate } from './tasks.ts';

/** Targets of tasks may have become healthy, unhealthy or unused. */
export interface TargetsWritten {
  readonly kind: 'targetsWritten';
  readonly targets: readonly WrittenTarget[];
}

/** Something was written to elbv2: has its targets looked at in a step of their own. */
export function onWritten(ctx: Context, written: readonly Written[]): void {
  const targets = writtenTargets(written);
  if (targets.length > 0) ctx.raise({ kind: 'targetsWritten', targets } satisfies TargetsWritten);
}

/** Alarms changed: the services whose deployments they watch are looked at. */
export function onAlarmsWritten(ctx: Context, state: EcsState, written: readonly Written[]): void {
  const names = writtenAlarms(written, alarmsTable);
  if (names.size === 0) return;
  for (const service of state.services.values()) {
    const { alarmNames = [] } = service.deploymentConfiguration.alarms ?? {};
    const isWatching = primaryOf(service)?.alarms?.status === 'on';
    if (isWatching && alarmNames.some((name) => names.has(name))) requestReview(ctx, service.key);
  }
}

export function onTargetsWritten(ctx: Context, state: EcsState, { targets }: TargetsWritten): void {
  const tasks = targets.flatMap(({ id }) => state.taskIndex.atAddress(id) ?? []);
  for (const task of new Set(tasks)) readTargetHealth(ctx, state, task);
}

export function onTimer(ctx: Context, state: EcsState, { subject, name }: Timer): void {
  const task = state.tasks.get(subject);
  if (task) onTaskTimer(ctx, state, task, name);
  else onServiceTimer(ctx, state, subject, name);
}

function onServiceTimer(ctx: Context, state: EcsState, subject: string, name: string): void {
  const service = state.services.get(subject);
  if (service === undefined) return;
  if (name === 'forget') {
    forgetService(state, subject);
    return;
  }
  if (name === 'steady') {
    if (service.isSteady) tellSteady(ctx, state, service);
    return;
  }
  review(ctx, state, subject);
}

function onTaskTimer(ctx: Context, state: EcsState, task: TaskRecord, name: string): void {
  const [kind, container = ''] = name.split(':');
  switch (kind) {
    case 'attach':
      advance(ctx, state, task, 'attached');
      return;
    case 'activate':
      advance(ctx, state, task, 'activated');
      return;
    case 'detach':
      advance(ctx, state, task, 'detached');
      return;
    case 'deregister':
      // Read also when the target group is gone, and nothing of elbv2 changes.
      readTargetHealth(ctx, state, beginDraining(ctx, state, task));
      return;
    case 'kill':
      killContainer(ctx, task, container);
      return;
    case 'check':
      checkContainer(ctx, state, task, container);
      return;
    case 'unprotect': {
      const { protectedUntil: _, ...rest } = task;
      state.tasks.put(task.id, rest);
      if (task.serviceKey !== undefined) requestReview(ctx, task.serviceKey);
      return;
    }
    case 'forget':
      state.tasks.delete(task.id);
      state.tags.delete(task.arn);
  }
}

function forgetService(state: EcsState, key: string): void {
  const service = state.services.get(key);
  if (service?.status !== 'INACTIVE') return;
  state.services.delete(key);
  state.events.delete(key);
  state.tags.delete(service.arn);
  for (const { arn } of state.serviceDeployments.filter((one) => one.serviceArn === service.arn)) {
    state.serviceDeployments.delete(arn);
  }
  for (const { arn } of state.serviceRevisions.filter((one) => one.serviceKey === key)) {
    state.serviceRevisions.delete(arn);
  }
}

function readTargetHealth(ctx: Context, state: EcsState, task: TaskRecord): void {
  const read = newlyReadTargets(ctx, task);
  const changed = read === undefined ? task : putTask(state, task, { targets: read });
  const isUnused = changed.targets.every((target) => target.state === 'unused');
  // Confirmed by docs: the stop signal is sent once the target group reports the target unused. One whose group no listener
  // sends to any more was so before: nothing of it changes.
  if (task.lastStatus === 'DEACTIVATING' && isUnused) deactivate(ctx, state, changed);
  else if (read !== undefined && task.serviceKey !== undefined) requestReview(ctx, task.serviceKey);
}

/**
 * The region starts again: the processes of all tasks are gone. As after a failure of Fargate's infrastructure, their
 * tasks are STOPPED, which is no failure of a deployment, and every service is reviewed at once.
 */
export function onStart(ctx: Context, state: EcsState): void {
  for (const task of state.tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED')) {
    loseTask(ctx, state, task);
  }
  for (const service of state.services.values()) {
    if (service.status === 'INACTIVE') continue;
    const deployments = service.deployments.map(({ launchAfter: _, ...deployment }) => deployment);
    state.services.put(service.key, { ...service, deployments });
    requestReview(ctx, service.key);
  }
}

/** Chosen: AWS publishes no text for a host that is lost. */
const lostReason =
  'Task stopped because its underlying infrastructure failed (the local region was restarted).';

function loseTask(ctx: Context, state: EcsState, task: TaskRecord): void {
  ctx.timers.drop(task.id);
  deregisterTargets(ctx, task);
  deleteNetworkInterface(ctx, task.network);
  const wasWanted = task.desiredStatus === 'RUNNING';
  putTask(state, task, {
    lastStatus: 'STOPPED',
    desiredStatus: 'STOPPED',
    isAttached: false,
    targets: [],
    stoppingAt: task.stoppingAt ?? ctx.now,
    executionStoppedAt: task.executionStoppedAt ?? ctx.now,
    stoppedAt: ctx.now,
    containers: task.containers.map((container) => ({
      ...container,
      lastStatus: 'STOPPED',
      isStarting: false,
    })),
    ...(wasWanted ? { stopCode: 'InfrastructureHealth', stoppedReason: lostReason } : {}),
  });
  ctx.timers.set(task.id, 'forget', instant(ctx.now + 3600 * 1000));
}
