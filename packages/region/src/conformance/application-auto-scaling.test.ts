/** Application Auto Scaling by its real clients, on a service that runs no tasks. Unconfirmed against AWS itself. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  ApplicationAutoScalingClient,
  DeleteScalingPolicyCommand,
  DescribeScalableTargetsCommand,
  ListTagsForResourceCommand,
  ObjectNotFoundException,
  PutScalingPolicyCommand,
  PutScheduledActionCommand,
  paginateDescribeScalingPolicies,
  paginateDescribeScheduledActions,
  RegisterScalableTargetCommand,
  ResourceNotFoundException,
  ValidationException,
} from '@aws-sdk/client-application-auto-scaling';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeSubnetsCommand, EC2Client } from '@aws-sdk/client-ec2';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import { installed, run, succeed } from './testing/command.ts';
import { type RegionProcess, startRegionProcess } from './testing/region-process.ts';

const ofService = (name: string) =>
  ({
    ServiceNamespace: 'ecs',
    ResourceId: `service/default/${name}`,
    ScalableDimension: 'ecs:service:DesiredCount',
  }) as const;

const hasCli = (await installed('aws')).length > 0;

describe('Application Auto Scaling', () => {
  let region: RegionProcess;
  before(async () => {
    region = await startRegionProcess();
    await createServices(region, ['sdk', 'cli', 'boto']);
  });
  after(() => region.close());

  test('the AWS SDK for JavaScript: targets, policies, schedules, pages and errors', async () => {
    const client = new ApplicationAutoScalingClient(region.client);
    const resource = ofService('sdk');
    await assert.rejects(
      client.send(new DeleteScalingPolicyCommand({ ...resource, PolicyName: 'x' })),
      ObjectNotFoundException,
    );
    const limits = { MinCapacity: 0, MaxCapacity: 0 };
    const { ScalableTargetARN: ResourceARN = '' } = await client.send(
      new RegisterScalableTargetCommand({ ...resource, ...limits, Tags: { team: 'a' } }),
    );
    await assert.rejects(
      client.send(new RegisterScalableTargetCommand({ ...resource, MinCapacity: 2, MaxCapacity: 1 })),
      ValidationException,
    );
    const { Tags } = await client.send(new ListTagsForResourceCommand({ ResourceARN }));
    assert.deepEqual(Tags, { team: 'a' });
    await assert.rejects(
      client.send(new ListTagsForResourceCommand({ ResourceARN: `${ResourceARN}0` })),
      (error) => error instanceof ResourceNotFoundException && error.ResourceName === `${ResourceARN}0`,
    );
    const { ScalableTargets } = await client.send(
      new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs', ResourceIds: [resource.ResourceId] }),
    );
    assert.ok(ScalableTargets?.[0]?.CreationTime instanceof Date);
    const { Alarms = [] } = await client.send(
      new PutScalingPolicyCommand({
        ...resource,
        PolicyName: 'cpu',
        PolicyType: 'TargetTrackingScaling',
        TargetTrackingScalingPolicyConfiguration: {
          TargetValue: 60.5,
          PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
        },
      }),
    );
    const { MetricAlarms = [] } = await new CloudWatchClient(region.client).send(
      new DescribeAlarmsCommand({ AlarmNames: Alarms.map(({ AlarmName = '' }) => AlarmName) }),
    );
    assert.deepEqual(
      MetricAlarms.map(({ Threshold }) => Threshold),
      [60.5, 54.45],
    );
    for (let i = 0; i < 12; i += 1) await putStepsAndSchedule(client, resource, i);
    const names: (string | undefined)[] = [];
    const pages = { client, pageSize: 5 };
    for await (const page of paginateDescribeScalingPolicies(pages, { ServiceNamespace: 'ecs' })) {
      names.push(...(page.ScalingPolicies ?? []).map(({ PolicyName }) => PolicyName));
    }
    assert.equal(new Set(names).size, 13);
    const times = new Set<string | undefined>();
    for await (const page of paginateDescribeScheduledActions(pages, resource)) {
      for (const { StartTime } of page.ScheduledActions ?? []) times.add(StartTime?.toISOString());
    }
    assert.deepEqual([...times], ['2099-01-01T00:00:00.000Z']);
  });

  test('the AWS CLI: a target, a policy, a schedule and the activities', {
    skip: hasCli ? false : 'needs the AWS CLI',
  }, async () => {
    const aws = async (...args: readonly string[]): Promise<unknown> => {
      const all = ['--endpoint-url', region.endpoint, 'application-autoscaling', ...args, '--output', 'json'];
      const { stdout } = await succeed('aws', all, { env: region.environment, cwd: region.scratch });
      return stdout.trim() === '' ? undefined : JSON.parse(stdout);
    };
    const resource = [
      '--service-namespace=ecs',
      '--resource-id=service/default/cli',
      '--scalable-dimension=ecs:service:DesiredCount',
    ];
    await aws('register-scalable-target', ...resource, '--min-capacity=1', '--max-capacity=4');
    await aws(
      'put-scaling-policy',
      ...resource,
      '--policy-name=memory',
      '--policy-type=TargetTrackingScaling',
      '--target-tracking-scaling-policy-configuration',
      '{"TargetValue":75,"PredefinedMetricSpecification":{"PredefinedMetricType":"ECSServiceAverageMemoryUtilization"}}',
    );
    await aws(
      'put-scheduled-action',
      ...resource,
      '--scheduled-action-name=down',
      '--schedule=cron(0 18 ? * MON-FRI *)',
      '--timezone=Europe/Berlin',
      '--scalable-target-action=MinCapacity=0,MaxCapacity=0',
    );
    const actions = await aws(
      'describe-scheduled-actions',
      '--service-namespace=ecs',
      '--scheduled-action-names=down',
      '--query=ScheduledActions[].[Schedule,Timezone,ScalableTargetAction]',
    );
    assert.deepEqual(actions, [
      ['cron(0 18 ? * MON-FRI *)', 'Europe/Berlin', { MinCapacity: 0, MaxCapacity: 0 }],
    ]);
    const activities = await aws(
      'describe-scaling-activities',
      ...resource,
      '--query=ScalingActivities[].[Cause,Description]',
    );
    assert.deepEqual(activities, [['minimum capacity was set to 1', 'Setting desired count to 1.']]);
    await aws('deregister-scalable-target', ...resource);
    const query = '--query=length(ScalingPolicies)';
    assert.equal(await aws('describe-scaling-policies', ...resource, query), 0);
  });

  test('boto3: paginators, times and exceptions', async (t) => {
    const options = { env: region.environment };
    for (const python of await installed('python3')) {
      if ((await run(python, ['-c', 'import boto3'], options)).status !== 0) continue;
      const { stdout } = await succeed(python, ['-c', script], options);
      assert.deepEqual(JSON.parse(stdout), {
        targets: ['service/default/boto'],
        missing: 'ObjectNotFoundException',
        policies: [1, 1],
        start: '2099-01-01T00:00:00+00:00',
        refused: 'NotModelled',
      });
      return;
    }
    t.skip('needs boto3');
  });
});

const script = `
import boto3, datetime, json, os
client = boto3.client('application-autoscaling', endpoint_url=os.environ['AWS_ENDPOINT_URL'])
resource = dict(ServiceNamespace='ecs', ResourceId='service/default/boto', ScalableDimension='ecs:service:DesiredCount')
answer = {}
client.register_scalable_target(**resource, MinCapacity=0, MaxCapacity=0)
pages = client.get_paginator('describe_scalable_targets').paginate(ServiceNamespace='ecs', ResourceIds=[resource['ResourceId']])
answer['targets'] = [target['ResourceId'] for page in pages for target in page['ScalableTargets']]
try: client.delete_scheduled_action(**resource, ScheduledActionName='x')
except client.exceptions.ObjectNotFoundException as error: answer['missing'] = error.response['Error']['Code']
for name in ['CPU', 'Memory']:
    metric = dict(PredefinedMetricType=f'ECSServiceAverage{name}Utilization')
    client.put_scaling_policy(**resource, PolicyName=name, PolicyType='TargetTrackingScaling',
        TargetTrackingScalingPolicyConfiguration=dict(TargetValue=60, PredefinedMetricSpecification=metric))
pages = client.get_paginator('describe_scaling_policies').paginate(**resource, PaginationConfig=dict(PageSize=1))
answer['policies'] = [len(page['ScalingPolicies']) for page in pages]
start = datetime.datetime(2099, 1, 1, tzinfo=datetime.timezone.utc)
client.put_scheduled_action(**resource, ScheduledActionName='later', Schedule='rate(1 day)', StartTime=start,
    ScalableTargetAction=dict(MinCapacity=1))
[action] = client.describe_scheduled_actions(**resource)['ScheduledActions']
answer['start'] = action['StartTime'].astimezone(datetime.timezone.utc).isoformat()
try: client.register_scalable_target(ServiceNamespace='dynamodb', ResourceId='table/t',
    ScalableDimension='dynamodb:table:ReadCapacityUnits', MinCapacity=1, MaxCapacity=2)
except client.exceptions.ClientError as error: answer['refused'] = error.response['Error']['Code']
print(json.dumps(answer))
`;

async function putStepsAndSchedule(
  client: ApplicationAutoScalingClient,
  resource: ReturnType<typeof ofService>,
  i: number,
): Promise<void> {
  await client.send(
    new PutScalingPolicyCommand({
      ...resource,
      PolicyName: `steps-${i}`,
      PolicyType: 'StepScaling',
      StepScalingPolicyConfiguration: {
        AdjustmentType: 'ChangeInCapacity',
        StepAdjustments: [{ MetricIntervalLowerBound: 0, ScalingAdjustment: 1 }],
      },
    }),
  );
  await client.send(
    new PutScheduledActionCommand({
      ...resource,
      ScheduledActionName: `action-${i}`,
      Schedule: 'cron(0 8 ? * MON-FRI *)',
      StartTime: new Date('2099-01-01T00:00:00Z'),
      ScalableTargetAction: { MinCapacity: 1 },
    }),
  );
}

/** Services of no tasks in the default VPC. */
async function createServices(region: RegionProcess, names: readonly string[]): Promise<void> {
  const ecs = new ECSClient(region.client);
  const { Subnets = [] } = await new EC2Client(region.client).send(new DescribeSubnetsCommand({}));
  await ecs.send(new CreateClusterCommand({}));
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'idle',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      containerDefinitions: [{ name: 'idle', image: 'idle' }],
    }),
  );
  for (const serviceName of names) {
    await ecs.send(
      new CreateServiceCommand({
        serviceName,
        taskDefinition: 'idle',
        desiredCount: 0,
        launchType: 'FARGATE',
        networkConfiguration: { awsvpcConfiguration: { subnets: [Subnets[0]?.SubnetId ?? ''] } },
      }),
    );
  }
}
