import type {
  CommonPrefix,
  _Object as ListedObject,
  ListObjectsOutput,
  ListObjectsRequest,
  ListObjectsV2Output,
  ListObjectsV2Request,
  ListObjectVersionsOutput,
  ListObjectVersionsRequest,
} from '@aws-sdk/client-s3';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import { invalid } from '../errors.ts';
import { compareKeys, findBucket, type ObjectVersion, objectsOf, type S3State } from '../state.ts';

interface Query {
  readonly prefix: string;
  readonly delimiter: string | undefined;
  readonly after: string;
  readonly maximum: number;
}

interface Listing<T> {
  readonly rows: readonly T[];
  readonly prefixes: readonly string[];
  /** The last key or common prefix given, when there is more. */
  readonly last?: string;
}

type Row = { readonly key: string };

export function listObjectsV2(
  _ctx: Context,
  state: S3State,
  input: ListObjectsV2Request,
): ListObjectsV2Output {
  const { name } = findBucket(state, input.Bucket);
  const after =
    input.ContinuationToken === undefined ? (input.StartAfter ?? '') : fromToken(input.ContinuationToken);
  const { rows, prefixes, last } = list(currentObjects(state, name), queryOf(input, after));
  return {
    Name: name,
    Prefix: encoded(input.Prefix ?? '', input.EncodingType),
    MaxKeys: input.MaxKeys ?? 1000,
    KeyCount: rows.length + prefixes.length,
    IsTruncated: last !== undefined,
    Contents: rows.map((row) => contents(row, input.EncodingType)),
    CommonPrefixes: commonPrefixes(prefixes, input.EncodingType),
    ...(input.Delimiter !== undefined && { Delimiter: encoded(input.Delimiter, input.EncodingType) }),
    ...(input.StartAfter !== undefined && { StartAfter: encoded(input.StartAfter, input.EncodingType) }),
    ...(input.EncodingType !== undefined && { EncodingType: input.EncodingType }),
    ...(input.ContinuationToken !== undefined && { ContinuationToken: input.ContinuationToken }),
    ...(last !== undefined && { NextContinuationToken: toToken(last) }),
  };
}

export function listObjects(_ctx: Context, state: S3State, input: ListObjectsRequest): ListObjectsOutput {
  const { name } = findBucket(state, input.Bucket);
  const { rows, prefixes, last } = list(currentObjects(state, name), queryOf(input, input.Marker ?? ''));
  return {
    Name: name,
    Prefix: encoded(input.Prefix ?? '', input.EncodingType),
    Marker: encoded(input.Marker ?? '', input.EncodingType),
    MaxKeys: input.MaxKeys ?? 1000,
    IsTruncated: last !== undefined,
    Contents: rows.map((row) => contents(row, input.EncodingType)),
    CommonPrefixes: commonPrefixes(prefixes, input.EncodingType),
    ...(input.Delimiter !== undefined && { Delimiter: encoded(input.Delimiter, input.EncodingType) }),
    ...(input.EncodingType !== undefined && { EncodingType: input.EncodingType }),
    ...(last !== undefined && { NextMarker: encoded(last, input.EncodingType) }),
  };
}

/** Pages end between keys: a key's versions are always given together, even over `MaxKeys`. */
export function listObjectVersions(
  _ctx: Context,
  state: S3State,
  input: ListObjectVersionsRequest,
): ListObjectVersionsOutput {
  const { name } = findBucket(state, input.Bucket);
  const { rows, prefixes, last } = list(objectsOf(state, name), queryOf(input, input.KeyMarker ?? ''));
  const versions = rows.flatMap(({ key, versions: all }) =>
    all.map((version, i) => ({ key, version, isLatest: i === 0 })),
  );
  return {
    Name: name,
    Prefix: encoded(input.Prefix ?? '', input.EncodingType),
    KeyMarker: encoded(input.KeyMarker ?? '', input.EncodingType),
    MaxKeys: input.MaxKeys ?? 1000,
    IsTruncated: last !== undefined,
    Versions: versions
      .filter(({ version }) => !version.isDeleteMarker)
      .map(({ key, version, isLatest }) => ({
        ...contents({ key, version }, input.EncodingType),
        VersionId: version.versionId,
        IsLatest: isLatest,
      })),
    DeleteMarkers: versions
      .filter(({ version }) => version.isDeleteMarker)
      .map(({ key, version, isLatest }) => ({
        Key: encoded(key, input.EncodingType),
        VersionId: version.versionId,
        IsLatest: isLatest,
        LastModified: toDate(version.modified),
      })),
    CommonPrefixes: commonPrefixes(prefixes, input.EncodingType),
    ...(input.EncodingType !== undefined && { EncodingType: input.EncodingType }),
    ...(last !== undefined && { NextKeyMarker: encoded(last, input.EncodingType) }),
  };
}

function queryOf(
  input: {
    readonly Prefix?: string | undefined;
    readonly Delimiter?: string | undefined;
    readonly MaxKeys?: number | undefined;
  },
  after: string,
): Query {
  const maximum = input.MaxKeys ?? 1000;
  if (maximum < 0)
    throw invalid('InvalidArgument', 'Argument maxKeys must be an integer between 0 and 2147483647');
  return {
    prefix: input.Prefix ?? '',
    delimiter: input.Delimiter || undefined,
    after,
    maximum: Math.min(maximum, 1000),
  };
}

/** Keys after `after` that begin with the prefix; those with the delimiter behind it are folded into common prefixes. */
function list<T extends Row>(
  objects: readonly T[],
  { prefix, delimiter, after, maximum }: Query,
): Listing<T> {
  const rows: T[] = [];
  const prefixes: string[] = [];
  let last = '';
  for (const object of objects) {
    if (!object.key.startsWith(prefix)) continue;
    const folded = foldedPrefix(object.key, prefix, delimiter);
    const name = folded ?? object.key;
    if (compareKeys(name, after) <= 0 || (folded !== undefined && prefixes.at(-1) === folded)) continue;
    if (rows.length + prefixes.length >= maximum) return { rows, prefixes, ...(maximum > 0 && { last }) };
    if (folded === undefined) rows.push(object);
    else prefixes.push(folded);
    last = name;
  }
  return { rows, prefixes };
}

function foldedPrefix(key: string, prefix: string, delimiter: string | undefined): string | undefined {
  if (delimiter === undefined) return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

function currentObjects(state: S3State, bucket: string): { key: string; version: ObjectVersion }[] {
  return objectsOf(state, bucket).flatMap(({ key, versions: [version] }) =>
    version && !version.isDeleteMarker ? [{ key, version }] : [],
  );
}

function contents(
  { key, version }: { readonly key: string; readonly version: ObjectVersion },
  encoding: string | undefined,
): ListedObject & { StorageClass: 'STANDARD' } {
  return {
    Key: encoded(key, encoding),
    LastModified: toDate(version.modified),
    ETag: `"${version.etag}"`,
    Size: version.size,
    StorageClass: 'STANDARD',
  };
}

function commonPrefixes(prefixes: readonly string[], encoding: string | undefined): CommonPrefix[] {
  return prefixes.map((prefix) => ({ Prefix: encoded(prefix, encoding) }));
}

function encoded(text: string, encoding: string | undefined): string {
  return encoding === 'url' ? encodeURIComponent(text).replaceAll('%2F', '/').replaceAll('%20', '+') : text;
}

function toToken(key: string): string {
  return Buffer.from(key).toString('base64');
}

function fromToken(token: string): string {
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(token))
    throw invalid('InvalidArgument', 'The continuation token provided is incorrect');
  return Buffer.from(token, 'base64').toString();
}
