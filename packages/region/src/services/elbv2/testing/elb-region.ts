/** A region with this service, three subnets and a plane without sockets: for the tests of this folder. */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '../../../kernel/aws-error.ts';
import { operation, type ServiceModule } from '../../../kernel/service.ts';
import type { Change } from '../../../kernel/table.ts';
import { FakeCloudWatch } from '../../../testing/fake-cloudwatch.ts';
import { type TestRegion, testRegion } from '../../../testing/test-region.ts';
import { acm } from '../../acm/service.ts';
import { cloudformation } from '../../cloudformation/service.ts';
import { FakeLoadBalancing } from '../fake-load-balancing.ts';
import { elbv2 } from '../service.ts';
import { FakeBuckets } from './fake-buckets.ts';

export interface ElbRegion extends TestRegion {
  readonly plane: FakeLoadBalancing;
  readonly cloudWatch: FakeCloudWatch;
  readonly buckets: FakeBuckets;
}

export const SUBNETS = ['subnet-a', 'subnet-b', 'subnet-c'];

export function elbRegion(commits: readonly (readonly Change[])[] = []): ElbRegion {
  const plane = new FakeLoadBalancing();
  const cloudWatch = new FakeCloudWatch();
  const buckets = new FakeBuckets();
  const region = testRegion(
    (tables) => {
      const service = elbv2({ tables, plane, accessLogFiles: buckets, publishesMetrics: true });
      const resourceTypes = new Map((service.resourceTypes ?? []).map((type) => [type.name, type]));
      return [
        networkOfThreeZones(),
        cloudWatch.module,
        buckets.module,
        service,
        acm({ tables }),
        cloudformation({ tables, resourceTypes: () => resourceTypes }),
      ];
    },
    { commits },
  );
  return { ...region, plane, cloudWatch, buckets };
}

/** A load balancer with a listener on port 80 for a target group that is checked every 10 s. */
export async function balanced(region: ElbRegion, options: { readonly unhealthyThreshold?: number } = {}) {
  const loadBalancerArn = await newLoadBalancer(region, 'web');
  const targetGroupArn = await newTargetGroup(region, 'tasks', options.unhealthyThreshold);
  const created = await region.call('elbv2', 'createListener', {
    LoadBalancerArn: loadBalancerArn,
    Protocol: 'HTTP',
    Port: 80,
    DefaultActions: [forward(targetGroupArn)],
  });
  await region.advance(2);
  return { loadBalancerArn, targetGroupArn, listenerArn: created.Listeners?.[0]?.ListenerArn ?? '' };
}

export async function newLoadBalancer({ call }: TestRegion, Name: string): Promise<string> {
  const created = await call('elbv2', 'createLoadBalancer', {
    Name,
    Subnets: SUBNETS,
    SecurityGroups: ['sg-1'],
  });
  return created.LoadBalancers?.[0]?.LoadBalancerArn ?? '';
}

export async function newTargetGroup(
  { call }: TestRegion,
  Name: string,
  UnhealthyThresholdCount = 2,
): Promise<string> {
  const created = await call('elbv2', 'createTargetGroup', {
    Name,
    Protocol: 'HTTP',
    Port: 3000,
    VpcId: 'vpc-1',
    TargetType: 'ip',
    HealthCheckPath: '/health',
    HealthCheckIntervalSeconds: 10,
    HealthyThresholdCount: 3,
    UnhealthyThresholdCount,
  });
  return created.TargetGroups?.[0]?.TargetGroupArn ?? '';
}

export function forward(TargetGroupArn: string): Action {
  return { Type: 'forward', TargetGroupArn };
}

/** `state reason` of each target of a group. */
export async function healthOf(
  { call }: TestRegion,
  TargetGroupArn: string,
  Targets?: { Id: string; Port?: number }[],
) {
  const { TargetHealthDescriptions = [] } = await call('elbv2', 'describeTargetHealth', {
    TargetGroupArn,
    Targets,
  });
  return TargetHealthDescriptions.map(({ TargetHealth }) =>
    [TargetHealth?.State, TargetHealth?.Reason].filter((part) => part !== undefined).join(' '),
  );
}

function networkOfThreeZones(): ServiceModule {
  const subnets = SUBNETS.map((SubnetId, i) => ({
    SubnetId,
    VpcId: 'vpc-1',
    CidrBlock: `10.0.${i}.0/24`,
    AvailabilityZone: `eu-central-1${'abc'.charAt(i)}`,
  }));
  return {
    name: 'ec2',
    operations: {
      DescribeSubnets: operation<{ SubnetIds?: string[]; Filters?: object[] }, object>({
        accepts: ['SubnetIds', 'Filters'],
        handler: (_ctx, { SubnetIds }) => {
          const missing = SubnetIds?.find((id) => !SUBNETS.includes(id));
          if (missing)
            throw new AwsError('InvalidSubnetID.NotFound', `The subnet ID '${missing}' does not exist`);
          return { Subnets: subnets.filter(({ SubnetId }) => SubnetIds?.includes(SubnetId) ?? true) };
        },
      }),
      DescribeSecurityGroups: operation<{ GroupIds?: string[]; Filters?: object[] }, object>({
        accepts: ['GroupIds', 'Filters'],
        handler: (_ctx, { GroupIds = ['sg-default'] }) => ({
          SecurityGroups: GroupIds.map((GroupId) => ({ GroupId, VpcId: 'vpc-1' })),
        }),
      }),
    },
  };
}
