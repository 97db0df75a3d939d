import type { Tag } from '@aws-sdk/client-ecs';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { after, type Instant } from '../../kernel/instant.ts';
import { breakerThreshold } from './deployment.ts';
import { bakeUntil, triggered } from './deployment-alarms.ts';
import {
  alarmFailure,
  breakerFailure,
  completeDeployment,
  countFor,
  type Failure,
  failDeployment,
  noteOutcome,
  replaced,
  requestReview,
} from './deployments.ts';
import { type TaskHealth, taskHealth } from './health.ts';
import { findTaskDefinition, taskDefinitionOf } from './lookups.ts';
import { type Decision, type DeploymentView, decide, decideEach, type TaskView } from './scheduler.ts';
import { eventTexts, tell, tellPlain } from './service-events.ts';
import { isShifting, moveShift, shiftedViews } from './shifting.ts';
import {
  type DeploymentRecord,
  type EcsState,
  primaryOf,
  putTask,
  type ServiceDeploymentRecord,
  type ServiceRecord,
  type TaskRecord,
  tasksOf,
} from './state.ts';
import { createTask, stopTask } from './tasks.ts';

interface Examined {
  readonly task: TaskRecord;
  readonly health: TaskHealth;
}

/** Looks at a service and does what its scheduler decides. Called whenever anything of it changed. */
export function review(ctx: Context, state: EcsState, key: string): void {
  const found = state.services.get(key);
  if (found === undefined || found.status === 'INACTIVE') return;
  const examined = examine(ctx, state, found);
  const tasks = examined.filter(({ task }) => task.desiredStatus === 'RUNNING').map(taskView);
  const service = moveShift(ctx, state, judgeRollout(ctx, state, current(state, found)), tasks);
  const decisions = decideFor(service, tasks, ctx.now);
  for (const decision of decisions) apply(ctx, state, key, decision, examined);
  const isActive = decisions.some(({ kind }) => kind === 'start' || kind === 'stop');
  if (isActive) requestReview(ctx, key);
  else settle(ctx, state, current(state, service), decisions);
}

function decideFor(service: ServiceRecord, tasks: readonly TaskView[], now: Instant): Decision[] {
  const deployments = deploymentViews(service, now);
  if (isShifting(service)) return decideEach(shiftedViews(service, deployments, tasks));
  return decide({
    desiredCount: service.desiredCount,
    minimumHealthyPercent: service.deploymentConfiguration.minimumHealthyPercent,
    maximumPercent: service.deploymentConfiguration.maximumPercent,
    // Known: not with maximumPercent 100.
    isRebalancing:
      service.availabilityZoneRebalancing === 'ENABLED' &&
      service.deploymentConfiguration.maximumPercent > 100,
    deployments,
    tasks,
  });
}

function current(state: EcsState, service: ServiceRecord): ServiceRecord {
  return state.services.get(service.key) ?? service;
}

/** Reads every task's health, notes what became healthy, and sets the time of the next look. */
function examine(ctx: Context, state: EcsState, service: ServiceRecord): Examined[] {
  let reviewAt: Instant | undefined;
  const examined = tasksOf(state, service).map((task): Examined => {
    const health = taskHealth(task, taskDefinitionOf(state, task.taskDefinition), service, ctx.now);
    if (health.reviewAt !== undefined && (reviewAt === undefined || health.reviewAt < reviewAt)) {
      reviewAt = health.reviewAt;
    }
    if (health.health !== 'healthy' || task.wasHealthy) return { task, health };
    noteOutcome(ctx, state, task, 'healthy');
    return { task: putTask(state, task, { wasHealthy: true }), health };
  });
  if (reviewAt !== undefined) ctx.timers.set(service.key, 'reviewAt', reviewAt);
  return examined;
}

function judgeRollout(ctx: Context, state: EcsState, service: ServiceRecord): ServiceRecord {
  const primary = primaryOf(service);
  const breaker = service.deploymentConfiguration.deploymentCircuitBreaker;
  if (primary?.rolloutState !== 'IN_PROGRESS') return service;
  const history = state.serviceDeployments.get(primary.serviceDeploymentArn);
  if (history?.status === 'ROLLBACK_REQUESTED')
    return failDeployment(ctx, state, service, stopFailure(history));
  // Confirmed by docs: of breaker and alarms, the first to find a failure decides.
  const { alarms } = service.deploymentConfiguration;
  if (primary.alarms?.status === 'on' && triggered(alarms, state.findAlarm).length > 0)
    return failDeployment(ctx, state, service, alarmFailure(state, service));
  // Confirmed by API text: only for rolling updates.
  if (breaker?.enable !== true || primary.shift !== undefined) return service;
  const settings = breaker as Parameters<typeof breakerThreshold>[0];
  if (primary.failedTasks < breakerThreshold(settings, service.desiredCount)) return service;
  return failDeployment(ctx, state, service, breakerFailure(service));
}

/** Texts Chosen: AWS publishes none. */
function stopFailure({ statusReason = 'stopped' }: ServiceDeploymentRecord): Failure {
  return {
    event: 'stopped',
    text: statusReason,
    by: 'ECS deployment stopped',
    rollbackReason: `Service deployment rolled back: ${statusReason}.`,
    rollsBack: true,
  };
}

/** The PRIMARY first, superseded ones next, the source last. */
function deploymentViews(service: ServiceRecord, now: Instant): DeploymentView[] {
  const views = service.deployments.map((deployment): DeploymentView => {
    const isSource = deployment.id === service.lastCompleted?.id;
    const isThrottled = deployment.launchAfter !== undefined && now < deployment.launchAfter;
    return {
      id: deployment.id,
      role: deployment.status === 'PRIMARY' ? 'primary' : isSource ? 'source' : 'superseded',
      zones: [...new Set(deployment.revision.subnets.map((subnet) => subnet.availabilityZone))],
      mayLaunch: !isThrottled && deployment.rolloutState !== 'FAILED',
    };
  });
  const order = { primary: 0, superseded: 1, source: 2 } as const;
  return views.sort((a, b) => order[a.role] - order[b.role]);
}

function taskView({ task, health }: Examined): TaskView {
  return {
    id: task.id,
    deploymentId: task.deploymentId ?? '',
    zone: task.network.availabilityZone,
    isRunning: task.lastStatus === 'RUNNING',
    health: health.health,
    isProtected: task.protectedUntil !== undefined,
    createdAt: task.createdAt,
  };
}

function apply(
  ctx: Context,
  state: EcsState,
  key: string,
  decision: Decision,
  examined: readonly Examined[],
): void {
  if (decision.kind === 'start') start(ctx, state, key, decision);
  if (decision.kind === 'stop') stop(ctx, state, key, decision, examined);
  const service = state.services.get(key);
  if (decision.kind === 'blocked' && service) tell(ctx, state, service, eventTexts.blocked);
}

function start(
  ctx: Context,
  state: EcsState,
  key: string,
  decision: Extract<Decision, { kind: 'start' }>,
): void {
  const service = state.services.get(key);
  const deployment = service?.deployments.find(({ id }) => id === decision.deploymentId);
  if (!service || !deployment) return;
  const started: string[] = [];
  try {
    for (const zone of decision.zones) started.push(startOne(ctx, state, service, deployment, zone).id);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    tell(ctx, state, service, eventTexts.notPlaced(error.message));
    countFor(ctx, state, service, deployment.id, 'failedToStart');
  }
  if (started.length === 0) return;
  const now = current(state, service);
  state.services.put(key, { ...now, isSteady: false });
  const [zone = ''] = decision.zones;
  if (decision.isRebalancing)
    tellPlain(ctx, state, now, eventTexts.startedToRebalance(now.name, started, zone));
  else tell(ctx, state, now, eventTexts.started(started, decision.replacing));
}

function startOne(
  ctx: Context,
  state: EcsState,
  service: ServiceRecord,
  deployment: DeploymentRecord,
  zone: string,
): TaskRecord {
  const { revision } = deployment;
  const subnet = revision.subnets.find(({ availabilityZone }) => availabilityZone === zone);
  if (!subnet) throw new Error(`deployment ${deployment.id} has no subnet in ${zone}`);
  return createTask(ctx, state, {
    cluster: service.cluster,
    taskDefinition: taskDefinitionOf(state, revision.taskDefinition),
    subnet,
    network: revision.networkConfiguration.awsvpcConfiguration ?? { subnets: [] },
    group: `service:${service.name}`,
    platformVersion: revision.platformVersion,
    overrides: {},
    startedBy: deployment.id,
    service: { key: service.key, deploymentId: deployment.id },
    tags: taskTags(state, service, revision.taskDefinition),
  });
}

function taskTags(state: EcsState, service: ServiceRecord, taskDefinition: string): Tag[] {
  const managed = [
    { key: 'aws:ecs:serviceName', value: service.name },
    { key: 'aws:ecs:clusterName', value: service.cluster },
  ];
  const from =
    service.propagateTags === 'SERVICE'
      ? service.arn
      : service.propagateTags === 'TASK_DEFINITION'
        ? findTaskDefinition(state, taskDefinition)?.arn
        : undefined;
  const propagated = from === undefined ? [] : (state.tags.get(from) ?? []);
  return [...propagated, ...(service.enableECSManagedTags ? managed : [])];
}

function stop(
  ctx: Context,
  state: EcsState,
  key: string,
  decision: Extract<Decision, { kind: 'stop' }>,
  examined: readonly Examined[],
): void {
  const service = state.services.get(key);
  if (!service) return;
  const stopped = examined.filter(({ task }) => decision.taskIds.includes(task.id));
  if (decision.cause === 'unhealthy') for (const one of stopped) tellUnhealthy(ctx, state, service, one);
  tell(ctx, state, service, eventTexts.stopped(decision.taskIds));
  for (const { task, health } of stopped) {
    const stoppedReason =
      decision.cause === 'unhealthy'
        ? unhealthyReason(task, health)
        : `Scaling activity initiated by (deployment ${primaryOf(service)?.id})`;
    stopTask(ctx, state, state.tasks.get(task.id) ?? task, {
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason,
      drains: true,
      ...(decision.cause === 'unhealthy' ? { outcome: 'failedHealthChecks' } : {}),
    });
  }
}

function unhealthyReason(task: TaskRecord, health: TaskHealth): string {
  if (health.failed === 'container') return 'Task failed container health checks';
  const target = task.targets.find(({ state }) => state === 'unhealthy');
  return `Task failed ELB health checks in (target-group ${target?.targetGroupArn})`;
}

function tellUnhealthy(
  ctx: Context,
  state: EcsState,
  service: ServiceRecord,
  { task, health }: Examined,
): void {
  if (health.failed === 'container') {
    tell(ctx, state, service, eventTexts.unhealthyContainer(task.id));
    return;
  }
  for (const target of task.targets.filter((each) => each.state === 'unhealthy')) {
    const reason = target.description ?? target.reason ?? 'unknown';
    tell(
      ctx,
      state,
      service,
      eventTexts.unhealthyTarget(task.id, target.port, target.targetGroupArn, reason),
    );
  }
}

/** Nothing is to be done now: is the deployment complete, a deployment gone, the service deleted? */
function settle(ctx: Context, state: EcsState, service: ServiceRecord, decisions: readonly Decision[]): void {
  const stage = primaryOf(service)?.shift?.stage;
  const waitingOn = [
    ...(stage === undefined ? [] : [`lifecycle stage ${stage}`]),
    ...decisions.flatMap((decision) => (decision.kind === 'wait' ? [decision.on] : [])),
  ];
  const tasks = tasksOf(state, service);
  const left = { ...service, waitingOn, deployments: service.deployments.filter(isListed(service, tasks)) };
  if (service.status === 'DRAINING') {
    finishDeletion(ctx, state, left, tasks);
    return;
  }
  const primary = primaryOf(service);
  const isSettled =
    decisions.every(({ kind }) => kind === 'steady') &&
    primary?.rolloutState !== 'FAILED' &&
    service.restoringTo === undefined &&
    (stage === undefined || stage === 'CLEAN_UP') &&
    tasks.every((task) => task.deploymentId === primary?.id && task.desiredStatus === 'RUNNING');
  state.services.put(service.key, { ...left, isSteady: left.isSteady && isSettled });
  if (!isSettled || isBaking(ctx, state, left)) return;
  const completed = completeDeployment(ctx, state, left);
  if (!completed.isSteady) tellSteady(ctx, state, completed);
}

/** Confirmed by docs: the alarms watch on for a time after the new tasks are healthy and the old ones gone. */
function isBaking(ctx: Context, state: EcsState, service: ServiceRecord): boolean {
  const primary = primaryOf(service);
  if (primary?.rolloutState !== 'IN_PROGRESS' || primary.alarms?.status !== 'on') return false;
  const configured = service.deploymentConfiguration.alarms;
  const bakesUntil = primary.alarms.bakesUntil ?? bakeUntil(configured, state.findAlarm, ctx.now);
  if (ctx.now >= bakesUntil) return false;
  ctx.timers.set(service.key, 'baked', bakesUntil);
  const deployments = replaced(service, { ...primary, alarms: { status: 'on', bakesUntil } });
  const waitingOn = [...service.waitingOn, 'alarm bake time'];
  state.services.put(service.key, { ...service, deployments, waitingOn });
  return true;
}

/** Confirmed by docs: told again every 6 hours, as a repeated message is withheld for as long. */
export function tellSteady(ctx: Context, state: EcsState, service: ServiceRecord): void {
  state.services.put(service.key, { ...service, isSteady: true });
  tell(ctx, state, service, eventTexts.steady);
  ctx.timers.set(service.key, 'steady', after(ctx.now, 6 * 3600));
}

/** ACTIVE deployments stay while they have tasks; the source stays until the PRIMARY one is complete. */
function isListed(
  service: ServiceRecord,
  tasks: readonly TaskRecord[],
): (deployment: DeploymentRecord) => boolean {
  return (deployment) =>
    deployment.status === 'PRIMARY' ||
    deployment.id === service.lastCompleted?.id ||
    tasks.some((task) => task.deploymentId === deployment.id);
}

function finishDeletion(
  ctx: Context,
  state: EcsState,
  service: ServiceRecord,
  tasks: readonly TaskRecord[],
): void {
  if (tasks.length > 0) {
    state.services.put(service.key, service);
    return;
  }
  ctx.timers.drop(service.key);
  state.services.put(service.key, { ...service, status: 'INACTIVE', deployments: [], waitingOn: [] });
  ctx.timers.set(service.key, 'forget', after(ctx.now, 3600));
}
