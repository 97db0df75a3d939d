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
// Differs: a change replaces, AWS updates in place; VPN gateways are not modelled.
export const vpcGatewayAttachmentType: ResourceType = {
  name: 'AWS::EC2::VPCGatewayAttachment',
  properties: { VpcId: replaces(required(text)), InternetGatewayId: replaces(required(text)) },

  create(ctx, properties) {
    const attachment = attachmentOf(properties);
    ctx.call('ec2', 'attachInternetGateway', attachment);
    return { physicalId: `IGW|${attachment.VpcId}` };
  },

  delete(ctx, { properties }) {
    ignoreMissing(() => ctx.call('ec2', 'detachInternetGateway', attachmentOf(properties)));
  },

  attributes: () => ({ AttachmentType: 'IGW' }),
};

function attachmentOf(properties: Properties): AttachmentProperties {
  return properties as unknown as AttachmentProperties;
}
