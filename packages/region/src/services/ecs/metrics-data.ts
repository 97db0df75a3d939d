/**
 * What CloudWatch is told of a minute, pure. Names, units and dimensions as in
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html and
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html
 */
import type { Dimension, MetricDatum, StandardUnit } from '@aws-sdk/client-cloudwatch';

/** One task that was measured while it ran. CPU in units, 1024 a core; memory in MiB. */
export interface TaskUsage {
  readonly cluster: string;
  /** Absent: it was run alone. */
  readonly service?: string;
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
  const ofServices = tasks.filter(({ service }) => service !== undefined);
  return groupsOf(ofServices, ({ cluster, service }) =>
    dimensions({ ServiceName: service, ClusterName: cluster }),
  ).flatMap(([Dimensions, group]) => [
    samples(
      'CPUUtilization',
      Dimensions,
      'Percent',
      group,
      (task) => (task.cpuUtilized / task.cpuReserved) * 100,
    ),
    samples(
      'MemoryUtilization',
      Dimensions,
      'Percent',
      group,
      (task) => (task.memoryUtilized / task.memoryReserved) * 100,
    ),
  ]);
}

/** `ECS/ContainerInsights`: per cluster, service and task definition family, one sample a task; `Sum` is the whole. */
export function containerInsightsMetrics(
  clusters: readonly ClusterCounts[],
  services: readonly ServiceCounts[],
  tasks: readonly TaskUsage[],
): readonly MetricDatum[] {
  const names = new Set(clusters.map(({ cluster }) => cluster));
  const insightful = tasks.filter(({ cluster }) => names.has(cluster));
  return [
    ...clusters.flatMap(clusterMetrics),
    ...services.filter(({ cluster }) => names.has(cluster)).flatMap(serviceMetrics),
    ...taskMetrics(insightful, ({ cluster }) => dimensions({ ClusterName: cluster })),
    ...taskMetrics(
      insightful.filter(({ service }) => service !== undefined),
      ({ cluster, service }) => dimensions({ ServiceName: service, ClusterName: cluster }),
    ),
    ...taskMetrics(insightful, ({ cluster, family }) =>
      dimensions({ TaskDefinitionFamily: family, ClusterName: cluster }),
    ),
  ];
}

function clusterMetrics({ cluster, services, tasks }: ClusterCounts): MetricDatum[] {
  const Dimensions = dimensions({ ClusterName: cluster });
  return [
    count('ServiceCount', Dimensions, services),
    count('TaskCount', Dimensions, tasks),
    count('ContainerInstanceCount', Dimensions, 0),
  ];
}

function serviceMetrics(counts: ServiceCounts): MetricDatum[] {
  const Dimensions = dimensions({ ServiceName: counts.service, ClusterName: counts.cluster });
  return [
    count('DeploymentCount', Dimensions, counts.deployments),
    count('DesiredTaskCount', Dimensions, counts.desired),
    count('PendingTaskCount', Dimensions, counts.pending),
    count('RunningTaskCount', Dimensions, counts.running),
    count('TaskSetCount', Dimensions, 0),
  ];
}

/** Known: units as the performance log events of Container Insights declare them. */
function taskMetrics(
  tasks: readonly TaskUsage[],
  dimensionsOf: (task: TaskUsage) => Dimension[],
): MetricDatum[] {
  return groupsOf(tasks, dimensionsOf).flatMap(([Dimensions, group]) => [
    samples('CpuUtilized', Dimensions, 'None', group, (task) => task.cpuUtilized),
    samples('CpuReserved', Dimensions, 'None', group, (task) => task.cpuReserved),
    samples('MemoryUtilized', Dimensions, 'Megabytes', group, (task) => task.memoryUtilized),
    samples('MemoryReserved', Dimensions, 'Megabytes', group, (task) => task.memoryReserved),
  ]);
}

function groupsOf(
  tasks: readonly TaskUsage[],
  dimensionsOf: (task: TaskUsage) => Dimension[],
): readonly (readonly [Dimension[], readonly TaskUsage[]])[] {
  const groups = new Map<string, [Dimension[], TaskUsage[]]>();
  for (const task of tasks) {
    const found = dimensionsOf(task);
    const key = JSON.stringify(found);
    const [, group] = groups.get(key) ?? [];
    if (group) group.push(task);
    else groups.set(key, [found, [task]]);
  }
  return [...groups.values()];
}

function samples(
  name: string,
  Dimensions: Dimension[],
  unit: StandardUnit,
  tasks: readonly TaskUsage[],
  value: (task: TaskUsage) => number,
): MetricDatum {
  return { MetricName: name, Dimensions, Unit: unit, Values: tasks.map(value), Counts: tasks.map(() => 1) };
}

function count(name: string, Dimensions: Dimension[], value: number): MetricDatum {
  return { MetricName: name, Dimensions, Value: value, Unit: 'Count' };
}

function dimensions(named: Readonly<Record<string, string | undefined>>): Dimension[] {
  return Object.entries(named).map(([Name, Value]) => ({ Name, Value }));
}
