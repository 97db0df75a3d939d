import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../../kernel/instant.ts';
import { LoadBalancerMetrics } from './metrics.ts';
import type { CounterReport } from './ports.ts';
import { balanced, elbRegion } from './testing/elb-region.ts';
import { hostCounts } from './views.ts';

const START = instant(Date.parse('2026-11-22T12:00:00Z'));
const at = (seconds: number) => instant(START + seconds * 1000);

function report(counters: Record<string, number>, requests: number, seconds: number): CounterReport {
  const targetResponseTime = {
    sampleCount: requests,
    sum: requests * seconds,
    minimum: seconds,
    maximum: seconds,
    values: [seconds],
    counts: [requests],
  };
  const targetGroups = [{ targetGroupArn: 'tg', counters: { RequestCount: requests }, targetResponseTime }];
  return { loadBalancerArn: 'lb', counters, targetGroups };
}

test('seconds become minutes of the region, per load balancer and per target group; open connections are no sum', () => {
  const metrics = new LoadBalancerMetrics();
  metrics.record(at(58), [report({ NewConnectionCount: 1, ActiveConnectionCount: 7 }, 2, 0.5)]);
  metrics.record(at(59), [report({ NewConnectionCount: 2, ActiveConnectionCount: 5 }, 1, 0.25)]);
  metrics.record(at(60), [report({ NewConnectionCount: 4 }, 1, 1)]);
  const [first, ofGroup, ...others] = metrics.minutes(at(0), at(60));
  assert.deepEqual(others, []);
  assert.deepEqual(first?.counts, { NewConnectionCount: 3, ActiveConnectionCount: 7, RequestCount: 3 });
  assert.equal(first?.targetGroupArn, undefined);
  assert.equal(ofGroup?.targetGroupArn, 'tg');
  assert.deepEqual(ofGroup?.counts, { RequestCount: 3 });
  assert.deepEqual(ofGroup?.targetResponseTime, {
    sampleCount: 3,
    sum: 1.25,
    minimum: 0.25,
    maximum: 0.5,
    values: [0.25, 0.5],
    counts: [1, 2],
  });
  assert.equal(metrics.minutes(at(60), at(120))[0]?.counts['NewConnectionCount'], 4);
});

test('a quarter of an hour is kept', () => {
  const metrics = new LoadBalancerMetrics();
  for (let minute = 0; minute <= 20; minute += 1) metrics.record(at(minute * 60), [report({}, 1, 1)]);
  const starts = new Set(metrics.minutes(START, at(3600)).map(({ start }) => (start - START) / 60_000));
  assert.deepEqual(
    [...starts],
    Array.from({ length: 15 }, (_, i) => i + 6),
  );
});

test('hosts are counted as they are; one that drains is neither healthy nor unhealthy', async () => {
  const region = elbRegion();
  const { loadBalancerArn, targetGroupArn: TargetGroupArn } = await balanced(region);
  region.plane.outcomes.set('10.0.0.2:3000', { kind: 'timedOut' });
  const Targets = ['10.0.0.1', '10.0.0.2', '10.0.0.3'].map((Id) => ({ Id }));
  await region.call('elbv2', 'registerTargets', { TargetGroupArn, Targets });
  await region.advance(60);
  await region.call('elbv2', 'deregisterTargets', { TargetGroupArn, Targets: [{ Id: '10.0.0.3' }] });
  assert.deepEqual(hostCounts(region.tables), [
    { loadBalancerArn, targetGroupArn: TargetGroupArn, healthy: 1, unhealthy: 1 },
  ]);
});
