import assert from 'node:assert/strict';
import { test } from 'node:test';
import { targetGroupArn } from '../ecs/testing/fake-neighbours.ts';
import { resource, Scenario } from './testing/scenario.ts';

interface Options {
  readonly image?: string;
  readonly min?: number;
  readonly target?: number;
  readonly actions?: readonly object[];
  readonly suspended?: object;
}

/** What the CDK makes of a service without a desired count that tracks CPU. */
function template({ image = 'v1', min = 2, target = 60, actions, suspended }: Options = {}): string {
  return JSON.stringify({
    Resources: {
      Cluster: { Type: 'AWS::ECS::Cluster', Properties: { ClusterName: 'default' } },
      Definition: {
        Type: 'AWS::ECS::TaskDefinition',
        Properties: {
          Family: 'web',
          Cpu: '256',
          Memory: '512',
          NetworkMode: 'awsvpc',
          RequiresCompatibilities: ['FARGATE'],
          ContainerDefinitions: [{ Name: 'app', Image: image, PortMappings: [{ ContainerPort: 3000 }] }],
        },
      },
      Service: {
        Type: 'AWS::ECS::Service',
        Properties: {
          ServiceName: 'web',
          Cluster: { Ref: 'Cluster' },
          TaskDefinition: { Ref: 'Definition' },
          LaunchType: 'FARGATE',
          LoadBalancers: [{ TargetGroupArn: targetGroupArn, ContainerName: 'app', ContainerPort: 3000 }],
          NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-a', 'subnet-b'] } },
        },
      },
      Target: {
        Type: 'AWS::ApplicationAutoScaling::ScalableTarget',
        Properties: {
          MinCapacity: min,
          MaxCapacity: 10,
          ResourceId: {
            'Fn::Join': ['', ['service/', { Ref: 'Cluster' }, '/', { 'Fn::GetAtt': ['Service', 'Name'] }]],
          },
          RoleARN: 'arn:aws:iam::000000000000:role/x',
          ScalableDimension: 'ecs:service:DesiredCount',
          ServiceNamespace: 'ecs',
          ...(actions && { ScheduledActions: actions }),
          ...(suspended && { SuspendedState: suspended }),
        },
      },
      Policy: {
        Type: 'AWS::ApplicationAutoScaling::ScalingPolicy',
        Properties: {
          PolicyName: 'cpu',
          PolicyType: 'TargetTrackingScaling',
          ScalingTargetId: { Ref: 'Target' },
          TargetTrackingScalingPolicyConfiguration: {
            PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
            TargetValue: target,
          },
        },
      },
    },
    Outputs: { Target: { Value: { Ref: 'Target' } }, Policy: { Value: { Ref: 'Policy' } } },
  });
}

async function created(options: Options = {}): Promise<Scenario> {
  const scenario = new Scenario();
  await scenario.call('cloudformation', 'createStack', { StackName: 'app', TemplateBody: template(options) });
  await scenario.region.advance(300);
  assert.equal(await status(scenario), 'CREATE_COMPLETE');
  return scenario;
}

async function update(scenario: Scenario, options: Options): Promise<void> {
  await scenario.call('cloudformation', 'updateStack', { StackName: 'app', TemplateBody: template(options) });
  await scenario.region.advance(400);
  assert.equal(await status(scenario), 'UPDATE_COMPLETE');
}

async function status(scenario: Scenario): Promise<string | undefined> {
  const { Stacks } = await scenario.call('cloudformation', 'describeStacks', { StackName: 'app' });
  return Stacks?.[0]?.StackStatus;
}

async function actionsOf(scenario: Scenario): Promise<string[]> {
  const { ScheduledActions = [] } = await scenario.call(
    'applicationautoscaling',
    'describeScheduledActions',
    resource,
  );
  return ScheduledActions.map(({ ScheduledActionName, Schedule, Timezone }) =>
    [ScheduledActionName, Schedule, Timezone].join(' ').trim(),
  );
}

test('a stack with scaling: the target brings the service to its minimum, Refs and alarms are as on AWS', async () => {
  const scenario = await created();
  assert.deepEqual([await scenario.desired(), await scenario.running()], [2, 2]);
  const { Stacks } = await scenario.call('cloudformation', 'describeStacks', { StackName: 'app' });
  const [target, policy] = Stacks?.[0]?.Outputs?.map(({ OutputValue }) => OutputValue) ?? [];
  assert.equal(target, 'service/default/web|ecs:service:DesiredCount|ecs');
  assert.equal(policy, (await scenario.policy()).PolicyARN);
  const { ScalableTargets } = await scenario.call('applicationautoscaling', 'describeScalableTargets', {
    ServiceNamespace: 'ecs',
  });
  assert.equal(
    ScalableTargets?.[0]?.RoleARN,
    'arn:aws:iam::000000000000:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService',
  );
});

test('a release by a template without a desired count keeps the count that scaling chose', async () => {
  const scenario = await created();
  await scenario.minutes(4, { CPUUtilization: () => 100 });
  assert.equal(await scenario.desired(), 4);
  await update(scenario, { image: 'v2' });
  assert.deepEqual([await scenario.desired(), await scenario.running()], [4, 4]);
});

test('an update changes limits, target and suspensions in place', async () => {
  const scenario = await created({ suspended: { ScheduledScalingSuspended: true } });
  const before = await scenario.policy();
  await update(scenario, { min: 3, target: 75 });
  const after = await scenario.policy();
  assert.equal(after.PolicyARN, before.PolicyARN);
  assert.equal(after.TargetTrackingScalingPolicyConfiguration?.TargetValue, 75);
  assert.equal(await scenario.limits(), '3..10');
  assert.equal(await scenario.desired(), 3);
  const { ScalableTargets } = await scenario.call('applicationautoscaling', 'describeScalableTargets', {
    ServiceNamespace: 'ecs',
  });
  assert.equal(ScalableTargets?.[0]?.SuspendedState?.ScheduledScalingSuspended, false);
});

test('inline scheduled actions come, change and go with the template', async () => {
  const action = (ScheduledActionName: string, Schedule: string, Timezone?: string) => ({
    ScheduledActionName,
    Schedule,
    ScalableTargetAction: { MinCapacity: 1, MaxCapacity: 4 },
    ...(Timezone && { Timezone }),
  });
  const scenario = await created({
    actions: [
      action('up', 'cron(0 8 ? * MON-FRI *)', 'Europe/Berlin'),
      action('down', 'cron(0 18 ? * MON-FRI *)'),
    ],
  });
  assert.deepEqual(await actionsOf(scenario), [
    'up cron(0 8 ? * MON-FRI *) Europe/Berlin',
    'down cron(0 18 ? * MON-FRI *)',
  ]);
  await update(scenario, { actions: [action('up', 'cron(0 9 ? * MON-FRI *)')] });
  assert.deepEqual(await actionsOf(scenario), ['up cron(0 9 ? * MON-FRI *)']);
  await update(scenario, { min: 3 });
  assert.deepEqual(await actionsOf(scenario), []);
});

test('a stack that is deleted leaves no target, no alarm and no task', async () => {
  const scenario = await created();
  await scenario.call('cloudformation', 'deleteStack', { StackName: 'app' });
  await scenario.region.advance(400);
  const { StackSummaries } = await scenario.call('cloudformation', 'listStacks', {});
  assert.equal(StackSummaries?.[0]?.StackStatus, 'DELETE_COMPLETE');
  assert.equal(scenario.runner.running.size, 0);
  const { MetricAlarms } = await scenario.call('cloudwatch', 'describeAlarms', {});
  assert.deepEqual(MetricAlarms, []);
});

test('what is not modelled fails the stack by name', async () => {
  const scenario = new Scenario();
  const changed = template().replace('TargetTrackingScaling"', 'PredictiveScaling"');
  await scenario.call('cloudformation', 'createStack', { StackName: 'app', TemplateBody: changed });
  await scenario.region.advance(400);
  assert.equal(await status(scenario), 'ROLLBACK_COMPLETE');
  const { StackEvents = [] } = await scenario.call('cloudformation', 'describeStackEvents', {
    StackName: 'app',
  });
  const failed = StackEvents.find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED');
  assert.match(failed?.ResourceStatusReason ?? '', /PredictiveScaling is not modelled/);
});
