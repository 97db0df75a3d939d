/** Bodies of requests and answers on their way to and from the blob store. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { crc32, gzip } from 'node:zlib';
import type { BlobStore } from './planes/blobs/blob-store.ts';
import type { BodySlice, StoredBody } from './services/s3/ports.ts';

/** Stores a body and computes what a client may have declared of it. */
export async function storeBody(blobs: BlobStore, body: Uint8Array): Promise<StoredBody> {
  const ref = await blobs.put(body);
  const digest = (algorithm: string): string => createHash(algorithm).update(body).digest('base64');
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return {
    ...ref,
    digests: {
      md5: digest('md5'),
      sha1: digest('sha1'),
      sha256: digest('sha256'),
      crc32: sum.toString('base64'),
    },
  };
}

/** Stores what a service writes itself. */
export async function storeText(blobs: BlobStore, text: string, form: 'plain' | 'gzip'): Promise<StoredBody> {
  const bytes = Buffer.from(text);
  return storeBody(blobs, form === 'gzip' ? await promisify(gzip)(bytes) : bytes);
}

/** Streams a slice, blob by blob. */
export async function* readBody(
  blobs: BlobStore,
  { blobs: refs, start, end }: BodySlice,
): AsyncGenerator<Uint8Array> {
  let offset = 0;
  for (const { sha256, size } of refs) {
    const from = Math.max(start - offset, 0);
    const to = Math.min(end - offset, size - 1);
    if (size > 0 && from <= to) yield* await blobs.read(sha256, { start: from, end: to });
    offset += size;
  }
}

/** For a step, which cannot wait: bodies known to be small, such as templates. */
export function readBodyAtOnce(blobs: BlobStore, { blobs: refs }: BodySlice): Uint8Array {
  return Buffer.concat(refs.map(({ sha256 }) => readFileSync(blobs.path(sha256))));
}
