import type * as S3 from '@aws-sdk/client-s3';
import { operation, type ServiceModule } from '../../kernel/service.ts';
import * as buckets from './api/buckets.ts';
import * as listing from './api/listing.ts';
import * as objects from './api/objects.ts';
import * as uploads from './api/uploads.ts';
import type { S3State } from './state.ts';

type Operations = ServiceModule['operations'];

const owner = { ExpectedBucketOwner: 'the region has one account' } as const;
const encryption = {
  ServerSideEncryption: "bodies are kept as all other state is, readable by the home's owner only",
  SSEKMSKeyId: 'as ServerSideEncryption',
  BucketKeyEnabled: 'as ServerSideEncryption',
} as const;
const storage = { StorageClass: 'all objects are in one class' } as const;

export function bucketOperations(state: S3State): Operations {
  return {
    CreateBucket: operation<S3.CreateBucketRequest, S3.CreateBucketOutput>({
      accepts: ['Bucket', 'CreateBucketConfiguration', 'ObjectOwnership'],
      ignores: { ACL: 'access control lists do not decide here' },
      handler: (ctx, input) => buckets.createBucket(ctx, state, input),
    }),
    DeleteBucket: operation<S3.DeleteBucketRequest, object>({
      accepts: ['Bucket'],
      ignores: owner,
      handler: (ctx, input) => buckets.deleteBucket(ctx, state, input),
    }),
    HeadBucket: operation<S3.HeadBucketRequest, S3.HeadBucketOutput>({
      accepts: ['Bucket'],
      ignores: owner,
      handler: (ctx, input) => buckets.headBucket(ctx, state, input),
    }),
    ListBuckets: operation<S3.ListBucketsRequest, S3.ListBucketsOutput>({
      accepts: ['Prefix', 'MaxBuckets', 'ContinuationToken', 'BucketRegion'],
      handler: (ctx, input) => buckets.listBuckets(ctx, state, input),
    }),
    GetBucketLocation: operation<S3.GetBucketLocationRequest, S3.GetBucketLocationOutput>({
      accepts: ['Bucket'],
      ignores: owner,
      handler: (ctx, input) => buckets.getBucketLocation(ctx, state, input),
    }),
    PutBucketVersioning: operation<S3.PutBucketVersioningRequest, object>({
      accepts: ['Bucket', 'VersioningConfiguration', 'ContentMD5', 'ChecksumAlgorithm'],
      ignores: owner,
      handler: (ctx, input) => buckets.putBucketVersioning(ctx, state, input),
    }),
    GetBucketVersioning: operation<S3.GetBucketVersioningRequest, S3.GetBucketVersioningOutput>({
      accepts: ['Bucket'],
      ignores: owner,
      handler: (ctx, input) => buckets.getBucketVersioning(ctx, state, input),
    }),
    PutBucketTagging: operation<S3.PutBucketTaggingRequest, object>({
      accepts: ['Bucket', 'Tagging', 'ContentMD5', 'ChecksumAlgorithm'],
      ignores: owner,
      handler: (ctx, input) => buckets.putBucketTagging(ctx, state, input),
    }),
    GetBucketTagging: operation<S3.GetBucketTaggingRequest, S3.GetBucketTaggingOutput>({
      accepts: ['Bucket'],
      ignores: owner,
      handler: (ctx, input) => buckets.getBucketTagging(ctx, state, input),
    }),
    DeleteBucketTagging: operation<S3.DeleteBucketTaggingRequest, object>({
      accepts: ['Bucket'],
      ignores: owner,
      handler: (ctx, input) =>
        buckets.putBucketTagging(ctx, state, { Bucket: input.Bucket, Tagging: { TagSet: [] } }),
    }),
  };
}

type Named = { Bucket: string | undefined };

export function settingOperations(state: S3State): Operations {
  return {
    PutBucketEncryption: operation<S3.PutBucketEncryptionRequest, object>({
      accepts: ['Bucket', 'ServerSideEncryptionConfiguration', 'ContentMD5', 'ChecksumAlgorithm'],
      ignores: owner,
      handler: (ctx, input) => {
        ctx.warn(
          's3-encryption',
          's3: bucket encryption is kept; bodies lie on this disk as all other state does.',
        );
        return buckets.putSetting(state, input.Bucket, 'encryption', input.ServerSideEncryptionConfiguration);
      },
    }),
    GetBucketEncryption: operation<S3.GetBucketEncryptionRequest, S3.GetBucketEncryptionOutput>({
      accepts: ['Bucket'],
      ignores: owner,
      handler: (_ctx, input) => ({
        ServerSideEncryptionConfiguration: buckets.getSetting(state, input.Bucket, 'encryption'),
      }),
    }),
    PutPublicAccessBlock: operation<S3.PutPublicAccessBlockRequest, object>({
      accepts: ['Bucket', 'PublicAccessBlockConfiguration', 'ContentMD5', 'ChecksumAlgorithm'],
      ignores: owner,
      handler: (_ctx, input) =>
        buckets.putSetting(state, input.Bucket, 'publicAccessBlock', input.PublicAccessBlockConfiguration),
    }),
    GetPublicAccessBlock: operation<S3.GetPublicAccessBlockRequest, S3.GetPublicAccessBlockOutput>({
      accepts: ['Bucket'],
      ignores: owner,
      handler: (_ctx, input) => ({
        PublicAccessBlockConfiguration: buckets.getSetting(state, input.Bucket, 'publicAccessBlock'),
      }),
    }),
    PutBucketPolicy: operation<S3.PutBucketPolicyRequest, object>({
      accepts: ['Bucket', 'Policy', 'ContentMD5', 'ChecksumAlgorithm', 'ConfirmRemoveSelfBucketAccess'],
      ignores: owner,
      handler: (_ctx, input) =>
        buckets.putSetting(state, input.Bucket, 'policy', buckets.checkPolicy(input.Policy)),
    }),
    GetBucketPolicy: operation<S3.GetBucketPolicyRequest, S3.GetBucketPolicyOutput>({
      accepts: ['Bucket'],
      ignores: owner,
      handler: (_ctx, input) => ({ Policy: buckets.getSetting(state, input.Bucket, 'policy') }),
    }),
    PutBucketLifecycleConfiguration: operation<S3.PutBucketLifecycleConfigurationRequest, object>({
      accepts: ['Bucket', 'LifecycleConfiguration', 'ChecksumAlgorithm'],
      ignores: owner,
      handler: (ctx, input) => {
        ctx.warn('s3-lifecycle', 's3: lifecycle rules are kept but nothing expires by them yet.');
        return buckets.putSetting(state, input.Bucket, 'lifecycle', input.LifecycleConfiguration);
      },
    }),
    GetBucketLifecycleConfiguration: operation<
      S3.GetBucketLifecycleConfigurationRequest,
      S3.GetBucketLifecycleConfigurationOutput
    >({
      accepts: ['Bucket'],
      ignores: owner,
      handler: (_ctx, input) => buckets.getSetting<object>(state, input.Bucket, 'lifecycle'),
    }),
    PutBucketOwnershipControls: operation<S3.PutBucketOwnershipControlsRequest, object>({
      accepts: ['Bucket', 'OwnershipControls', 'ContentMD5', 'ChecksumAlgorithm'],
      ignores: owner,
      handler: (_ctx, input) =>
        buckets.putSetting(state, input.Bucket, 'ownershipControls', input.OwnershipControls),
    }),
    GetBucketOwnershipControls: operation<
      S3.GetBucketOwnershipControlsRequest,
      S3.GetBucketOwnershipControlsOutput
    >({
      accepts: ['Bucket'],
      ignores: owner,
      handler: (_ctx, input) => ({
        OwnershipControls: buckets.getSetting(state, input.Bucket, 'ownershipControls'),
      }),
    }),
    DeleteBucketEncryption: deleting(state, 'encryption'),
    DeletePublicAccessBlock: deleting(state, 'publicAccessBlock'),
    DeleteBucketPolicy: deleting(state, 'policy'),
    DeleteBucketLifecycle: deleting(state, 'lifecycle'),
    DeleteBucketOwnershipControls: deleting(state, 'ownershipControls'),
  };
}

function deleting(state: S3State, setting: Parameters<typeof buckets.deleteSetting>[2]): Operations[string] {
  return operation<Named & { ExpectedBucketOwner?: string }, object>({
    accepts: ['Bucket'],
    ignores: owner,
    handler: (_ctx, input) => buckets.deleteSetting(state, input.Bucket, setting),
  });
}

const headers = [
  'CacheControl',
  'ContentDisposition',
  'ContentEncoding',
  'ContentLanguage',
  'ContentType',
  'WebsiteRedirectLocation',
  'Metadata',
  'Tagging',
] as const;
const digests = [
  'ContentMD5',
  'ContentLength',
  'ChecksumAlgorithm',
  'ChecksumCRC32',
  'ChecksumCRC32C',
  'ChecksumCRC64NVME',
  'ChecksumSHA1',
  'ChecksumSHA256',
] as const;
const readConditions = [
  'IfMatch',
  'IfNoneMatch',
  'IfModifiedSince',
  'IfUnmodifiedSince',
  'ChecksumMode',
] as const;

export function objectOperations(state: S3State): Operations {
  return {
    PutObject: operation<S3.PutObjectRequest, S3.PutObjectOutput>({
      accepts: ['Bucket', 'Key', 'Body', 'IfMatch', 'IfNoneMatch', ...headers, ...digests],
      ignores: { ...owner, ...encryption, ...storage, ACL: 'access control lists do not decide here' },
      handler: (ctx, input) => objects.putObject(ctx, state, input),
    }),
    GetObject: operation<S3.GetObjectRequest, S3.GetObjectOutput>({
      accepts: [
        'Bucket',
        'Key',
        'VersionId',
        'Range',
        'ResponseCacheControl',
        'ResponseContentDisposition',
        'ResponseContentType',
        ...readConditions,
      ],
      ignores: owner,
      handler: (ctx, input) => objects.getObject(ctx, state, input),
    }),
    HeadObject: operation<S3.HeadObjectRequest, S3.HeadObjectOutput>({
      accepts: ['Bucket', 'Key', 'VersionId', ...readConditions],
      ignores: owner,
      handler: (ctx, input) => objects.headObject(ctx, state, input),
    }),
    CopyObject: operation<S3.CopyObjectRequest, S3.CopyObjectOutput>({
      accepts: [
        'Bucket',
        'Key',
        'CopySource',
        'MetadataDirective',
        'TaggingDirective',
        'ChecksumAlgorithm',
        ...headers,
      ],
      ignores: { ...owner, ...encryption, ...storage, ACL: 'access control lists do not decide here' },
      handler: (ctx, input) => objects.copyObject(ctx, state, input),
    }),
    DeleteObject: operation<S3.DeleteObjectRequest, S3.DeleteObjectOutput>({
      accepts: ['Bucket', 'Key', 'VersionId'],
      ignores: owner,
      handler: (ctx, input) => objects.deleteObject(ctx, state, input),
    }),
    DeleteObjects: operation<S3.DeleteObjectsRequest, S3.DeleteObjectsOutput>({
      accepts: ['Bucket', 'Delete', 'ChecksumAlgorithm'],
      ignores: owner,
      handler: (ctx, input) => objects.deleteObjects(ctx, state, input),
    }),
    GetObjectTagging: operation<S3.GetObjectTaggingRequest, S3.GetObjectTaggingOutput>({
      accepts: ['Bucket', 'Key', 'VersionId'],
      ignores: owner,
      handler: (ctx, input) => objects.getObjectTagging(ctx, state, input),
    }),
    ListObjectsV2: operation<S3.ListObjectsV2Request, S3.ListObjectsV2Output>({
      accepts: [
        'Bucket',
        'Prefix',
        'Delimiter',
        'MaxKeys',
        'ContinuationToken',
        'StartAfter',
        'EncodingType',
        'FetchOwner',
      ],
      ignores: owner,
      handler: (ctx, input) => listing.listObjectsV2(ctx, state, input),
    }),
    ListObjects: operation<S3.ListObjectsRequest, S3.ListObjectsOutput>({
      accepts: ['Bucket', 'Prefix', 'Delimiter', 'MaxKeys', 'Marker', 'EncodingType'],
      ignores: owner,
      handler: (ctx, input) => listing.listObjects(ctx, state, input),
    }),
    ListObjectVersions: operation<S3.ListObjectVersionsRequest, S3.ListObjectVersionsOutput>({
      accepts: ['Bucket', 'Prefix', 'Delimiter', 'MaxKeys', 'KeyMarker', 'EncodingType'],
      ignores: { ...owner, VersionIdMarker: 'pages end between keys' },
      handler: (ctx, input) => listing.listObjectVersions(ctx, state, input),
    }),
  };
}

export function uploadOperations(state: S3State): Operations {
  return {
    CreateMultipartUpload: operation<S3.CreateMultipartUploadRequest, S3.CreateMultipartUploadOutput>({
      accepts: ['Bucket', 'Key', 'ChecksumAlgorithm', 'ChecksumType', ...headers],
      ignores: { ...owner, ...encryption, ...storage, ACL: 'access control lists do not decide here' },
      handler: (ctx, input) => uploads.createMultipartUpload(ctx, state, input),
    }),
    UploadPart: operation<S3.UploadPartRequest, S3.UploadPartOutput>({
      accepts: ['Bucket', 'Key', 'UploadId', 'PartNumber', 'Body', ...digests],
      ignores: owner,
      handler: (ctx, input) => uploads.uploadPart(ctx, state, input),
    }),
    CompleteMultipartUpload: operation<S3.CompleteMultipartUploadRequest, S3.CompleteMultipartUploadOutput>({
      accepts: ['Bucket', 'Key', 'UploadId', 'MultipartUpload', 'ChecksumType'],
      ignores: { ...owner, ChecksumCRC32: 'checksums of whole multipart objects are not kept' },
      handler: (ctx, input) => uploads.completeMultipartUpload(ctx, state, input),
    }),
    AbortMultipartUpload: operation<S3.AbortMultipartUploadRequest, object>({
      accepts: ['Bucket', 'Key', 'UploadId'],
      ignores: owner,
      handler: (ctx, input) => uploads.abortMultipartUpload(ctx, state, input),
    }),
    ListParts: operation<S3.ListPartsRequest, S3.ListPartsOutput>({
      accepts: ['Bucket', 'Key', 'UploadId', 'MaxParts', 'PartNumberMarker'],
      ignores: owner,
      handler: (ctx, input) => uploads.listParts(ctx, state, input),
    }),
    ListMultipartUploads: operation<S3.ListMultipartUploadsRequest, S3.ListMultipartUploadsOutput>({
      accepts: ['Bucket', 'Prefix', 'EncodingType', 'MaxUploads'],
      ignores: owner,
      handler: (ctx, input) => uploads.listMultipartUploads(ctx, state, input),
    }),
  };
}
