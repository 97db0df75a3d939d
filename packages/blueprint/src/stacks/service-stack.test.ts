import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { officeHours } from '../definition/office-hours.ts';
import type { EnvironmentOptions } from '../definition/service-definition.ts';
import { exampleApp } from '../testing/example-app.ts';
import { ServiceStack } from './service-stack.ts';

function serviceTemplate(overrides: EnvironmentOptions = {}): Template {
  const stack = exampleApp(overrides).stacks.find((one) => one instanceof ServiceStack);
  assert.ok(stack);
  return Template.fromStack(stack);
}

const template = serviceTemplate();

test('a release starts new tasks before it stops old ones, and rolls back when they fail', () => {
  template.hasResourceProperties('AWS::ECS::Service', {
    DeploymentConfiguration: {
      DeploymentCircuitBreaker: { Enable: true, Rollback: true },
      MinimumHealthyPercent: 100,
      MaximumPercent: 200,
    },
    AvailabilityZoneRebalancing: 'ENABLED',
    EnableExecuteCommand: false,
    HealthCheckGracePeriodSeconds: 30,
  });
});

test('no desired count is given, so that a release keeps what scaling chose', () => {
  template.hasResourceProperties('AWS::ECS::Service', { DesiredCount: Match.absent() });
});

test('the number of tasks is held in its range, at 60 % CPU', () => {
  template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalableTarget', {
    MinCapacity: 2,
    MaxCapacity: 10,
    ScalableDimension: 'ecs:service:DesiredCount',
    ServiceNamespace: 'ecs',
    ScheduledActions: Match.absent(),
  });
  template.resourceCountIs('AWS::ApplicationAutoScaling::ScalingPolicy', 1);
  template.hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
    PolicyType: 'TargetTrackingScaling',
    TargetTrackingScalingPolicyConfiguration: {
      PredefinedMetricSpecification: { PredefinedMetricType: 'ECSServiceAverageCPUUtilization' },
      TargetValue: 60,
      ScaleInCooldown: 300,
      ScaleOutCooldown: 60,
    },
  });
});

test('memory and requests are held where the definition says so, with its cooldowns', () => {
  const scaled = serviceTemplate({
    scaling: { memory: 70, requestsPerTarget: 1000, cooldowns: { in: 120 } },
  });
  for (const [metric, target] of [
    ['ECSServiceAverageMemoryUtilization', 70],
    ['ALBRequestCountPerTarget', 1000],
  ] as const) {
    scaled.hasResourceProperties('AWS::ApplicationAutoScaling::ScalingPolicy', {
      TargetTrackingScalingPolicyConfiguration: Match.objectLike({
        PredefinedMetricSpecification: Match.objectLike({ PredefinedMetricType: metric }),
        TargetValue: target,
        ScaleInCooldown: 120,
        ScaleOutCooldown: 60,
      }),
    });
  }
});

test('outside of the hours the range is zero to zero, in the time zone of the definition', () => {
  const schedule = officeHours('07:30', '18:00', 'MON-FRI', 'Europe/Berlin');
  serviceTemplate({ scaling: { schedule } }).hasResourceProperties(
    'AWS::ApplicationAutoScaling::ScalableTarget',
    {
      MinCapacity: 2,
      MaxCapacity: 10,
      ScheduledActions: [
        {
          ScheduledActionName: 'HoursStart',
          Schedule: 'cron(30 7 ? * MON-FRI *)',
          Timezone: 'Europe/Berlin',
          ScalableTargetAction: { MinCapacity: 2, MaxCapacity: 10 },
        },
        {
          ScheduledActionName: 'HoursEnd',
          Schedule: 'cron(0 18 ? * MON-FRI *)',
          Timezone: 'Europe/Berlin',
          ScalableTargetAction: { MinCapacity: 0, MaxCapacity: 0 },
        },
      ],
    },
  );
});

test('ECS takes a release back by alarms of the same stack, which the service waits for', () => {
  const names = ['DeploymentErrors', 'DeploymentLatency'].map((id) => ({
    Ref: Match.stringLikeRegexp(`^${id}`),
  }));
  template.hasResourceProperties('AWS::ECS::Service', {
    DeploymentConfiguration: { Alarms: { AlarmNames: names, Enable: true, Rollback: true } },
  });
  template.hasResourceProperties('AWS::CloudWatch::Alarm', {
    AlarmName: 'devops-app-prod-deployment-errors',
    AlarmActions: Match.absent(),
    TreatMissingData: 'notBreaching',
  });
});

test('an environment that may go waits for no alarms', () => {
  const quick = serviceTemplate({ deletionProtection: false });
  quick.resourceCountIs('AWS::CloudWatch::Alarm', 0);
  quick.hasResourceProperties('AWS::ECS::Service', { DeploymentConfiguration: { Alarms: Match.absent() } });
});

test('the image is pinned by a digest, which is the one parameter of a release', () => {
  template.hasParameter('ImageDigest', {
    Type: 'String',
    AllowedPattern: 'sha256:[0-9a-f]{64}',
    Default: Match.absent(),
  });
  template.hasResourceProperties('AWS::ECS::TaskDefinition', {
    ContainerDefinitions: [
      Match.objectLike({
        Name: 'devops-app',
        Command: ['node', 'dist/main.js'],
        Image: {
          'Fn::Sub': '${AWS::AccountId}.dkr.ecr.${AWS::Region}.${AWS::URLSuffix}/devops-app@${ImageDigest}',
        },
      }),
    ],
  });
});

test('a task is told its port and its database by environment, and never a password', () => {
  const [definition] = Object.values(template.findResources('AWS::ECS::TaskDefinition'));
  const [container] = definition?.['Properties'].ContainerDefinitions ?? [];
  const variables = container.Environment as readonly { readonly Name: string; readonly Value: unknown }[];
  assert.deepEqual(Object.fromEntries(variables.map(({ Name, Value }) => [Name, Value])), {
    PORT: '3000',
    DATABASE_HOST: { Ref: 'DatabaseHost' },
    DATABASE_PORT: { Ref: 'DatabasePort' },
    DATABASE_NAME: { Ref: 'DatabaseName' },
    DATABASE_SECRET_ARN: { Ref: 'DatabaseSecretArn' },
  });
});

test('health checks are quick and the drain is short', () => {
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', {
    HealthCheckPath: '/health',
    HealthCheckIntervalSeconds: 5,
    HealthCheckTimeoutSeconds: 2,
    HealthyThresholdCount: 2,
    UnhealthyThresholdCount: 2,
    TargetType: 'ip',
    TargetGroupAttributes: Match.arrayWith([{ Key: 'deregistration_delay.timeout_seconds', Value: '10' }]),
  });
});

test('only the load balancer is open to the internet, on port 80', () => {
  const stacks = exampleApp().stacks.map((stack) => Template.fromStack(stack));
  const inline = stacks.flatMap((stack) =>
    Object.entries(stack.findResources('AWS::EC2::SecurityGroup')).flatMap(([id, { Properties }]) =>
      (Properties.SecurityGroupIngress ?? []).map((rule: Rule) => ({ id, ...rule })),
    ),
  );
  const separate = stacks.flatMap((stack) =>
    Object.entries(stack.findResources('AWS::EC2::SecurityGroupIngress')).map(([id, { Properties }]) => ({
      id,
      ...(Properties as Rule),
    })),
  );
  const open = [...inline, ...separate].filter((rule) => rule.CidrIp ?? rule.CidrIpv6);
  assert.deepEqual(
    open.map(({ id, CidrIp, FromPort, ToPort }) => [
      id.replace(/[0-9A-F]{8}$/, ''),
      CidrIp,
      FromPort,
      ToPort,
    ]),
    [['LoadBalancerSecurityGroup', '0.0.0.0/0', 80, 80]],
  );
});

test('security groups are chained: load balancer, tasks, database', () => {
  const groups = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress'));
  const links = groups.map(({ Properties }) => ({
    from: nameOf(Properties.SourceSecurityGroupId),
    to: nameOf(Properties.GroupId),
    port: Properties.FromPort,
  }));
  assert.deepEqual(links, [
    { from: 'LoadBalancerSecurityGroup', to: 'TaskSecurityGroup', port: 3000 },
    { from: 'TaskSecurityGroup', to: 'DatabaseSecurityGroupId', port: { Ref: 'DatabasePort' } },
  ]);
});

test('tasks have no public address and run in the private subnets; the load balancer is in the public ones', () => {
  template.hasResourceProperties('AWS::ECS::Service', {
    NetworkConfiguration: {
      AwsvpcConfiguration: { AssignPublicIp: 'DISABLED', Subnets: selected('PrivateSubnetIds') },
    },
  });
  template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', {
    Scheme: 'internet-facing',
    Subnets: selected('PublicSubnetIds'),
  });
});

test('each role may do what it uses and nothing else', () => {
  const policies = Object.values(template.findResources('AWS::IAM::Policy'));
  const allowed = policies.map(({ Properties }) =>
    Properties.PolicyDocument.Statement.flatMap(
      ({ Action }: { readonly Action: string | string[] }) => Action,
    ),
  );
  assert.deepEqual(allowed, [
    ['secretsmanager:GetSecretValue'],
    [
      'logs:CreateLogStream',
      'logs:PutLogEvents',
      'ecr:BatchCheckLayerAvailability',
      'ecr:GetDownloadUrlForLayer',
      'ecr:BatchGetImage',
      'ecr:GetAuthorizationToken',
    ],
  ]);
  template.hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: {
      Statement: [
        { Action: 'secretsmanager:GetSecretValue', Effect: 'Allow', Resource: { Ref: 'DatabaseSecretArn' } },
      ],
    },
  });
});

test('the service waits for its rights, its listener and its way to the database', () => {
  template.hasResource('AWS::ECS::Service', {
    DependsOn: Match.arrayWith([
      'DatabaseIngress',
      Match.stringLikeRegexp('^PublicLoadBalancerHttp'),
      Match.stringLikeRegexp('^TaskDefinitionExecutionRoleDefaultPolicy'),
      Match.stringLikeRegexp('^TaskDefinitionTaskRoleDefaultPolicy'),
    ]),
  });
});

test('logs are kept for as long as the definition says', () => {
  serviceTemplate({ logs: { retentionDays: 90 } }).hasResourceProperties('AWS::Logs::LogGroup', {
    LogGroupName: '/plimsoll/prod/devops-app',
    RetentionInDays: 90,
  });
});

test('the outputs say where the service is and what a one-off task needs', () => {
  assert.deepEqual(Object.keys(template.findOutputs('*')), [
    'ServiceUrl',
    'ClusterName',
    'ServiceName',
    'TaskDefinitionArn',
    'LogGroupName',
    'TaskSubnetIds',
    'TaskSecurityGroupId',
  ]);
});

interface Rule {
  readonly CidrIp?: string;
  readonly CidrIpv6?: string;
  readonly FromPort?: unknown;
  readonly ToPort?: unknown;
}

function nameOf(value: {
  readonly Ref?: string;
  readonly 'Fn::GetAtt'?: readonly string[];
}): string | undefined {
  return value.Ref ?? value['Fn::GetAtt']?.[0]?.replace(/[0-9A-F]{8}$/, '');
}

function selected(list: string): readonly unknown[] {
  return [0, 1, 2].map((index) => ({ 'Fn::Select': [index, { Ref: list }] }));
}
