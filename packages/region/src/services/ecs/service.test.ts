import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Scenario } from './scenario.ts';

test('a service starts its tasks over the zones, registers them and becomes steady', async () => {
  const scenario = new Scenario();
  const service = await scenario.steadyService('v1', { desiredCount: 3 });
  assert.equal(service.runningCount, 3);
  assert.equal(service.deployments?.length, 1);
  assert.equal(service.deployments?.[0]?.rolloutState, 'COMPLETED');
  const tasks = await scenario.tasks();
  assert.deepEqual(tasks.map((task) => task.availabilityZone).sort(), [
    'eu-central-1a',
    'eu-central-1b',
    'eu-central-1c',
  ]);
  assert.equal(scenario.neighbours.targets.size, 3);
  const [steady, completed] = await scenario.events();
  assert.equal(steady, '(service web) has reached a steady state.');
  assert.match(completed ?? '', /^\(service web\) \(deployment ecs-svc\/\d{19}\) deployment completed\.$/);
});

test('a release starts new tasks, waits for their health, drains the old ones, then stops them', async () => {
  const scenario = new Scenario();
  await scenario.steadyService();
  await scenario.release('v2');
  await scenario.region.advance(5);
  assert.deepEqual(scenario.runningImages(), ['v1', 'v1', 'v2', 'v2']);
  await scenario.region.advance(20);
  // Healthy by now: the old ones drain, and still run.
  assert.deepEqual(scenario.runningImages(), ['v1', 'v1', 'v2', 'v2']);
  assert.equal((await scenario.service()).deployments?.length, 2);
  await scenario.region.advance(40);
  assert.deepEqual(scenario.runningImages(), ['v2', 'v2']);
  const service = await scenario.service();
  assert.equal(service.deployments?.length, 1);
  assert.equal(service.deployments?.[0]?.rolloutState, 'COMPLETED');
  assert.equal(scenario.neighbours.targets.size, 2);
  assert.equal(scenario.neighbours.interfaces.size, 2);
  assert.deepEqual(
    anonymous(await scenario.events())
      .slice(0, 7)
      .reverse(),
    [
      'has started 2 tasks: (task T) (task T).',
      'registered 2 targets in (target-group ARN)',
      'has stopped 2 running tasks: (task T) (task T).',
      'deregistered 2 targets in (target-group ARN)',
      'taskSet ecs-svc/N) has begun draining connections on 2 tasks.',
      '(deployment ecs-svc/N) deployment completed.',
      'has reached a steady state.',
    ],
  );
});

function anonymous(texts: readonly string[]): string[] {
  return texts.map((text) =>
    text
      .replace(/^\(service web\)? ?,? ?/, '')
      .replace(/\(task [0-9a-f]{32}\)/g, '(task T)')
      .replace(/ecs-svc\/\d+/g, 'ecs-svc/N')
      .replace(/target-group [^)]+/, 'target-group ARN'),
  );
}

test('a release that never gets healthy is rolled back by the circuit breaker; the old tasks serve on', async () => {
  const scenario = new Scenario();
  await scenario.steadyService('v1', {
    deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
  });
  scenario.sickImages.add('bad');
  await scenario.release('bad');
  await scenario.region.advance(180);
  const service = await scenario.service();
  assert.deepEqual(scenario.runningImages(), ['v1', 'v1']);
  assert.equal(service.deployments?.[0]?.rolloutState, 'COMPLETED');
});
