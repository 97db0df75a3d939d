import type {
  ContinueServiceDeploymentRequest,
  ContinueServiceDeploymentResponse,
  DescribeServiceDeploymentsRequest,
  DescribeServiceDeploymentsResponse,
  DescribeServiceRevisionsRequest,
  DescribeServiceRevisionsResponse,
  ListServiceDeploymentsRequest,
  ListServiceDeploymentsResponse,
  ServiceDeployment,
  ServiceDeploymentStatus,
  ServiceRevision,
  ServiceRevisionSummary,
  StopServiceDeploymentRequest,
  StopServiceDeploymentResponse,
} from '@aws-sdk/client-ecs';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import { breakerThreshold, statusWhenStopped } from '../deployment.ts';
import { replaced, requestReview, requestRollback, rollbackTarget } from '../deployments.ts';
import { conflict, invalidParameter, serviceDeploymentNotFound } from '../errors.ts';
import { existingService, findTaskDefinition, page, serviceKey } from '../lookups.ts';
import {
  type DeploymentRecord,
  type EcsState,
  primaryOf,
  type ServiceDeploymentRecord,
  type ServiceRecord,
  type ServiceRevisionRecord,
  tasksOf,
} from '../state.ts';
import { registeredIn } from '../traffic.ts';
import type { PausedHook, Shift } from '../traffic-shift.ts';
import { countsOf } from './described-service.ts';

export function listServiceDeployments(
  _ctx: Context,
  state: EcsState,
  input: ListServiceDeploymentsRequest,
): ListServiceDeploymentsResponse {
  const service = existingService(state, input.cluster, input.service ?? '');
  for (const status of input.status ?? [])
    if (!statuses.includes(status)) throw invalidParameter(`Invalid service deployment status: ${status}.`);
  const records = state.serviceDeployments
    .filter((one) => one.serviceArn === service.arn && isWanted(one, input))
    .reverse()
    .sort((a, b) => b.createdAt - a.createdAt);
  const { items, nextToken } = page(records, { ...input, maxResults: input.maxResults ?? 20 });
  return {
    serviceDeployments: items.map((one) => ({
      serviceDeploymentArn: one.arn,
      serviceArn: one.serviceArn,
      clusterArn: clusterArn(state, one.cluster),
      startedAt: toDate(one.createdAt),
      createdAt: toDate(one.createdAt),
      targetServiceRevisionArn: one.targetRevisionArn,
      status: one.status,
      ...(one.finishedAt === undefined ? {} : { finishedAt: toDate(one.finishedAt) }),
      ...(one.statusReason === undefined ? {} : { statusReason: one.statusReason }),
    })),
    ...(nextToken === undefined ? {} : { nextToken }),
  };
}

const statuses: readonly ServiceDeploymentStatus[] = [
  'PENDING',
  'IN_PROGRESS',
  'SUCCESSFUL',
  'STOP_REQUESTED',
  'STOPPED',
  'ROLLBACK_REQUESTED',
  'ROLLBACK_IN_PROGRESS',
  'ROLLBACK_SUCCESSFUL',
  'ROLLBACK_FAILED',
];

function isWanted(
  { status, createdAt }: ServiceDeploymentRecord,
  { status: wanted, createdAt: { before, after } = {} }: ListServiceDeploymentsRequest,
): boolean {
  return (
    (wanted?.includes(status) ?? true) &&
    (before === undefined || createdAt < before.getTime()) &&
    (after === undefined || createdAt > after.getTime())
  );
}

function clusterArn(state: EcsState, cluster: string): string {
  return state.clusters.get(cluster)?.arn ?? '';
}

export function describeServiceDeployments(
  _ctx: Context,
  state: EcsState,
  input: DescribeServiceDeploymentsRequest,
): DescribeServiceDeploymentsResponse {
  const arns = input.serviceDeploymentArns ?? [];
  return {
    serviceDeployments: arns.flatMap((arn) => {
      const record = state.serviceDeployments.get(arn);
      return record ? [describedDeployment(state, record)] : [];
    }),
    failures: arns
      .filter((arn) => !state.serviceDeployments.has(arn))
      .map((arn) => ({ arn, reason: 'MISSING' })),
  };
}

function describedDeployment(state: EcsState, record: ServiceDeploymentRecord): ServiceDeployment {
  const service = state.services.get(serviceKey(record.cluster, record.serviceArn));
  const { rollback } = record;
  const deployment = service?.deployments.find(({ id }) => id === record.deploymentId);
  const shift = deployment?.shift;
  return {
    serviceDeploymentArn: record.arn,
    serviceArn: record.serviceArn,
    clusterArn: clusterArn(state, record.cluster),
    createdAt: toDate(record.createdAt),
    startedAt: toDate(record.createdAt),
    // A lifecycle stage that begins is an update.
    updatedAt: toDate(
      shift && deployment.updatedAt > record.updatedAt ? deployment.updatedAt : record.updatedAt,
    ),
    sourceServiceRevisions: record.sourceRevisionArns.map((arn) => revisionSummary(state, service, arn)),
    targetServiceRevision: revisionSummary(state, service, record.targetRevisionArn),
    status: record.status,
    ...(shift && { lifecycleStage: shownStage(shift) }),
    ...(shift?.hook && { lifecycleHookDetails: [describedHook(shift.hook)] }),
    ...(record.finishedAt === undefined ? {} : { finishedAt: toDate(record.finishedAt) }),
    ...(record.stoppedAt === undefined ? {} : { stoppedAt: toDate(record.stoppedAt) }),
    ...(record.statusReason === undefined ? {} : { statusReason: record.statusReason }),
    ...(rollback && {
      rollback: {
        reason: rollback.reason,
        startedAt: toDate(rollback.startedAt),
        serviceRevisionArn: rollback.revisionArn,
      },
    }),
    ...(service && {
      deploymentConfiguration: service.deploymentConfiguration,
      deploymentCircuitBreaker: breakerOf(service, record),
      alarms: alarmsOf(service, record),
    }),
  };
}

function revisionSummary(
  state: EcsState,
  service: ServiceRecord | undefined,
  arn: string,
): ServiceRevisionSummary {
  const deployment = service?.deployments.find(({ revision }) => revision.arn === arn);
  const tasks = service ? tasksOf(state, service).filter((task) => task.deploymentId === deployment?.id) : [];
  const { runningCount, pendingCount } = countsOf(tasks);
  const isPrimary = deployment?.status === 'PRIMARY';
  return {
    arn,
    requestedTaskCount: isPrimary ? (service?.desiredCount ?? 0) : runningCount + pendingCount,
    runningTaskCount: runningCount,
    pendingTaskCount: pendingCount,
    ...(service && deployment ? weightsFor(service, deployment) : {}),
  };
}

/** How the traffic is shared; only where a deployment strategy shifts it. */
function weightsFor(
  service: ServiceRecord,
  deployment: DeploymentRecord,
): Pick<ServiceRevisionSummary, 'requestedProductionTrafficWeight' | 'requestedTestTrafficWeight'> {
  const shift = primaryOf(service)?.shift;
  if (!shift) return {};
  const of = (percent: number): number =>
    deployment.status === 'PRIMARY'
      ? percent
      : deployment.id === service.lastCompleted?.id
        ? 100 - percent
        : 0;
  return {
    requestedProductionTrafficWeight: of(shift.productionPercent),
    requestedTestTrafficWeight: of(shift.testPercent),
  };
}

function alarmsOf(
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
): NonNullable<ServiceDeployment['alarms']> {
  const { enable = false, alarmNames = [] } = service.deploymentConfiguration.alarms ?? {};
  const watch = service.deployments.find(({ id }) => id === record.deploymentId)?.alarms;
  const { triggeredAlarms: triggeredAlarmNames = [] } = record;
  if (triggeredAlarmNames.length > 0)
    return { status: 'TRIGGERED', alarmNames, triggeredAlarmNames: [...triggeredAlarmNames] };
  const isOngoing = record.status === 'IN_PROGRESS';
  const isOff = !enable || (isOngoing && watch?.status !== 'on');
  const status = isOff ? 'DISABLED' : isOngoing ? 'MONITORING' : 'MONITORING_COMPLETE';
  return { status, alarmNames, triggeredAlarmNames: [] };
}

function breakerOf(
  service: ServiceRecord,
  record: ServiceDeploymentRecord,
): NonNullable<ServiceDeployment['deploymentCircuitBreaker']> {
  const breaker = service.deploymentConfiguration.deploymentCircuitBreaker;
  if (breaker?.enable !== true) return { status: 'DISABLED', failureCount: 0, threshold: 0 };
  const threshold = breakerThreshold(breaker as Parameters<typeof breakerThreshold>[0], service.desiredCount);
  const isOngoing = record.status === 'IN_PROGRESS';
  const deployment = service.deployments.find(({ id }) => id === record.deploymentId);
  return {
    status: record.isTripped ? 'TRIGGERED' : isOngoing ? 'MONITORING' : 'MONITORING_COMPLETE',
    // What is gone back to counts anew for that: the failed one's own count is in its record.
    failureCount: record.failedTasks ?? deployment?.failedTasks ?? 0,
    threshold,
  };
}

/** Confirmed by docs: also where no rollback is configured; of the two stop types only ROLLBACK may be given. */
export function stopServiceDeployment(
  ctx: Context,
  state: EcsState,
  input: StopServiceDeploymentRequest,
): StopServiceDeploymentResponse {
  const { serviceDeploymentArn = '', stopType = 'ROLLBACK' } = input;
  if (stopType !== 'ROLLBACK') throw invalidParameter(`The stop type ${stopType} is not supported.`);
  const history = existingDeployment(state, serviceDeploymentArn);
  if (statusWhenStopped(history.status) === undefined) throw conflict();
  const service = state.services.get(serviceKey(history.cluster, history.serviceArn));
  // Chosen: refused where there is nothing to go back to. AWS does not say.
  if (!service || (history.status === 'IN_PROGRESS' && !rollbackTarget(service))) throw conflict();
  requestRollback(ctx, state, history, 'a user stopped it');
  return { serviceDeploymentArn };
}

function existingDeployment(state: EcsState, arn: string): ServiceDeploymentRecord {
  const found = state.serviceDeployments.get(arn);
  if (found === undefined) throw serviceDeploymentNotFound();
  return found;
}

/** Confirmed by API text: CONTINUE is the default action. */
export function continueServiceDeployment(
  ctx: Context,
  state: EcsState,
  input: ContinueServiceDeploymentRequest,
): ContinueServiceDeploymentResponse {
  const { serviceDeploymentArn = '', hookId, action = 'CONTINUE' } = input;
  const history = existingDeployment(state, serviceDeploymentArn);
  const service = state.services.get(serviceKey(history.cluster, history.serviceArn));
  const deployment = service?.deployments.find((one) => one.id === history.deploymentId);
  const hook = deployment?.shift?.hook;
  if (!service || !deployment?.shift || hook === undefined || hook.hookId !== hookId) {
    throw invalidParameter('The specified lifecycle hook was not found.');
  }
  if (hook.status !== 'AWAITING_ACTION' || history.status !== 'IN_PROGRESS') throw conflict();
  const status = action === 'CONTINUE' ? 'SUCCEEDED' : 'FAILED';
  const shift = { ...deployment.shift, hook: { ...hook, status } as const };
  state.services.put(service.key, { ...service, deployments: replaced(service, { ...deployment, shift }) });
  if (action === 'ROLLBACK')
    requestRollback(ctx, state, history, 'a user rolled it back at a lifecycle hook');
  requestReview(ctx, service.key);
  return { serviceDeploymentArn };
}

/** The stage that DescribeServiceDeployments shows: it has none for PRE_PRODUCTION_TRAFFIC_SHIFT. */
function shownStage({ stage }: Shift): NonNullable<ServiceDeployment['lifecycleStage']> {
  return stage === 'PRE_PRODUCTION_TRAFFIC_SHIFT' ? 'PRODUCTION_TRAFFIC_SHIFT' : stage;
}

function describedHook({
  hookId,
  status,
  expiresAt,
  timeoutAction,
}: PausedHook): NonNullable<ServiceDeployment['lifecycleHookDetails']>[number] {
  return { hookId, targetType: 'PAUSE', status, expiresAt: toDate(expiresAt), timeoutAction };
}

export function describeServiceRevisions(
  _ctx: Context,
  state: EcsState,
  input: DescribeServiceRevisionsRequest,
): DescribeServiceRevisionsResponse {
  const arns = input.serviceRevisionArns ?? [];
  return {
    serviceRevisions: arns.flatMap((arn) => {
      const record = state.serviceRevisions.get(arn);
      return record ? [describedRevision(state, record)] : [];
    }),
    failures: arns
      .filter((arn) => !state.serviceRevisions.has(arn))
      .map((arn) => ({ arn, reason: 'MISSING' })),
  };
}

function describedRevision(
  state: EcsState,
  record: ServiceRevisionRecord & { readonly serviceKey: string },
): ServiceRevision {
  const service = state.services.get(record.serviceKey);
  // The definition may have been deleted since.
  const containers = findTaskDefinition(state, record.taskDefinition)?.definition.containerDefinitions ?? [];
  const primary = service && primaryOf(service);
  const task = service && tasksOf(state, service).find((one) => one.deploymentId === primary?.id);
  return {
    serviceRevisionArn: record.arn,
    clusterArn: clusterArn(state, record.serviceKey.slice(0, record.serviceKey.indexOf('/'))),
    taskDefinition: record.taskDefinition,
    launchType: 'FARGATE',
    platformVersion: record.platformVersion === 'LATEST' ? '1.4.0' : record.platformVersion,
    platformFamily: 'Linux',
    loadBalancers: [...record.loadBalancers],
    resolvedConfiguration: {
      loadBalancers: registeredIn(record).map(({ targetGroupArn, advancedConfiguration }) => ({
        targetGroupArn,
        ...(advancedConfiguration && {
          productionListenerRule: advancedConfiguration.productionListenerRule,
        }),
      })),
    },
    networkConfiguration: record.networkConfiguration,
    createdAt: toDate(record.createdAt),
    containerImages: containers.map(({ name = '', image = '' }) => {
      const digest =
        primary?.revision.arn === record.arn
          ? task?.containers.find((container) => container.name === name)?.imageDigest
          : undefined;
      return { containerName: name, image, ...(digest === undefined ? {} : { imageDigest: digest }) };
    }),
    ...(service === undefined ? {} : { serviceArn: service.arn }),
  };
}
