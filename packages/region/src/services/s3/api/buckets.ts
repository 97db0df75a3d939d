import type {
  CreateBucketOutput,
  CreateBucketRequest,
  DeleteBucketRequest,
  GetBucketLocationOutput,
  GetBucketLocationRequest,
  GetBucketTaggingOutput,
  GetBucketTaggingRequest,
  GetBucketVersioningOutput,
  GetBucketVersioningRequest,
  HeadBucketOutput,
  HeadBucketRequest,
  ListBucketsOutput,
  ListBucketsRequest,
  PutBucketTaggingRequest,
  PutBucketVersioningRequest,
} from '@aws-sdk/client-s3';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import { page } from '../../../kernel/page.ts';
import { bucketAlreadyOwnedByYou, bucketNotEmpty, invalid, notFound } from '../errors.ts';
import { type Bucket, findBucket, objectsOf, type S3State, type Subresource } from '../state.ts';

export function createBucket(ctx: Context, state: S3State, input: CreateBucketRequest): CreateBucketOutput {
  const name = checkName(input.Bucket ?? '');
  checkLocation(ctx, input.CreateBucketConfiguration?.LocationConstraint);
  if (state.buckets.has(name)) throw bucketAlreadyOwnedByYou(name);
  state.buckets.put(name, { name, created: ctx.now, tags: {}, settings: defaultSettings });
  return { Location: `/${name}`, BucketArn: `arn:aws:s3:::${name}` };
}

/** Confirmed by docs: since April 2023 new buckets block public access and have ACLs off. */
const defaultSettings: Bucket['settings'] = {
  publicAccessBlock: {
    BlockPublicAcls: true,
    IgnorePublicAcls: true,
    BlockPublicPolicy: true,
    RestrictPublicBuckets: true,
  },
  ownershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
};

export function deleteBucket(_ctx: Context, state: S3State, input: DeleteBucketRequest): object {
  const { name, versioning } = findBucket(state, input.Bucket);
  if (objectsOf(state, name).length > 0) throw bucketNotEmpty(name, versioning !== undefined);
  for (const upload of state.uploads.filter(({ bucket }) => bucket === name)) state.uploads.delete(upload.id);
  state.buckets.delete(name);
  return {};
}

export function headBucket(ctx: Context, state: S3State, input: HeadBucketRequest): HeadBucketOutput {
  const { name } = findBucket(state, input.Bucket);
  return { BucketRegion: ctx.region, AccessPointAlias: false, BucketArn: `arn:aws:s3:::${name}` };
}

export function listBuckets(ctx: Context, state: S3State, input: ListBucketsRequest): ListBucketsOutput {
  const buckets = state.buckets
    .filter(({ name }) => name.startsWith(input.Prefix ?? ''))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { items, nextToken } = page(buckets, input.ContinuationToken, input.MaxBuckets ?? 10_000, () =>
    invalid('InvalidArgument', 'The continuation token provided is incorrect'),
  );
  return {
    Owner: { ID: ctx.accountId.padEnd(64, '0') },
    Buckets: items.map(({ name, created }) => ({
      Name: name,
      CreationDate: toDate(created),
      BucketRegion: ctx.region,
    })),
    ...(nextToken !== undefined && { ContinuationToken: nextToken }),
  };
}

export function getBucketLocation(
  ctx: Context,
  state: S3State,
  input: GetBucketLocationRequest,
): GetBucketLocationOutput {
  findBucket(state, input.Bucket);
  // Confirmed by docs: us-east-1 has no location constraint.
  return ctx.region === 'us-east-1'
    ? {}
    : { LocationConstraint: ctx.region as NonNullable<GetBucketLocationOutput['LocationConstraint']> };
}

export function putBucketVersioning(
  _ctx: Context,
  state: S3State,
  input: PutBucketVersioningRequest,
): object {
  const bucket = findBucket(state, input.Bucket);
  const { Status, MFADelete } = input.VersioningConfiguration ?? {};
  if (MFADelete === 'Enabled') throw notModelled('s3 PutBucketVersioning: MFADelete', 's3');
  if (Status !== 'Enabled' && Status !== 'Suspended') {
    throw invalid('IllegalVersioningConfigurationException', 'The Versioning element must be specified');
  }
  state.buckets.put(bucket.name, { ...bucket, versioning: Status });
  return {};
}

export function getBucketVersioning(
  _ctx: Context,
  state: S3State,
  input: GetBucketVersioningRequest,
): GetBucketVersioningOutput {
  const { versioning } = findBucket(state, input.Bucket);
  return versioning === undefined ? {} : { Status: versioning };
}

export function putBucketTagging(_ctx: Context, state: S3State, input: PutBucketTaggingRequest): object {
  const bucket = findBucket(state, input.Bucket);
  const tags = Object.fromEntries(
    (input.Tagging?.TagSet ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']),
  );
  state.buckets.put(bucket.name, { ...bucket, tags });
  return {};
}

export function getBucketTagging(
  _ctx: Context,
  state: S3State,
  input: GetBucketTaggingRequest,
): GetBucketTaggingOutput {
  const bucket = findBucket(state, input.Bucket);
  const TagSet = Object.entries(bucket.tags).map(([Key, Value]) => ({ Key, Value }));
  if (TagSet.length === 0) throw notFound('NoSuchTagSet', 'The TagSet does not exist', bucket.name);
  return { TagSet };
}

export function putSetting(
  state: S3State,
  name: string | undefined,
  setting: Subresource,
  value: unknown,
): object {
  const bucket = findBucket(state, name);
  state.buckets.put(bucket.name, { ...bucket, settings: { ...bucket.settings, [setting]: value } });
  return {};
}

export function deleteSetting(state: S3State, name: string | undefined, setting: Subresource): object {
  const bucket = findBucket(state, name);
  const { [setting]: _, ...settings } = bucket.settings;
  state.buckets.put(bucket.name, { ...bucket, settings });
  return {};
}

const missing: { readonly [S in Subresource]: readonly [code: string, message: string] } = {
  encryption: [
    'ServerSideEncryptionConfigurationNotFoundError',
    'The server side encryption configuration was not found',
  ],
  publicAccessBlock: [
    'NoSuchPublicAccessBlockConfiguration',
    'The public access block configuration was not found',
  ],
  policy: ['NoSuchBucketPolicy', 'The bucket policy does not exist'],
  lifecycle: ['NoSuchLifecycleConfiguration', 'The lifecycle configuration does not exist'],
  ownershipControls: ['OwnershipControlsNotFoundError', 'The bucket ownership controls were not found'],
  cors: ['NoSuchCORSConfiguration', 'The CORS configuration does not exist'],
};

export function getSetting<T>(state: S3State, name: string | undefined, setting: Subresource): T {
  const bucket = findBucket(state, name);
  const value = bucket.settings[setting];
  if (value === undefined) throw notFound(...missing[setting], bucket.name);
  return value as T;
}

export function checkPolicy(policy: string | undefined): string {
  try {
    JSON.parse(policy ?? '');
    return policy ?? '';
  } catch {
    throw invalid('MalformedPolicy', "Policies must be valid JSON and the first byte must be '{'");
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function checkName(name: string): string {
  const wellFormed = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(name) && !name.includes('..');
  if (wellFormed && !/^\d+\.\d+\.\d+\.\d+$/.test(name) && !name.startsWith('xn--')) return name;
  throw invalid('InvalidBucketName', 'The specified bucket is not valid.');
}

function checkLocation(ctx: Context, location: string | undefined): void {
  if (location === undefined && ctx.region === 'us-east-1') return;
  if (location === ctx.region && location !== 'us-east-1') return;
  throw invalid(
    'IllegalLocationConstraintException',
    `The ${location ?? 'unspecified'} location constraint is incompatible for the region specific endpoint this request was sent to.`,
  );
}
