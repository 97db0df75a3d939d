import { createHash } from 'node:crypto';
import type {
  AbortMultipartUploadRequest,
  CompleteMultipartUploadOutput,
  CompleteMultipartUploadRequest,
  CreateMultipartUploadOutput,
  CreateMultipartUploadRequest,
  ListMultipartUploadsOutput,
  ListMultipartUploadsRequest,
  ListPartsOutput,
  ListPartsRequest,
  UploadPartOutput,
  UploadPartRequest,
} from '@aws-sdk/client-s3';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import { checkDigests, etagOf } from '../body.ts';
import { invalid, noSuchUpload } from '../errors.ts';
import type { StoredBody } from '../ports.ts';
import { findBucket, type Part, type S3State, type Upload } from '../state.ts';
import { addVersion } from '../versions.ts';
import { checkKey, headersOf, idOf, parseTagging } from './objects.ts';

/** Confirmed by docs: every part but the last has at least 5 MiB; parts are numbered 1 to 10,000. */
const minimumPartBytes = 5 * 1024 * 1024;

export function createMultipartUpload(
  ctx: Context,
  state: S3State,
  input: CreateMultipartUploadRequest,
): CreateMultipartUploadOutput {
  const bucket = findBucket(state, input.Bucket);
  const upload: Upload = {
    id: ctx.random.text(64),
    bucket: bucket.name,
    key: checkKey(input.Key ?? ''),
    initiated: ctx.now,
    headers: headersOf(input),
    metadata: input.Metadata ?? {},
    tags: parseTagging(input.Tagging),
    parts: [],
  };
  state.uploads.put(upload.id, upload);
  return { Bucket: upload.bucket, Key: upload.key, UploadId: upload.id, ServerSideEncryption: 'AES256' };
}

export function uploadPart(ctx: Context, state: S3State, input: UploadPartRequest): UploadPartOutput {
  const upload = findUpload(state, input);
  const number = input.PartNumber ?? 0;
  if (number < 1 || number > 10_000) {
    throw invalid('InvalidArgument', 'Part number must be an integer between 1 and 10000, inclusive');
  }
  const body = input.Body as unknown as StoredBody;
  const checksums = checkDigests(ctx, body, input);
  const part: Part = {
    number,
    blob: { sha256: body.sha256, size: body.size },
    etag: etagOf(body),
    modified: ctx.now,
  };
  const others = upload.parts.filter((other) => other.number !== number);
  state.uploads.put(upload.id, { ...upload, parts: [...others, part].sort((a, b) => a.number - b.number) });
  return { ETag: `"${part.etag}"`, ServerSideEncryption: 'AES256', ...checksums };
}

export function completeMultipartUpload(
  ctx: Context,
  state: S3State,
  input: CompleteMultipartUploadRequest,
): CompleteMultipartUploadOutput {
  const upload = findUpload(state, input);
  const bucket = findBucket(state, input.Bucket);
  const parts = chosenParts(upload, input);
  const version = addVersion(ctx, state, bucket, upload.key, {
    isDeleteMarker: false,
    blobs: parts.map(({ blob }) => blob),
    size: parts.reduce((sum, { blob }) => sum + blob.size, 0),
    etag: multipartEtag(parts),
    headers: upload.headers,
    metadata: upload.metadata,
    tags: upload.tags,
  });
  state.uploads.delete(upload.id);
  return {
    Location: `/${bucket.name}/${upload.key}`,
    Bucket: bucket.name,
    Key: upload.key,
    ETag: `"${version.etag}"`,
    ServerSideEncryption: 'AES256',
    ...idOf(version),
  };
}

function chosenParts(upload: Upload, input: CompleteMultipartUploadRequest): readonly Part[] {
  const asked = input.MultipartUpload?.Parts ?? [];
  if (asked.length === 0) throw invalid('MalformedXML', 'You must specify at least one part');
  const parts = asked.map(({ PartNumber, ETag }, i) => {
    if (i > 0 && (PartNumber ?? 0) <= (asked[i - 1]?.PartNumber ?? 0)) {
      throw invalid(
        'InvalidPartOrder',
        'The list of parts was not in ascending order. Parts must be ordered by part number.',
      );
    }
    const part = upload.parts.find(({ number }) => number === PartNumber);
    if (part && part.etag === ETag?.replaceAll('"', '')) return part;
    throw invalid(
      'InvalidPart',
      "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.",
    );
  });
  if (parts.slice(0, -1).some(({ blob }) => blob.size < minimumPartBytes)) {
    throw invalid('EntityTooSmall', 'Your proposed upload is smaller than the minimum allowed size');
  }
  return parts;
}

/** Known: the MD5 of the parts' MD5s, and how many there are. */
function multipartEtag(parts: readonly Part[]): string {
  const digests = Buffer.concat(parts.map(({ etag }) => Buffer.from(etag, 'hex')));
  return `${createHash('md5').update(digests).digest('hex')}-${parts.length}`;
}

export function abortMultipartUpload(
  _ctx: Context,
  state: S3State,
  input: AbortMultipartUploadRequest,
): object {
  state.uploads.delete(findUpload(state, input).id);
  return {};
}

export function listParts(_ctx: Context, state: S3State, input: ListPartsRequest): ListPartsOutput {
  const upload = findUpload(state, input);
  const after = upload.parts.filter(({ number }) => number > Number(input.PartNumberMarker ?? 0));
  const shown = after.slice(0, Math.min(input.MaxParts ?? 1000, 1000));
  return {
    Bucket: upload.bucket,
    Key: upload.key,
    UploadId: upload.id,
    MaxParts: input.MaxParts ?? 1000,
    IsTruncated: shown.length < after.length,
    ...(shown.length < after.length && { NextPartNumberMarker: String(shown.at(-1)?.number ?? 0) }),
    Parts: shown.map(({ number, blob, etag, modified }) => ({
      PartNumber: number,
      Size: blob.size,
      ETag: `"${etag}"`,
      LastModified: toDate(modified),
    })),
  };
}

export function listMultipartUploads(
  _ctx: Context,
  state: S3State,
  input: ListMultipartUploadsRequest,
): ListMultipartUploadsOutput {
  const { name } = findBucket(state, input.Bucket);
  const uploads = state.uploads.filter(
    ({ bucket, key }) => bucket === name && key.startsWith(input.Prefix ?? ''),
  );
  return {
    Bucket: name,
    Prefix: input.Prefix ?? '',
    IsTruncated: false,
    Uploads: uploads.map(({ id, key, initiated }) => ({
      UploadId: id,
      Key: key,
      Initiated: toDate(initiated),
    })),
  };
}

function findUpload(
  state: S3State,
  {
    UploadId,
    Bucket,
    Key,
  }: { UploadId: string | undefined; Bucket: string | undefined; Key: string | undefined },
): Upload {
  findBucket(state, Bucket);
  const upload = state.uploads.get(UploadId ?? '');
  if (!upload || upload.bucket !== Bucket || upload.key !== Key) throw noSuchUpload(UploadId ?? '');
  return upload;
}
