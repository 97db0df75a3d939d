import type { Address } from '@aws-sdk/client-ec2';
import {
  type ResourceContext,
  type ResourceType,
  replaces,
  tags,
  text,
} from '../../../kernel/resource-type.ts';
import { ignoreMissing, tagSpecifications, updateTags } from './common.ts';

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-eip.html
export const eipType: ResourceType = {
  name: 'AWS::EC2::EIP',
  properties: { Domain: replaces(text), Tags: tags },

  create(ctx, properties) {
    const { PublicIp = '' } = ctx.call('ec2', 'allocateAddress', {
      Domain: 'vpc',
      TagSpecifications: tagSpecifications(ctx, 'elastic-ip', properties),
    });
    return { physicalId: PublicIp };
  },

  update(ctx, resource, properties) {
    updateTags(ctx, find(ctx, resource.physicalId)?.AllocationId ?? '', resource, properties);
  },

  delete(ctx, { physicalId: PublicIp }) {
    ignoreMissing(() => ctx.call('ec2', 'releaseAddress', { PublicIp }));
  },

  read(ctx, { physicalId: PublicIp }) {
    const address = find(ctx, PublicIp);
    return address && { Domain: address.Domain, Tags: address.Tags };
  },

  attributes(ctx, { physicalId: PublicIp }) {
    return { AllocationId: find(ctx, PublicIp)?.AllocationId, PublicIp };
  },
};

function find(ctx: ResourceContext, PublicIp: string): Address | undefined {
  return ctx.call('ec2', 'describeAddresses', { PublicIps: [PublicIp] }).Addresses?.[0];
}
