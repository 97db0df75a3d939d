import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testRule } from './testing/fake-neighbours.ts';
import { ShiftingScenario, shiftedService } from './testing/shifting-scenario.ts';

test('blue/green: the new revision is tested beside the old one, gets all traffic, bakes, and stays', async () => {
  const scenario = await ShiftingScenario.steady({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5 });
  assert.equal(await scenario.told(), 'SUCCESSFUL 0/0 v1 v1');
  await scenario.release('v2');
  await scenario.region.advance(3);
  assert.equal(await scenario.told(), 'SCALE_UP 0/0 v1 v1 v2 v2');
  await scenario.region.advance(5);
  assert.equal(await scenario.told(), 'BAKE_TIME 100/100 v1 v1 v2 v2');
  const { targetServiceRevision, sourceServiceRevisions } = await scenario.deployment();
  assert.equal(targetServiceRevision?.requestedProductionTrafficWeight, 100);
  assert.equal(sourceServiceRevisions?.[0]?.requestedProductionTrafficWeight, 0);
  await scenario.region.advance(300);
  assert.match(await scenario.told(), /^CLEAN_UP 100\/100/);
  await scenario.region.advance(30);
  assert.equal(await scenario.told(), 'SUCCESSFUL 100/100 v2 v2');

  // The target groups change their roles.
  await scenario.release('v3');
  await scenario.region.advance(400);
  assert.equal(await scenario.told(), 'SUCCESSFUL 0/0 v3 v3');
  assert.equal((await scenario.service()).deployments?.length, 1);
});

test('canary: a share first, the rest after its bake time', async () => {
  const scenario = await ShiftingScenario.steady({
    strategy: 'CANARY',
    bakeTimeInMinutes: 1,
    canaryConfiguration: { canaryPercent: 2.5, canaryBakeTimeInMinutes: 3 },
  });
  await scenario.release('v2');
  await scenario.region.advance(30);
  assert.equal(await scenario.told(), 'PRODUCTION_TRAFFIC_SHIFT 2.5/100 v1 v1 v2 v2');
  await scenario.region.advance(180);
  assert.equal(await scenario.told(), 'BAKE_TIME 100/100 v1 v1 v2 v2');
  await scenario.region.advance(90);
  assert.equal(await scenario.told(), 'SUCCESSFUL 100/100 v2 v2');
});

test('linear: equal steps, each with its bake time but the last', async () => {
  const scenario = await ShiftingScenario.steady({
    strategy: 'LINEAR',
    linearConfiguration: { stepPercent: 40, stepBakeTimeInMinutes: 1 },
  });
  await scenario.release('v2');
  const seen: string[] = [];
  for (let i = 0; i < 4; i += 1) {
    await scenario.region.advance(i === 0 ? 15 : 60);
    seen.push(scenario.traffic());
  }
  assert.deepEqual(seen, ['40/100', '80/100', '100/100', '100/100']);
  assert.equal(await scenario.told(), 'SUCCESSFUL 100/100 v2 v2');
});

const pausable = [
  'PRE_SCALE_UP',
  'POST_SCALE_UP',
  'POST_TEST_TRAFFIC_SHIFT',
  'PRE_PRODUCTION_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
] as const;

for (const stage of pausable) {
  for (const action of ['CONTINUE', 'ROLLBACK'] as const) {
    test(`a PAUSE hook at ${stage} holds the deployment until ContinueServiceDeployment says ${action}`, async () => {
      const scenario = await ShiftingScenario.steady({
        strategy: 'BLUE_GREEN',
        bakeTimeInMinutes: 0,
        lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: [stage] }],
      });
      await scenario.release('v2');
      await scenario.region.advance(3600);
      const { serviceDeploymentArn = '', lifecycleHookDetails } = await scenario.deployment();
      const [hook] = lifecycleHookDetails ?? [];
      assert.equal(hook?.status, 'AWAITING_ACTION');
      assert.equal(hook?.timeoutAction, 'ROLLBACK');
      const hookId = hook?.hookId ?? '';
      await scenario.call('ecs', 'continueServiceDeployment', { serviceDeploymentArn, hookId, action });
      await scenario.region.advance(60);
      assert.equal(
        await scenario.told(),
        action === 'CONTINUE' ? 'SUCCESSFUL 100/100 v2 v2' : 'ROLLBACK_SUCCESSFUL 0/0 v1 v1',
      );
    });
  }
}

test('a hook that nobody answers rolls back when it times out', async () => {
  const scenario = await ShiftingScenario.steady({
    strategy: 'BLUE_GREEN',
    bakeTimeInMinutes: 0,
    lifecycleHooks: [
      {
        targetType: 'PAUSE',
        lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'],
        timeoutConfiguration: { timeoutInMinutes: 30 },
      },
    ],
  });
  await scenario.release('v2');
  await scenario.region.advance(1790);
  assert.equal(await scenario.told(), 'POST_TEST_TRAFFIC_SHIFT 0/100 v1 v1 v2 v2');
  await scenario.region.advance(60);
  assert.equal(await scenario.told(), 'ROLLBACK_SUCCESSFUL 0/0 v1 v1');
});

/** How long after the release it is stopped, and what was going on then. */
const stops = [
  [1, /^SCALE_UP 0\/0/],
  [30, /^PRODUCTION_TRAFFIC_SHIFT 50\/100/],
  [90, /^BAKE_TIME 100\/100/],
  [129, /^CLEAN_UP 100\/100/],
] as const;

for (const [seconds, told] of stops) {
  test(`a shift stopped after ${seconds} s goes back to the old revision, which is whole before it gets traffic`, async () => {
    const scenario = await ShiftingScenario.steady({
      strategy: 'LINEAR',
      bakeTimeInMinutes: 1,
      linearConfiguration: { stepPercent: 50, stepBakeTimeInMinutes: 1 },
    });
    await scenario.release('v2');
    await scenario.region.advance(seconds);
    assert.match(await scenario.told(), told);
    const { serviceDeploymentArn = '' } = await scenario.deployment();
    await scenario.call('ecs', 'stopServiceDeployment', { serviceDeploymentArn });
    await scenario.region.advance(60);
    assert.equal(await scenario.told(), 'ROLLBACK_SUCCESSFUL 0/0 v1 v1');
  });
}

test('a revision that never starts gets no traffic, and is rolled back when its stage times out', async () => {
  const scenario = await ShiftingScenario.steady({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 0 });
  scenario.runner.script('missing', { pullFails: 'missing: not found' });
  await scenario.release('missing');
  await scenario.region.advance(600);
  assert.equal(await scenario.told(), 'SCALE_UP 0/0 v1 v1');
  await scenario.region.advance(24 * 3600);
  assert.equal(await scenario.told(), 'ROLLBACK_SUCCESSFUL 0/0 v1 v1');
});

test('a release during a shift first brings the traffic back, then takes the place of the other', async () => {
  const scenario = await ShiftingScenario.steady({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5 });
  await scenario.release('v2');
  await scenario.region.advance(20);
  assert.equal(await scenario.told(), 'BAKE_TIME 100/100 v1 v1 v2 v2');
  await scenario.release('v3');
  await scenario.region.advance(1);
  assert.equal(await scenario.told(), 'RECONCILE_SERVICE 0/0 v1 v1 v2 v2');
  await scenario.region.advance(400);
  assert.equal(await scenario.told(), 'SUCCESSFUL 100/100 v3 v3');
});

test('traffic that cannot be shifted rolls the deployment back and says why', async () => {
  const scenario = await ShiftingScenario.steady({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5 });
  await scenario.release('v2');
  await scenario.region.advance(3);
  scenario.neighbours.deletedRules.add(testRule);
  await scenario.region.advance(60);
  assert.equal(await scenario.told(), 'ROLLBACK_SUCCESSFUL 0/0 v1 v1');
  assert.match(
    (await scenario.deployment()).statusReason ?? '',
    /traffic could not be shifted: .*rules not found/,
  );
  assert.ok(
    (await scenario.events()).includes(
      '(service web) was unable to shift traffic: One or more rules not found',
    ),
  );
});

test('tasks of both revisions are replaced during the bake time, and scaled together', async () => {
  const scenario = await ShiftingScenario.steady({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 10 });
  await scenario.release('v2');
  await scenario.region.advance(30);
  for (const runtimeId of [...scenario.runner.running.keys()]) scenario.runner.exit(runtimeId, 137);
  await scenario.region.advance(30);
  assert.equal(await scenario.told(), 'BAKE_TIME 100/100 v1 v1 v2 v2');
  await scenario.call('ecs', 'updateService', { service: 'web', desiredCount: 3 });
  await scenario.region.advance(30);
  assert.equal(await scenario.told(), 'BAKE_TIME 100/100 v1 v1 v1 v2 v2 v2');
});

test('a service that is deleted during a shift stops all its tasks', async () => {
  const scenario = await ShiftingScenario.steady({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5 });
  await scenario.release('v2');
  await scenario.region.advance(20);
  await scenario.call('ecs', 'deleteService', { service: 'web', force: true });
  await scenario.region.advance(30);
  assert.equal((await scenario.service()).status, 'INACTIVE');
  assert.deepEqual(scenario.runningImages(), []);
  assert.equal(scenario.neighbours.targets.size, 0);
});

const refused = [
  [{ strategy: 'BLUE_GREEN' }, 'InvalidParameterException'],
  [{ strategy: 'LINEAR', linearConfiguration: { stepPercent: 2 } }, 'InvalidParameterException'],
  [{ strategy: 'LINEAR', canaryConfiguration: { canaryPercent: 2 } }, 'InvalidParameterException'],
  [
    {
      strategy: 'CANARY',
      lifecycleHooks: [{ targetType: 'PAUSE', lifecycleStages: ['TEST_TRAFFIC_SHIFT'] }],
    },
    'InvalidParameterException',
  ],
  [
    { strategy: 'CANARY', lifecycleHooks: [{ hookTargetArn: 'arn', lifecycleStages: ['PRE_SCALE_UP'] }] },
    'NotModelled',
  ],
] as const;

test('what a strategy does not allow is refused', async () => {
  for (const [configuration, code] of refused) {
    const scenario = new ShiftingScenario();
    await scenario.register('v1');
    await assert.rejects(
      scenario.createService(shiftedService(JSON.parse(JSON.stringify(configuration)))),
      { code },
      JSON.stringify(configuration),
    );
  }
});
