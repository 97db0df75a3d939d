import { Readable } from 'node:stream';
import { Header } from 'tar';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { ImageConfig } from '../images/image.ts';
import { chooseManifest, ImagePullError } from '../images/image-store.ts';

/** An image of the blob store as an archive that engines load. */
export interface ImageArchive {
  readonly config: ImageConfig;
  /** The tar, read while it is sent. */
  open(): Readable;
}

/**
 * An OCI image layout that is also what `docker save` writes: engines of any age load it, layers stay compressed, and newer
 * engines check each digest. https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 * @param reference the name that the loaded image gets. Rejects with `ImagePullError`
 */
export async function imageArchive(
  blobs: BlobStore,
  digest: string,
  reference: string,
): Promise<ImageArchive> {
  const { descriptor, manifest } = await manifestFor(blobs, digest);
  const { config = {} } = (await json(blobs, manifest.config.digest)) as { config?: ImageConfig };
  const index = {
    schemaVersion: 2,
    manifests: [{ ...descriptor, annotations: { 'io.containerd.image.name': reference } }],
  };
  const listing = [
    {
      Config: pathOf(manifest.config.digest),
      RepoTags: [reference],
      Layers: manifest.layers.map((layer) => pathOf(layer.digest)),
    },
  ];
  const content = new Set([descriptor, manifest.config, ...manifest.layers].map((blob) => blob.digest));
  async function* tar(): AsyncGenerator<Buffer> {
    yield* file('oci-layout', bytesOf({ imageLayoutVersion: '1.0.0' }));
    yield* file('index.json', bytesOf(index));
    yield* file('manifest.json', bytesOf(listing));
    for (const each of content) yield* blobFile(blobs, each);
    yield Buffer.alloc(1024);
  }
  return { config, open: () => Readable.from(tar()) };
}

async function manifestFor(
  blobs: BlobStore,
  digest: string,
): Promise<{ readonly descriptor: Descriptor; readonly manifest: Manifest }> {
  const document = (await json(blobs, digest)) as Partial<Manifest> & Partial<Index>;
  if (document.manifests !== undefined) return manifestFor(blobs, chooseManifest(document.manifests));
  const { config, layers, mediaType = 'application/vnd.oci.image.manifest.v1+json' } = document;
  if (config === undefined || layers === undefined)
    throw new ImagePullError(`${digest} is not an image manifest`);
  const size = (await blobs.size(hexOf(digest))) ?? 0;
  return { descriptor: { mediaType, digest, size }, manifest: { mediaType, config, layers } };
}

async function json(blobs: BlobStore, digest: string): Promise<unknown> {
  const bytes = await blobs.bytes(hexOf(digest)).catch(() => {
    throw missing(digest);
  });
  return JSON.parse(bytes.toString());
}

async function* blobFile(blobs: BlobStore, digest: string): AsyncGenerator<Buffer> {
  const size = await blobs.size(hexOf(digest));
  if (size === undefined) throw missing(digest);
  yield header(pathOf(digest), size);
  yield* (await blobs.read(hexOf(digest))) as AsyncIterable<Buffer>;
  yield padding(size);
}

function* file(path: string, bytes: Buffer): Generator<Buffer> {
  yield header(path, bytes.length);
  yield bytes;
  yield padding(bytes.length);
}

function header(path: string, size: number): Buffer {
  const block = Buffer.alloc(512);
  new Header({ path, type: 'File', mode: 0o644, size, uid: 0, gid: 0, mtime: new Date(0) }).encode(block, 0);
  return block;
}

function padding(size: number): Buffer {
  return Buffer.alloc((512 - (size % 512)) % 512);
}

function bytesOf(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

function pathOf(digest: string): string {
  return `blobs/sha256/${hexOf(digest)}`;
}

function hexOf(digest: string): string {
  return digest.replace(/^sha256:/, '');
}

function missing(digest: string): ImagePullError {
  return new ImagePullError(`content at ${digest} not found: not found`);
}

interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

interface Manifest {
  readonly mediaType?: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

interface Index {
  readonly manifests: Parameters<typeof chooseManifest>[0];
}
