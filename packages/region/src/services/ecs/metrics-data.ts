/**
 * What CloudWatch is told of a minute, pure. Names, units and dimensions as in
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html and
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html
 */
import type { Dimension, MetricDatum, StandardUnit } from '@aws-sdk/client-cloudwatch';
import { dimensions, metric, samples } from '../../kernel/metric-minutes.ts';

/** One task that was measured while it ran. CPU in units, 1024 a core; memory in MiB. */
export interface TaskUsage {
  readonly cluster: string;
  /** Absent: it was run alone. */
  readonly service?: string | undefined;
  readonly family: string;
  readonly cpuUtilized: number;
  readonly cpuReserved: number;
  readonly memoryUtilized: number;
  readonly memoryReserved: number;
}

/** A service of a cluster with Container Insights. */
export interface ServiceCounts {
  readonly cluster: string;
  readonly service: string;
  readonly deployments: number;
  readonly desired: number;
  readonly pending: number;
  readonly running: number;
}

/** A cluster with Container Insights. */
export interface ClusterCounts {
  readonly cluster: string;
  readonly services: number;
  readonly tasks: number;
}

/**
 * `AWS/ECS`: of each service with running tasks, one sample a task.
 * Confirmed by docs: percent of what the task definition reserves; the sample count of a minute is the number of running
 * tasks; metrics of a whole cluster are for EC2 instances only.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_utilization.html
 */
export function utilizationMetrics(tasks: readonly TaskUsage[]): readonly MetricDatum[] {
  const metrics: MetricDatum[] = [];
  for (const [of, group] of groupsOf(tasks, dimensionsOfService)) {
    const cpu = (task: TaskUsage): number => (task.cpuUtilized / task.cpuReserved) * 100;
    const memory = (task: TaskUsage): number => (task.memoryUtilized / task.memoryReserved) * 100;
    metrics.push(perTask('CPUUtilization', of, 'Percent', group, cpu));
    metrics.push(perTask('MemoryUtilization', of, 'Percent', group, memory));
  }
  return metrics;
}

/** `ECS/ContainerInsights`: per cluster, service and task definition family, one sample a task; `Sum` is the whole. */
export function containerInsightsMetrics(
  clusters: readonly ClusterCounts[],
  services: readonly ServiceCounts[],
  tasks: readonly TaskUsage[],
): readonly MetricDatum[] {
  const names = new Set(clusters.map(({ cluster }) => cluster));
  const insightful = tasks.filter(({ cluster }) => names.has(cluster));
  const metrics: MetricDatum[] = [];
  for (const counts of clusters) addClusterMetrics(metrics, counts);
  for (const counts of services) if (names.has(counts.cluster)) addServiceMetrics(metrics, counts);
  addTaskMetrics(metrics, insightful, ({ cluster }) => dimensions('ClusterName', cluster));
  addTaskMetrics(metrics, insightful, dimensionsOfService);
  addTaskMetrics(metrics, insightful, ({ cluster, family }) =>
    dimensions('TaskDefinitionFamily', family, 'ClusterName', cluster),
  );
  return metrics;
}

function addClusterMetrics(metrics: MetricDatum[], { cluster, services, tasks }: ClusterCounts): void {
  const of = dimensions('ClusterName', cluster);
  metrics.push(
    metric('ServiceCount', of, 'Count', services),
    metric('TaskCount', of, 'Count', tasks),
    metric('ContainerInstanceCount', of, 'Count', 0),
  );
}

function addServiceMetrics(metrics: MetricDatum[], counts: ServiceCounts): void {
  const of = dimensions('ServiceName', counts.service, 'ClusterName', counts.cluster);
  metrics.push(
    metric('DeploymentCount', of, 'Count', counts.deployments),
    metric('DesiredTaskCount', of, 'Count', counts.desired),
    metric('PendingTaskCount', of, 'Count', counts.pending),
    metric('RunningTaskCount', of, 'Count', counts.running),
    metric('TaskSetCount', of, 'Count', 0),
  );
}

/** Known: units as the performance log events of Container Insights declare them. */
function addTaskMetrics(
  metrics: MetricDatum[],
  tasks: readonly TaskUsage[],
  dimensionsOf: (task: TaskUsage) => Dimension[] | undefined,
): void {
  for (const [of, group] of groupsOf(tasks, dimensionsOf)) {
    metrics.push(
      perTask('CpuUtilized', of, 'None', group, (task) => task.cpuUtilized),
      perTask('CpuReserved', of, 'None', group, (task) => task.cpuReserved),
      perTask('MemoryUtilized', of, 'Megabytes', group, (task) => task.memoryUtilized),
      perTask('MemoryReserved', of, 'Megabytes', group, (task) => task.memoryReserved),
    );
  }
}

/** Tasks that run alone are of no service. */
function dimensionsOfService({ cluster, service }: TaskUsage): Dimension[] | undefined {
  return service === undefined ? undefined : dimensions('ServiceName', service, 'ClusterName', cluster);
}

function groupsOf(
  tasks: readonly TaskUsage[],
  dimensionsOf: (task: TaskUsage) => Dimension[] | undefined,
): ReadonlyMap<Dimension[], readonly TaskUsage[]> {
  const groups = new Map<Dimension[], TaskUsage[]>();
  for (const task of tasks) {
    const of = dimensionsOf(task);
    if (of === undefined) continue;
    const group = groups.get(of);
    if (group) group.push(task);
    else groups.set(of, [task]);
  }
  return groups;
}

function perTask(
  name: string,
  of: Dimension[],
  unit: StandardUnit,
  tasks: readonly TaskUsage[],
  value: (task: TaskUsage) => number,
): MetricDatum {
  return samples(name, of, unit, { values: tasks.map(value), counts: tasks.map(() => 1) });
}
