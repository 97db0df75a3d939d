import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instant } from '../../kernel/instant.ts';
import { nextSlowStartStep, slowStartShare, startsSlowly } from './slow-start.ts';
import { balanced, elbRegion } from './testing/elb-region.ts';

const T = instant(1_000_000);
const OLD = { state: 'healthy' };
const YOUNG = { state: 'healthy', slowStartSince: T };
const ILL = { state: 'unhealthy' };
const newOne = { isRecovered: false, isFirst: false };

for (const [name, seconds, candidate, others, expected] of [
  ['beside a healthy one', 30, newOne, [OLD], true],
  ['when it is off', 0, newOne, [OLD], false],
  ['beside none', 30, newOne, [], false],
  ['beside one in slow start only', 30, newOne, [YOUNG], false],
  ['beside an unhealthy one only', 30, newOne, [ILL], false],
  ['of the first registration', 30, { isRecovered: false, isFirst: true }, [OLD], false],
  ['of the first registration that recovered', 30, { isRecovered: true, isFirst: true }, [OLD], true],
  ['that recovered', 30, { isRecovered: true, isFirst: false }, [YOUNG, OLD], true],
] as const) {
  test(`a target ${name} ${expected ? 'starts slowly' : 'starts at once'}`, () => {
    assert.equal(startsSlowly(seconds, candidate, others), expected);
  });
}

for (const [elapsed, share] of [
  [0, 1 / 30],
  [30, 16 / 30],
  [58, 1],
  [60, 1],
] as const) {
  test(`${elapsed} s into a slow start of 60 s the share is ${share}`, () => {
    assert.equal(slowStartShare(T, 60, instant(T + elapsed * 1000)), share);
  });
}

test('the share grows every thirtieth of the duration, and then no more', () => {
  assert.equal(nextSlowStartStep(T, 60, T), T + 2000);
  assert.equal(nextSlowStartStep(T, 60, instant(T + 58_000)), undefined);
});

async function slowRegion() {
  const region = elbRegion();
  const { loadBalancerArn, targetGroupArn: TargetGroupArn } = await balanced(region);
  const set = (Key: string, Value: string) =>
    region.call('elbv2', 'modifyTargetGroupAttributes', { TargetGroupArn, Attributes: [{ Key, Value }] });
  await set('slow_start.duration_seconds', '60');
  return {
    region,
    set,
    register: (Id: string) => region.call('elbv2', 'registerTargets', { TargetGroupArn, Targets: [{ Id }] }),
    shares: () =>
      (region.plane.configurations.get(loadBalancerArn)?.targetGroups[0]?.targets ?? []).map(
        ({ status, share = 1 }) => (status === 'healthy' ? Math.round(share * 100) : status),
      ),
  };
}

test('a new target gets more and more requests, on the region’s clock; one that recovers begins anew', async () => {
  const { region, register, shares } = await slowRegion();
  await register('10.0.0.1');
  await region.advance(2);
  await register('10.0.0.2');
  await region.advance(1);
  assert.deepEqual(shares(), [100, 3]);
  await region.advance(30);
  assert.deepEqual(shares(), [100, 53]);
  await region.advance(30);
  assert.deepEqual(shares(), [100, 100]);
  region.plane.outcomes.set('10.0.0.2:3000', { kind: 'timedOut' });
  await region.advance(30);
  assert.deepEqual(shares(), [100, 'unhealthy']);
  region.plane.outcomes.clear();
  await region.advance(31);
  const [, again] = shares();
  assert.ok(typeof again === 'number' && again < 50);
});

test('switching slow start off gives every target its whole share; it needs round robin', async () => {
  const { region, register, shares, set } = await slowRegion();
  await assert.rejects(set('load_balancing.algorithm.type', 'least_outstanding_requests'), {
    code: 'InvalidConfigurationRequest',
  });
  await register('10.0.0.1');
  await region.advance(2);
  await register('10.0.0.2');
  await region.advance(5);
  assert.ok(Number(shares()[1]) < 50);
  await set('slow_start.duration_seconds', '0');
  assert.deepEqual(shares(), [100, 100]);
  await set('load_balancing.algorithm.type', 'weighted_random');
});

test('health thresholds reach the plane; that of DNS may not be below that of routing', async () => {
  const region = elbRegion();
  const { loadBalancerArn, targetGroupArn: TargetGroupArn } = await balanced(region);
  const set = (given: Record<string, string>) =>
    region.call('elbv2', 'modifyTargetGroupAttributes', {
      TargetGroupArn,
      Attributes: Object.entries(given).map(([key, Value]) => ({ Key: `target_group_health.${key}`, Value })),
    });
  const told = () => region.plane.configurations.get(loadBalancerArn)?.targetGroups[0]?.minimumHealthyTargets;
  assert.deepEqual(told(), { count: 1 });
  const routing = 'unhealthy_state_routing.minimum_healthy_targets';
  await assert.rejects(set({ [`${routing}.count`]: '2' }), { code: 'InvalidConfigurationRequest' });
  await assert.rejects(set({ [`${routing}.percentage`]: '101' }), { code: 'ValidationError' });
  await set({ 'dns_failover.minimum_healthy_targets.count': '2', [`${routing}.count`]: '2' });
  await set({ [`${routing}.percentage`]: '50' });
  assert.deepEqual(told(), { count: 2, percentage: 50 });
  assert.ok(region.messages.some(({ code }) => code === 'elbv2-dns-failover'));
});
