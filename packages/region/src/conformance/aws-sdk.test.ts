import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  CloudFormationClient,
  paginateDescribeStackEvents,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import {
  CloudWatchLogsClient,
  DescribeLogStreamsCommand,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import { DescribeVpcsCommand, EC2Client, paginateDescribeSubnets } from '@aws-sdk/client-ec2';
import { DescribeRepositoriesCommand, ECRClient } from '@aws-sdk/client-ecr';
import {
  DescribeServicesCommand,
  ECSClient,
  ListTasksCommand,
  paginateListTasks,
  RunTaskCommand,
  StopTaskCommand,
  UpdateServiceCommand,
  waitUntilServicesStable,
  waitUntilTasksStopped,
} from '@aws-sdk/client-ecs';
import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  waitUntilLoadBalancerAvailable,
  waitUntilTargetInService,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetRolePolicyCommand, IAMClient, paginateListRoles } from '@aws-sdk/client-iam';
import { DescribeDBInstancesCommand, RDSClient, waitUntilDBInstanceAvailable } from '@aws-sdk/client-rds';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { paginateGetParametersByPath, SSMClient } from '@aws-sdk/client-ssm';
import { AssumeRoleCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { deployDevopsApp, serviceUrl } from './testing/devops-app.ts';
import { type RegionProcess, startRegionProcess } from './testing/region-process.ts';

const cluster = 'devops-app-local';
const service = 'devops-app';

const waiting = { maxWaitTime: 60, minDelay: 1, maxDelay: 1 };

describe('the AWS SDK for JavaScript on devops-app', () => {
  let region: RegionProcess;
  before(async () => {
    region = await startRegionProcess();
    await deployDevopsApp(region);
    // A service starts with one task, and its scalable target raises it to two beside the end of the stack.
    const client = new ECSClient(region.client);
    await waitUntilServicesStable({ client, ...waiting }, { cluster, services: [service] });
  });
  after(() => region.close());

  test('the load balancer, its targets and the database are waited for as on AWS', async () => {
    const client = new ElasticLoadBalancingV2Client(region.client);
    await waitUntilLoadBalancerAvailable({ client, ...waiting }, {});
    const { TargetGroups = [] } = await client.send(new DescribeTargetGroupsCommand({}));
    const { TargetGroupArn } = TargetGroups[0] ?? {};
    await waitUntilTargetInService({ client, ...waiting }, { TargetGroupArn });
    const health = await client.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
    const zones = health.TargetHealthDescriptions?.map(({ Target }) => Target?.AvailabilityZone);
    assert.equal(new Set(zones).size, 2);
    await waitUntilDBInstanceAvailable({ client: new RDSClient(region.client), ...waiting }, {});
  });

  test('pages follow one another without a gap or an overlap', async () => {
    const client = new CloudFormationClient(region.client);
    const ids: (string | undefined)[] = [];
    for await (const { StackEvents = [] } of paginateDescribeStackEvents(
      { client },
      { StackName: 'network-local' },
    )) {
      ids.push(...StackEvents.map(({ EventId }) => EventId));
    }
    assert.equal(new Set(ids).size, ids.length);
    // 100 resources a page.
    const resources = [];
    for await (const page of paginateListStackResources({ client }, { StackName: 'network-local' })) {
      resources.push(...(page.StackResourceSummaries ?? []));
    }
    assert.ok(ids.length >= 3 * resources.length);
    const subnets = [];
    for await (const page of paginateDescribeSubnets(
      { client: new EC2Client(region.client), pageSize: 5 },
      {},
    )) {
      subnets.push(...(page.Subnets ?? []).map(({ SubnetId }) => SubnetId));
    }
    assert.equal(new Set(subnets).size, 9);
    const names = [];
    for await (const page of paginateGetParametersByPath(
      { client: new SSMClient(region.client), pageSize: 2 },
      { Path: '/', Recursive: true },
    )) {
      names.push(...(page.Parameters ?? []).map(({ Name }) => Name));
    }
    assert.equal(new Set(names).size, names.length);
    assert.equal(names.length, 10);
  });

  test('the two tasks have their streams, and their lines come interleaved by time', async () => {
    const client = new CloudWatchLogsClient(region.client);
    const logGroupName = '/plimsoll/local/devops-app';
    const { logStreams = [] } = await client.send(new DescribeLogStreamsCommand({ logGroupName }));
    assert.equal(logStreams.length, 2);
    const times: number[] = [];
    for await (const page of paginateFilterLogEvents({ client, pageSize: 1 }, { logGroupName })) {
      times.push(...(page.events ?? []).map(({ timestamp = 0 }) => timestamp));
    }
    assert.ok(times.length >= 2);
    assert.deepEqual(times, [...times].sort());
  });

  test('names lead from one service to the next', async () => {
    const rds = await new RDSClient(region.client).send(new DescribeDBInstancesCommand({}));
    const instance = rds.DBInstances?.[0];
    const secret = await new SecretsManagerClient(region.client).send(
      new GetSecretValueCommand({ SecretId: instance?.MasterUserSecret?.SecretArn }),
    );
    assert.equal(JSON.parse(secret.SecretString ?? '{}').username, instance?.MasterUsername);
    const { Vpcs } = await new EC2Client(region.client).send(
      new DescribeVpcsCommand({ VpcIds: [`${instance?.DBSubnetGroup?.VpcId}`] }),
    );
    assert.equal(Vpcs?.length, 1);
    const { repositories } = await new ECRClient(region.client).send(new DescribeRepositoriesCommand({}));
    assert.deepEqual(
      repositories?.map(({ repositoryName }) => repositoryName),
      ['devops-app'],
    );
  });

  test('a role is assumed and its credentials say who they are', async () => {
    const client = new IAMClient(region.client);
    const roles = [];
    for await (const page of paginateListRoles({ client, pageSize: 1 }, {}))
      roles.push(...(page.Roles ?? []));
    const role = roles.find(({ RoleName }) => RoleName?.includes('TaskRole'));
    await assert.rejects(
      client.send(new GetRolePolicyCommand({ RoleName: role?.RoleName, PolicyName: 'not-there' })),
      { name: 'NoSuchEntityException' },
    );
    const { Credentials } = await new STSClient(region.client).send(
      new AssumeRoleCommand({ RoleArn: role?.Arn, RoleSessionName: 'conformance' }),
    );
    const credentials = {
      accessKeyId: `${Credentials?.AccessKeyId}`,
      secretAccessKey: `${Credentials?.SecretAccessKey}`,
      sessionToken: `${Credentials?.SessionToken}`,
    };
    const who = await new STSClient({ ...region.client, credentials }).send(new GetCallerIdentityCommand({}));
    assert.equal(who.Arn, `arn:aws:sts::000000000000:assumed-role/${role?.RoleName}/conformance`);
  });

  test('RunTask with the same token runs nothing twice', async () => {
    const client = new ECSClient(region.client);
    const { services = [] } = await client.send(
      new DescribeServicesCommand({ cluster, services: [service] }),
    );
    const request = {
      cluster,
      taskDefinition: cluster,
      launchType: 'FARGATE' as const,
      networkConfiguration: services[0]?.networkConfiguration,
      // Confirmed by docs: "the exact same request repeated with the same client token" makes no second task.
      clientToken: 'once',
    };
    const arns = [];
    for (const _ of [1, 2]) {
      const { tasks = [] } = await client.send(new RunTaskCommand(request));
      arns.push(...tasks.map(({ taskArn }) => `${taskArn}`));
    }
    const tasks = [...new Set(arns)];
    assert.equal(tasks.length, 1);
    await client.send(new StopTaskCommand({ cluster, task: tasks[0] }));
    await waitUntilTasksStopped({ client, ...waiting }, { cluster, tasks });
  });

  test('a forced new deployment replaces every task, and the waiter ends when only the new ones are left', async () => {
    const client = new ECSClient(region.client);
    const running = async (): Promise<readonly string[]> =>
      (await client.send(new ListTasksCommand({ cluster, serviceName: service }))).taskArns ?? [];
    const before = await running();
    await client.send(new UpdateServiceCommand({ cluster, service, forceNewDeployment: true }));
    await waitUntilServicesStable({ client, ...waiting }, { cluster, services: [service] });
    const { services = [] } = await client.send(
      new DescribeServicesCommand({ cluster, services: [service] }),
    );
    assert.deepEqual(
      services[0]?.deployments?.map(({ status, runningCount }) => [status, runningCount]),
      [['PRIMARY', 2]],
    );
    const after = await running();
    assert.equal(after.length, 2);
    assert.deepEqual(
      after.filter((arn) => before.includes(arn)),
      [],
    );
  });

  test('a service is scaled out and in, and answers all the while', async () => {
    const client = new ECSClient(region.client);
    const answers = new Set<number>();
    for (const desiredCount of [3, 1]) {
      await client.send(new UpdateServiceCommand({ cluster, service, desiredCount }));
      await waitUntilServicesStable({ client, ...waiting }, { cluster, services: [service] });
      const tasks = [];
      for await (const page of paginateListTasks(
        { client, pageSize: 2 },
        { cluster, serviceName: service },
      )) {
        tasks.push(...(page.taskArns ?? []));
      }
      assert.equal(tasks.length, desiredCount);
      answers.add((await fetch(`${await serviceUrl(region)}/health`)).status);
    }
    assert.deepEqual([...answers], [200]);
  });
});
