import {
  type Properties,
  type ResourceType,
  replaces,
  required,
  text,
} from '../../../kernel/resource-type.ts';
import { ignoreMissing } from './common.ts';

interface AttachmentProperties {
  readonly VpcId: string;
  readonly InternetGatewayId: string;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-vpcgatewayattachment.html
// VPN gateways are not modelled.
export const vpcGatewayAttachmentType: ResourceType = {
  name: 'AWS::EC2::VPCGatewayAttachment',
  properties: { VpcId: replaces(required(text)), InternetGatewayId: required(text) },

  create(ctx, properties) {
    const attachment = attachmentOf(properties);
    ctx.call('ec2', 'attachInternetGateway', attachment);
    return { physicalId: `IGW|${attachment.VpcId}` };
  },

  update(ctx, resource, properties) {
    const before = attachmentOf(resource.properties);
    const next = attachmentOf(properties);
    if (before.InternetGatewayId === next.InternetGatewayId) return;
    ctx.call('ec2', 'detachInternetGateway', before);
    ctx.call('ec2', 'attachInternetGateway', next);
  },

  delete(ctx, { properties }) {
    ignoreMissing(() => ctx.call('ec2', 'detachInternetGateway', attachmentOf(properties)));
  },

  read(ctx, { properties }) {
    const { VpcId } = attachmentOf(properties);
    const { InternetGateways: [gateway] = [] } = ctx.call('ec2', 'describeInternetGateways', {
      Filters: [{ Name: 'attachment.vpc-id', Values: [VpcId] }],
    });
    return gateway && { VpcId, InternetGatewayId: gateway.InternetGatewayId };
  },

  attributes: () => ({ AttachmentType: 'IGW' }),
};

function attachmentOf(properties: Properties): AttachmentProperties {
  return properties as unknown as AttachmentProperties;
}
