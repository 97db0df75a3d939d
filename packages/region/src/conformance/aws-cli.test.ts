import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { installed, run, succeed } from './testing/command.ts';
import { deployDevopsApp, serviceUrl } from './testing/devops-app.ts';
import { type RegionProcess, startRegionProcess } from './testing/region-process.ts';

const skip = (await installed('aws')).length > 0 ? false : 'needs the AWS CLI';
const cluster = 'devops-app-local';

describe('the AWS CLI on devops-app', { skip, concurrency: 3 }, () => {
  let region: RegionProcess;
  before(async () => {
    region = await startRegionProcess();
    await deployDevopsApp(region);
  });
  after(() => region.close());

  // The endpoint is given as an option too: the first releases of version 2 do not read AWS_ENDPOINT_URL.
  const aws = async (...args: readonly string[]): Promise<string> => {
    const { stdout } = await succeed('aws', ['--endpoint-url', region.endpoint, ...args], {
      env: region.environment,
      cwd: region.scratch,
    });
    return stdout;
  };
  const ask = async (command: string, query: string): Promise<unknown> =>
    JSON.parse(await aws(...command.split(' '), '--output', 'json', '--query', query));

  /** Each is what AWS answers for these stacks; unconfirmed against AWS itself unless marked. */
  const questions: readonly (readonly [command: string, query: string, answer: unknown])[] = [
    ['sts get-caller-identity', 'Arn', 'arn:aws:iam::000000000000:root'],
    [
      'cloudformation list-stack-resources --stack-name devops-app-local-service',
      'StackResourceSummaries[?ResourceStatus!=`CREATE_COMPLETE`]',
      [],
    ],
    [
      `ecs describe-services --cluster ${cluster} --services devops-app`,
      'services[0].[status,desiredCount,runningCount,deployments[].rolloutState]',
      ['ACTIVE', 2, 2, ['COMPLETED']],
    ],
    ['elbv2 describe-target-groups', 'TargetGroups[].[TargetType,HealthCheckPath]', [['ip', '/health']]],
    [
      'rds describe-db-instances',
      'DBInstances[].[DBInstanceStatus,Engine,MultiAZ,StorageEncrypted]',
      [['available', 'postgres', true, true]],
    ],
    ['ecr describe-images --repository-name devops-app', 'imageDetails[].imageTags[]', ['conformance']],
    [
      'ec2 describe-subnets --filters Name=tag:aws:cloudformation:stack-name,Values=network-local',
      'sort(Subnets[].AvailabilityZone)',
      ['a', 'a', 'b', 'b', 'c', 'c'].map((zone) => `eu-central-1${zone}`),
    ],
    [
      'ssm get-parameters-by-path --path /plimsoll/local/network --recursive',
      'sort(Parameters[].Name)',
      ['private-subnet-ids', 'public-subnet-ids', 'vpc-id'].map((name) => `/plimsoll/local/network/${name}`),
    ],
    [
      'logs describe-log-groups --log-group-name-prefix /plimsoll/local/devops-app',
      'logGroups[].logGroupName',
      ['/plimsoll/local/devops-app'],
    ],
  ];
  for (const [command, query, answer] of questions) {
    test(`aws ${command}`, async () => assert.deepEqual(await ask(command, query), answer));
  }

  const waits = [
    `ecs wait services-stable --cluster ${cluster} --services devops-app`,
    'elbv2 wait load-balancer-available',
    'rds wait db-instance-available',
    'cloudformation wait stack-create-complete --stack-name devops-app-local-service',
  ];
  for (const command of waits) {
    test(`aws ${command}`, async () => assert.equal(await aws(...command.split(' ')), ''));
  }

  test('a task that is run to its end by hand is told with its exit code', async () => {
    const of = `ecs describe-services --cluster ${cluster} --services devops-app`;
    const network = JSON.stringify(await ask(of, 'services[0].networkConfiguration'));
    const overrides = { containerOverrides: [{ name: 'devops-app', command: ['node', 'dist/migrate.js'] }] };
    const command = ['ecs', 'run-task', '--cluster', cluster, '--task-definition', cluster];
    const options = ['--launch-type', 'FARGATE', '--network-configuration', network];
    const more = [
      '--overrides',
      JSON.stringify(overrides),
      '--query',
      'tasks[0].taskArn',
      '--output',
      'text',
    ];
    const task = (await aws(...command, ...options, ...more)).trim();
    await aws('ecs', 'wait', 'tasks-stopped', '--cluster', cluster, '--tasks', task);
    const stopped = `ecs describe-tasks --cluster ${cluster} --tasks ${task}`;
    assert.deepEqual(await ask(stopped, 'tasks[0].[lastStatus,stopCode,containers[0].exitCode]'), [
      'STOPPED',
      'EssentialContainerExited',
      0,
    ]);
    const created = await fetch(`${await serviceUrl(region)}/links`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ url: 'https://example.com/' }),
    });
    assert.equal(created.status, 201);
  });

  test('cloudformation detects drift: none of what was deployed, and what is then changed by hand', async () => {
    const stacks = ['network-local', ...['data', 'service'].map((name) => `devops-app-local-${name}`)];
    for (const stack of stacks) {
      const detect = ['cloudformation', 'detect-stack-drift', '--stack-name', stack];
      const id = (await aws(...detect, '--query', 'StackDriftDetectionId', '--output', 'text')).trim();
      const status = `cloudformation describe-stack-drift-detection-status --stack-drift-detection-id ${id}`;
      assert.deepEqual(
        await ask(status, '[DetectionStatus,StackDriftStatus,DriftedStackResourceCount]'),
        ['DETECTION_COMPLETE', 'IN_SYNC', 0],
        stack,
      );
    }
    const stack = '--stack-name devops-app-local-service';
    const [group, arn] = (await ask(
      `cloudformation describe-stack-resources ${stack}`,
      'StackResources[?ResourceType==`AWS::ElasticLoadBalancingV2::TargetGroup`]|[0].[LogicalResourceId,PhysicalResourceId]',
    )) as readonly string[];
    await aws(
      ...`elbv2 modify-target-group --target-group-arn ${arn} --health-check-interval-seconds 77`.split(' '),
    );
    assert.deepEqual(
      await ask(
        `cloudformation detect-stack-resource-drift ${stack} --logical-resource-id ${group}`,
        'StackResourceDrift.[StackResourceDriftStatus,PropertyDifferences]',
      ),
      [
        'MODIFIED',
        [
          {
            PropertyPath: '/HealthCheckIntervalSeconds',
            ExpectedValue: '5',
            ActualValue: '77',
            DifferenceType: 'NOT_EQUAL',
          },
        ],
      ],
    );
    assert.deepEqual(
      await ask(
        `cloudformation describe-stack-resource-drifts ${stack} --stack-resource-drift-status-filters MODIFIED DELETED`,
        'StackResourceDrifts[].LogicalResourceId',
      ),
      [group],
    );
    assert.equal(
      await ask(`cloudformation describe-stacks ${stack}`, 'Stacks[0].DriftInformation.StackDriftStatus'),
      'DRIFTED',
    );
  });

  test('logs tail shows what the tasks wrote', async (t) => {
    const options = { env: region.environment };
    const versions = await Promise.all(
      (await installed('aws')).map(async (path) => ({ path, ...(await run(path, ['--version'], options)) })),
    );
    const second = versions.find(({ stdout }) => stdout.startsWith('aws-cli/2'));
    if (!second) return t.skip('needs the AWS CLI, version 2');
    const tail = ['logs', 'tail', '/plimsoll/local/devops-app', '--since', '1h'];
    const { stdout } = await succeed(second.path, ['--endpoint-url', region.endpoint, ...tail], options);
    assert.match(stdout, /Server listening/);
  });

  test('s3 cp takes 20 MB in parts and gives them back, also by a presigned URL', async () => {
    const bytes = randomBytes(20_000_000);
    const digest = (of: Uint8Array): string => createHash('sha256').update(of).digest('hex');
    await writeFile(join(region.scratch, 'up'), bytes);
    await aws('s3', 'mb', 's3://conformance');
    await aws('s3', 'cp', 'up', 's3://conformance/a b/ü+&.bin', '--no-progress');
    await aws('s3', 'cp', 's3://conformance/a b/ü+&.bin', 'down', '--no-progress');
    assert.equal(digest(await readFile(join(region.scratch, 'down'))), digest(bytes));
    const url = (await aws('s3', 'presign', 's3://conformance/a b/ü+&.bin')).trim();
    assert.equal(digest(new Uint8Array(await (await fetch(url)).arrayBuffer())), digest(bytes));
    assert.match(await aws('s3', 'ls', 's3://conformance', '--recursive'), /20000000 a b\/ü\+&\.bin/);
    await aws('s3', 'rb', 's3://conformance', '--force');
  });

  test('cloudformation deploy creates, then updates, then says that nothing is to do', async () => {
    const template = (value: string) =>
      JSON.stringify({
        Resources: { P: { Type: 'AWS::SSM::Parameter', Properties: { Type: 'String', Value: value } } },
        Outputs: { Name: { Value: { Ref: 'P' } } },
      });
    const deploy = ['cloudformation', 'deploy', '--stack-name', 'by-cli', '--template-file', 'template.json'];
    for (const value of ['one', 'two']) {
      await writeFile(join(region.scratch, 'template.json'), template(value));
      assert.match(await aws(...deploy), /Successfully created\/updated stack - by-cli/);
    }
    assert.match(await aws(...deploy, '--no-fail-on-empty-changeset'), /No changes to deploy/);
    const name = await ask(
      'cloudformation describe-stacks --stack-name by-cli',
      'Stacks[0].Outputs[0].OutputValue',
    );
    assert.equal(await ask(`ssm get-parameter --name ${name}`, 'Parameter.Value'), 'two');
  });

  test('what is not there and what is not modelled are told apart', async () => {
    const fail = async (...args: readonly string[]) =>
      (await run('aws', ['--endpoint-url', region.endpoint, ...args], { env: region.environment })).stderr;
    // Confirmed by docs: the codes and this text.
    assert.match(
      await fail('cloudformation', 'describe-stacks', '--stack-name', 'nope'),
      /\(ValidationError\) when calling the DescribeStacks operation: Stack with id nope does not exist/,
    );
    assert.match(
      await fail('ec2', 'describe-instances'),
      /\(NotModelled\).*DescribeInstances is not modelled/,
    );
  });

  // The last one: while the service rolls, the others would see two deployments.
  test('ecs update-service --force-new-deployment, then ecs wait services-stable: only new tasks are left', async () => {
    const of = ['--cluster', cluster];
    const running = () =>
      ask(`ecs list-tasks --cluster ${cluster} --service-name devops-app`, 'taskArns') as Promise<string[]>;
    const before = await running();
    const started = await aws(
      ...['ecs', 'update-service', ...of, '--service', 'devops-app', '--force-new-deployment'],
      ...['--query', 'service.deployments[].status', '--output', 'text'],
    );
    assert.equal(started.trim(), 'PRIMARY\tACTIVE');
    await aws('ecs', 'wait', 'services-stable', ...of, '--services', 'devops-app');
    const after = await running();
    assert.deepEqual([after.length, after.filter((arn) => before.includes(arn))], [2, []]);
  });
});
