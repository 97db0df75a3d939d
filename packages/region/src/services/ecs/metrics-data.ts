/**
 * What CloudWatch is told of a minute, pure. Names, units and dimensions as in
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html and
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html
 */
import type { Dimension, StandardUnit } from '@aws-sdk/client-cloudwatch';
import { dimensions, type MinuteMetrics } from '../../kernel/metric-minutes.ts';

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
export function addUtilization(metrics: MinuteMetrics, tasks: readonly TaskUsage[]): void {
  for (const [of, group] of groupsOf(kindsOf(tasks), dimensionsOfService)) {
    const cpu = (task: TaskUsage): number => (task.cpuUtilized / task.cpuReserved) * 100;
    const memory = (task: TaskUsage): number => (task.memoryUtilized / task.memoryReserved) * 100;
    addPerTask(metrics, 'CPUUtilization', of, 'Percent', group, cpu);
    addPerTask(metrics, 'MemoryUtilization', of, 'Percent', group, memory);
  }
}

/** `ECS/ContainerInsights`: per cluster, service and task definition family, one sample a task; `Sum` is the whole. */
export function addContainerInsights(
  metrics: MinuteMetrics,
  clusters: readonly ClusterCounts[],
  services: readonly ServiceCounts[],
  tasks: readonly TaskUsage[],
): void {
  const names = new Set(clusters.map(({ cluster }) => cluster));
  const kinds = kindsOf(tasks).filter(([{ cluster }]) => names.has(cluster));
  for (const counts of clusters) addClusterMetrics(metrics, counts);
  for (const counts of services) if (names.has(counts.cluster)) addServiceMetrics(metrics, counts);
  addTaskMetrics(metrics, kinds, ({ cluster }) => dimensions('ClusterName', cluster));
  addTaskMetrics(metrics, kinds, dimensionsOfService);
  addTaskMetrics(metrics, kinds, ({ cluster, family }) =>
    dimensions('TaskDefinitionFamily', family, 'ClusterName', cluster),
  );
}

function addClusterMetrics(metrics: MinuteMetrics, { cluster, services, tasks }: ClusterCounts): void {
  const of = dimensions('ClusterName', cluster);
  metrics.add('ServiceCount', of, 'Count', services);
  metrics.add('TaskCount', of, 'Count', tasks);
  metrics.add('ContainerInstanceCount', of, 'Count', 0);
}

function addServiceMetrics(metrics: MinuteMetrics, counts: ServiceCounts): void {
  const of = dimensions('ServiceName', counts.service, 'ClusterName', counts.cluster);
  metrics.add('DeploymentCount', of, 'Count', counts.deployments);
  metrics.add('DesiredTaskCount', of, 'Count', counts.desired);
  metrics.add('PendingTaskCount', of, 'Count', counts.pending);
  metrics.add('RunningTaskCount', of, 'Count', counts.running);
  metrics.add('TaskSetCount', of, 'Count', 0);
}

/** Known: units as the performance log events of Container Insights declare them. */
function addTaskMetrics(
  metrics: MinuteMetrics,
  kinds: readonly Kind[],
  dimensionsOf: (task: TaskUsage) => Dimension[] | undefined,
): void {
  for (const [of, group] of groupsOf(kinds, dimensionsOf)) {
    addPerTask(metrics, 'CpuUtilized', of, 'None', group, (task) => task.cpuUtilized);
    addPerTask(metrics, 'CpuReserved', of, 'None', group, (task) => task.cpuReserved);
    addPerTask(metrics, 'MemoryUtilized', of, 'Megabytes', group, (task) => task.memoryUtilized);
    addPerTask(metrics, 'MemoryReserved', of, 'Megabytes', group, (task) => task.memoryReserved);
  }
}

/** Tasks that run alone are of no service. */
function dimensionsOfService({ cluster, service }: TaskUsage): Dimension[] | undefined {
  return service === undefined ? undefined : dimensions('ServiceName', service, 'ClusterName', cluster);
}

/** Tasks of one family in one service: they have all dimensions in common. */
type Kind = readonly [TaskUsage, ...TaskUsage[]];

function kindsOf(tasks: readonly TaskUsage[]): readonly Kind[] {
  const kinds: [TaskUsage, ...TaskUsage[]][] = [];
  const byService = new Map<string | undefined, (typeof kinds)[number][]>();
  for (const task of tasks) {
    const known = byService.get(task.service) ?? [];
    const kind = known.find(([{ cluster, family }]) => cluster === task.cluster && family === task.family);
    if (kind) {
      kind.push(task);
      continue;
    }
    const made: (typeof kinds)[number] = [task];
    kinds.push(made);
    known.push(made);
    byService.set(task.service, known);
  }
  return kinds;
}

function groupsOf(
  kinds: readonly Kind[],
  dimensionsOf: (task: TaskUsage) => Dimension[] | undefined,
): ReadonlyMap<Dimension[], readonly TaskUsage[]> {
  const groups = new Map<Dimension[], readonly TaskUsage[]>();
  for (const kind of kinds) {
    const of = dimensionsOf(kind[0]);
    if (of === undefined) continue;
    const group = groups.get(of);
    groups.set(of, group ? [...group, ...kind] : kind);
  }
  return groups;
}

function addPerTask(
  metrics: MinuteMetrics,
  name: string,
  of: Dimension[],
  unit: StandardUnit,
  tasks: readonly TaskUsage[],
  value: (task: TaskUsage) => number,
): void {
  metrics.addSamples(name, of, unit, { values: tasks.map(value) });
}
