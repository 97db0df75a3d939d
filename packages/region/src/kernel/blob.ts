/**
 * Names bytes that are kept outside the region's tables, by the SHA-256 of their content: bodies of S3 objects, layers and
 * manifests of images. Records hold the reference; the blob store (planes/blobs) holds the bytes.
 */
export interface BlobRef {
  /** Lower-case hex, 64 characters, without the `sha256:` prefix. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
}
