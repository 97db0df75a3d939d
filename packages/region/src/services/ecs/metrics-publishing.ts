/** At the end of each minute the tasks are measured; what comes back goes to CloudWatch in one step. */
import type { Context } from '../../kernel/context.ts';
import type { Instant } from '../../kernel/instant.ts';
import { publishMinute } from '../../kernel/metric-minutes.ts';
import { countsOf } from './api/described-service.ts';
import { taskDefinitionOf } from './lookups.ts';
import {
  type ClusterCounts,
  containerInsightsMetrics,
  type ServiceCounts,
  type TaskUsage,
  utilizationMetrics,
} from './metrics-data.ts';
import type { ContainerUsage, TaskRunner } from './ports.ts';
import { type EcsState, type TaskRecord, tasksOf } from './state.ts';

export interface MeasureAction {
  readonly kind: 'measure';
  readonly minute: Instant;
}

export interface Measured {
  readonly kind: 'measured';
  readonly minute: Instant;
  readonly usages: readonly ContainerUsage[];
}

export async function measure(runner: TaskRunner, { minute }: MeasureAction): Promise<Measured> {
  return { kind: 'measured', minute, usages: await runner.measure() };
}

export function publishMetrics(ctx: Context, state: EcsState, { minute, usages }: Measured): void {
  const tasks = taskUsages(state, usages);
  publishMinute(ctx, minute, 'AWS/ECS', utilizationMetrics(tasks));
  const clusters = insightfulClusters(state);
  if (clusters.length === 0) return;
  const insights = containerInsightsMetrics(clusters, serviceCounts(state), tasks);
  publishMinute(ctx, minute, 'ECS/ContainerInsights', insights);
}

/**
 * Confirmed by docs: metrics are collected of tasks in the RUNNING state.
 * Chosen: of those that run when the minute ends.
 */
function taskUsages(state: EcsState, usages: readonly ContainerUsage[]): readonly TaskUsage[] {
  const byRuntimeId = new Map(usages.map((usage) => [usage.runtimeId, usage]));
  const running =
    byRuntimeId.size === 0 ? [] : state.tasks.filter(({ lastStatus }) => lastStatus === 'RUNNING');
  return running.flatMap((task) => {
    const measured = task.containers.flatMap(({ runtimeId }) => byRuntimeId.get(runtimeId) ?? []);
    return measured.length === 0 ? [] : [taskUsage(state, task, measured)];
  });
}

function taskUsage(state: EcsState, task: TaskRecord, measured: readonly ContainerUsage[]): TaskUsage {
  const { family, definition } = taskDefinitionOf(state, task.taskDefinition);
  return {
    cluster: task.cluster,
    ...(task.serviceKey !== undefined && { service: serviceName(task.serviceKey) }),
    family,
    cpuUtilized: measured.reduce((sum, { cores }) => sum + cores * 1024, 0),
    cpuReserved: Number(definition.cpu),
    memoryUtilized: measured.reduce((sum, { memoryMiB }) => sum + memoryMiB, 0),
    memoryReserved: Number(definition.memory),
  };
}

function serviceName(serviceKey: string): string {
  return serviceKey.slice(serviceKey.indexOf('/') + 1);
}

function insightfulClusters(state: EcsState): readonly ClusterCounts[] {
  const insightful = state.clusters.filter(
    ({ status, settings }) =>
      status === 'ACTIVE' &&
      settings.some(({ name, value }) => name === 'containerInsights' && value !== 'disabled'),
  );
  return insightful.map(({ name }) => ({
    cluster: name,
    services: state.services.filter(({ cluster, status }) => cluster === name && status !== 'INACTIVE')
      .length,
    tasks: state.tasks.filter(({ cluster, lastStatus }) => cluster === name && lastStatus === 'RUNNING')
      .length,
  }));
}

function serviceCounts(state: EcsState): readonly ServiceCounts[] {
  return state.services
    .filter(({ status }) => status !== 'INACTIVE')
    .map((service) => {
      const { runningCount, pendingCount } = countsOf(tasksOf(state, service));
      return {
        cluster: service.cluster,
        service: service.name,
        deployments: service.deployments.length,
        desired: service.desiredCount,
        pending: pendingCount,
        running: runningCount,
      };
    });
}
