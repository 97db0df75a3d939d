import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerDefinition, RunTaskRequest } from '@aws-sdk/client-ecs';
import { Scenario } from './testing/scenario.ts';

const networkConfiguration = { awsvpcConfiguration: { subnets: ['subnet-a', 'subnet-b'] } };

async function runTask(
  scenario: Scenario,
  containers: ContainerDefinition[],
  options: Partial<RunTaskRequest> = {},
): Promise<string> {
  await scenario.call('ecs', 'createCluster', {});
  await scenario.register('', { family: 'job', containerDefinitions: containers });
  const { tasks } = await scenario.call('ecs', 'runTask', {
    taskDefinition: 'job',
    launchType: 'FARGATE',
    networkConfiguration,
    ...options,
  });
  return tasks?.[0]?.taskArn ?? '';
}

async function describe(scenario: Scenario, arn: string) {
  const { tasks } = await scenario.call('ecs', 'describeTasks', { tasks: [arn] });
  return tasks?.[0] ?? {};
}

test('RunTask runs a one-off task with overrides, to its exit', async () => {
  const scenario = new Scenario();
  const arn = await runTask(
    scenario,
    [{ name: 'app', image: 'v1', command: ['serve'], environment: [{ name: 'A', value: '1' }] }],
    {
      startedBy: 'release',
      overrides: {
        containerOverrides: [
          {
            name: 'app',
            command: ['migrate'],
            environment: [
              { name: 'A', value: '2' },
              { name: 'B', value: '3' },
            ],
          },
        ],
      },
    },
  );
  assert.equal((await describe(scenario, arn)).lastStatus, 'PROVISIONING');
  await scenario.region.advance(2);
  assert.equal((await describe(scenario, arn)).lastStatus, 'RUNNING');
  const [spec] = scenario.runner.started;
  assert.deepEqual(spec?.command, ['migrate']);
  assert.equal(spec?.environment['A'], '2');
  assert.equal(spec?.environment['B'], '3');
  assert.equal(spec?.environment['AWS_EXECUTION_ENV'], 'AWS_ECS_FARGATE');
  scenario.runner.exit(spec?.runtimeId ?? '', 0);
  await scenario.region.advance(2);
  const task = await describe(scenario, arn);
  assert.equal(task.lastStatus, 'STOPPED');
  assert.equal(task.stopCode, 'EssentialContainerExited');
  assert.equal(task.containers?.[0]?.exitCode, 0);
  assert.equal(task.startedBy, 'release');
  assert.equal(task.group, 'family:job');
  assert.equal(scenario.neighbours.interfaces.size, 0);
  await scenario.region.advance(3590);
  assert.equal((await describe(scenario, arn)).lastStatus, 'STOPPED');
  await scenario.region.advance(20);
  const { failures } = await scenario.call('ecs', 'describeTasks', { tasks: [arn] });
  assert.deepEqual(failures, [{ arn, reason: 'MISSING' }]);
});

test('RunTask with the same client token starts nothing twice, and with another request is a conflict', async () => {
  const scenario = new Scenario();
  const containers = [{ name: 'app', image: 'v1' }];
  const arn = await runTask(scenario, containers, { clientToken: 'once' });
  const again = { taskDefinition: 'job:1', networkConfiguration, clientToken: 'once' };
  const { tasks } = await scenario.call('ecs', 'runTask', again);
  assert.deepEqual(
    tasks?.map(({ taskArn }) => taskArn),
    [arn],
  );
  await assert.rejects(scenario.call('ecs', 'runTask', { ...again, count: 2 }), {
    code: 'ConflictException',
    fields: { resourceIds: [arn] },
  });
  const other = await scenario.call('ecs', 'runTask', { ...again, clientToken: 'twice' });
  assert.notEqual(other.tasks?.[0]?.taskArn, arn);
});

test('secrets reach the process, by the whole value and by a JSON key, and are stored nowhere', async () => {
  const scenario = new Scenario();
  const secret = 'arn:aws:secretsmanager:eu-central-1:000000000000:secret:db-abcdef';
  scenario.neighbours.secrets.set(secret, '{"username":"app","password":"hunter2"}');
  await runTask(scenario, [
    {
      name: 'app',
      image: 'v1',
      secrets: [
        { name: 'ALL', valueFrom: secret },
        { name: 'PASSWORD', valueFrom: `${secret}:password::` },
      ],
    },
  ]);
  await scenario.region.advance(2);
  assert.deepEqual(scenario.runner.started[0]?.secrets, {
    ALL: '{"username":"app","password":"hunter2"}',
    PASSWORD: 'hunter2',
  });
  assert.ok(!JSON.stringify(scenario.region.commits).includes('hunter2'));
});

test('parameters reach the process by GetParameters, ten at a time; one that is missing is told by its name', async () => {
  const scenario = new Scenario();
  const arn = 'arn:aws:ssm:eu-central-1:000000000000:parameter/app/key';
  const valueFrom = [arn, ...Array.from({ length: 11 }, (_, n) => `/app/p${n}`)];
  for (const [n, name] of valueFrom.entries()) scenario.neighbours.parameters.set(name, `v${n}`);
  const secrets = valueFrom.map((from, n) => ({ name: `P${n}`, valueFrom: from }));
  await runTask(scenario, [{ name: 'app', image: 'v1', secrets }]);
  await scenario.region.advance(2);
  assert.deepEqual(
    scenario.runner.started[0]?.secrets,
    Object.fromEntries(valueFrom.map((_, n) => [`P${n}`, `v${n}`])),
  );
  scenario.neighbours.parameters.delete('/app/p3');
  const taskArn = await runTask(scenario, [{ name: 'app', image: 'v1', secrets }]);
  await scenario.region.advance(2);
  const { tasks } = await scenario.call('ecs', 'describeTasks', { tasks: [taskArn] });
  assert.equal(
    tasks?.[0]?.stoppedReason,
    'ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: ' +
      'unable to retrieve secrets from ssm: service call has been retried 1 time(s): invalid ssm parameters: /app/p3',
  );
});

test('lines go to prefix/container/task-id; the group is made when the options say so', async () => {
  const scenario = new Scenario();
  const logConfiguration = {
    logDriver: 'awslogs',
    options: {
      'awslogs-group': '/new',
      'awslogs-region': 'eu-central-1',
      'awslogs-stream-prefix': 'job',
      'awslogs-create-group': 'true',
    },
  } as const;
  const arn = await runTask(scenario, [{ name: 'app', image: 'v1', logConfiguration }]);
  await scenario.region.advance(2);
  const [runtimeId = ''] = scenario.runner.running.keys();
  scenario.runner.log(runtimeId, scenario.region.now(), 'hello');
  await scenario.region.advance(0);
  assert.deepEqual(scenario.neighbours.lines, [
    { stream: `job/app/${arn.slice(arn.lastIndexOf('/') + 1)}`, message: 'hello' },
  ]);
});

test('containers start in the order of their dependencies and stop in the opposite one', async () => {
  const scenario = new Scenario();
  scenario.runner.script('init', { exitsAtOnce: 0 });
  const arn = await runTask(scenario, [
    {
      name: 'app',
      image: 'v1',
      dependsOn: [
        { containerName: 'init', condition: 'SUCCESS' },
        { containerName: 'proxy', condition: 'HEALTHY' },
      ],
    },
    { name: 'init', image: 'init', essential: false },
    { name: 'proxy', image: 'proxy', healthCheck: { command: ['CMD', 'true'], interval: 5 } },
  ]);
  await scenario.region.advance(2);
  assert.deepEqual(
    [...scenario.runner.running.values()].map(({ name }) => name),
    ['proxy'],
  );
  assert.equal((await describe(scenario, arn)).lastStatus, 'PENDING');
  await scenario.region.advance(5);
  assert.deepEqual(
    [...scenario.runner.running.values()].map(({ name }) => name),
    ['proxy', 'app'],
  );
  assert.equal((await describe(scenario, arn)).lastStatus, 'RUNNING');
  await scenario.call('ecs', 'stopTask', { task: arn, reason: 'enough' });
  await scenario.region.advance(2);
  assert.deepEqual(scenario.runner.signals, ['stop app', 'stop proxy']);
  const task = await describe(scenario, arn);
  assert.equal(task.lastStatus, 'STOPPED');
  assert.equal(task.stoppedReason, 'enough');
});

test('a container is unhealthy after so many failed checks, and its service replaces the task', async () => {
  const scenario = new Scenario();
  await scenario.register('v1', {
    containerDefinitions: [
      {
        name: 'app',
        image: 'v1',
        portMappings: [{ containerPort: 3000 }],
        healthCheck: { command: ['CMD-SHELL', 'check'], interval: 10, retries: 2 },
      },
    ],
  });
  await scenario.createService({ desiredCount: 1, loadBalancers: [] });
  await scenario.region.advance(15);
  const [task] = await scenario.tasks();
  assert.equal(task?.healthStatus, 'HEALTHY');
  scenario.runner.script('v1', { checkPasses: false });
  await scenario.region.advance(20);
  assert.equal((await describe(scenario, task?.taskArn ?? '')).healthStatus, 'UNHEALTHY');
  scenario.runner.script('v1', { checkPasses: true });
  await scenario.region.advance(20);
  const recovered = await scenario.tasks();
  assert.equal(recovered.length, 1);
});

test('a task that is stopped while it starts never runs on', async () => {
  const scenario = new Scenario();
  const arn = await runTask(scenario, [{ name: 'app', image: 'v1' }]);
  await scenario.call('ecs', 'stopTask', { task: arn });
  await scenario.region.advance(5);
  assert.equal((await describe(scenario, arn)).lastStatus, 'STOPPED');
  assert.equal(scenario.runner.started.length, 0);
  assert.equal(scenario.neighbours.interfaces.size, 0);
});

const refused: readonly (readonly [string, object, RegExp])[] = [
  [
    'a size that Fargate does not have',
    { cpu: '256', memory: '4096' },
    /No Fargate configuration exists for given values: 256 CPU, 4096 memory/,
  ],
  ['no cpu', { cpu: undefined }, /Fargate requires that 'cpu' be defined at the task level/],
  ['another network mode', { networkMode: 'bridge' }, /Fargate only supports network mode 'awsvpc'/],
  [
    'the EC2 launch type',
    { requiresCompatibilities: ['EC2'] },
    /requiresCompatibilities EC2 is not modelled/,
  ],
  ['volumes', { volumes: [{ name: 'x' }] }, /volumes is not modelled/],
  ['no container', { containerDefinitions: [] }, /Container definitions should not be null or empty/],
  [
    'no essential container',
    { containerDefinitions: [{ name: 'a', image: 'x', essential: false }] },
    /At least one container must be essential/,
  ],
  [
    'two containers of one name',
    {
      containerDefinitions: [
        { name: 'a', image: 'x' },
        { name: 'a', image: 'x' },
      ],
    },
    /must be unique/,
  ],
  [
    'a host port of its own',
    { containerDefinitions: [{ name: 'a', image: 'x', portMappings: [{ containerPort: 1, hostPort: 2 }] }] },
    /host ports and container ports in port mappings must match/,
  ],
  [
    'firelens',
    { containerDefinitions: [{ name: 'a', image: 'x', firelensConfiguration: { type: 'fluentbit' } }] },
    /firelensConfiguration is not modelled/,
  ],
  [
    'another log driver',
    { containerDefinitions: [{ name: 'a', image: 'x', logConfiguration: { logDriver: 'splunk' } }] },
    /logDriver splunk is not modelled/,
  ],
  [
    'a stop timeout past 120 s',
    { containerDefinitions: [{ name: 'a', image: 'x', stopTimeout: 121 }] },
    /'stopTimeout' must be between 2 and 120/,
  ],
  [
    'secrets without execution role',
    {
      executionRoleArn: undefined,
      containerDefinitions: [{ name: 'a', image: 'x', secrets: [{ name: 'A', valueFrom: 'b' }] }],
    },
    /must also specify a value for 'executionRoleArn'/,
  ],
  [
    'containers that wait for each other',
    {
      containerDefinitions: [
        { name: 'a', image: 'x', dependsOn: [{ containerName: 'b', condition: 'START' }] },
        { name: 'b', image: 'x', dependsOn: [{ containerName: 'a', condition: 'START' }] },
      ],
    },
    /cycle/,
  ],
];

for (const [what, changes, message] of refused) {
  test(`RegisterTaskDefinition refuses ${what}`, async () => {
    await assert.rejects(new Scenario().register('v1', changes), message);
  });
}

test('a revision is deregistered by family:revision as by its ARN, and never by its family alone', async () => {
  const scenario = new Scenario();
  await scenario.register('v1');
  const { taskDefinitionArns = [] } = await scenario.call('ecs', 'listTaskDefinitions', {});
  const name = taskDefinitionArns[0]?.split('/')[1] ?? '';
  await assert.rejects(
    scenario.call('ecs', 'deregisterTaskDefinition', { taskDefinition: name.split(':')[0] }),
    { message: 'The specified task definition must include a revision.' },
  );
  const { taskDefinition } = await scenario.call('ecs', 'deregisterTaskDefinition', { taskDefinition: name });
  assert.equal(taskDefinition?.status, 'INACTIVE');
});

test('revisions count up for ever, also past deregistered ones; sizes are told in units', async () => {
  const scenario = new Scenario();
  const first = await scenario.register('v1', { cpu: '.5 vCPU', memory: '1 GB' });
  await scenario.call('ecs', 'deregisterTaskDefinition', { taskDefinition: first });
  const second = await scenario.register('v2');
  assert.match(second, /task-definition\/web:2$/);
  const { taskDefinition } = await scenario.call('ecs', 'describeTaskDefinition', { taskDefinition: first });
  assert.equal(taskDefinition?.cpu, '512');
  assert.equal(taskDefinition?.memory, '1024');
  assert.equal(taskDefinition?.status, 'INACTIVE');
  assert.ok(taskDefinition?.deregisteredAt instanceof Date);
  const { taskDefinitionArns } = await scenario.call('ecs', 'listTaskDefinitions', { familyPrefix: 'web' });
  assert.deepEqual(taskDefinitionArns, [second]);
  await scenario.call('ecs', 'deleteTaskDefinitions', { taskDefinitions: [first] });
  await assert.rejects(scenario.call('ecs', 'describeTaskDefinition', { taskDefinition: first }), {
    code: 'ClientException',
    message: 'Unable to describe task definition.',
  });
});
