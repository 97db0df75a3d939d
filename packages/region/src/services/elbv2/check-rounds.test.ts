import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balanced, elbRegion, healthOf, newTargetGroup } from './testing/elb-region.ts';

type Region = ReturnType<typeof elbRegion>;

async function register(region: Region, TargetGroupArn: string, ...hosts: number[]): Promise<void> {
  const Targets = hosts.map((host) => ({ Id: `10.0.0.${host}`, Port: 3000 }));
  await region.call('elbv2', 'registerTargets', { TargetGroupArn, Targets });
}

/** Which hosts are probed in so many seconds, in order. */
async function probed(region: Region, seconds: number): Promise<string[]> {
  region.plane.probes.length = 0;
  await region.advance(seconds);
  return region.plane.probes.map(({ ip }) => ip.slice(-1));
}

const timers = (region: Region): string[] =>
  region.kernel.listTimers().flatMap(({ name, subject }) => (name === 'healthCheck' ? [subject] : []));

test('targets that are checked at the same moments have one timer, others have theirs', async () => {
  const region = elbRegion();
  const { targetGroupArn } = await balanced(region);
  await register(region, targetGroupArn, 1, 2);
  await region.advance(3);
  await register(region, targetGroupArn, 3);
  await region.advance(8);
  assert.equal(timers(region).length, 2);
  assert.deepEqual((await probed(region, 20)).sort(), ['1', '1', '2', '2', '3', '3']);
  assert.deepEqual(await healthOf(region, targetGroupArn), ['healthy', 'healthy', 'healthy']);
});

test('a target that is deregistered is not checked any more, and a round without targets ends', async () => {
  const region = elbRegion();
  const { targetGroupArn } = await balanced(region);
  await register(region, targetGroupArn, 1, 2);
  await region.advance(15);
  const deregister = (host: number) =>
    region.call('elbv2', 'deregisterTargets', {
      TargetGroupArn: targetGroupArn,
      Targets: [{ Id: `10.0.0.${host}`, Port: 3000 }],
    });
  await deregister(1);
  assert.deepEqual(await probed(region, 20), ['2', '2']);
  await deregister(2);
  assert.deepEqual(await probed(region, 20), []);
  assert.deepEqual(timers(region), []);
  await register(region, targetGroupArn, 2);
  await region.advance(5);
  assert.deepEqual(await healthOf(region, targetGroupArn), [
    'draining Target.DeregistrationInProgress',
    'healthy',
  ]);
  assert.deepEqual(await probed(region, 20), ['2', '2']);
});

test('a changed interval holds from the next check on', async () => {
  const region = elbRegion();
  const { targetGroupArn } = await balanced(region);
  await register(region, targetGroupArn, 1);
  await region.advance(15);
  await region.call('elbv2', 'modifyTargetGroup', {
    TargetGroupArn: targetGroupArn,
    HealthCheckIntervalSeconds: 40,
  });
  assert.equal((await probed(region, 120)).length, 3);
  assert.equal(timers(region).length, 1);
});

test('a changed path holds for the next check, a failing target becomes unhealthy and healthy again', async () => {
  const region = elbRegion();
  const { targetGroupArn } = await balanced(region);
  await register(region, targetGroupArn, 1, 2);
  await region.advance(25);
  await region.call('elbv2', 'modifyTargetGroup', {
    TargetGroupArn: targetGroupArn,
    HealthCheckPath: '/alive',
  });
  await probed(region, 10);
  assert.deepEqual(
    region.plane.probes.map(({ path }) => path),
    ['/alive', '/alive'],
  );
  region.plane.outcomes.set('10.0.0.2:3000', { kind: 'answered', statusCode: 503 });
  await region.advance(20);
  assert.deepEqual(await healthOf(region, targetGroupArn), [
    'healthy',
    'unhealthy Target.ResponseCodeMismatch',
  ]);
  region.plane.outcomes.clear();
  await region.advance(30);
  assert.deepEqual(await healthOf(region, targetGroupArn), ['healthy', 'healthy']);
  // A code that was one of success is none any more.
  await region.call('elbv2', 'modifyTargetGroup', {
    TargetGroupArn: targetGroupArn,
    Matcher: { HttpCode: '204' },
  });
  await region.advance(20);
  assert.equal((await healthOf(region, targetGroupArn))[0], 'unhealthy Target.ResponseCodeMismatch');
});

test('targets of a group that is deleted are forgotten', async () => {
  const region = elbRegion();
  await balanced(region);
  const unused = await newTargetGroup(region, 'unused');
  await register(region, unused, 7);
  await region.call('elbv2', 'deleteTargetGroup', { TargetGroupArn: unused });
  assert.deepEqual(await probed(region, 30), []);
});
