import type { Tenancy } from '@aws-sdk/client-ec2';
import {
  flag,
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  tags,
  text,
} from '../../../kernel/resource-type.ts';
import { ignoreMissing, tagSpecifications, updateTags } from './common.ts';

interface VpcProperties {
  readonly CidrBlock: string;
  readonly EnableDnsHostnames?: boolean;
  readonly EnableDnsSupport?: boolean;
  readonly InstanceTenancy?: Tenancy;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpc.html
export const vpcType: ResourceType = {
  name: 'AWS::EC2::VPC',
  properties: {
    CidrBlock: replaces(required(text)),
    EnableDnsHostnames: flag,
    EnableDnsSupport: flag,
    InstanceTenancy: replaces(text),
    Tags: tags,
  },

  create(ctx, properties) {
    const vpc = properties as unknown as VpcProperties;
    const { Vpc } = ctx.call('ec2', 'createVpc', {
      CidrBlock: vpc.CidrBlock,
      InstanceTenancy: vpc.InstanceTenancy,
      TagSpecifications: tagSpecifications(ctx, 'vpc', properties),
    });
    const physicalId = Vpc?.VpcId ?? '';
    setDns(ctx, physicalId, vpc);
    return { physicalId };
  },

  update(ctx, resource, properties) {
    setDns(ctx, resource.physicalId, properties as unknown as VpcProperties);
    updateTags(ctx, resource.physicalId, resource, properties);
  },

  delete(ctx, { physicalId: VpcId }) {
    ignoreMissing(() => ctx.call('ec2', 'deleteVpc', { VpcId }));
  },

  read(ctx, { physicalId: VpcId }) {
    const { Vpcs: [vpc] = [] } = ctx.call('ec2', 'describeVpcs', { VpcIds: [VpcId] });
    if (!vpc) return undefined;
    const { EnableDnsSupport } = ctx.call('ec2', 'describeVpcAttribute', {
      VpcId,
      Attribute: 'enableDnsSupport',
    });
    const { EnableDnsHostnames } = ctx.call('ec2', 'describeVpcAttribute', {
      VpcId,
      Attribute: 'enableDnsHostnames',
    });
    return {
      CidrBlock: vpc.CidrBlock,
      InstanceTenancy: vpc.InstanceTenancy,
      EnableDnsSupport: EnableDnsSupport?.Value,
      EnableDnsHostnames: EnableDnsHostnames?.Value,
      Tags: vpc.Tags,
    };
  },

  attributes(ctx, { physicalId }) {
    const Filters = [{ Name: 'vpc-id', Values: [physicalId] }];
    const { Vpcs: [vpc] = [] } = ctx.call('ec2', 'describeVpcs', { VpcIds: [physicalId] });
    const { NetworkAcls: [acl] = [] } = ctx.call('ec2', 'describeNetworkAcls', { Filters });
    const { SecurityGroups = [] } = ctx.call('ec2', 'describeSecurityGroups', { Filters });
    return {
      VpcId: physicalId,
      CidrBlock: vpc?.CidrBlock,
      CidrBlockAssociations: vpc?.CidrBlockAssociationSet?.map((block) => block.AssociationId),
      DefaultNetworkAcl: acl?.NetworkAclId,
      DefaultSecurityGroup: SecurityGroups.find((group) => group.GroupName === 'default')?.GroupId,
      Ipv6CidrBlocks: [],
    };
  },
};

/** Confirmed by docs: without the properties, support is on and host names are off. */
function setDns(ctx: ResourceContext, VpcId: string, vpc: VpcProperties): void {
  const { EnableDnsSupport = true, EnableDnsHostnames = false } = vpc;
  ctx.call('ec2', 'modifyVpcAttribute', { VpcId, EnableDnsSupport: { Value: EnableDnsSupport } });
  ctx.call('ec2', 'modifyVpcAttribute', { VpcId, EnableDnsHostnames: { Value: EnableDnsHostnames } });
}
