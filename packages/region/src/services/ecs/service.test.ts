import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Scenario } from './testing/scenario.ts';

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

test('an update of only the desired count scales without a deployment', async () => {
  const scenario = new Scenario();
  const before = await scenario.steadyService();
  await scenario.call('ecs', 'updateService', { service: 'web', desiredCount: 4 });
  await scenario.region.advance(30);
  const after = await scenario.service();
  assert.equal(after.runningCount, 4);
  assert.equal(after.deployments?.[0]?.id, before.deployments?.[0]?.id);
  await scenario.call('ecs', 'updateService', { service: 'web', desiredCount: 1 });
  await scenario.region.advance(60);
  assert.equal((await scenario.service()).runningCount, 1);
  const stopped = await scenario.tasks('STOPPED');
  assert.match(
    stopped[0]?.stoppedReason ?? '',
    /^Scaling activity initiated by \(deployment ecs-svc\/\d{19}\)$/,
  );
});

test('forceNewDeployment replaces the tasks of the same definition', async () => {
  const scenario = new Scenario();
  await scenario.steadyService();
  const before = await scenario.tasks();
  await scenario.call('ecs', 'updateService', { service: 'web', forceNewDeployment: true });
  await scenario.region.advance(120);
  const after = await scenario.tasks();
  assert.equal(after.length, 2);
  assert.ok(after.every((task) => before.every((old) => old.taskArn !== task.taskArn)));
});

test('an update during a deployment wins over it', async () => {
  const scenario = new Scenario();
  await scenario.steadyService();
  await scenario.release('v2');
  await scenario.region.advance(4);
  await scenario.release('v3');
  await scenario.region.advance(2);
  // Those of v2 drain; being stopped, they leave their room to v3.
  assert.deepEqual(scenario.runningImages(), ['v1', 'v1', 'v2', 'v2', 'v3', 'v3']);
  await scenario.region.advance(120);
  assert.deepEqual(scenario.runningImages(), ['v3', 'v3']);
  const { serviceDeployments } = await scenario.call('ecs', 'listServiceDeployments', { service: 'web' });
  assert.deepEqual(serviceDeployments?.map(({ status }) => status).sort(), [
    'STOPPED',
    'SUCCESSFUL',
    'SUCCESSFUL',
  ]);
});

test('DeleteService refuses a scaled service unless forced, drains its tasks and ends INACTIVE', async () => {
  const scenario = new Scenario();
  await scenario.steadyService();
  await assert.rejects(scenario.call('ecs', 'deleteService', { service: 'web' }), {
    code: 'InvalidParameterException',
    message: 'The service cannot be stopped while it is scaled above 0.',
  });
  await assert.rejects(scenario.call('ecs', 'deleteCluster', { cluster: 'default' }), {
    code: 'ClusterContainsServicesException',
  });
  const { service } = await scenario.call('ecs', 'deleteService', { service: 'web', force: true });
  assert.equal(service?.status, 'DRAINING');
  await scenario.region.advance(20);
  assert.equal(scenario.runner.running.size, 2, 'they drain');
  await scenario.region.advance(20);
  assert.equal((await scenario.service()).status, 'INACTIVE');
  assert.equal(scenario.runner.running.size, 0);
  assert.equal(scenario.neighbours.interfaces.size, 0);
  await scenario.createService({ desiredCount: 1 });
  await scenario.region.advance(30);
  assert.equal((await scenario.service()).runningCount, 1);
});

test('tasks that were lost with the region are replaced at once, and the deployment goes on', async () => {
  const scenario = new Scenario();
  await scenario.steadyService();
  await scenario.release('v2');
  await scenario.region.advance(5);
  const restarted = new Scenario({
    commits: scenario.region.commits,
    start: new Date(scenario.region.now() + 60_000).toISOString(),
    seed: 'after the restart',
  });
  await restarted.region.advance(3);
  assert.deepEqual(restarted.runningImages(), ['v1', 'v1', 'v2', 'v2']);
  const [lost] = await restarted.tasks('STOPPED');
  assert.equal(lost?.stopCode, 'InfrastructureHealth');
  await restarted.region.advance(120);
  assert.deepEqual(restarted.runningImages(), ['v2', 'v2']);
  const service = await restarted.service();
  assert.equal(service.deployments?.[0]?.rolloutState, 'COMPLETED');
  assert.equal(service.deployments?.[0]?.failedTasks, 0);
  assert.equal(restarted.neighbours.targets.size, 2);
  assert.equal(restarted.neighbours.interfaces.size, 2);
});

test('an idle service says every 6 hours that it is steady', async () => {
  const scenario = new Scenario();
  await scenario.steadyService();
  await scenario.region.advance(13 * 3600);
  const steady = (await scenario.events()).filter((text) => text.endsWith('has reached a steady state.'));
  assert.equal(steady.length, 3);
});

test('a service without load balancer is steady 40 seconds after its tasks run', async () => {
  const scenario = new Scenario();
  await scenario.register('v1');
  await scenario.createService({ loadBalancers: [] });
  await scenario.region.advance(39);
  assert.equal((await scenario.service()).deployments?.[0]?.rolloutState, 'IN_PROGRESS');
  await scenario.region.advance(3);
  assert.equal((await scenario.service()).deployments?.[0]?.rolloutState, 'COMPLETED');
});

test('the grace period spares a task that is not healthy yet', async () => {
  const scenario = new Scenario();
  scenario.sickImages.add('v1');
  await scenario.register('v1');
  await scenario.createService({ desiredCount: 1, healthCheckGracePeriodSeconds: 60 });
  await scenario.region.advance(58);
  assert.equal(scenario.runner.started.length, 1);
  await scenario.region.advance(10);
  assert.equal(scenario.runner.started.length, 2, 'a replacement after the grace period');
});

const refused: readonly (readonly [string, object, RegExp])[] = [
  [
    'an unknown subnet',
    { networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-x'] } } },
    /Error retrieving subnet information for \[subnet-x\].*InvalidSubnetID\.NotFound/,
  ],
  ['no network', { networkConfiguration: undefined }, /Network Configuration must be provided/],
  [
    'a container that is not there',
    { loadBalancers: [{ targetGroupArn: 'x', containerName: 'no', containerPort: 3000 }] },
    /The container no does not exist in the task definition/,
  ],
  [
    'a port that is not there',
    { loadBalancers: [{ targetGroupArn: 'x', containerName: 'app', containerPort: 1 }] },
    /did not have a container port 1 defined/,
  ],
  [
    'a target group that is not there',
    { loadBalancers: [{ targetGroupArn: 'x', containerName: 'app', containerPort: 3000 }] },
    /target group does not exist/,
  ],
  ['a task definition that is not there', { taskDefinition: 'nope' }, /TaskDefinition not found/],
  ['the EC2 launch type', { launchType: 'EC2' }, /launchType EC2 is not modelled/],
  [
    'blue/green with one target group',
    { deploymentConfiguration: { strategy: 'BLUE_GREEN', bakeTimeInMinutes: 1 } },
    /advancedConfiguration must be specified for load balancers/,
  ],
  [
    'alarms of a blue/green deployment',
    {
      deploymentConfiguration: {
        strategy: 'BLUE_GREEN',
        alarms: { alarmNames: ['a'], enable: true, rollback: true },
      },
    },
    /alarms of another strategy than ROLLING is not modelled/,
  ],
  [
    'Service Connect',
    { serviceConnectConfiguration: { enabled: true } },
    /serviceConnectConfiguration is not modelled/,
  ],
  ['volumes', { volumeConfigurations: [{ name: 'x' }] }, /volumeConfigurations is not modelled/],
];

for (const [what, changes, message] of refused) {
  test(`CreateService refuses ${what} by name`, async () => {
    const scenario = new Scenario();
    await scenario.register('v1');
    await assert.rejects(scenario.createService(changes), message);
  });
}

test('a service that lost the balance of its zones gets it back, one task at a time', async () => {
  const scenario = new Scenario();
  await scenario.register('v1');
  await scenario.createService({ desiredCount: 5 });
  await scenario.region.advance(60);
  const inZones = async () => {
    const zones = (await scenario.tasks()).map((task) => task.availabilityZone?.slice(-1));
    return ['a', 'b', 'c'].map((zone) => zones.filter((each) => each === zone).length);
  };
  assert.deepEqual(await inZones(), [2, 2, 1]);
  const spared = (await scenario.tasks()).filter((task) => task.availabilityZone !== 'eu-central-1c');
  await scenario.call('ecs', 'updateTaskProtection', {
    cluster: 'default',
    tasks: spared.flatMap(({ taskArn }) => taskArn ?? []),
    protectionEnabled: true,
    expiresInMinutes: 5,
  });
  // Only the third zone can give one.
  await scenario.call('ecs', 'updateService', { service: 'web', desiredCount: 4 });
  await scenario.region.advance(5);
  assert.deepEqual(await inZones(), [2, 2, 1], 'one was stopped there, and one started for balance');
  await scenario.region.advance(600);
  assert.deepEqual((await inZones()).sort(), [1, 1, 2]);
  assert.ok((await scenario.events()).some((text) => / in eu-central-1c to AZ Rebalance: /.test(text)));
});
