/** Which version of an object is meant, and how writing and deleting move the versions of a bucket. */
import type { Context } from '../../kernel/context.ts';
import { methodNotAllowed, noSuchKey, noSuchVersion } from './errors.ts';
import { type Bucket, findBucket, type ObjectVersion, objectId, type S3State } from './state.ts';

export interface Addressed {
  readonly bucket: Bucket;
  readonly version: ObjectVersion;
}

/** Throws as GetObject does: a missing key, a missing version, a delete marker asked for by its id. */
export function findVersion(
  state: S3State,
  bucketName: string | undefined,
  key: string,
  versionId: string | undefined,
): Addressed {
  const bucket = findBucket(state, bucketName);
  const versions = state.objects.get(objectId(bucket.name, key))?.versions ?? [];
  if (versionId === undefined) {
    const [newest] = versions;
    if (!newest || newest.isDeleteMarker) throw noSuchKey(key);
    return { bucket, version: newest };
  }
  const version = versions.find((candidate) => candidate.versionId === versionId);
  if (!version) throw noSuchVersion(key, versionId);
  if (version.isDeleteMarker) throw methodNotAllowed();
  return { bucket, version };
}

/** Adds a version, or replaces the `null` version where versioning does not keep old ones. */
export function addVersion(
  ctx: Context,
  state: S3State,
  bucket: Bucket,
  key: string,
  content: Omit<ObjectVersion, 'versionId' | 'modified'>,
): ObjectVersion {
  const versionId = bucket.versioning === 'Enabled' ? ctx.random.text(32) : 'null';
  const version = { ...content, versionId, modified: ctx.now };
  const id = objectId(bucket.name, key);
  const kept = (state.objects.get(id)?.versions ?? []).filter((old) => old.versionId !== versionId);
  state.objects.put(id, { bucket: bucket.name, key, versions: [version, ...kept] });
  return version;
}

/** Removes one version for good. */
export function removeVersion(
  state: S3State,
  bucket: Bucket,
  key: string,
  versionId: string,
): ObjectVersion | undefined {
  const id = objectId(bucket.name, key);
  const object = state.objects.get(id);
  const removed = object?.versions.find((version) => version.versionId === versionId);
  if (!object || !removed) return undefined;
  const versions = object.versions.filter((version) => version !== removed);
  if (versions.length === 0) state.objects.delete(id);
  else state.objects.put(id, { ...object, versions });
  return removed;
}

/** A deletion without a version id: a delete marker where versions are kept, else the object is gone. */
export function markDeleted(
  ctx: Context,
  state: S3State,
  bucket: Bucket,
  key: string,
): ObjectVersion | undefined {
  if (bucket.versioning === undefined) {
    removeVersion(state, bucket, key, 'null');
    return undefined;
  }
  const marker = { isDeleteMarker: true, blobs: [], size: 0, etag: '', headers: {}, metadata: {}, tags: {} };
  return addVersion(ctx, state, bucket, key, marker);
}
