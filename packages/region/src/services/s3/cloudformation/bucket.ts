import type { BucketLocationConstraint, ServerSideEncryptionRule } from '@aws-sdk/client-s3';
import { AwsError } from '../../../kernel/aws-error.ts';
import {
  flag,
  ignored,
  json,
  listOf,
  object,
  type Properties,
  type ResourceContext,
  type ResourceType,
  replaces,
  tags,
  text,
} from '../../../kernel/resource-type.ts';
import { ignoreMissing } from './missing.ts';

interface BucketProperties {
  readonly BucketName?: string;
  readonly BucketEncryption?: { readonly ServerSideEncryptionConfiguration: readonly object[] };
  readonly PublicAccessBlockConfiguration?: object;
  readonly VersioningConfiguration?: { readonly Status: 'Enabled' | 'Suspended' };
  readonly OwnershipControls?: { readonly Rules: { readonly ObjectOwnership: 'BucketOwnerEnforced' }[] };
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-s3-bucket.html
export const bucketType: ResourceType = {
  name: 'AWS::S3::Bucket',
  properties: {
    BucketName: replaces(text),
    BucketEncryption: object({ ServerSideEncryptionConfiguration: listOf(json) }),
    PublicAccessBlockConfiguration: object({
      BlockPublicAcls: flag,
      BlockPublicPolicy: flag,
      IgnorePublicAcls: flag,
      RestrictPublicBuckets: flag,
    }),
    VersioningConfiguration: object({ Status: text }),
    OwnershipControls: object({ Rules: listOf(object({ ObjectOwnership: text })) }),
    LifecycleConfiguration: ignored('lifecycle rules are not evaluated: nothing expires'),
    AccessControl: ignored('access control lists do not decide here'),
    Tags: tags,
  },

  create(ctx, properties) {
    const Bucket = (properties as BucketProperties).BucketName ?? ctx.generateName(63, { lowerCase: true });
    const LocationConstraint = ctx.region as BucketLocationConstraint;
    ctx.call('s3', 'createBucket', {
      Bucket,
      ...(ctx.region !== 'us-east-1' && { CreateBucketConfiguration: { LocationConstraint } }),
    });
    configure(ctx, Bucket, properties);
    return { physicalId: Bucket };
  },

  update(ctx, { physicalId: Bucket, properties: before }, properties) {
    const was = before as BucketProperties;
    const is = properties as BucketProperties;
    if (was.BucketEncryption && !is.BucketEncryption) ctx.call('s3', 'deleteBucketEncryption', { Bucket });
    if (was.VersioningConfiguration && !is.VersioningConfiguration) {
      ctx.call('s3', 'putBucketVersioning', { Bucket, VersioningConfiguration: { Status: 'Suspended' } });
    }
    configure(ctx, Bucket, properties);
  },

  delete(ctx, { physicalId: Bucket }) {
    ignoreMissing(() => ctx.call('s3', 'deleteBucket', { Bucket }));
  },

  read(ctx, { physicalId: Bucket }) {
    const { Status } = ctx.call('s3', 'getBucketVersioning', { Bucket });
    const encryption = orNone(() => ctx.call('s3', 'getBucketEncryption', { Bucket }));
    const ownership = orNone(() => ctx.call('s3', 'getBucketOwnershipControls', { Bucket }));
    const access = orNone(() => ctx.call('s3', 'getPublicAccessBlock', { Bucket }));
    const rules = encryption?.ServerSideEncryptionConfiguration?.Rules;
    return {
      BucketName: Bucket,
      BucketEncryption: rules && { ServerSideEncryptionConfiguration: rules.map(templateRule) },
      PublicAccessBlockConfiguration: access?.PublicAccessBlockConfiguration,
      VersioningConfiguration: Status === undefined ? undefined : { Status },
      OwnershipControls: ownership?.OwnershipControls,
      Tags: orNone(() => ctx.call('s3', 'getBucketTagging', { Bucket }))?.TagSet ?? [],
    };
  },

  attributes: (ctx, { physicalId }) => ({
    Arn: `arn:aws:s3:::${physicalId}`,
    DomainName: `${physicalId}.s3.amazonaws.com`,
    RegionalDomainName: `${physicalId}.s3.${ctx.region}.amazonaws.com`,
    DualStackDomainName: `${physicalId}.s3.dualstack.${ctx.region}.amazonaws.com`,
  }),
};

function configure(ctx: ResourceContext, Bucket: string, properties: Properties): void {
  const bucket = properties as BucketProperties;
  if (bucket.BucketEncryption) {
    const Rules = bucket.BucketEncryption.ServerSideEncryptionConfiguration.map(encryptionRule);
    ctx.call('s3', 'putBucketEncryption', { Bucket, ServerSideEncryptionConfiguration: { Rules } });
  }
  if (bucket.PublicAccessBlockConfiguration) {
    const { PublicAccessBlockConfiguration } = bucket;
    ctx.call('s3', 'putPublicAccessBlock', { Bucket, PublicAccessBlockConfiguration });
  }
  if (bucket.VersioningConfiguration) {
    ctx.call('s3', 'putBucketVersioning', {
      Bucket,
      VersioningConfiguration: bucket.VersioningConfiguration,
    });
  }
  if (bucket.OwnershipControls) {
    ctx.call('s3', 'putBucketOwnershipControls', { Bucket, OwnershipControls: bucket.OwnershipControls });
  }
  ctx.call('s3', 'putBucketTagging', {
    Bucket,
    Tagging: { TagSet: [...ctx.stackTags, ...(bucket.Tags ?? [])] },
  });
}

/** S3 answers what a bucket does not have with an error; that the bucket itself is gone is another one. */
function orNone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof AwsError && error.status === 404 && error.code !== 'NoSuchBucket') return undefined;
    throw error;
  }
}

function templateRule({ ApplyServerSideEncryptionByDefault, ...rest }: ServerSideEncryptionRule): object {
  return { ...rest, ServerSideEncryptionByDefault: ApplyServerSideEncryptionByDefault };
}

/** CloudFormation's `ServerSideEncryptionByDefault` is the API's `ApplyServerSideEncryptionByDefault`. */
function encryptionRule(rule: object): object {
  const { ServerSideEncryptionByDefault, ...rest } = rule as {
    readonly ServerSideEncryptionByDefault?: object;
  };
  return { ...rest, ApplyServerSideEncryptionByDefault: ServerSideEncryptionByDefault };
}
