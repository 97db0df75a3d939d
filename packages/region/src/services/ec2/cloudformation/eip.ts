import type { Address } from '@aws-sdk/client-ec2';
import { AwsError } from '../../../kernel/aws-error.ts';
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

  /** Waits for a NAT gateway that is being deleted with it to let go. */
  delete(ctx, { physicalId: PublicIp }) {
    release(ctx, PublicIp);
  },

  deleted(ctx, { physicalId: PublicIp }) {
    release(ctx, PublicIp);
    return find(ctx, PublicIp)
      ? { kind: 'waiting', on: `Address ${PublicIp} is in use.` }
      : { kind: 'stable' };
  },

  attributes(ctx, { physicalId: PublicIp }) {
    return { AllocationId: find(ctx, PublicIp)?.AllocationId, PublicIp };
  },
};

function release(ctx: ResourceContext, PublicIp: string): void {
  const { AllocationId, AssociationId } = find(ctx, PublicIp) ?? {};
  if (AllocationId === undefined || AssociationId !== undefined) return;
  ignoreMissing(() => ctx.call('ec2', 'releaseAddress', { AllocationId }));
}

function find(ctx: ResourceContext, PublicIp: string): Address | undefined {
  try {
    return ctx.call('ec2', 'describeAddresses', { PublicIps: [PublicIp] }).Addresses?.[0];
  } catch (error) {
    if (error instanceof AwsError && error.code === 'InvalidAddress.NotFound') return undefined;
    throw error;
  }
}
