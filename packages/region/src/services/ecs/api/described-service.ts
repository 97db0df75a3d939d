import type { Deployment, Service } from '@aws-sdk/client-ecs';
import { toDate } from '../../../kernel/instant.ts';
import {
  type DeploymentRecord,
  type EcsState,
  primaryOf,
  type ServiceRecord,
  type TaskRecord,
  tasksOf,
} from '../state.ts';

/** A service as DescribeServices shows it. */
export function describedService(
  state: EcsState,
  service: ServiceRecord,
  include: readonly string[] = [],
): Service {
  const tasks = tasksOf(state, service);
  const { revision, serviceDeploymentArn } = primaryOf(service) ?? service.lastCompleted ?? {};
  return {
    serviceArn: service.arn,
    serviceName: service.name,
    clusterArn: clusterArn(state, service),
    loadBalancers: [...(revision?.loadBalancers ?? [])],
    serviceRegistries: [],
    status: service.status,
    desiredCount: service.desiredCount,
    ...countsOf(tasks),
    launchType: 'FARGATE',
    platformFamily: 'Linux',
    deploymentConfiguration: service.deploymentConfiguration,
    deploymentController: { type: 'ECS' },
    deployments: service.deployments.map((one) => describedDeployment(service, one, tasks)),
    events: (state.events.get(service.key) ?? []).map(({ id, createdAt, message }) => ({
      id,
      createdAt: toDate(createdAt),
      message,
    })),
    createdAt: toDate(service.createdAt),
    createdBy: service.createdBy,
    placementConstraints: [],
    placementStrategy: [],
    schedulingStrategy: 'REPLICA',
    enableECSManagedTags: service.enableECSManagedTags,
    propagateTags: service.propagateTags,
    enableExecuteCommand: false,
    availabilityZoneRebalancing: service.availabilityZoneRebalancing,
    ...(include.includes('TAGS') ? { tags: [...(state.tags.get(service.arn) ?? [])] } : {}),
    ...(service.healthCheckGracePeriodSeconds === undefined
      ? {}
      : { healthCheckGracePeriodSeconds: service.healthCheckGracePeriodSeconds }),
    ...(serviceDeploymentArn === undefined ? {} : { currentServiceDeployment: serviceDeploymentArn }),
    ...(revision && {
      taskDefinition: revision.taskDefinition,
      platformVersion: revision.platformVersion,
      networkConfiguration: revision.networkConfiguration,
      currentServiceRevisions: service.deployments.map((one) => ({
        arn: one.revision.arn,
        requestedTaskCount: describedDeployment(service, one, tasks).desiredCount ?? 0,
        runningTaskCount: countsOf(tasksIn(one, tasks)).runningCount,
        pendingTaskCount: countsOf(tasksIn(one, tasks)).pendingCount,
      })),
    }),
  };
}

function clusterArn(state: EcsState, service: ServiceRecord): string {
  return state.clusters.get(service.cluster)?.arn ?? '';
}

function tasksIn(deployment: DeploymentRecord, tasks: readonly TaskRecord[]): TaskRecord[] {
  return tasks.filter((task) => task.deploymentId === deployment.id);
}

/** Chosen: a task counts as running while RUNNING, as pending before; one that is being stopped counts as neither. */
export function countsOf(tasks: readonly TaskRecord[]): {
  readonly runningCount: number;
  readonly pendingCount: number;
} {
  let [wanted, running] = [0, 0];
  for (const { desiredStatus, lastStatus } of tasks) {
    if (desiredStatus !== 'RUNNING') continue;
    wanted += 1;
    if (lastStatus === 'RUNNING') running += 1;
  }
  return { runningCount: running, pendingCount: wanted - running };
}

function describedDeployment(
  service: ServiceRecord,
  deployment: DeploymentRecord,
  tasks: readonly TaskRecord[],
): Deployment {
  const own = tasksIn(deployment, tasks);
  const { runningCount, pendingCount } = countsOf(own);
  const isPrimary = deployment.status === 'PRIMARY';
  return {
    id: deployment.id,
    status: deployment.status,
    taskDefinition: deployment.revision.taskDefinition,
    desiredCount: isPrimary ? service.desiredCount : runningCount + pendingCount,
    runningCount,
    pendingCount,
    failedTasks: deployment.failedTasks,
    createdAt: toDate(deployment.createdAt),
    updatedAt: toDate(deployment.updatedAt),
    launchType: 'FARGATE',
    platformVersion:
      deployment.revision.platformVersion === 'LATEST' ? '1.4.0' : deployment.revision.platformVersion,
    platformFamily: 'Linux',
    networkConfiguration: deployment.revision.networkConfiguration,
    rolloutState: deployment.rolloutState,
    rolloutStateReason: deployment.rolloutStateReason,
  };
}
