/** At the end of each minute the tasks are measured; what comes back goes to CloudWatch in one step. */
import type { Context } from '../../kernel/context.ts';
import type { Instant } from '../../kernel/instant.ts';
import { MinuteMetrics, publishMinute } from '../../kernel/metric-minutes.ts';
import { countsOf } from './api/described-service.ts';
import { taskDefinitionOf } from './lookups.ts';
import {
  addContainerInsights,
  addUtilization,
  type ClusterCounts,
  type ServiceCounts,
  type TaskUsage,
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

/** What is published of each minute, by namespace. */
export class EcsMetrics {
  readonly utilization = new MinuteMetrics('AWS/ECS');
  readonly insights = new MinuteMetrics('ECS/ContainerInsights');
}

export function publishMetrics(
  ctx: Context,
  state: EcsState,
  { utilization, insights }: EcsMetrics,
  { minute, usages }: Measured,
): void {
  const tasks = taskUsages(state, usages);
  utilization.begin();
  addUtilization(utilization, tasks);
  publishMinute(ctx, minute, utilization);
  const clusters = insightfulClusters(state);
  insights.begin();
  if (clusters.length > 0) addContainerInsights(insights, clusters, serviceCounts(state), tasks);
  publishMinute(ctx, minute, insights);
}

/**
 * Confirmed by docs: metrics are collected of tasks in the RUNNING state.
 * Chosen: of those that run when the minute ends.
 */
function taskUsages(state: EcsState, usages: readonly ContainerUsage[]): readonly TaskUsage[] {
  const byRuntimeId = new Map(usages.map((usage) => [usage.runtimeId, usage]));
  const found: TaskUsage[] = [];
  if (byRuntimeId.size === 0) return found;
  for (const task of state.tasks.values()) {
    const usage = task.lastStatus === 'RUNNING' ? taskUsage(state, task, byRuntimeId) : undefined;
    if (usage) found.push(usage);
  }
  return found;
}

function taskUsage(
  state: EcsState,
  task: TaskRecord,
  usages: ReadonlyMap<string, ContainerUsage>,
): TaskUsage | undefined {
  let [cores, memoryMiB, measured] = [0, 0, 0];
  for (const { runtimeId } of task.containers) {
    const usage = usages.get(runtimeId);
    if (usage === undefined) continue;
    cores += usage.cores * 1024;
    memoryMiB += usage.memoryMiB;
    measured += 1;
  }
  if (measured === 0) return undefined;
  const { family, definition } = taskDefinitionOf(state, task.taskDefinition);
  const service = task.serviceKey === undefined ? undefined : serviceName(state, task.serviceKey);
  return {
    cluster: task.cluster,
    service,
    family,
    cpuUtilized: cores,
    cpuReserved: Number(definition.cpu),
    memoryUtilized: memoryMiB,
    memoryReserved: Number(definition.memory),
  };
}

function serviceName(state: EcsState, serviceKey: string): string {
  return state.services.get(serviceKey)?.name ?? serviceKey.slice(serviceKey.indexOf('/') + 1);
}

function insightfulClusters(state: EcsState): readonly ClusterCounts[] {
  const insightful = state.clusters.filter(
    ({ status, settings }) =>
      status === 'ACTIVE' &&
      settings.some(({ name, value }) => name === 'containerInsights' && value !== 'disabled'),
  );
  if (insightful.length === 0) return [];
  const services = countByCluster(state.services.values(), ({ status }) => status !== 'INACTIVE');
  const tasks = countByCluster(state.tasks.values(), ({ lastStatus }) => lastStatus === 'RUNNING');
  return insightful.map(({ name }) => ({
    cluster: name,
    services: services.get(name) ?? 0,
    tasks: tasks.get(name) ?? 0,
  }));
}

function countByCluster<T extends { readonly cluster: string }>(
  records: Iterable<T>,
  isCounted: (record: T) => boolean,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const record of records) {
    if (isCounted(record)) counts.set(record.cluster, (counts.get(record.cluster) ?? 0) + 1);
  }
  return counts;
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
