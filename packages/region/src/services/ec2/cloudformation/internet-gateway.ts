import { type ResourceType, tags } from '../../../kernel/resource-type.ts';
import { ignoreMissing, tagSpecifications, updateTags } from './common.ts';

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-internetgateway.html
export const internetGatewayType: ResourceType = {
  name: 'AWS::EC2::InternetGateway',
  properties: { Tags: tags },

  create(ctx, properties) {
    const { InternetGateway } = ctx.call('ec2', 'createInternetGateway', {
      TagSpecifications: tagSpecifications(ctx, 'internet-gateway', properties),
    });
    return { physicalId: InternetGateway?.InternetGatewayId ?? '' };
  },

  update(ctx, resource, properties) {
    updateTags(ctx, resource.physicalId, resource, properties);
  },

  delete(ctx, { physicalId: InternetGatewayId }) {
    ignoreMissing(() => ctx.call('ec2', 'deleteInternetGateway', { InternetGatewayId }));
  },

  read(ctx, { physicalId }) {
    const { InternetGateways: [gateway] = [] } = ctx.call('ec2', 'describeInternetGateways', {
      InternetGatewayIds: [physicalId],
    });
    return gateway && { Tags: gateway.Tags };
  },

  attributes: (_ctx, { physicalId }) => ({ InternetGatewayId: physicalId }),
};
