import { type ResourceType, replaces, required, text } from '../../../kernel/resource-type.ts';
import { ignoreMissing } from './common.ts';

interface AssociationProperties {
  readonly RouteTableId: string;
  readonly SubnetId: string;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-subnetroutetableassociation.html
export const subnetRouteTableAssociationType: ResourceType = {
  name: 'AWS::EC2::SubnetRouteTableAssociation',
  properties: { RouteTableId: replaces(required(text)), SubnetId: replaces(required(text)) },

  /** A subnet has one association: that of a replacement takes the place of the old one. Differs: it is not put back by a rollback. */
  create(ctx, properties) {
    const { RouteTableId, SubnetId } = properties as unknown as AssociationProperties;
    const { RouteTables: [previous] = [] } = ctx.call('ec2', 'describeRouteTables', {
      Filters: [{ Name: 'association.subnet-id', Values: [SubnetId] }],
    });
    const association = previous?.Associations?.find((candidate) => candidate.SubnetId === SubnetId);
    if (association) {
      const { NewAssociationId = '' } = ctx.call('ec2', 'replaceRouteTableAssociation', {
        AssociationId: association.RouteTableAssociationId,
        RouteTableId,
      });
      return { physicalId: NewAssociationId };
    }
    const { AssociationId = '' } = ctx.call('ec2', 'associateRouteTable', { RouteTableId, SubnetId });
    return { physicalId: AssociationId };
  },

  delete(ctx, { physicalId: AssociationId }) {
    ignoreMissing(() => ctx.call('ec2', 'disassociateRouteTable', { AssociationId }));
  },

  read(ctx, { physicalId }) {
    const { RouteTables: [table] = [] } = ctx.call('ec2', 'describeRouteTables', {
      Filters: [{ Name: 'association.route-table-association-id', Values: [physicalId] }],
    });
    const association = table?.Associations?.find((one) => one.RouteTableAssociationId === physicalId);
    return association && { RouteTableId: table?.RouteTableId, SubnetId: association.SubnetId };
  },

  attributes: (_ctx, { physicalId }) => ({ Id: physicalId }),
};
