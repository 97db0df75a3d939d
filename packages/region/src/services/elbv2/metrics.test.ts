import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../../kernel/instant.ts';
import { MinuteMetrics } from '../../kernel/metric-minutes.ts';
import { LoadBalancerMetrics } from './metrics.ts';
import { addCounted, type GroupHosts } from './metrics-data.ts';
import type { CounterReport } from './ports.ts';
import { balanced, elbRegion } from './testing/elb-region.ts';

const START = instant(Date.parse('2026-11-22T12:00:00Z'));
const at = (seconds: number) => instant(START + seconds * 1000);

function report(
  counters: Record<string, number>,
  requests: number,
  seconds: number,
  arns: { readonly loadBalancerArn: string; readonly targetGroupArn: string } = {
    loadBalancerArn: 'lb',
    targetGroupArn: 'tg',
  },
): CounterReport {
  const targetResponseTime = {
    sampleCount: requests,
    sum: requests * seconds,
    minimum: seconds,
    maximum: seconds,
    values: [seconds],
    counts: [requests],
  };
  const ofGroup = {
    targetGroupArn: arns.targetGroupArn,
    counters: { RequestCount: requests, HTTPCode_Target_2XX_Count: requests },
    targetResponseTime,
  };
  return { loadBalancerArn: arns.loadBalancerArn, counters, targetGroups: [ofGroup] };
}

test('seconds become minutes of the region, per load balancer and per target group; open connections are no sum', () => {
  const metrics = new LoadBalancerMetrics();
  metrics.record(at(58), [report({ NewConnectionCount: 1, ActiveConnectionCount: 7 }, 2, 0.5)]);
  metrics.record(at(59), [report({ NewConnectionCount: 2, ActiveConnectionCount: 5 }, 1, 0.25)]);
  metrics.record(at(60), [report({ NewConnectionCount: 4 }, 1, 1)]);
  const [first, ofGroup, ...others] = metrics.takeEnded(at(61));
  assert.deepEqual(others, []);
  assert.deepEqual(first?.counts, {
    NewConnectionCount: 3,
    ActiveConnectionCount: 7,
    RequestCount: 3,
    HTTPCode_Target_2XX_Count: 3,
  });
  assert.equal(first?.targetGroupArn, undefined);
  assert.equal(ofGroup?.targetGroupArn, 'tg');
  assert.deepEqual(ofGroup?.counts, { RequestCount: 3, HTTPCode_Target_2XX_Count: 3 });
  assert.deepEqual(ofGroup?.targetResponseTime, {
    sampleCount: 3,
    sum: 1.25,
    minimum: 0.25,
    maximum: 0.5,
    values: [0.25, 0.5],
    counts: [1, 2],
  });
  assert.deepEqual(metrics.takeEnded(at(61)), []);
  assert.equal(metrics.takeEnded(at(120))[0]?.counts['NewConnectionCount'], 4);
});

const group = (targetGroupArn: string, healthy: number, unhealthy: number): GroupHosts => ({
  loadBalancerArn: 'lb',
  targetGroupArn,
  zones: new Map([['a', { healthy, unhealthy }]]),
  isChecked: true,
  isHealthyForDns: true,
  isHealthyForRouting: true,
});

for (const [what, counts, healthy, unhealthy, perTarget] of [
  ['healthy targets share the requests', { RequestCount: 9 }, 3, 1, 3],
  ['without healthy targets all of them do', { RequestCount: 9 }, 0, 2, 4.5],
  ['a group without requests has 0 while its load balancer has some', {}, 2, 0, 0],
  ['a group without targets has what it was sent', { RequestCount: 2 }, 0, 0, 2],
] as const) {
  test(`RequestCountPerTarget: ${what}`, () => {
    const minutes = [
      { start: START, loadBalancerArn: 'lb', counts: { RequestCount: 10 } },
      { start: START, loadBalancerArn: 'lb', targetGroupArn: 'tg', counts },
    ];
    const metrics = new MinuteMetrics('AWS/ApplicationELB');
    addCounted(metrics, minutes, [group('tg', healthy, unhealthy)]);
    const found = metrics.all().filter(({ MetricName }) => MetricName === 'RequestCountPerTarget');
    assert.deepEqual(
      found.map(({ Dimensions, Value }) => [Dimensions?.map(({ Name }) => Name), Value]),
      [
        [['TargetGroup'], perTarget],
        [['TargetGroup', 'LoadBalancer'], perTarget],
      ],
    );
  });
}

test('more response times than one metric takes go out in parts, with the real extremes', async () => {
  const region = elbRegion();
  const arns = await balanced(region);
  const values = Array.from({ length: 400 }, (_, i) => 1.01 ** i);
  const targetResponseTime = {
    sampleCount: 400,
    sum: 1,
    minimum: 0.999,
    maximum: 60,
    values,
    counts: values.map(() => 1),
  };
  const targetGroups = [{ targetGroupArn: arns.targetGroupArn, counters: {}, targetResponseTime }];
  region.plane.count([{ loadBalancerArn: arns.loadBalancerArn, counters: {}, targetGroups }]);
  await region.advance(60);
  const parts = region.cloudWatch.calls
    .flatMap(({ MetricData = [] }) => MetricData)
    .filter(({ MetricName, Dimensions }) => MetricName === 'TargetResponseTime' && Dimensions?.length === 2);
  assert.deepEqual(
    parts.map(({ Values }) => Values?.length),
    [150, 150, 100],
  );
  assert.deepEqual([parts[0]?.Values?.[0], parts[2]?.Values?.at(-1)], [0.999, 60]);
});

test('each minute is published in one step with AWS’s names, dimensions and units; what is zero is not', async () => {
  const region = elbRegion();
  const arns = await balanced(region);
  const counters = {
    NewConnectionCount: 3,
    ActiveConnectionCount: 2,
    ProcessedBytes: 900,
    HTTPCode_ELB_5XX_Count: 1,
  };
  region.plane.count([report(counters, 4, 0.5, arns)]);
  await region.advance(60);
  const LB = `LoadBalancer=${arns.loadBalancerArn.split('loadbalancer/')[1]}`;
  const TG = `TargetGroup=${arns.targetGroupArn.slice(arns.targetGroupArn.indexOf('targetgroup/'))}`;
  assert.match(LB, /^LoadBalancer=app\/web\/[0-9a-f]{16}$/);
  assert.match(TG, /^TargetGroup=targetgroup\/tasks\/[0-9a-f]{16}$/);
  const published = region.cloudWatch.at('2026-11-22T12:00:00Z');
  assert.deepEqual(
    published.filter((line) => !/Host|State/.test(line)),
    [
      `RequestCount{${LB}} 1×4 Count`,
      `NewConnectionCount{${LB}} 3 Count`,
      `ActiveConnectionCount{${LB}} 2 Count`,
      `ProcessedBytes{${LB}} 900 Bytes`,
      `HTTPCode_ELB_5XX_Count{${LB}} 1×1 Count`,
      `HTTPCode_Target_2XX_Count{${LB}} 1×4 Count`,
      `ConsumedLCUs{${LB}} 0.002 Count`,
      `TargetResponseTime{${LB}} 0.5×4 Seconds`,
      `RequestCountPerTarget{${TG}} 4 Count`,
      `RequestCountPerTarget{${TG},${LB}} 4 Count`,
      `RequestCount{${TG},${LB}} 1×4 Count`,
      `HTTPCode_Target_2XX_Count{${TG},${LB}} 1×4 Count`,
      `TargetResponseTime{${TG},${LB}} 0.5×4 Seconds`,
    ],
  );
  await region.advance(60);
  // Nothing but hosts is reported while no requests flow.
  const quiet = region.cloudWatch.at('2026-11-22T12:01:00Z');
  assert.ok(quiet.length > 0 && quiet.every((line) => /Host|State/.test(line)), quiet.join('\n'));
});

test('hosts are counted as they are, by zone as well; one that drains is neither healthy nor unhealthy', async () => {
  const region = elbRegion();
  const { targetGroupArn: TargetGroupArn } = await balanced(region);
  region.plane.outcomes.set('10.0.1.2:3000', { kind: 'timedOut' });
  const Targets = ['10.0.0.1', '10.0.1.2', '10.0.2.3'].map((Id) => ({ Id }));
  await region.call('elbv2', 'registerTargets', { TargetGroupArn, Targets });
  await region.advance(60);
  await region.call('elbv2', 'deregisterTargets', { TargetGroupArn, Targets: [{ Id: '10.0.2.3' }] });
  await region.advance(60);
  const short = region.cloudWatch
    .at('2026-11-22T12:01:00Z')
    .map((line) => line.replace(/(TargetGroup|LoadBalancer)=[^,}]*,?/g, '').replace(',}', '}'));
  assert.deepEqual(short, [
    'HealthyHostCount{} 1 Count',
    'UnHealthyHostCount{} 1 Count',
    'HealthyHostCount{AvailabilityZone=eu-central-1a} 1 Count',
    'UnHealthyHostCount{AvailabilityZone=eu-central-1a} 0 Count',
    'HealthyHostCount{AvailabilityZone=eu-central-1b} 0 Count',
    'UnHealthyHostCount{AvailabilityZone=eu-central-1b} 1 Count',
    'HealthyHostCount{AvailabilityZone=eu-central-1c} 0 Count',
    'UnHealthyHostCount{AvailabilityZone=eu-central-1c} 0 Count',
    'HealthyStateDNS{} 3 Count',
    'UnhealthyStateDNS{} 0 Count',
    'HealthyStateRouting{} 3 Count',
    'UnhealthyStateRouting{} 0 Count',
  ]);
});

test('a group below its minimum is healthy in no zone', async () => {
  const region = elbRegion();
  const { targetGroupArn: TargetGroupArn } = await balanced(region);
  const Attributes = ['dns_failover', 'unhealthy_state_routing'].map((action) => ({
    Key: `target_group_health.${action}.minimum_healthy_targets.percentage`,
    Value: action === 'dns_failover' ? '100' : '50',
  }));
  await region.call('elbv2', 'modifyTargetGroupAttributes', { TargetGroupArn, Attributes });
  region.plane.outcomes.set('10.0.1.2:3000', { kind: 'timedOut' });
  await region.call('elbv2', 'registerTargets', {
    TargetGroupArn,
    Targets: [{ Id: '10.0.0.1' }, { Id: '10.0.1.2' }],
  });
  await region.advance(120);
  const states = region.cloudWatch.at('2026-11-22T12:01:00Z').filter((line) => line.includes('State'));
  assert.deepEqual(
    states.map((line) => line.replace(/\{.*\}/, '')),
    [
      'HealthyStateDNS 0 Count',
      'UnhealthyStateDNS 3 Count',
      'HealthyStateRouting 3 Count',
      'UnhealthyStateRouting 0 Count',
    ],
  );
});
