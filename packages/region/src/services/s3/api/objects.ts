import type {
  CopyObjectOutput,
  CopyObjectRequest,
  DeleteObjectOutput,
  DeleteObjectRequest,
  DeleteObjectsOutput,
  DeleteObjectsRequest,
  GetObjectOutput,
  GetObjectRequest,
  GetObjectTaggingOutput,
  GetObjectTaggingRequest,
  HeadObjectOutput,
  HeadObjectRequest,
  PutObjectOutput,
  PutObjectRequest,
} from '@aws-sdk/client-s3';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import { checkDigests, etagOf, sliceOf } from '../body.ts';
import { invalid, notModified, preconditionFailed } from '../errors.ts';
import type { StoredBody } from '../ports.ts';
import { findBucket, type ObjectVersion, type S3State } from '../state.ts';
import { addVersion, findVersion, markDeleted, removeVersion } from '../versions.ts';

const keptHeaders = [
  'CacheControl',
  'ContentDisposition',
  'ContentEncoding',
  'ContentLanguage',
  'ContentType',
  'WebsiteRedirectLocation',
] as const;

type Headers = { readonly [H in (typeof keptHeaders)[number]]?: string | undefined };

export function headersOf(input: Headers): Record<string, string> {
  const given = keptHeaders.flatMap((name) =>
    input[name] === undefined ? [] : [[name, input[name]] as const],
  );
  return { ContentType: 'binary/octet-stream', ...Object.fromEntries(given) };
}

export function putObject(ctx: Context, state: S3State, input: PutObjectRequest): PutObjectOutput {
  const bucket = findBucket(state, input.Bucket);
  const key = checkKey(input.Key ?? '');
  const body = input.Body as unknown as StoredBody;
  const checksums = checkDigests(ctx, body, input);
  checkWriteConditions(state, bucket.name, key, input);
  const version = addVersion(ctx, state, bucket, key, {
    isDeleteMarker: false,
    blobs: [{ sha256: body.sha256, size: body.size }],
    size: body.size,
    etag: etagOf(body),
    headers: { ...headersOf(input), ...checksums },
    metadata: input.Metadata ?? {},
    tags: parseTagging(input.Tagging),
  });
  return { ETag: `"${version.etag}"`, ServerSideEncryption: 'AES256', ...checksums, ...idOf(version) };
}

/** Confirmed by docs: `If-None-Match: *` writes only where nothing is; `If-Match` only over that ETag. */
function checkWriteConditions(
  state: S3State,
  bucket: string,
  key: string,
  { IfMatch, IfNoneMatch }: Pick<PutObjectRequest, 'IfMatch' | 'IfNoneMatch'>,
): void {
  const [current] = state.objects.get(`${bucket}/${key}`)?.versions ?? [];
  const existing = current?.isDeleteMarker === false ? current : undefined;
  if (IfNoneMatch !== undefined && existing) throw preconditionFailed('If-None-Match');
  if (IfMatch !== undefined && unquoted(IfMatch) !== existing?.etag) throw preconditionFailed('If-Match');
}

export function getObject(ctx: Context, state: S3State, input: GetObjectRequest): GetObjectOutput {
  const { version } = findVersion(state, input.Bucket, input.Key ?? '', input.VersionId);
  checkReadConditions(version, input);
  const { slice, contentRange } = sliceOf(version, input.Range);
  return {
    ...describe(ctx, version, input.ChecksumMode === 'ENABLED' && contentRange === undefined),
    ...overrides(input),
    Body: slice as never,
    ContentLength: slice.end - slice.start + 1,
    ...(contentRange !== undefined && { ContentRange: contentRange }),
  };
}

export function headObject(ctx: Context, state: S3State, input: HeadObjectRequest): HeadObjectOutput {
  const { version } = findVersion(state, input.Bucket, input.Key ?? '', input.VersionId);
  checkReadConditions(version, input);
  return { ...describe(ctx, version, input.ChecksumMode === 'ENABLED'), ContentLength: version.size };
}

function describe(_ctx: Context, version: ObjectVersion, withChecksums: boolean): HeadObjectOutput {
  const headers = Object.entries(version.headers).filter(
    ([name]) => withChecksums || !name.startsWith('Checksum'),
  );
  return {
    ...Object.fromEntries(headers),
    AcceptRanges: 'bytes',
    LastModified: toDate(version.modified),
    ETag: `"${version.etag}"`,
    ServerSideEncryption: 'AES256',
    Metadata: { ...version.metadata },
    ...idOf(version),
  };
}

function checkReadConditions(
  { etag, modified }: ObjectVersion,
  input: Pick<GetObjectRequest, 'IfMatch' | 'IfNoneMatch' | 'IfModifiedSince' | 'IfUnmodifiedSince'>,
): void {
  const second = Math.floor(modified / 1000) * 1000;
  if (input.IfMatch !== undefined && input.IfMatch !== '*' && unquoted(input.IfMatch) !== etag)
    throw preconditionFailed('If-Match');
  if (input.IfMatch === undefined && input.IfUnmodifiedSince && second > input.IfUnmodifiedSince.getTime()) {
    throw preconditionFailed('If-Unmodified-Since');
  }
  if (input.IfNoneMatch !== undefined && (input.IfNoneMatch === '*' || unquoted(input.IfNoneMatch) === etag))
    throw notModified();
  if (input.IfNoneMatch === undefined && input.IfModifiedSince && second <= input.IfModifiedSince.getTime())
    throw notModified();
}

function overrides(input: GetObjectRequest): GetObjectOutput {
  return {
    ...(input.ResponseCacheControl !== undefined && { CacheControl: input.ResponseCacheControl }),
    ...(input.ResponseContentDisposition !== undefined && {
      ContentDisposition: input.ResponseContentDisposition,
    }),
    ...(input.ResponseContentType !== undefined && { ContentType: input.ResponseContentType }),
  };
}

export function copyObject(ctx: Context, state: S3State, input: CopyObjectRequest): CopyObjectOutput {
  const bucket = findBucket(state, input.Bucket);
  const key = checkKey(input.Key ?? '');
  const source = parseCopySource(input.CopySource ?? '');
  const { version: from } = findVersion(state, source.bucket, source.key, source.versionId);
  const replacing = input.MetadataDirective === 'REPLACE';
  if (source.bucket === bucket.name && source.key === key && source.versionId === undefined && !replacing) {
    throw invalid(
      'InvalidRequest',
      "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes.",
    );
  }
  const version = addVersion(ctx, state, bucket, key, {
    ...from,
    ...(replacing && { headers: headersOf(input), metadata: input.Metadata ?? {} }),
    ...(input.TaggingDirective === 'REPLACE' && { tags: parseTagging(input.Tagging) }),
  });
  return {
    CopyObjectResult: { ETag: `"${version.etag}"`, LastModified: toDate(version.modified) },
    ...idOf(version),
  };
}

export function deleteObject(ctx: Context, state: S3State, input: DeleteObjectRequest): DeleteObjectOutput {
  const bucket = findBucket(state, input.Bucket);
  const key = checkKey(input.Key ?? '');
  const version =
    input.VersionId === undefined
      ? markDeleted(ctx, state, bucket, key)
      : removeVersion(state, bucket, key, input.VersionId);
  return {
    ...(version?.isDeleteMarker && { DeleteMarker: true }),
    ...(input.VersionId === undefined ? version && idOf(version) : { VersionId: input.VersionId }),
  };
}

export function deleteObjects(
  ctx: Context,
  state: S3State,
  input: DeleteObjectsRequest,
): DeleteObjectsOutput {
  const objects = input.Delete?.Objects ?? [];
  if (objects.length === 0 || objects.length > 1000) {
    throw invalid(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  }
  const Deleted = objects.map(({ Key = '', VersionId }) => ({
    Key,
    ...deleteObject(ctx, state, { Bucket: input.Bucket, Key, ...(VersionId !== undefined && { VersionId }) }),
  }));
  return input.Delete?.Quiet ? {} : { Deleted };
}

export function getObjectTagging(
  _ctx: Context,
  state: S3State,
  input: GetObjectTaggingRequest,
): GetObjectTaggingOutput {
  const { version } = findVersion(state, input.Bucket, input.Key ?? '', input.VersionId);
  return { TagSet: Object.entries(version.tags).map(([Key, Value]) => ({ Key, Value })), ...idOf(version) };
}

/** `bucket/key`, percent-encoded, perhaps with a leading slash and `?versionId=`. */
export function parseCopySource(source: string): { bucket: string; key: string; versionId?: string } {
  const [path = '', versionId] = source.replace(/^\//, '').split('?versionId=');
  const decoded = decodeURIComponent(path.replaceAll('+', ' '));
  const slash = decoded.indexOf('/');
  if (slash < 1)
    throw invalid(
      'InvalidArgument',
      'Copy Source must mention the source bucket and key: sourcebucket/sourcekey',
    );
  return {
    bucket: decoded.slice(0, slash),
    key: decoded.slice(slash + 1),
    ...(versionId !== undefined && { versionId }),
  };
}

export function parseTagging(tagging: string | undefined): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(tagging ?? ''));
}

export function idOf({ versionId }: ObjectVersion): { VersionId?: string } {
  return versionId === 'null' ? {} : { VersionId: versionId };
}

export function checkKey(key: string): string {
  if (new TextEncoder().encode(key).length > 1024) throw invalid('KeyTooLongError', 'Your key is too long');
  return key;
}

function unquoted(etag: string): string {
  return etag.replace(/^"|"$/g, '');
}
