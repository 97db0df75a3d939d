import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Scenario } from './testing/scenario.ts';

async function currentDeployment(scenario: Scenario): Promise<string> {
  const { serviceDeployments } = await scenario.call('ecs', 'listServiceDeployments', { service: 'web' });
  return serviceDeployments?.[0]?.serviceDeploymentArn ?? '';
}

async function described(scenario: Scenario, arn: string) {
  const { serviceDeployments } = await scenario.call('ecs', 'describeServiceDeployments', {
    serviceDeploymentArns: [arn],
  });
  return serviceDeployments?.[0] ?? {};
}

test('StopServiceDeployment rolls back to the last completed revision, also without a circuit breaker', async () => {
  const scenario = new Scenario();
  await scenario.steadyService();
  await scenario.release('v2');
  await scenario.region.advance(5);
  assert.deepEqual(scenario.runningImages(), ['v1', 'v1', 'v2', 'v2']);
  const arn = await currentDeployment(scenario);

  assert.deepEqual(await scenario.call('ecs', 'stopServiceDeployment', { serviceDeploymentArn: arn }), {
    serviceDeploymentArn: arn,
  });
  assert.equal((await described(scenario, arn)).status, 'ROLLBACK_REQUESTED');
  await scenario.region.advance(1);
  const rollingBack = await described(scenario, arn);
  assert.equal(rollingBack.status, 'ROLLBACK_IN_PROGRESS');
  assert.equal(rollingBack.rollback?.reason, 'Service deployment rolled back: a user stopped it.');
  assert.ok(rollingBack.stoppedAt);
  // Asked again, the rollback goes on.
  await scenario.call('ecs', 'stopServiceDeployment', { serviceDeploymentArn: arn, stopType: 'ROLLBACK' });

  await scenario.region.advance(60);
  assert.equal((await described(scenario, arn)).status, 'ROLLBACK_SUCCESSFUL');
  assert.deepEqual(scenario.runningImages(), ['v1', 'v1']);
  const { deployments } = await scenario.service();
  assert.equal(deployments?.length, 1);
  assert.equal(deployments?.[0]?.rolloutState, 'COMPLETED');
});

test('StopServiceDeployment refuses ABORT, what is over, what is unknown, and a first deployment', async () => {
  const scenario = new Scenario();
  await scenario.register('v1');
  await scenario.createService();
  const arn = await currentDeployment(scenario);
  const stop = (serviceDeploymentArn: string, stopType?: 'ABORT') =>
    scenario.call('ecs', 'stopServiceDeployment', {
      serviceDeploymentArn,
      ...(stopType === undefined ? {} : { stopType }),
    });
  await assert.rejects(stop(arn, 'ABORT'), { code: 'InvalidParameterException' });
  await assert.rejects(stop(arn), { code: 'ConflictException' });
  await scenario.region.advance(60);
  await assert.rejects(stop(arn), { code: 'ConflictException' });
  await assert.rejects(stop(`${arn}x`), { code: 'ServiceDeploymentNotFoundException' });
});
