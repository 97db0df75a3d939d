import { json, type ResourceType, replaces, required, text } from '../../../kernel/resource-type.ts';
import { ignoreMissing } from './missing.ts';

interface BucketPolicyProperties {
  readonly Bucket: string;
  readonly PolicyDocument: unknown;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucketpolicy.html
export const bucketPolicyType: ResourceType = {
  name: 'AWS::S3::BucketPolicy',
  properties: { Bucket: required(replaces(text)), PolicyDocument: required(json) },

  create(ctx, properties) {
    const { Bucket, PolicyDocument } = properties as unknown as BucketPolicyProperties;
    ctx.call('s3', 'putBucketPolicy', { Bucket, Policy: JSON.stringify(PolicyDocument) });
    return { physicalId: Bucket };
  },

  update(ctx, { physicalId: Bucket }, properties) {
    const { PolicyDocument } = properties as unknown as BucketPolicyProperties;
    ctx.call('s3', 'putBucketPolicy', { Bucket, Policy: JSON.stringify(PolicyDocument) });
  },

  read(ctx, { physicalId: Bucket }) {
    return { Bucket, PolicyDocument: ctx.call('s3', 'getBucketPolicy', { Bucket }).Policy };
  },

  delete(ctx, { physicalId: Bucket }) {
    ignoreMissing(() => ctx.call('s3', 'deleteBucketPolicy', { Bucket }));
  },
};
