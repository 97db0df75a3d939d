import type { VpcEndpointType } from '@aws-sdk/client-ec2';
import {
  json,
  listOf,
  type ResourceType,
  replaces,
  required,
  tags,
  text,
} from '../../../kernel/resource-type.ts';
import { tagSpecifications, updateTags } from './common.ts';

interface VpcEndpointProperties {
  readonly VpcId: string;
  readonly ServiceName: string;
  readonly VpcEndpointType?: VpcEndpointType;
  readonly RouteTableIds?: readonly string[];
  readonly PolicyDocument?: unknown;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcendpoint.html
export const vpcEndpointType: ResourceType = {
  name: 'AWS::EC2::VPCEndpoint',
  properties: {
    VpcId: replaces(required(text)),
    ServiceName: replaces(required(text)),
    VpcEndpointType: replaces(text),
    RouteTableIds: listOf(text),
    PolicyDocument: json,
    Tags: tags,
  },

  create(ctx, properties) {
    const endpoint = properties as unknown as VpcEndpointProperties;
    const { VpcEndpoint } = ctx.call('ec2', 'createVpcEndpoint', {
      VpcId: endpoint.VpcId,
      ServiceName: endpoint.ServiceName,
      VpcEndpointType: endpoint.VpcEndpointType,
      RouteTableIds: [...(endpoint.RouteTableIds ?? [])],
      ...policyOf(endpoint),
      TagSpecifications: tagSpecifications(ctx, 'vpc-endpoint', properties),
    });
    return { physicalId: VpcEndpoint?.VpcEndpointId ?? '' };
  },

  update(ctx, resource, properties) {
    const before = (resource.properties as unknown as VpcEndpointProperties).RouteTableIds ?? [];
    const endpoint = properties as unknown as VpcEndpointProperties;
    const after = endpoint.RouteTableIds ?? [];
    const policy = policyOf(endpoint);
    ctx.call('ec2', 'modifyVpcEndpoint', {
      VpcEndpointId: resource.physicalId,
      AddRouteTableIds: after.filter((id) => !before.includes(id)),
      RemoveRouteTableIds: before.filter((id) => !after.includes(id)),
      ...('PolicyDocument' in policy ? policy : { ResetPolicy: true }),
    });
    updateTags(ctx, resource.physicalId, resource, properties);
  },

  /** An endpoint that is gone already is answered as unsuccessful, not refused. */
  delete(ctx, { physicalId }) {
    ctx.call('ec2', 'deleteVpcEndpoints', { VpcEndpointIds: [physicalId] });
  },

  attributes(ctx, { physicalId }) {
    const query = { VpcEndpointIds: [physicalId] };
    const { VpcEndpoints: [endpoint] = [] } = ctx.call('ec2', 'describeVpcEndpoints', query);
    return {
      Id: physicalId,
      CreationTimestamp: endpoint?.CreationTimestamp?.toISOString(),
      DnsEntries: [],
      NetworkInterfaceIds: [],
    };
  },
};

function policyOf({ PolicyDocument }: VpcEndpointProperties) {
  if (PolicyDocument === undefined) return {};
  const isText = typeof PolicyDocument === 'string';
  return { PolicyDocument: isText ? PolicyDocument : JSON.stringify(PolicyDocument) };
}
