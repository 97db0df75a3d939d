import type { Context } from '../../kernel/context.ts';
import { after } from '../../kernel/instant.ts';
import {
  countOutcome,
  inconsistentLaunches,
  launchDelaySeconds,
  nextRollout,
  type TaskOutcome,
} from './deployment.ts';
import { beginWatch, triggered } from './deployment-alarms.ts';
import { serviceKey } from './lookups.ts';
import { eventTexts, tell } from './service-events.ts';
import {
  type DeploymentRecord,
  type EcsState,
  primaryOf,
  type ServiceDeploymentRecord,
  type ServiceRecord,
  type ServiceRevisionRecord,
  type TaskRecord,
} from './state.ts';
import { routeTraffic } from './traffic.ts';
import { beginShift, shiftPlanOf } from './traffic-shift.ts';

/** Chosen: the scheduler's reaction to a task that ended by itself. On AWS of the order of 10 s. */
const reactionSeconds = 1;

/** Has the service looked at as soon as this step is over. Asked twice, it is done once. */
export function requestReview(ctx: Context, serviceKey: string): void {
  if (ctx.timers.due(serviceKey, 'review') !== ctx.now) ctx.timers.set(serviceKey, 'review', ctx.now);
}

/** A new deployment, as PRIMARY; what ran before becomes ACTIVE. */
export function openDeployment(
  ctx: Context,
  state: EcsState,
  service: ServiceRecord,
  revision: Omit<ServiceRevisionRecord, 'arn' | 'createdAt'>,
): ServiceRecord {
  const of = `${service.cluster}/${service.name}`;
  const source = service.deployments.find((deployment) => deployment.id === service.lastCompleted?.id);
  const current = primaryOf(service);
  // Chosen: a service's first deployment has nothing to shift traffic from, and is rolled out.
  const plan = source && shiftPlanOf(service.deploymentConfiguration);
  const usesAlternate = plan ? !source.revision.usesAlternate : (source ?? current)?.revision.usesAlternate;
  const isReconciling =
    source !== undefined &&
    service.deployments.length > 1 &&
    (plan !== undefined || current?.shift !== undefined || service.restoringTo !== undefined);
  const recorded: ServiceRevisionRecord = {
    ...revision,
    ...(usesAlternate === undefined ? {} : { usesAlternate }),
    arn: ctx.arn('ecs', `service-revision/${of}/${ctx.random.digits(19)}`),
    createdAt: ctx.now,
  };
  state.serviceRevisions.put(recorded.arn, { ...recorded, serviceKey: service.key });
  const id = `ecs-svc/${ctx.random.digits(19)}`;
  const alarms = beginWatch(service.deploymentConfiguration.alarms, source === undefined, state.findAlarm);
  const deployment: DeploymentRecord = {
    id,
    status: 'PRIMARY',
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: `ECS deployment ${id} in progress.`,
    createdAt: ctx.now,
    updatedAt: ctx.now,
    revision: recorded,
    failedTasks: 0,
    failedLaunches: 0,
    ...(plan && { shift: beginShift(plan, ctx.now, isReconciling) }),
    ...(alarms && { alarms }),
    serviceDeploymentArn: ctx.arn('ecs', `service-deployment/${of}/${ctx.random.text(21)}`),
  };
  endCurrent(ctx, state, service, 'A newer deployment began.');
  forgetOldHistory(ctx, state, service);
  state.serviceDeployments.put(deployment.serviceDeploymentArn, {
    arn: deployment.serviceDeploymentArn,
    serviceArn: service.arn,
    cluster: service.cluster,
    deploymentId: id,
    status: 'IN_PROGRESS',
    createdAt: ctx.now,
    updatedAt: ctx.now,
    sourceRevisionArns: service.deployments.map((old) => old.revision.arn),
    targetRevisionArn: recorded.arn,
  });
  const changed = {
    ...service,
    deployments: [deployment, ...service.deployments.map(demoted)],
    ...(isReconciling ? { restoringTo: source.id } : {}),
  };
  state.services.put(service.key, changed);
  // A first revision gets all traffic; a new one gets none yet, but its target groups come into use.
  const percent = source ? 0 : 100;
  if (!source || (plan && !isReconciling))
    routeTraffic(ctx, recorded, { production: percent, test: percent });
  requestReview(ctx, service.key);
  return changed;
}

/** The deployment that is under way, if one is, has its end without having come to its own. */
export function endCurrent(
  ctx: Context,
  state: EcsState,
  service: ServiceRecord,
  statusReason: string,
): void {
  const current = primaryOf(service);
  if (!current) return;
  finishHistory(ctx, state, current, { status: 'STOPPED', statusReason, stoppedAt: ctx.now });
  finishRollback(ctx, state, current, 'ROLLBACK_FAILED');
}

function demoted({ shift: _, ...deployment }: DeploymentRecord): DeploymentRecord {
  return { ...deployment, status: 'ACTIVE' };
}

/** Counts what became of a task for its deployment, and when it may launch again. */
export function noteOutcome(ctx: Context, state: EcsState, task: TaskRecord, outcome: TaskOutcome): void {
  const service = task.serviceKey === undefined ? undefined : state.services.get(task.serviceKey);
  if (service && task.deploymentId !== undefined) {
    countFor(ctx, state, service, task.deploymentId, outcome);
  }
}

/** Counts for a deployment; also for a task that could not even be made. */
export function countFor(
  ctx: Context,
  state: EcsState,
  service: ServiceRecord,
  deploymentId: string,
  outcome: TaskOutcome,
): void {
  const deployment = service.deployments.find(({ id }) => id === deploymentId);
  if (!deployment) return;
  const reset = service.deploymentConfiguration.deploymentCircuitBreaker?.resetOnHealthyTask ?? true;
  const counted = countOutcome(deployment, outcome, reset);
  const delay =
    outcome === 'failedToStart'
      ? launchDelaySeconds(counted.failedLaunches)
      : outcome === 'diedProven' || outcome === 'diedUnproven'
        ? reactionSeconds
        : 0;
  const launchAfter = delay > 0 ? { launchAfter: after(ctx.now, delay) } : {};
  const changed = {
    ...service,
    deployments: replaced(service, { ...deployment, ...counted, ...launchAfter }),
  };
  state.services.put(service.key, changed);
  if (delay > 0) ctx.timers.set(service.key, `launch:${deploymentId}`, after(ctx.now, delay));
  if (outcome === 'failedToStart' && counted.failedLaunches === inconsistentLaunches) {
    tell(ctx, state, changed, eventTexts.inconsistent);
  }
  requestReview(ctx, service.key);
}

/** The service's deployments with one changed. */
export function replaced(service: ServiceRecord, changed: DeploymentRecord): DeploymentRecord[] {
  return service.deployments.map((deployment) => (deployment.id === changed.id ? changed : deployment));
}

/** The PRIMARY deployment is complete: all of it is healthy, and nothing else is left. */
export function completeDeployment(ctx: Context, state: EcsState, service: ServiceRecord): ServiceRecord {
  const primary = primaryOf(service);
  if (primary?.rolloutState !== 'IN_PROGRESS') return service;
  const rolloutState = nextRollout(primary.rolloutState, 'settled') ?? primary.rolloutState;
  const { shift: _, alarms: __, ...rest } = primary;
  const completed: DeploymentRecord = {
    ...rest,
    rolloutState,
    rolloutStateReason: `ECS deployment ${primary.id} completed.`,
    updatedAt: ctx.now,
  };
  const changed = { ...service, deployments: [completed], lastCompleted: completed };
  state.services.put(service.key, changed);
  tell(ctx, state, changed, eventTexts.completed(primary.id));
  finishHistory(ctx, state, primary, { status: 'SUCCESSFUL' });
  finishRollback(ctx, state, primary, 'ROLLBACK_SUCCESSFUL');
  return changed;
}

/** Why a deployment fails. */
export interface Failure {
  readonly event: 'tripped' | 'stopped';
  /** Of the service's events: `deployment failed: …`. */
  readonly text: string;
  /** Before the reason of what follows, such as `ECS deployment circuit breaker`. */
  readonly by: string;
  /** Of the rollback, in DescribeServiceDeployments. */
  readonly rollbackReason: string;
  readonly rollsBack: boolean;
  /** The names of the alarms that it fails for. */
  readonly triggeredAlarms?: readonly string[];
}

const breaker = 'ECS deployment circuit breaker';

export function breakerFailure(service: ServiceRecord): Failure {
  return {
    event: 'tripped',
    text: 'tasks failed to start',
    by: breaker,
    rollbackReason: 'Service deployment rolled back because of circuit breaker.',
    rollsBack: service.deploymentConfiguration.deploymentCircuitBreaker?.rollback === true,
  };
}

/** Texts Known but for the rollback's: AWS publishes none for it. */
export function alarmFailure(state: EcsState, service: ServiceRecord): Failure {
  const { alarms } = service.deploymentConfiguration;
  return {
    event: 'tripped',
    text: 'alarm detected',
    by: 'ECS deployment alarms',
    rollbackReason: 'Service deployment rolled back because of CloudWatch alarms.',
    rollsBack: alarms?.rollback === true,
    triggeredAlarms: triggered(alarms, state.findAlarm),
  };
}

/** Where a rollback of the PRIMARY deployment would go. */
export function rollbackTarget(service: ServiceRecord): DeploymentRecord | undefined {
  const target = service.lastCompleted;
  return target?.id === primaryOf(service)?.id ? undefined : target;
}

/**
 * Confirmed by docs: a rollback goes to the last deployment that completed, which is IN_PROGRESS again; without one,
 * nothing more is started and the deployment stalls.
 */
export function failDeployment(
  ctx: Context,
  state: EcsState,
  service: ServiceRecord,
  failure: Failure,
): ServiceRecord {
  const primary = primaryOf(service);
  if (!primary) return service;
  const failed: DeploymentRecord = {
    ...primary,
    rolloutState: nextRollout(primary.rolloutState, failure.event) ?? primary.rolloutState,
    rolloutStateReason: `${failure.by}: ${failure.text}.`,
    updatedAt: ctx.now,
  };
  tell(ctx, state, service, eventTexts.failed(primary.id, failure.text));
  const target = rollbackTarget(service);
  const isRollingBack = target !== undefined && failure.rollsBack;
  const deployments = isRollingBack
    ? [
        revived(ctx, service, target, failure),
        ...replaced(service, demoted(failed)).filter(({ id }) => id !== target.id),
      ]
    : replaced(service, failed);
  const isShifted = primary.shift !== undefined || service.restoringTo !== undefined;
  const changed = {
    ...service,
    deployments,
    ...(isRollingBack && isShifted ? { restoringTo: target.id } : {}),
  };
  state.services.put(service.key, changed);
  if (isRollingBack) tell(ctx, state, changed, eventTexts.rollingBack(target.id));
  noteFailure(ctx, state, failed, failure, isRollingBack ? target : undefined);
  requestReview(ctx, service.key);
  return changed;
}

/** Has an ongoing deployment rolled back; the service's next review does it. */
export function requestRollback(
  ctx: Context,
  state: EcsState,
  history: ServiceDeploymentRecord,
  statusReason: string,
): void {
  if (history.status !== 'IN_PROGRESS') return;
  state.serviceDeployments.put(history.arn, {
    ...history,
    status: 'ROLLBACK_REQUESTED',
    statusReason,
    stoppedAt: ctx.now,
    updatedAt: ctx.now,
  });
  requestReview(ctx, serviceKey(history.cluster, history.serviceArn));
}

function revived(
  ctx: Context,
  service: ServiceRecord,
  target: DeploymentRecord,
  failure: Failure,
): DeploymentRecord {
  const current = service.deployments.find(({ id }) => id === target.id) ?? target;
  // Chosen: what is gone back to is not watched by the alarms that it went wrong for.
  const { launchAfter: _, alarms: __, ...rest } = current;
  return {
    ...rest,
    status: 'PRIMARY',
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: `${failure.by}: rolling back to deploymentId ${target.id}.`,
    failedTasks: 0,
    failedLaunches: 0,
    updatedAt: ctx.now,
  };
}

function noteFailure(
  ctx: Context,
  state: EcsState,
  failed: DeploymentRecord,
  failure: Failure,
  target: DeploymentRecord | undefined,
): void {
  finishRollback(ctx, state, failed, 'ROLLBACK_FAILED');
  const history = state.serviceDeployments.get(failed.serviceDeploymentArn);
  if (history === undefined || !isOpen(history.status)) return;
  state.serviceDeployments.put(history.arn, {
    ...history,
    updatedAt: ctx.now,
    statusReason: failed.rolloutStateReason,
    stoppedAt: history.stoppedAt ?? ctx.now,
    failedTasks: failed.failedTasks,
    isTripped: failure.by === breaker,
    ...(failure.triggeredAlarms && { triggeredAlarms: failure.triggeredAlarms }),
    ...(target === undefined
      ? { status: 'STOPPED', finishedAt: ctx.now }
      : {
          status: 'ROLLBACK_IN_PROGRESS',
          rollback: { reason: failure.rollbackReason, startedAt: ctx.now, revisionArn: target.revision.arn },
        }),
  });
}

/** The failed deployments that are being rolled back to this one have their end. */
function finishRollback(
  ctx: Context,
  state: EcsState,
  target: DeploymentRecord,
  status: 'ROLLBACK_SUCCESSFUL' | 'ROLLBACK_FAILED',
): void {
  const rollbacks = state.serviceDeployments.filter(
    (one) => one.status === 'ROLLBACK_IN_PROGRESS' && one.rollback?.revisionArn === target.revision.arn,
  );
  for (const history of rollbacks) {
    state.serviceDeployments.put(history.arn, {
      ...history,
      status,
      finishedAt: ctx.now,
      updatedAt: ctx.now,
    });
  }
}

/** Known: service deployments are shown for 90 days. */
const historyMs = 90 * 24 * 3600 * 1000;

function forgetOldHistory(ctx: Context, state: EcsState, service: ServiceRecord): void {
  const old = state.serviceDeployments.filter(
    ({ serviceArn, finishedAt }) =>
      serviceArn === service.arn && ctx.now - (finishedAt ?? ctx.now) > historyMs,
  );
  for (const { arn, targetRevisionArn } of old) {
    state.serviceDeployments.delete(arn);
    state.serviceRevisions.delete(targetRevisionArn);
  }
}

function isOpen(status: ServiceDeploymentRecord['status']): boolean {
  return status === 'IN_PROGRESS' || status === 'ROLLBACK_REQUESTED';
}

function finishHistory(
  ctx: Context,
  state: EcsState,
  deployment: DeploymentRecord,
  end: Pick<ServiceDeploymentRecord, 'status' | 'statusReason' | 'stoppedAt'>,
): void {
  const history = state.serviceDeployments.get(deployment.serviceDeploymentArn);
  if (history === undefined || !isOpen(history.status)) return;
  const { failedTasks } = deployment;
  const over = { failedTasks, finishedAt: ctx.now, updatedAt: ctx.now };
  state.serviceDeployments.put(history.arn, { ...history, ...end, ...over });
}
