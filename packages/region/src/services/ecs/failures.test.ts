import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Scenario } from './testing/scenario.ts';

const breaker = { deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } } };

/** What a bad release is like, and what its stopped tasks say. */
const badReleases: readonly {
  readonly name: string;
  readonly prepare: (scenario: Scenario) => void;
  readonly register?: Parameters<Scenario['register']>[1];
  readonly stopCode: string;
  readonly stoppedReason: RegExp;
  readonly exitCode?: number;
}[] = [
  {
    name: 'exits at once',
    prepare: ({ runner }) => runner.script('bad', { exitsAtOnce: 1 }),
    stopCode: 'EssentialContainerExited',
    stoppedReason: /^Essential container in task exited$/,
    exitCode: 1,
  },
  {
    name: 'never gets healthy',
    prepare: ({ sickImages }) => sickImages.add('bad'),
    stopCode: 'ServiceSchedulerInitiated',
    stoppedReason: /^Task failed ELB health checks in \(target-group arn:aws:[^)]+\)$/,
    exitCode: 143,
  },
  {
    name: 'has no image',
    prepare: ({ runner }) =>
      runner.script('bad', { pullFails: 'inspect image has been retried 1 time(s): bad: not found' }),
    stopCode: 'TaskFailedToStart',
    stoppedReason: /^CannotPullContainerError: inspect image has been retried 1 time\(s\): bad: not found$/,
  },
  {
    name: 'has a command that is not there',
    prepare: ({ runner }) =>
      runner.script('bad', { startFails: 'CannotStartContainerError: exec: "nope": not found' }),
    stopCode: 'TaskFailedToStart',
    stoppedReason: /^CannotStartContainerError: exec: "nope": not found$/,
  },
  {
    name: 'asks for a secret that is not there',
    prepare: () => {},
    register: {
      containerDefinitions: [
        {
          name: 'app',
          image: 'bad',
          portMappings: [{ containerPort: 3000 }],
          secrets: [
            { name: 'KEY', valueFrom: 'arn:aws:secretsmanager:eu-central-1:000000000000:secret:x-abcdef' },
          ],
        },
      ],
    },
    stopCode: 'TaskFailedToStart',
    stoppedReason:
      /^ResourceInitializationError: unable to pull secrets or registry auth: .*can't find the specified secret/,
  },
  {
    name: 'logs to a group that is not there',
    prepare: () => {},
    register: {
      containerDefinitions: [
        {
          name: 'app',
          image: 'bad',
          portMappings: [{ containerPort: 3000 }],
          logConfiguration: {
            logDriver: 'awslogs',
            options: {
              'awslogs-group': '/nope',
              'awslogs-region': 'eu-central-1',
              'awslogs-stream-prefix': 'x',
            },
          },
        },
      ],
    },
    stopCode: 'TaskFailedToStart',
    stoppedReason:
      /^ResourceInitializationError: failed to validate logger args: .*The specified log group does not exist/,
  },
];

for (const bad of badReleases) {
  test(`a release that ${bad.name} is rolled back by the circuit breaker while the old tasks serve`, async () => {
    const scenario = new Scenario();
    const before = await scenario.steadyService('v1', breaker);
    const old = before.deployments?.[0]?.id;
    bad.prepare(scenario);
    const taskDefinition = await scenario.register('bad', bad.register);
    await scenario.call('ecs', 'updateService', { service: 'web', taskDefinition });
    for (let second = 0; second < 180; second += 1) {
      await scenario.region.advance(1);
      const serving = scenario.runningImages().filter((image) => image === 'v1');
      assert.ok(serving.length >= 2, `only ${serving.length} old tasks after ${second} s`);
    }
    const service = await scenario.service();
    assert.equal(service.deployments?.length, 1);
    assert.equal(service.deployments?.[0]?.id, old);
    assert.equal(service.deployments?.[0]?.rolloutState, 'COMPLETED');
    assert.equal(service.taskDefinition, before.taskDefinition);
    const failed = (await scenario.tasks('STOPPED')).filter(
      (task) => task.taskDefinitionArn === taskDefinition,
    );
    assert.ok(failed.length >= 3);
    for (const task of failed.filter(({ stoppedReason }) => !/^Scaling/.test(stoppedReason ?? ''))) {
      assert.equal(task.stopCode, bad.stopCode);
      assert.match(task.stoppedReason ?? '', bad.stoppedReason);
      assert.equal(task.containers?.[0]?.exitCode, bad.exitCode);
      assert.equal(task.lastStatus, 'STOPPED');
    }
    const events = (await scenario.events()).reverse();
    const failure = events.findIndex((text) => /deployment failed: tasks failed to start\.$/.test(text));
    assert.equal(events[failure + 1], `(service web) rolling back to deployment ${old}.`);
    assert.equal(events.at(-1), '(service web) has reached a steady state.');
  });
}

test('a first deployment that fails has nothing to go back to and stalls as FAILED', async () => {
  const scenario = new Scenario();
  scenario.runner.script('v1', { exitsAtOnce: 1 });
  await scenario.register('v1');
  await scenario.createService(breaker);
  await scenario.region.advance(120);
  const service = await scenario.service();
  assert.equal(service.deployments?.[0]?.rolloutState, 'FAILED');
  assert.equal(
    service.deployments?.[0]?.rolloutStateReason,
    'ECS deployment circuit breaker: tasks failed to start.',
  );
  assert.ok((service.deployments?.[0]?.failedTasks ?? 0) >= 3);
  assert.equal(service.runningCount, 0);
  const { serviceDeployments } = await scenario.call('ecs', 'listServiceDeployments', { service: 'web' });
  assert.equal(serviceDeployments?.[0]?.status, 'STOPPED');
});

test('without a breaker a task that cannot start is tried again ever more rarely, and never given up', async () => {
  const scenario = new Scenario();
  scenario.runner.script('v1', { pullFails: 'v1: not found' });
  await scenario.register('v1');
  await scenario.createService({ desiredCount: 1 });
  await scenario.region.advance(3600);
  const { length } = await scenario.tasks('STOPPED');
  assert.ok(length > 8 && length < 16, `${length} tasks in an hour`);
  assert.ok(
    (await scenario.events()).some((text) =>
      text.includes('is unable to consistently start tasks successfully.'),
    ),
  );
  scenario.runner.script('v1', {});
  await scenario.region.advance(27 * 60);
  assert.equal((await scenario.service()).runningCount, 1);
});

test('a task that dies by itself is replaced, and its target leaves', async () => {
  const scenario = new Scenario();
  await scenario.steadyService();
  const [victim] = scenario.runner.running.keys();
  scenario.runner.exit(victim ?? '', 139);
  await scenario.region.advance(30);
  assert.equal((await scenario.service()).runningCount, 2);
  const [stopped] = await scenario.tasks('STOPPED');
  assert.equal(stopped?.stoppedReason, 'Essential container in task exited');
  assert.equal(stopped?.containers?.[0]?.exitCode, 139);
  await scenario.region.advance(60);
  assert.equal(scenario.neighbours.targets.size, 2);
});

test('a process that ignores the stop signal is killed when its stop timeout is over', async () => {
  const scenario = new Scenario();
  scenario.runner.script('v1', { ignoresStop: true });
  await scenario.register('v1', {
    containerDefinitions: [
      { name: 'app', image: 'v1', stopTimeout: 7, portMappings: [{ containerPort: 3000 }] },
    ],
  });
  await scenario.createService({ desiredCount: 1 });
  await scenario.region.advance(60);
  const [task] = await scenario.tasks();
  const { task: stopping } = await scenario.call('ecs', 'stopTask', { task: task?.taskArn ?? '' });
  assert.equal(stopping?.desiredStatus, 'STOPPED');
  assert.equal(stopping?.stoppedReason, 'Task stopped by user');
  await scenario.region.advance(6);
  assert.deepEqual(scenario.runner.signals, ['stop app']);
  await scenario.region.advance(2);
  assert.deepEqual(scenario.runner.signals, ['stop app', 'kill app']);
  const { tasks } = await scenario.call('ecs', 'describeTasks', { tasks: [task?.taskArn ?? ''] });
  assert.equal(tasks?.[0]?.lastStatus, 'STOPPED');
  assert.equal(tasks?.[0]?.containers?.[0]?.exitCode, 137);
  assert.equal(tasks?.[0]?.stopCode, 'UserInitiated');
});

test('a deployment that the percentages do not allow says so, and goes on once they do', async () => {
  const scenario = new Scenario();
  await scenario.steadyService('v1', {
    deploymentConfiguration: { minimumHealthyPercent: 75, maximumPercent: 100 },
  });
  await scenario.release('v2');
  await scenario.region.advance(60);
  assert.match(
    (await scenario.events())[0] ?? '',
    /was unable to stop or start tasks during a deployment because/,
  );
  await scenario.call('ecs', 'updateService', {
    service: 'web',
    deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 100 },
  });
  await scenario.region.advance(300);
  assert.deepEqual(scenario.runningImages(), ['v2', 'v2']);
});

test('a deployment keeps the count that tripped its circuit breaker; one that a newer one ends did not trip it', async () => {
  const scenario = new Scenario();
  scenario.runner.script('crashes', { exitsAtOnce: 1 });
  await scenario.steadyService('v1', {
    deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
  });
  await scenario.release('v2');
  await scenario.region.advance(1);
  await scenario.release('crashes');
  await scenario.region.advance(120);
  const { serviceDeployments = [] } = await scenario.call('ecs', 'listServiceDeployments', {
    service: 'web',
  });
  const arns = serviceDeployments.map(({ serviceDeploymentArn = '' }) => serviceDeploymentArn);
  const described = await scenario.call('ecs', 'describeServiceDeployments', { serviceDeploymentArns: arns });
  const told = described.serviceDeployments?.map(({ status, deploymentCircuitBreaker: breaker }) => [
    status,
    breaker?.status,
    (breaker?.failureCount ?? 0) >= 3,
  ]);
  assert.deepEqual(told, [
    ['ROLLBACK_SUCCESSFUL', 'TRIGGERED', true],
    ['STOPPED', 'MONITORING_COMPLETE', false],
    ['SUCCESSFUL', 'MONITORING_COMPLETE', false],
  ]);
});
