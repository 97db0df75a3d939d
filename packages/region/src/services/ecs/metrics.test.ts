import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MinuteMetrics } from '../../kernel/metric-minutes.ts';
import type { ClusterCounts, ServiceCounts, TaskUsage } from './metrics-data.ts';
import { addContainerInsights, addUtilization } from './metrics-data.ts';
import { Scenario } from './testing/scenario.ts';

function metricsOf(add: (metrics: MinuteMetrics) => void) {
  const metrics = new MinuteMetrics('AWS/ECS');
  add(metrics);
  return metrics.all();
}

const usage = (changes: Partial<TaskUsage>): TaskUsage => ({
  cluster: 'main',
  service: 'web',
  family: 'web',
  cpuUtilized: 64,
  cpuReserved: 256,
  memoryUtilized: 128,
  memoryReserved: 512,
  ...changes,
});

test('utilization is the percentage of what each task reserves, one sample a task', () => {
  const tasks = [
    usage({}),
    usage({ cpuUtilized: 256 }),
    usage({ cpuUtilized: 512, cpuReserved: 1024, memoryReserved: 2048 }),
  ];
  const metrics = metricsOf((made) => addUtilization(made, tasks));
  assert.deepEqual(
    metrics.map(({ MetricName, Values, Counts, Unit }) => [MetricName, Values, Counts ?? 'once each', Unit]),
    [
      ['CPUUtilization', [25, 100, 50], 'once each', 'Percent'],
      ['MemoryUtilization', [25, 25, 6.25], 'once each', 'Percent'],
    ],
  );
  assert.deepEqual(metrics[0]?.Dimensions, [
    { Name: 'ServiceName', Value: 'web' },
    { Name: 'ClusterName', Value: 'main' },
  ]);
});

test('services with the same name in two clusters are told apart; tasks that run alone have no utilization', () => {
  const tasks = [usage({}), usage({ cluster: 'other' }), withoutService(usage({}))];
  const metrics = metricsOf((made) => addUtilization(made, tasks));
  assert.deepEqual(
    metrics.map(({ Dimensions, Values }) => [Dimensions?.[1]?.Value, Values?.length]),
    [
      ['main', 1],
      ['main', 1],
      ['other', 1],
      ['other', 1],
    ],
  );
});

test('Container Insights counts per cluster and service, and sums CPU and memory over cluster, service and family', () => {
  const clusters: readonly ClusterCounts[] = [{ cluster: 'main', services: 1, tasks: 3 }];
  const services: readonly ServiceCounts[] = [
    { cluster: 'main', service: 'web', deployments: 2, desired: 2, pending: 1, running: 1 },
    { cluster: 'plain', service: 'web', deployments: 1, desired: 1, pending: 0, running: 1 },
  ];
  const tasks = [usage({}), withoutService(usage({ family: 'job' })), usage({ cluster: 'plain' })];
  const metrics = metricsOf((made) => addContainerInsights(made, clusters, services, tasks));
  assert.deepEqual(
    metrics.map(({ MetricName, Dimensions = [], Value, Values }) => [
      Dimensions.map((one) => `${one.Name}=${one.Value}`).join(' '),
      MetricName,
      Value ?? Values,
    ]),
    [
      ['ClusterName=main', 'ServiceCount', 1],
      ['ClusterName=main', 'TaskCount', 3],
      ['ClusterName=main', 'ContainerInstanceCount', 0],
      ['ServiceName=web ClusterName=main', 'DeploymentCount', 2],
      ['ServiceName=web ClusterName=main', 'DesiredTaskCount', 2],
      ['ServiceName=web ClusterName=main', 'PendingTaskCount', 1],
      ['ServiceName=web ClusterName=main', 'RunningTaskCount', 1],
      ['ServiceName=web ClusterName=main', 'TaskSetCount', 0],
      ...taskRows('ClusterName=main', 2),
      ...taskRows('ServiceName=web ClusterName=main', 1),
      ...taskRows('TaskDefinitionFamily=web ClusterName=main', 1),
      ...taskRows('TaskDefinitionFamily=job ClusterName=main', 1),
    ],
  );
});

test('each minute the running tasks of a service are measured and published in one step', async () => {
  const scenario = new Scenario({ publishesMetrics: true });
  scenario.runner.script('v1', { uses: { cores: 0.125, memoryMiB: 64 } });
  await scenario.steadyService('v1');
  await scenario.region.advance(60);
  assert.deepEqual(scenario.cloudWatch.at('2026-11-22T12:01:00Z'), [
    'CPUUtilization{ServiceName=web,ClusterName=default} 50×1 50×1 Percent',
    'MemoryUtilization{ServiceName=web,ClusterName=default} 12.5×1 12.5×1 Percent',
  ]);
  await scenario.call('ecs', 'updateService', { service: 'web', desiredCount: 0 });
  await scenario.region.advance(120);
  // Confirmed by docs: a service without running tasks has no metrics.
  assert.deepEqual(scenario.cloudWatch.at('2026-11-22T12:03:00Z'), []);
});

test('what cannot be measured has no data, and Container Insights counts it nevertheless', async () => {
  const scenario = new Scenario({ publishesMetrics: true });
  await scenario.steadyService('v1');
  await scenario.call('ecs', 'updateClusterSettings', {
    cluster: 'default',
    settings: [{ name: 'containerInsights', value: 'enabled' }],
  });
  await scenario.region.advance(60);
  const published = scenario.cloudWatch.at('2026-11-22T12:01:00Z');
  assert.ok(published.includes('RunningTaskCount{ServiceName=web,ClusterName=default} 2 Count'));
  assert.ok(published.every((line) => line.endsWith('Count')));
  assert.deepEqual(
    scenario.region.messages.filter(({ level }) => level !== 'info').map(({ text }) => text),
    [],
  );
});

function withoutService({ service: _, ...rest }: TaskUsage): TaskUsage {
  return rest;
}

function taskRows(dimensions: string, tasks: number): [string, string, number[]][] {
  const of = (value: number) => Array.from({ length: tasks }, () => value);
  return [
    [dimensions, 'CpuUtilized', of(64)],
    [dimensions, 'CpuReserved', of(256)],
    [dimensions, 'MemoryUtilized', of(128)],
    [dimensions, 'MemoryReserved', of(512)],
  ];
}
