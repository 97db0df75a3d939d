import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type TestRegion, testRegion } from '../../testing/test-region.ts';
import { cloudformation } from '../cloudformation/service.ts';
import { ec2 } from '../ec2/service.ts';
import { FakeLoadBalancing } from '../elbv2/fake-load-balancing.ts';
import type { ProbeOutcome, ProbeRequest } from '../elbv2/ports.ts';
import { elbv2 } from '../elbv2/service.ts';
import { iam } from '../iam/service.ts';
import { ecs } from './service.ts';
import { digestOf, FakeTaskRunner } from './testing/fake-task-runner.ts';

/** Probes find what the task runner runs; the image `sick` answers 500. */
class Probing extends FakeLoadBalancing {
  readonly #runner: FakeTaskRunner;

  constructor(runner: FakeTaskRunner) {
    super();
    this.#runner = runner;
  }

  override async probe({ ip, port }: ProbeRequest): Promise<ProbeOutcome> {
    const spec = [...this.#runner.running.values()].find(
      ({ privateIp, containerPorts }) => privateIp === ip && containerPorts.includes(port),
    );
    if (!spec) return { kind: 'failed', reason: 'ECONNREFUSED' };
    return { kind: 'answered', statusCode: spec.imageDigest === digestOf('sick') ? 500 : 200 };
  }
}

function region(commits: TestRegion['commits'] = [], start = '2026-11-22T12:00:00Z') {
  const runner = new FakeTaskRunner();
  const made = testRegion(
    (tables) => {
      const plane = new Probing(runner);
      const modules = [
        ec2({ tables }),
        iam({ tables }),
        elbv2({ tables, plane }),
        ecs({ tables, taskRunner: runner }),
      ];
      const all = modules.flatMap((module) => module.resourceTypes ?? []);
      const types = new Map(all.map((type) => [type.name, type]));
      return [...modules, cloudformation({ tables, resourceTypes: () => types })];
    },
    { commits, start, seed: start },
  );
  const status = async () =>
    (await made.call('cloudformation', 'describeStacks', { StackName: 'app' })).Stacks?.[0]?.StackStatus;
  const failures = async () => {
    const { StackEvents = [] } = await made.call('cloudformation', 'describeStackEvents', {
      StackName: 'app',
    });
    return StackEvents.filter((event) => event.ResourceStatus?.endsWith('FAILED')).map(
      (event) => `${event.LogicalResourceId}: ${event.ResourceStatusReason}`,
    );
  };
  const images = () => [...runner.running.values()].map(({ imageDigest }) => imageDigest.slice(7)).sort();
  const sizes = () =>
    ['ec2.networkInterfaces', 'elbv2.targets', 'ecs.services'].map((table) => made.tables.table(table).size);
  return { ...made, runner, status, failures, images, sizes };
}

function template(image: string, service: object = {}): string {
  const subnet = (zone: string, block: number) => ({
    Type: 'AWS::EC2::Subnet',
    Properties: {
      VpcId: { Ref: 'Vpc' },
      CidrBlock: `10.0.${block}.0/24`,
      AvailabilityZone: `eu-central-1${zone}`,
    },
  });
  return JSON.stringify({
    Resources: {
      Vpc: { Type: 'AWS::EC2::VPC', Properties: { CidrBlock: '10.0.0.0/16' } },
      Gateway: { Type: 'AWS::EC2::InternetGateway' },
      Attachment: {
        Type: 'AWS::EC2::VPCGatewayAttachment',
        Properties: { VpcId: { Ref: 'Vpc' }, InternetGatewayId: { Ref: 'Gateway' } },
      },
      A: subnet('a', 1),
      B: subnet('b', 2),
      Group: {
        Type: 'AWS::EC2::SecurityGroup',
        Properties: { GroupDescription: 'tasks', VpcId: { Ref: 'Vpc' } },
      },
      Balancer: {
        Type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
        DependsOn: 'Attachment',
        Properties: {
          Type: 'application',
          Subnets: [{ Ref: 'A' }, { Ref: 'B' }],
          SecurityGroups: [{ 'Fn::GetAtt': ['Group', 'GroupId'] }],
        },
      },
      Targets: {
        Type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
        Properties: {
          VpcId: { Ref: 'Vpc' },
          TargetType: 'ip',
          Port: 80,
          Protocol: 'HTTP',
          HealthCheckIntervalSeconds: 5,
          HealthCheckTimeoutSeconds: 2,
          HealthyThresholdCount: 2,
          UnhealthyThresholdCount: 2,
          TargetGroupAttributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '20' }],
        },
      },
      Listener: {
        Type: 'AWS::ElasticLoadBalancingV2::Listener',
        Properties: {
          LoadBalancerArn: { Ref: 'Balancer' },
          Port: 80,
          Protocol: 'HTTP',
          DefaultActions: [{ Type: 'forward', TargetGroupArn: { Ref: 'Targets' } }],
        },
      },
      Cluster: { Type: 'AWS::ECS::Cluster', Properties: { ClusterName: 'app' } },
      Definition: {
        Type: 'AWS::ECS::TaskDefinition',
        Properties: {
          Family: 'app',
          Cpu: '256',
          Memory: '512',
          NetworkMode: 'awsvpc',
          RequiresCompatibilities: ['FARGATE'],
          ContainerDefinitions: [
            {
              Name: 'app',
              Image: image,
              PortMappings: [{ ContainerPort: 3000, Protocol: 'tcp' }],
              Environment: [{ Name: 'Mode', Value: 'x' }],
            },
          ],
        },
      },
      Service: {
        Type: 'AWS::ECS::Service',
        DependsOn: 'Listener',
        Properties: {
          Cluster: { Ref: 'Cluster' },
          TaskDefinition: { Ref: 'Definition' },
          LaunchType: 'FARGATE',
          DesiredCount: 2,
          DeploymentConfiguration: {
            MinimumHealthyPercent: 100,
            MaximumPercent: 200,
            DeploymentCircuitBreaker: { Enable: true, Rollback: true },
          },
          LoadBalancers: [{ TargetGroupArn: { Ref: 'Targets' }, ContainerName: 'app', ContainerPort: 3000 }],
          NetworkConfiguration: {
            AwsvpcConfiguration: {
              Subnets: [{ Ref: 'A' }, { Ref: 'B' }],
              SecurityGroups: [{ 'Fn::GetAtt': ['Group', 'GroupId'] }],
            },
          },
          ...service,
        },
      },
    },
    Outputs: { Arn: { Value: { Ref: 'Service' } }, Name: { Value: { 'Fn::GetAtt': ['Service', 'Name'] } } },
  });
}

async function created(image = 'v1', service: object = {}) {
  const r = region();
  await r.call('cloudformation', 'createStack', { StackName: 'app', TemplateBody: template(image, service) });
  await r.advance(300);
  return r;
}

test('a stack is complete once its service is steady, released by a new task definition, and gone without a trace', async () => {
  const r = await created();
  assert.deepEqual(await r.failures(), []);
  assert.equal(await r.status(), 'CREATE_COMPLETE');
  assert.deepEqual(r.images(), ['v1', 'v1']);
  assert.equal(r.runner.started[0]?.environment['Mode'], 'x');

  await r.call('cloudformation', 'updateStack', { StackName: 'app', TemplateBody: template('v2') });
  await r.advance(12);
  assert.equal(await r.status(), 'UPDATE_IN_PROGRESS');
  await r.advance(120);
  assert.equal(await r.status(), 'UPDATE_COMPLETE');
  assert.deepEqual(r.images(), ['v2', 'v2']);

  await r.call('cloudformation', 'deleteStack', { StackName: 'app' });
  await r.advance(300);
  assert.equal(r.runner.running.size, 0);
  const [interfaces, targets] = r.sizes();
  assert.equal(interfaces, 0);
  assert.equal(targets, 0);
  const { StackSummaries } = await r.call('cloudformation', 'listStacks', {});
  assert.equal(StackSummaries?.[0]?.StackStatus, 'DELETE_COMPLETE');
});

test('a release that the circuit breaker stops fails the update with AWS’s text; the stack rolls back, the old tasks serve', async () => {
  const r = await created();
  await r.call('cloudformation', 'updateStack', { StackName: 'app', TemplateBody: template('sick') });
  await r.advance(600);
  assert.equal(await r.status(), 'UPDATE_ROLLBACK_COMPLETE');
  const [failure] = (await r.failures()).filter((text) => text.startsWith('Service'));
  assert.match(
    failure ?? '',
    /Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'\./,
  );
  assert.deepEqual(r.images(), ['v1', 'v1']);
  const { services } = await r.call('ecs', 'describeServices', {
    cluster: 'app',
    services: [String((await r.call('ecs', 'listServices', { cluster: 'app' })).serviceArns?.[0])],
  });
  assert.equal(services?.[0]?.deployments?.length, 1);
  assert.match(services?.[0]?.taskDefinition ?? '', /:1$/);
});

test('a service that fails at its creation takes the stack back, and nothing is left', async () => {
  const r = await created('sick');
  await r.advance(600);
  assert.equal(await r.status(), 'ROLLBACK_COMPLETE');
  assert.ok(
    (await r.failures()).some((text) => text.includes('ECS Deployment Circuit Breaker was triggered')),
  );
  assert.equal(r.runner.running.size, 0);
  assert.deepEqual(r.sizes().slice(0, 2), [0, 0]);
});

test('an update that leaves DesiredCount out keeps the count that scaling chose', async () => {
  const r = await created();
  await r.call('ecs', 'updateService', {
    cluster: 'app',
    service: String((await r.call('ecs', 'listServices', { cluster: 'app' })).serviceArns?.[0]),
    desiredCount: 4,
  });
  await r.advance(60);
  await r.call('cloudformation', 'updateStack', {
    StackName: 'app',
    TemplateBody: template('v2', { DesiredCount: undefined }),
  });
  await r.advance(200);
  assert.equal(await r.status(), 'UPDATE_COMPLETE');
  assert.deepEqual(r.images(), ['v2', 'v2', 'v2', 'v2']);
});

for (const [what, service, reason] of [
  ['property', { ServiceConnectConfiguration: { Enabled: true } }, /ServiceConnectConfiguration/],
  ['launch type', { LaunchType: 'EC2' }, /launchType EC2 is not modelled/],
] as const) {
  test(`a ${what} that is not modelled is refused by name`, async () => {
    const r = region();
    const TemplateBody = template('v1', service);
    let told = '';
    try {
      await r.call('cloudformation', 'createStack', { StackName: 'app', TemplateBody });
      await r.advance(300);
      told = (await r.failures()).join('\n');
    } catch (error) {
      told = String(error);
    }
    assert.match(told, reason);
  });
}

test('a region that is killed during a release goes on with it, and the stack completes', async () => {
  const before = await created();
  await before.call('cloudformation', 'updateStack', { StackName: 'app', TemplateBody: template('v2') });
  await before.advance(8);
  assert.equal(await before.status(), 'UPDATE_IN_PROGRESS');
  const r = region(before.commits, new Date(before.now() + 5000).toISOString());
  await r.advance(200);
  assert.equal(await r.status(), 'UPDATE_COMPLETE');
  assert.deepEqual(r.images(), ['v2', 'v2']);
  assert.deepEqual(
    r.messages.filter(({ level }) => level === 'error'),
    [],
  );
  const [service] = (await r.call('ecs', 'listServices', { cluster: 'app' })).serviceArns ?? [];
  const { services } = await r.call('ecs', 'describeServices', { cluster: 'app', services: [service ?? ''] });
  assert.equal(services?.[0]?.runningCount, 2);
});

/** The template of a service that is released blue/green: two target groups, a production rule and a test listener. */
function shifting(image: string, configuration: object): string {
  const stack = JSON.parse(template(image)) as {
    Resources: Record<string, { Type: string; DependsOn?: unknown; Properties: Record<string, unknown> }>;
  };
  const { Targets, Listener, Service } = stack.Resources;
  assert.ok(Targets && Listener && Service);
  const rule = (listener: string) => ({
    Type: 'AWS::ElasticLoadBalancingV2::ListenerRule',
    Properties: {
      ListenerArn: { Ref: listener },
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } }],
      Actions: [
        {
          Type: 'forward',
          ForwardConfig: {
            TargetGroups: [
              { TargetGroupArn: { Ref: 'Targets' }, Weight: 100 },
              { TargetGroupArn: { Ref: 'Alternate' }, Weight: 0 },
            ],
          },
        },
      ],
    },
  });
  Object.assign(stack.Resources, {
    Alternate: Targets,
    TestListener: { ...Listener, Properties: { ...Listener.Properties, Port: 9000 } },
    ProductionRule: rule('Listener'),
    TestRule: rule('TestListener'),
  });
  Service.DependsOn = ['ProductionRule', 'TestRule'];
  Service.Properties['DeploymentConfiguration'] = configuration;
  Service.Properties['LoadBalancers'] = [
    {
      TargetGroupArn: { Ref: 'Targets' },
      ContainerName: 'app',
      ContainerPort: 3000,
      AdvancedConfiguration: {
        AlternateTargetGroupArn: { Ref: 'Alternate' },
        ProductionListenerRule: { Ref: 'ProductionRule' },
        TestListenerRule: { Ref: 'TestRule' },
        RoleArn: 'arn:aws:iam::000000000000:role/infrastructure',
      },
    },
  ];
  return JSON.stringify(stack);
}

/** Weights of the production rule and of the test rule, by the logical ids of their target groups. */
async function weights(r: ReturnType<typeof region>): Promise<string[]> {
  const { StackResources = [] } = await r.call('cloudformation', 'describeStackResources', {
    StackName: 'app',
  });
  const named = new Map(StackResources.map((one) => [one.PhysicalResourceId, one.LogicalResourceId]));
  const arns = ['ProductionRule', 'TestRule'].map(
    (id) => StackResources.find((one) => one.LogicalResourceId === id)?.PhysicalResourceId ?? '',
  );
  const { Rules = [] } = await r.call('elbv2', 'describeRules', { RuleArns: arns });
  return Rules.map(({ Actions }) =>
    (Actions?.[0]?.ForwardConfig?.TargetGroups ?? [])
      .map(({ TargetGroupArn, Weight }) => `${named.get(TargetGroupArn)} ${Weight}`)
      .sort()
      .join(', '),
  );
}

test('a canary release of a stack shifts the weights of its listener rules, and is complete after its bake time', async () => {
  const r = region();
  const canary = {
    Strategy: 'CANARY',
    BakeTimeInMinutes: 1,
    CanaryConfiguration: { CanaryPercent: 12.5, CanaryBakeTimeInMinutes: 2 },
  };
  await r.call('cloudformation', 'createStack', {
    StackName: 'app',
    TemplateBody: shifting('v1', canary),
  });
  await r.advance(300);
  assert.deepEqual(await r.failures(), []);
  assert.equal(await r.status(), 'CREATE_COMPLETE');
  assert.deepEqual(await weights(r), ['Alternate 0, Targets 100', 'Alternate 0, Targets 100']);

  await r.call('cloudformation', 'updateStack', {
    StackName: 'app',
    TemplateBody: shifting('v2', canary),
  });
  await r.advance(60);
  assert.deepEqual(await weights(r), ['Alternate 125, Targets 875', 'Alternate 100, Targets 0']);
  assert.deepEqual(r.images(), ['v1', 'v1', 'v2', 'v2']);
  await r.advance(120);
  assert.deepEqual(await weights(r), ['Alternate 100, Targets 0', 'Alternate 100, Targets 0']);
  assert.equal(await r.status(), 'UPDATE_IN_PROGRESS');
  await r.advance(90);
  assert.equal(await r.status(), 'UPDATE_COMPLETE');
  assert.deepEqual(r.images(), ['v2', 'v2']);
});

test('a blue/green release of a stack that is stopped fails the update; the stack and the traffic go back', async () => {
  const r = region();
  const blueGreen = { Strategy: 'BLUE_GREEN', BakeTimeInMinutes: 10 };
  await r.call('cloudformation', 'createStack', {
    StackName: 'app',
    TemplateBody: shifting('v1', blueGreen),
  });
  await r.advance(300);
  await r.call('cloudformation', 'updateStack', {
    StackName: 'app',
    TemplateBody: shifting('v2', blueGreen),
  });
  await r.advance(120);
  assert.deepEqual((await weights(r))[0], 'Alternate 100, Targets 0');
  const { serviceArns = [] } = await r.call('ecs', 'listServices', { cluster: 'app' });
  const { serviceDeployments } = await r.call('ecs', 'listServiceDeployments', {
    cluster: 'app',
    service: serviceArns[0] ?? '',
  });
  const serviceDeploymentArn = serviceDeployments?.[0]?.serviceDeploymentArn ?? '';
  await r.call('ecs', 'stopServiceDeployment', { serviceDeploymentArn });
  await r.advance(120);
  assert.match((await r.failures()).join(), /operation 'ECS deployment stopped: a user stopped it'/);
  assert.equal(await r.status(), 'UPDATE_ROLLBACK_COMPLETE');
  assert.deepEqual(await weights(r), ['Alternate 0, Targets 100', 'Alternate 0, Targets 100']);
  assert.deepEqual(r.images(), ['v1', 'v1']);
});
