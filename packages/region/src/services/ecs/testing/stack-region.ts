import { type TestRegion, testRegion } from '../../../testing/test-region.ts';
import { cloudformation } from '../../cloudformation/service.ts';
import { ec2 } from '../../ec2/service.ts';
import { FakeLoadBalancing } from '../../elbv2/fake-load-balancing.ts';
import type { ProbeOutcome, ProbeRequest } from '../../elbv2/ports.ts';
import { elbv2 } from '../../elbv2/service.ts';
import { iam } from '../../iam/service.ts';
import { ecs } from '../service.ts';
import { digestOf, FakeTaskRunner } from './fake-task-runner.ts';

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

/** A region with all that the stack of a service needs, on virtual time; its stack is `app`. */
export function region(commits: TestRegion['commits'] = [], start = '2026-11-22T12:00:00Z') {
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

/** A service of two tasks behind a load balancer, on a network of its own. */
export function template(image: string, service: object = {}): string {
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

/** A region on which the stack is complete. */
export async function created(image = 'v1', service: object = {}) {
  const r = region();
  await r.call('cloudformation', 'createStack', { StackName: 'app', TemplateBody: template(image, service) });
  await r.advance(300);
  return r;
}
