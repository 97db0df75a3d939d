import {
  type Properties,
  type ResourceType,
  replaces,
  required,
  text,
} from '../../../kernel/resource-type.ts';
import { ignoreMissing } from './common.ts';

interface RouteProperties {
  readonly RouteTableId: string;
  readonly DestinationCidrBlock: string;
  readonly GatewayId?: string;
  readonly NatGatewayId?: string;
  readonly NetworkInterfaceId?: string;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-route.html
export const routeType: ResourceType = {
  name: 'AWS::EC2::Route',
  properties: {
    RouteTableId: replaces(required(text)),
    DestinationCidrBlock: replaces(required(text)),
    GatewayId: text,
    NatGatewayId: text,
    NetworkInterfaceId: text,
  },

  create(ctx, properties) {
    const route = routeOf(properties);
    ctx.call('ec2', 'createRoute', route);
    return { physicalId: `${route.RouteTableId}|${route.DestinationCidrBlock}` };
  },

  update(ctx, _resource, properties) {
    ctx.call('ec2', 'replaceRoute', routeOf(properties));
  },

  delete(ctx, { properties }) {
    const { RouteTableId, DestinationCidrBlock } = routeOf(properties);
    ignoreMissing(() => ctx.call('ec2', 'deleteRoute', { RouteTableId, DestinationCidrBlock }));
  },

  attributes: (_ctx, { properties }) => ({ CidrBlock: routeOf(properties).DestinationCidrBlock }),
};

function routeOf(properties: Properties): RouteProperties {
  return properties as unknown as RouteProperties;
}
