import { type ResourceType, replaces, required, tags, text } from '../../../kernel/resource-type.ts';
import { ignoreMissing, tagSpecifications, updateTags } from './common.ts';

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-routetable.html
export const routeTableType: ResourceType = {
  name: 'AWS::EC2::RouteTable',
  properties: { VpcId: replaces(required(text)), Tags: tags },

  create(ctx, properties) {
    const { RouteTable } = ctx.call('ec2', 'createRouteTable', {
      VpcId: (properties as { readonly VpcId: string }).VpcId,
      TagSpecifications: tagSpecifications(ctx, 'route-table', properties),
    });
    return { physicalId: RouteTable?.RouteTableId ?? '' };
  },

  update(ctx, resource, properties) {
    updateTags(ctx, resource.physicalId, resource, properties);
  },

  delete(ctx, { physicalId: RouteTableId }) {
    ignoreMissing(() => ctx.call('ec2', 'deleteRouteTable', { RouteTableId }));
  },

  read(ctx, { physicalId }) {
    const { RouteTables: [table] = [] } = ctx.call('ec2', 'describeRouteTables', {
      RouteTableIds: [physicalId],
    });
    return table && { VpcId: table.VpcId, Tags: table.Tags };
  },

  attributes: (_ctx, { physicalId }) => ({ RouteTableId: physicalId }),
};
