import type { BlobRef } from '../../kernel/blob.ts';

/** A request's body as the gateway stored it, with what clients may have said of it, in base64. */
export interface StoredBody extends BlobRef {
  readonly digests: {
    readonly md5: string;
    readonly crc32: string;
    readonly sha1: string;
    readonly sha256: string;
  };
}

/** The body of an answer: bytes `start` to `end` (inclusive) of the blobs one after the other. */
export interface BodySlice {
  readonly blobs: readonly BlobRef[];
  readonly start: number;
  readonly end: number;
}

/** Where the bytes of objects lie. */
export interface ObjectStore {
  /** Drops every blob that is not named (SHA-256 in hexadecimal) and was not written lately. */
  keepOnly(sha256s: readonly string[]): Promise<void>;
}
