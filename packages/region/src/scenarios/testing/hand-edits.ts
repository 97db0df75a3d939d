/** One change by hand per resource type, through the service's public operations, and what of it drift detection says. */

import { tokenIn } from '../../services/sns/testing/sns-region.ts';
import type { TestRegion } from '../../testing/test-region.ts';
import type { ModelledRegion } from './modelled-region.ts';

export interface HandEdit {
  readonly type: string;
  /** Which of the type's resources, where it matters: a part of its logical id. */
  readonly which?: RegExp;
  readonly edit: (region: TestRegion, physicalId: string, modelled: ModelledRegion) => Promise<unknown>;
  /** Differences as `PATH TYPE`; none: the resource is gone. */
  readonly found: readonly string[];
}

const ours = [{ Key: 'by', Value: 'hand' }];

/** Of a resource that EC2 tags; after the tags that the template gives, or the stack has. */
function tagged(
  type: string,
  found: readonly string[],
  idOf?: (region: TestRegion, physicalId: string) => Promise<string>,
): HandEdit {
  return {
    type,
    edit: async (region, physicalId) =>
      region.call('ec2', 'createTags', {
        Resources: [idOf ? await idOf(region, physicalId) : physicalId],
        Tags: ours,
      }),
    found,
  };
}

const tagAdded = ['/Tags ADD'];

const network: readonly HandEdit[] = [
  {
    type: 'AWS::EC2::VPC',
    edit: (region, VpcId) =>
      region.call('ec2', 'modifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: false } }),
    found: ['/EnableDnsHostnames NOT_EQUAL'],
  },
  {
    type: 'AWS::EC2::Subnet',
    which: /public/i,
    edit: (region, SubnetId) =>
      region.call('ec2', 'modifySubnetAttribute', { SubnetId, MapPublicIpOnLaunch: { Value: true } }),
    found: ['/MapPublicIpOnLaunch NOT_EQUAL'],
  },
  tagged('AWS::EC2::InternetGateway', tagAdded),
  tagged('AWS::EC2::RouteTable', tagAdded),
  tagged('AWS::EC2::NatGateway', tagAdded),
  tagged('AWS::EC2::FlowLog', tagAdded),
  tagged('AWS::EC2::EIP', tagAdded, async (region, PublicIp) => {
    const { Addresses: [address] = [] } = await region.call('ec2', 'describeAddresses', {
      PublicIps: [PublicIp],
    });
    return address?.AllocationId ?? '';
  }),
  {
    type: 'AWS::EC2::Route',
    which: /private/i,
    edit: async (region, physicalId) => {
      const [RouteTableId, DestinationCidrBlock] = physicalId.split('|');
      const { InternetGateways = [] } = await region.call('ec2', 'describeInternetGateways', {});
      const { RouteTables: [table] = [] } = await region.call('ec2', 'describeRouteTables', {
        RouteTableIds: [RouteTableId ?? ''],
      });
      const GatewayId = InternetGateways.find(({ Attachments = [] }) =>
        Attachments.some(({ VpcId }) => VpcId === table?.VpcId),
      )?.InternetGatewayId;
      await region.call('ec2', 'replaceRoute', { RouteTableId, DestinationCidrBlock, GatewayId });
    },
    found: ['/NatGatewayId REMOVE'],
  },
  {
    // The association that is there afterwards is another one, on AWS too.
    type: 'AWS::EC2::SubnetRouteTableAssociation',
    edit: (region, AssociationId) => region.call('ec2', 'disassociateRouteTable', { AssociationId }),
    found: [],
  },
  {
    type: 'AWS::EC2::VPCEndpoint',
    edit: async (region, VpcEndpointId) => {
      const { VpcEndpoints: [endpoint] = [] } = await region.call('ec2', 'describeVpcEndpoints', {
        VpcEndpointIds: [VpcEndpointId],
      });
      const RemoveRouteTableIds = endpoint?.RouteTableIds?.slice(0, 1);
      await region.call('ec2', 'modifyVpcEndpoint', { VpcEndpointId, RemoveRouteTableIds });
    },
    found: ['/RouteTableIds REMOVE'],
  },
  {
    type: 'AWS::EC2::SecurityGroup',
    which: /Balancer/,
    edit: (region, GroupId) =>
      region.call('ec2', 'authorizeSecurityGroupIngress', {
        GroupId,
        IpPermissions: [{ IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
      }),
    found: ['/SecurityGroupIngress ADD'],
  },
  {
    type: 'AWS::EC2::SecurityGroupIngress',
    edit: async (region, ruleId) => {
      const rule = await ruleNow(region, ruleId);
      await region.call('ec2', 'modifySecurityGroupRules', {
        GroupId: rule.GroupId,
        SecurityGroupRules: [
          {
            SecurityGroupRuleId: ruleId,
            SecurityGroupRule: {
              IpProtocol: rule.IpProtocol,
              FromPort: rule.FromPort,
              ToPort: 65535,
              Description: rule.Description,
              ReferencedGroupId: rule.ReferencedGroupInfo?.GroupId,
            },
          },
        ],
      });
    },
    found: ['/ToPort NOT_EQUAL'],
  },
  {
    type: 'AWS::EC2::SecurityGroupEgress',
    edit: async (region, ruleId) => {
      const { GroupId } = await ruleNow(region, ruleId);
      await region.call('ec2', 'revokeSecurityGroupEgress', { GroupId, SecurityGroupRuleIds: [ruleId] });
    },
    found: [],
  },
  {
    type: 'AWS::SSM::Parameter',
    edit: (region, Name) => region.call('ssm', 'putParameter', { Name, Value: 'other', Overwrite: true }),
    found: ['/Value NOT_EQUAL'],
  },
  {
    type: 'AWS::Logs::LogGroup',
    edit: (region, logGroupName) =>
      region.call('logs', 'putRetentionPolicy', { logGroupName, retentionInDays: 3653 }),
    found: ['/RetentionInDays NOT_EQUAL'],
  },
];

async function ruleNow(region: TestRegion, id: string) {
  const { SecurityGroupRules: [rule] = [] } = await region.call('ec2', 'describeSecurityGroupRules', {
    SecurityGroupRuleIds: [id],
  });
  return rule ?? {};
}

const data: readonly HandEdit[] = [
  {
    type: 'AWS::RDS::DBInstance',
    edit: (region, DBInstanceIdentifier) =>
      region.call('rds', 'modifyDBInstance', {
        DBInstanceIdentifier,
        BackupRetentionPeriod: 3,
        ApplyImmediately: true,
      }),
    found: ['/BackupRetentionPeriod NOT_EQUAL'],
  },
  {
    type: 'AWS::RDS::DBSubnetGroup',
    edit: async (region, DBSubnetGroupName) => {
      const { DBSubnetGroups: [group] = [] } = await region.call('rds', 'describeDBSubnetGroups', {
        DBSubnetGroupName,
      });
      const SubnetIds = group?.Subnets?.map(({ SubnetIdentifier = '' }) => SubnetIdentifier) ?? [];
      await region.call('rds', 'modifyDBSubnetGroup', {
        DBSubnetGroupName,
        DBSubnetGroupDescription: 'by hand',
        SubnetIds: SubnetIds.reverse(),
      });
    },
    found: ['/DBSubnetGroupDescription NOT_EQUAL'],
  },
  {
    type: 'AWS::ECR::Repository',
    edit: (region, repositoryName) =>
      region.call('ecr', 'putImageTagMutability', { repositoryName, imageTagMutability: 'MUTABLE' }),
    found: ['/ImageTagMutability NOT_EQUAL'],
  },
];

const anybody = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }],
});

const everything = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

const identity: readonly HandEdit[] = [
  {
    type: 'AWS::IAM::Role',
    which: /Execution/,
    edit: (region, RoleName) =>
      region.call('iam', 'updateAssumeRolePolicy', { RoleName, PolicyDocument: anybody }),
    found: [
      '/AssumeRolePolicyDocument/Statement/Principal/AWS ADD',
      '/AssumeRolePolicyDocument/Statement/Principal/Service REMOVE',
    ],
  },
  {
    type: 'AWS::IAM::Policy',
    which: /FlowLog/,
    edit: async (region) => {
      const { Roles = [] } = await region.call('iam', 'listRoles', {});
      for (const { RoleName } of Roles) {
        const { PolicyNames = [] } = await region.call('iam', 'listRolePolicies', { RoleName });
        for (const PolicyName of PolicyNames)
          await region.call('iam', 'putRolePolicy', { RoleName, PolicyName, PolicyDocument: everything });
      }
    },
    found: ['/PolicyDocument/Statement ADD', '/PolicyDocument/Statement REMOVE'],
  },
  {
    type: 'AWS::IAM::ManagedPolicy',
    edit: (region, PolicyArn) =>
      region.call('iam', 'createPolicyVersion', {
        PolicyArn,
        PolicyDocument: everything,
        SetAsDefault: true,
      }),
    found: ['/PolicyDocument/Statement ADD', '/PolicyDocument/Statement REMOVE'],
  },
  {
    type: 'AWS::IAM::OIDCProvider',
    edit: (region, OpenIDConnectProviderArn) =>
      region.call('iam', 'addClientIDToOpenIDConnectProvider', {
        OpenIDConnectProviderArn,
        ClientID: 'somebody',
      }),
    found: ['/ClientIdList ADD'],
  },
];

const service: readonly HandEdit[] = [
  {
    type: 'AWS::ECS::Cluster',
    edit: (region, cluster) =>
      region.call('ecs', 'updateClusterSettings', {
        cluster,
        settings: [{ name: 'containerInsights', value: 'disabled' }],
      }),
    found: ['/ClusterSettings/Value NOT_EQUAL'],
  },
  {
    type: 'AWS::ECS::Service',
    edit: (region, arn) =>
      region.call('ecs', 'updateService', {
        cluster: arn.split('/')[1],
        service: arn,
        healthCheckGracePeriodSeconds: 999,
      }),
    found: ['/HealthCheckGracePeriodSeconds NOT_EQUAL'],
  },
  {
    type: 'AWS::ECS::TaskDefinition',
    edit: (region, resourceArn) =>
      region.call('ecs', 'tagResource', { resourceArn, tags: [{ key: 'by', value: 'hand' }] }),
    found: tagAdded,
  },
  {
    type: 'AWS::ElasticLoadBalancingV2::LoadBalancer',
    edit: (region, LoadBalancerArn) =>
      region.call('elbv2', 'modifyLoadBalancerAttributes', {
        LoadBalancerArn,
        Attributes: [{ Key: 'routing.http.drop_invalid_header_fields.enabled', Value: 'false' }],
      }),
    found: ['/LoadBalancerAttributes/Value NOT_EQUAL'],
  },
  {
    type: 'AWS::ElasticLoadBalancingV2::Listener',
    edit: (region, ListenerArn) => region.call('elbv2', 'modifyListener', { ListenerArn, Port: 81 }),
    found: ['/Port NOT_EQUAL'],
  },
  {
    type: 'AWS::ElasticLoadBalancingV2::TargetGroup',
    edit: (region, TargetGroupArn) =>
      region.call('elbv2', 'modifyTargetGroupAttributes', {
        TargetGroupArn,
        Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '7' }],
      }),
    found: ['/TargetGroupAttributes/Value NOT_EQUAL'],
  },
  {
    type: 'AWS::ApplicationAutoScaling::ScalableTarget',
    edit: (region, physicalId) =>
      region.call('applicationautoscaling', 'putScheduledAction', {
        ...scaled(physicalId),
        ScheduledActionName: 'by-hand',
        Schedule: 'cron(0 3 * * ? *)',
        ScalableTargetAction: { MinCapacity: 0 },
      }),
    found: ['/ScheduledActions ADD'],
  },
  {
    type: 'AWS::ApplicationAutoScaling::ScalingPolicy',
    edit: async (region, arn) => {
      const { ScalingPolicies: [policy] = [] } = await region.call(
        'applicationautoscaling',
        'describeScalingPolicies',
        { ServiceNamespace: 'ecs', PolicyNames: [arn] },
      );
      const { PolicyName, ServiceNamespace, ResourceId, ScalableDimension, PolicyType } = policy ?? {};
      await region.call('applicationautoscaling', 'putScalingPolicy', {
        PolicyName,
        ServiceNamespace,
        ResourceId,
        ScalableDimension,
        PolicyType,
        TargetTrackingScalingPolicyConfiguration: {
          ...policy?.TargetTrackingScalingPolicyConfiguration,
          TargetValue: 11,
        },
      });
    },
    found: ['/TargetTrackingScalingPolicyConfiguration/TargetValue NOT_EQUAL'],
  },
];

function scaled(physicalId: string) {
  const [ResourceId, ScalableDimension, ServiceNamespace] = physicalId.split('|');
  return {
    ResourceId,
    ScalableDimension: ScalableDimension as 'ecs:service:DesiredCount',
    ServiceNamespace: ServiceNamespace as 'ecs',
  };
}

const monitoring: readonly HandEdit[] = [
  {
    type: 'AWS::CloudWatch::Alarm',
    edit: async (region, name) => {
      const { MetricAlarms: [alarm] = [] } = await region.call('cloudwatch', 'describeAlarms', {
        AlarmNames: [name],
      });
      const {
        StateValue: _value,
        StateReason: _reason,
        StateReasonData: _data,
        StateUpdatedTimestamp: _updated,
        StateTransitionedTimestamp: _transitioned,
        AlarmArn: _arn,
        AlarmConfigurationUpdatedTimestamp: _configured,
        EvaluationState: _evaluation,
        ...configuration
      } = alarm ?? {};
      await region.call('cloudwatch', 'putMetricAlarm', {
        ...configuration,
        AlarmName: name,
        Threshold: 1_000_000,
      } as never);
    },
    found: ['/Threshold NOT_EQUAL'],
  },
  {
    type: 'AWS::CloudWatch::Dashboard',
    edit: (region, DashboardName) =>
      region.call('cloudwatch', 'putDashboard', { DashboardName, DashboardBody: '{"widgets":[]}' }),
    found: ['/DashboardBody NOT_EQUAL'],
  },
  {
    type: 'AWS::SNS::Topic',
    edit: (region, ResourceArn) => region.call('sns', 'tagResource', { ResourceArn, Tags: ours }),
    found: tagAdded,
  },
  {
    type: 'AWS::SNS::TopicPolicy',
    edit: async (region) => {
      const { Topics: [topic] = [] } = await region.call('sns', 'listTopics', {});
      const TopicArn = topic?.TopicArn ?? '';
      await region.call('sns', 'setTopicAttributes', {
        TopicArn,
        AttributeName: 'Policy',
        AttributeValue: everything.replace('"Action":"*"', '"Principal":"*","Action":"sns:Publish"'),
      });
    },
    found: ['/PolicyDocument/Statement ADD', '/PolicyDocument/Statement REMOVE'],
  },
  {
    type: 'AWS::SNS::Subscription',
    edit: async (region, SubscriptionArn, { mails }) => {
      const Token = mails.map(({ text }) => tokenIn(text)).find((token) => token !== '');
      const TopicArn = SubscriptionArn.split(':').slice(0, -1).join(':');
      await region.call('sns', 'confirmSubscription', { TopicArn, Token });
      await region.call('sns', 'unsubscribe', { SubscriptionArn });
    },
    found: [],
  },
];

export const handEdits: readonly HandEdit[] = [...network, ...data, ...identity, ...service, ...monitoring];
