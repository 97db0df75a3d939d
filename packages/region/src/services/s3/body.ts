/** What clients say of a body they send, checked against what arrived; and the slice of an object that they ask for. */
import type { Context } from '../../kernel/context.ts';
import { invalid, invalidRange } from './errors.ts';
import type { BodySlice, StoredBody } from './ports.ts';
import type { ObjectVersion } from './state.ts';

interface DeclaredDigests {
  readonly ContentMD5?: string | undefined;
  readonly ChecksumCRC32?: string | undefined;
  readonly ChecksumCRC32C?: string | undefined;
  readonly ChecksumCRC64NVME?: string | undefined;
  readonly ChecksumSHA1?: string | undefined;
  readonly ChecksumSHA256?: string | undefined;
}

/** Refuses a body that is not the one the client sent; answers the checksums to keep with the object. */
export function checkDigests(
  ctx: Context,
  body: StoredBody,
  declared: DeclaredDigests,
): Record<string, string> {
  const { md5, crc32, sha1, sha256 } = body.digests;
  if (declared.ContentMD5 !== undefined && declared.ContentMD5 !== md5) {
    throw invalid('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  }
  const known = { ChecksumCRC32: crc32, ChecksumSHA1: sha1, ChecksumSHA256: sha256 };
  const kept: Record<string, string> = {};
  for (const [name, computed] of Object.entries(known)) {
    const given = declared[name as keyof DeclaredDigests];
    if (given === undefined) continue;
    if (given !== computed) {
      throw invalid(
        'BadDigest',
        `The ${name.slice('Checksum'.length)} you specified did not match the calculated checksum.`,
      );
    }
    kept[name] = given;
  }
  for (const name of ['ChecksumCRC32C', 'ChecksumCRC64NVME'] as const) {
    if (declared[name] === undefined) continue;
    ctx.warn('checksum-not-verified', `s3: ${name} is accepted but neither verified nor kept.`);
  }
  return kept;
}

export function etagOf(body: StoredBody): string {
  return Buffer.from(body.digests.md5, 'base64').toString('hex');
}

/** The whole body, or the bytes of a `Range: bytes=a-b` header; other units and several ranges give the whole, as S3 does. */
export function sliceOf(
  version: ObjectVersion,
  range: string | undefined,
): { readonly slice: BodySlice; readonly contentRange?: string } {
  const { size, blobs } = version;
  const [, from = '', to = ''] = /^bytes=(\d*)-(\d*)$/.exec(range ?? '') ?? [];
  if (range === undefined || (from === '' && to === '')) return { slice: { blobs, start: 0, end: size - 1 } };
  const start = from === '' ? Math.max(0, size - Number(to)) : Number(from);
  const end = from === '' || to === '' ? size - 1 : Math.min(Number(to), size - 1);
  if (start > end || start >= size) throw invalidRange(range, size);
  return { slice: { blobs, start, end }, contentRange: `bytes ${start}-${end}/${size}` };
}
