import {
  type Properties,
  type ResourceType,
  replaces,
  required,
  text,
} from '../../../kernel/resource-type.ts';
import { formatCidr, parseCidr } from '../cidr.ts';
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

  read(ctx, { properties }) {
    const { RouteTableId, DestinationCidrBlock } = routeOf(properties);
    const { RouteTables: [table] = [] } = ctx.call('ec2', 'describeRouteTables', {
      RouteTableIds: [RouteTableId],
    });
    const destination = formatted(DestinationCidrBlock);
    const route = table?.Routes?.find((one) => one.DestinationCidrBlock === destination);
    if (!route) return undefined;
    const { GatewayId, NatGatewayId, NetworkInterfaceId } = route;
    return { RouteTableId, DestinationCidrBlock, GatewayId, NatGatewayId, NetworkInterfaceId };
  },

  attributes: (_ctx, { properties }) => ({ CidrBlock: routeOf(properties).DestinationCidrBlock }),
};

/** As the service keeps it, without bits of a host. */
function formatted(block: string): string {
  const cidr = parseCidr(block);
  return cidr ? formatCidr(cidr) : block;
}

function routeOf(properties: Properties): RouteProperties {
  return properties as unknown as RouteProperties;
}
