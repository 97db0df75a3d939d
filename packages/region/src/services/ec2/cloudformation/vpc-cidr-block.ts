import { type ResourceType, replaces, required, text } from '../../../kernel/resource-type.ts';
import { ignoreMissing } from './common.ts';

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpccidrblock.html
export const vpcCidrBlockType: ResourceType = {
  name: 'AWS::EC2::VPCCidrBlock',
  properties: { VpcId: replaces(required(text)), CidrBlock: replaces(required(text)) },

  create(ctx, properties) {
    const { VpcId, CidrBlock } = properties as { readonly VpcId: string; readonly CidrBlock: string };
    const { CidrBlockAssociation } = ctx.call('ec2', 'associateVpcCidrBlock', { VpcId, CidrBlock });
    return { physicalId: CidrBlockAssociation?.AssociationId ?? '' };
  },

  delete(ctx, { physicalId: AssociationId }) {
    ignoreMissing(() => ctx.call('ec2', 'disassociateVpcCidrBlock', { AssociationId }));
  },

  read(ctx, { physicalId, properties }) {
    const { VpcId } = properties as { readonly VpcId: string };
    const { Vpcs: [vpc] = [] } = ctx.call('ec2', 'describeVpcs', { VpcIds: [VpcId] });
    const block = vpc?.CidrBlockAssociationSet?.find(({ AssociationId }) => AssociationId === physicalId);
    return block && { VpcId, CidrBlock: block.CidrBlock };
  },

  attributes: (_ctx, { physicalId }) => ({ Id: physicalId }),
};
