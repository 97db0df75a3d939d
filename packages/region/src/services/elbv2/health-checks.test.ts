import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balanced, elbRegion, forward, healthOf, newTargetGroup } from './testing/elb-region.ts';

const target = { Id: '10.0.1.5', Port: 3000 };

test('a new target is initial, then healthy after one success; the balancer is told', async () => {
  const region = elbRegion();
  const { targetGroupArn, loadBalancerArn } = await balanced(region);
  await region.call('elbv2', 'registerTargets', { TargetGroupArn: targetGroupArn, Targets: [target] });
  assert.deepEqual(await healthOf(region, targetGroupArn), ['initial Elb.RegistrationInProgress']);
  await region.advance(1);
  assert.deepEqual(await healthOf(region, targetGroupArn), ['healthy']);
  assert.deepEqual(region.plane.probes, [{ ip: '10.0.1.5', port: 3000, path: '/health', timeoutSeconds: 5 }]);
  const [group] = region.plane.configurations.get(loadBalancerArn)?.targetGroups ?? [];
  assert.deepEqual(group?.targets, [{ ip: '10.0.1.5', port: 3000, status: 'healthy' }]);
});

test('a healthy target becomes unhealthy at the unhealthy threshold and healthy again at the healthy threshold', async () => {
  const region = elbRegion();
  const { targetGroupArn } = await balanced(region);
  await region.call('elbv2', 'registerTargets', { TargetGroupArn: targetGroupArn, Targets: [target] });
  await region.advance(1);
  region.plane.outcomes.set('10.0.1.5:3000', { kind: 'answered', statusCode: 500 });
  await region.advance(10);
  assert.deepEqual(await healthOf(region, targetGroupArn), ['healthy']);
  await region.advance(10);
  assert.deepEqual(await healthOf(region, targetGroupArn), ['unhealthy Target.ResponseCodeMismatch']);
  region.plane.outcomes.delete('10.0.1.5:3000');
  await region.advance(20);
  assert.deepEqual(await healthOf(region, targetGroupArn), ['unhealthy Target.ResponseCodeMismatch']);
  await region.advance(10);
  assert.deepEqual(await healthOf(region, targetGroupArn), ['healthy']);
});

for (const [name, outcome, reason, description] of [
  [
    'answers with another code',
    { kind: 'answered', statusCode: 503 },
    'Target.ResponseCodeMismatch',
    'Health checks failed with these codes: [503]',
  ],
  ['does not answer in time', { kind: 'timedOut' }, 'Target.Timeout', 'Request timed out'],
  [
    'refuses the connection',
    { kind: 'failed', reason: 'ECONNREFUSED' },
    'Target.FailedHealthChecks',
    'Health checks failed',
  ],
] as const) {
  test(`a target that ${name} is unhealthy: ${reason}`, async () => {
    const region = elbRegion();
    const { targetGroupArn } = await balanced(region);
    region.plane.outcomes.set('10.0.1.5:3000', outcome);
    await region.call('elbv2', 'registerTargets', { TargetGroupArn: targetGroupArn, Targets: [target] });
    await region.advance(10);
    assert.deepEqual(await healthOf(region, targetGroupArn), ['initial Elb.InitialHealthChecking']);
    await region.advance(10);
    const { TargetHealthDescriptions } = await region.call('elbv2', 'describeTargetHealth', {
      TargetGroupArn: targetGroupArn,
    });
    assert.deepEqual(TargetHealthDescriptions?.[0]?.TargetHealth, {
      State: 'unhealthy',
      Reason: reason,
      Description: description,
    });
  });
}

test('a new target that does not accept connections yet is tried every second, for one interval', async () => {
  const region = elbRegion();
  const { targetGroupArn } = await balanced(region);
  region.plane.outcomes.set('10.0.1.5:3000', { kind: 'failed', reason: 'ECONNREFUSED' });
  await region.call('elbv2', 'registerTargets', { TargetGroupArn: targetGroupArn, Targets: [target] });
  await region.advance(3);
  assert.equal(region.plane.probes.length, 3);
  assert.deepEqual(await healthOf(region, targetGroupArn), ['initial Elb.RegistrationInProgress']);
  region.plane.outcomes.delete('10.0.1.5:3000');
  await region.advance(1);
  assert.deepEqual(await healthOf(region, targetGroupArn), ['healthy']);
  await region.advance(9);
  assert.equal(region.plane.probes.length, 4);
  await region.advance(1);
  assert.equal(region.plane.probes.length, 5);
});

test('a group that no listener uses is not checked: its targets are unused until it is used, and again after', async () => {
  const region = elbRegion();
  const { listenerArn, targetGroupArn } = await balanced(region);
  const other = await newTargetGroup(region, 'other');
  await region.call('elbv2', 'registerTargets', { TargetGroupArn: other, Targets: [target] });
  await region.advance(60);
  assert.deepEqual(await healthOf(region, other), ['unused Target.NotInUse']);
  assert.equal(region.plane.probes.length, 0);
  await region.call('elbv2', 'modifyListener', {
    ListenerArn: listenerArn,
    DefaultActions: [forward(other)],
  });
  await region.advance(1);
  assert.deepEqual(await healthOf(region, other), ['healthy']);
  await region.call('elbv2', 'modifyListener', {
    ListenerArn: listenerArn,
    DefaultActions: [forward(targetGroupArn)],
  });
  assert.deepEqual(await healthOf(region, other), ['unused Target.NotInUse']);
});

test('a deregistered target drains for the delay, then is not registered', async () => {
  const region = elbRegion();
  const { targetGroupArn, loadBalancerArn } = await balanced(region);
  await region.call('elbv2', 'modifyTargetGroupAttributes', {
    TargetGroupArn: targetGroupArn,
    Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '30' }],
  });
  await region.call('elbv2', 'registerTargets', { TargetGroupArn: targetGroupArn, Targets: [target] });
  await region.advance(1);
  await region.call('elbv2', 'deregisterTargets', { TargetGroupArn: targetGroupArn, Targets: [target] });
  await region.advance(29);
  assert.deepEqual(await healthOf(region, targetGroupArn), ['draining Target.DeregistrationInProgress']);
  assert.equal(
    region.plane.configurations.get(loadBalancerArn)?.targetGroups[0]?.targets[0]?.status,
    'draining',
  );
  await region.advance(1);
  assert.deepEqual(await healthOf(region, targetGroupArn), []);
  assert.deepEqual(region.plane.configurations.get(loadBalancerArn)?.targetGroups[0]?.targets, []);
  assert.deepEqual(await healthOf(region, targetGroupArn, [target]), ['unused Target.NotRegistered']);
});

test('a target in a zone that the load balancer has not is unused', async () => {
  const region = elbRegion();
  const { targetGroupArn, loadBalancerArn } = await balanced(region);
  await region.call('elbv2', 'setSubnets', {
    LoadBalancerArn: loadBalancerArn,
    Subnets: ['subnet-a', 'subnet-c'],
  });
  await region.call('elbv2', 'registerTargets', { TargetGroupArn: targetGroupArn, Targets: [target] });
  assert.deepEqual(await healthOf(region, targetGroupArn), ['unused Target.NotInUse']);
  await region.call('elbv2', 'setSubnets', {
    LoadBalancerArn: loadBalancerArn,
    Subnets: ['subnet-a', 'subnet-b'],
  });
  await region.advance(1);
  assert.deepEqual(await healthOf(region, targetGroupArn), ['healthy']);
});

test('with health checks disabled the state is unavailable; enabled again, it starts anew', async () => {
  const region = elbRegion();
  const { targetGroupArn } = await balanced(region);
  await region.call('elbv2', 'registerTargets', { TargetGroupArn: targetGroupArn, Targets: [target] });
  await region.advance(1);
  await region.call('elbv2', 'modifyTargetGroup', {
    TargetGroupArn: targetGroupArn,
    HealthCheckEnabled: false,
  });
  assert.deepEqual(await healthOf(region, targetGroupArn), ['unavailable Target.HealthCheckDisabled']);
  await region.advance(30);
  assert.equal(region.plane.probes.length, 1);
  await region.call('elbv2', 'modifyTargetGroup', {
    TargetGroupArn: targetGroupArn,
    HealthCheckEnabled: true,
  });
  await region.advance(1);
  assert.deepEqual(await healthOf(region, targetGroupArn), ['healthy']);
});

test('after a restart the balancer is configured again and health starts as initial', async () => {
  const first = elbRegion();
  const { targetGroupArn, loadBalancerArn } = await balanced(first);
  await first.call('elbv2', 'registerTargets', { TargetGroupArn: targetGroupArn, Targets: [target] });
  await first.advance(1);
  const second = elbRegion(first.commits);
  await second.advance(0);
  assert.deepEqual(await healthOf(second, targetGroupArn), ['initial Elb.RegistrationInProgress']);
  assert.equal(second.plane.configurations.get(loadBalancerArn)?.listeners.length, 1);
  await second.advance(1);
  assert.deepEqual(await healthOf(second, targetGroupArn), ['healthy']);
});
