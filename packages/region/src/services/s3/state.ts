import type { BlobRef } from '../../kernel/blob.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Table, Tables } from '../../kernel/table.ts';
import { noSuchBucket } from './errors.ts';

/** Settings that are kept as the API gives them. */
export type Subresource =
  | 'encryption'
  | 'publicAccessBlock'
  | 'policy'
  | 'lifecycle'
  | 'ownershipControls'
  | 'cors';

export interface Bucket {
  readonly name: string;
  readonly created: Instant;
  readonly versioning?: 'Enabled' | 'Suspended';
  readonly tags: Readonly<Record<string, string>>;
  readonly settings: { readonly [S in Subresource]?: unknown };
}

export interface ObjectVersion {
  /** `null` for objects written while versioning was off or suspended. */
  readonly versionId: string;
  readonly modified: Instant;
  /** Nothing but the mark of a deletion. */
  readonly isDeleteMarker: boolean;
  /** The parts of a multipart upload, or the one body. */
  readonly blobs: readonly BlobRef[];
  readonly size: number;
  /** Without its quotes. */
  readonly etag: string;
  /** Members of GetObject's answer that the writer gave: ContentType, CacheControl, ChecksumCRC32 … */
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
}

export interface StoredObject {
  readonly bucket: string;
  readonly key: string;
  /** Newest first. */
  readonly versions: readonly ObjectVersion[];
}

export interface Part {
  readonly number: number;
  readonly blob: BlobRef;
  readonly etag: string;
  readonly modified: Instant;
}

export interface Upload {
  readonly id: string;
  readonly bucket: string;
  readonly key: string;
  readonly initiated: Instant;
  readonly headers: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  readonly parts: readonly Part[];
}

export interface S3State {
  readonly buckets: Table<Bucket>;
  /** By `bucket/key`: a bucket's name has no slash. */
  readonly objects: Table<StoredObject>;
  readonly uploads: Table<Upload>;
}

export function openS3(tables: Tables): S3State {
  return {
    buckets: tables.table('s3.buckets'),
    objects: tables.table('s3.objects'),
    uploads: tables.table('s3.uploads'),
  };
}

export function findBucket(state: S3State, name: string | undefined): Bucket {
  const bucket = state.buckets.get(name ?? '');
  if (!bucket) throw noSuchBucket(name ?? '');
  return bucket;
}

export function objectId(bucket: string, key: string): string {
  return `${bucket}/${key}`;
}

/** In order of their keys' UTF-8 bytes, as S3 lists them. */
export function objectsOf(state: S3State, bucket: string): StoredObject[] {
  return state.objects.filter((object) => object.bucket === bucket).sort((a, b) => compareKeys(a.key, b.key));
}

export function compareKeys(a: string, b: string): number {
  // Code points order as UTF-8 bytes do; UTF-16 units do not above U+FFFF.
  const [left, right] = [[...a], [...b]];
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

/** Every blob that some object or upload needs. */
export function blobsInUse(state: S3State): string[] {
  const refs = [
    ...[...state.objects.values()].flatMap(({ versions }) => versions.flatMap(({ blobs }) => blobs)),
    ...[...state.uploads.values()].flatMap(({ parts }) => parts.map(({ blob }) => blob)),
  ];
  return [...new Set(refs.map(({ sha256 }) => sha256))];
}
