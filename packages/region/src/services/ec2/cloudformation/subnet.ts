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

interface SubnetProperties {
  readonly VpcId: string;
  readonly CidrBlock: string;
  readonly AvailabilityZone?: string;
  readonly AvailabilityZoneId?: string;
  readonly MapPublicIpOnLaunch?: boolean;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-subnet.html
export const subnetType: ResourceType = {
  name: 'AWS::EC2::Subnet',
  properties: {
    VpcId: replaces(required(text)),
    CidrBlock: replaces(required(text)),
    AvailabilityZone: replaces(text),
    AvailabilityZoneId: replaces(text),
    MapPublicIpOnLaunch: flag,
    Tags: tags,
  },

  create(ctx, properties) {
    const { VpcId, CidrBlock, AvailabilityZone, AvailabilityZoneId, ...subnet } =
      properties as unknown as SubnetProperties;
    const { Subnet } = ctx.call('ec2', 'createSubnet', {
      VpcId,
      CidrBlock,
      AvailabilityZone,
      AvailabilityZoneId,
      TagSpecifications: tagSpecifications(ctx, 'subnet', properties),
    });
    const physicalId = Subnet?.SubnetId ?? '';
    mapPublicIp(ctx, physicalId, subnet.MapPublicIpOnLaunch);
    return { physicalId };
  },

  update(ctx, resource, properties) {
    const { MapPublicIpOnLaunch } = properties as unknown as SubnetProperties;
    mapPublicIp(ctx, resource.physicalId, MapPublicIpOnLaunch);
    updateTags(ctx, resource.physicalId, resource, properties);
  },

  delete(ctx, { physicalId: SubnetId }) {
    ignoreMissing(() => ctx.call('ec2', 'deleteSubnet', { SubnetId }));
  },

  read(ctx, { physicalId }) {
    const subnet = find(ctx, physicalId);
    if (!subnet) return undefined;
    const { VpcId, CidrBlock, AvailabilityZone, AvailabilityZoneId, MapPublicIpOnLaunch, Tags } = subnet;
    return { VpcId, CidrBlock, AvailabilityZone, AvailabilityZoneId, MapPublicIpOnLaunch, Tags };
  },

  attributes(ctx, { physicalId }) {
    const subnet = find(ctx, physicalId);
    const { NetworkAcls: [acl] = [] } = ctx.call('ec2', 'describeNetworkAcls', {
      Filters: [{ Name: 'association.subnet-id', Values: [physicalId] }],
    });
    return {
      SubnetId: physicalId,
      VpcId: subnet?.VpcId,
      CidrBlock: subnet?.CidrBlock,
      AvailabilityZone: subnet?.AvailabilityZone,
      AvailabilityZoneId: subnet?.AvailabilityZoneId,
      Ipv6CidrBlocks: [],
      NetworkAclAssociationId: acl?.Associations?.find((a) => a.SubnetId === physicalId)
        ?.NetworkAclAssociationId,
    };
  },
};

function find(ctx: ResourceContext, id: string) {
  return ctx.call('ec2', 'describeSubnets', { SubnetIds: [id] }).Subnets?.[0];
}

function mapPublicIp(ctx: ResourceContext, SubnetId: string, Value = false): void {
  ctx.call('ec2', 'modifySubnetAttribute', { SubnetId, MapPublicIpOnLaunch: { Value } });
}
