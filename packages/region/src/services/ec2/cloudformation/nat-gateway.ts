import type { ConnectivityType } from '@aws-sdk/client-ec2';
import {
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  stable,
  tags,
  text,
} from '../../../kernel/resource-type.ts';
import { ignoreMissing, tagSpecifications, updateTags } from './common.ts';

interface NatGatewayProperties {
  readonly SubnetId: string;
  readonly AllocationId?: string;
  readonly ConnectivityType?: ConnectivityType;
  readonly PrivateIpAddress?: string;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-natgateway.html
export const natGatewayType: ResourceType = {
  name: 'AWS::EC2::NatGateway',
  properties: {
    SubnetId: replaces(required(text)),
    AllocationId: replaces(text),
    ConnectivityType: replaces(text),
    PrivateIpAddress: replaces(text),
    Tags: tags,
  },

  create(ctx, properties) {
    const { SubnetId, AllocationId, ConnectivityType, PrivateIpAddress } =
      properties as unknown as NatGatewayProperties;
    const { NatGateway } = ctx.call('ec2', 'createNatGateway', {
      SubnetId,
      AllocationId,
      ConnectivityType,
      PrivateIpAddress,
      TagSpecifications: tagSpecifications(ctx, 'natgateway', properties),
    });
    return { physicalId: NatGateway?.NatGatewayId ?? '' };
  },

  stable(ctx, { physicalId }) {
    const state = find(ctx, physicalId)?.State;
    if (state === 'available') return stable;
    if (state === 'pending') return { kind: 'waiting', on: `NatGateway ${physicalId} is pending` };
    return { kind: 'failed', reason: `NatGateway ${physicalId} is in state ${state ?? 'deleted'}` };
  },

  update(ctx, resource, properties) {
    updateTags(ctx, resource.physicalId, resource, properties);
  },

  delete(ctx, { physicalId: NatGatewayId }) {
    ignoreMissing(() => ctx.call('ec2', 'deleteNatGateway', { NatGatewayId }));
  },

  deleted(ctx, { physicalId }) {
    const state = find(ctx, physicalId)?.State;
    if (state === undefined || state === 'deleted') return stable;
    return { kind: 'waiting', on: `NatGateway ${physicalId} is ${state}` };
  },

  read(ctx, { physicalId }) {
    const gateway = find(ctx, physicalId);
    if (!gateway || gateway.State === 'deleting' || gateway.State === 'deleted') return undefined;
    const { SubnetId, ConnectivityType, NatGatewayAddresses: [address] = [], Tags } = gateway;
    const { AllocationId, PrivateIp: PrivateIpAddress } = address ?? {};
    return { SubnetId, AllocationId, ConnectivityType, PrivateIpAddress, Tags };
  },

  attributes(ctx, { physicalId }) {
    const [address] = find(ctx, physicalId)?.NatGatewayAddresses ?? [];
    return { NatGatewayId: physicalId, EniId: address?.NetworkInterfaceId };
  },
};

function find(ctx: ResourceContext, id: string) {
  const Filter = [{ Name: 'nat-gateway-id', Values: [id] }];
  return ctx.call('ec2', 'describeNatGateways', { Filter }).NatGateways?.[0];
}
