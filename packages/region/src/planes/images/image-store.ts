import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { BlobStore } from '../blobs/blob-store.ts';
import type { ImageConfig, PulledImage } from './image.ts';
import { applyLayer } from './layer.ts';

/** An image cannot be made ready. The text says why, to be shown as the detail of a `CannotPullContainerError`. */
export class ImagePullError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ImagePullError';
  }
}

/**
 * Images unpacked from the blob store, by digest, each once: `<root>/<hex>/rootfs` and `<root>/<hex>/config.json`. An
 * image is unpacked beside and renamed when it is whole, so a folder that is there can be run.
 */
export class ImageStore {
  readonly #root: string;
  readonly #blobs: BlobStore;
  readonly #pulling = new Map<string, Promise<PulledImage>>();
  readonly #used = new Set<string>();

  /** @param root absolute path of a folder that belongs to this store alone */
  constructor(root: string, blobs: BlobStore) {
    this.#root = root;
    this.#blobs = blobs;
  }

  /** Makes the folders and drops what an interrupted unpacking left. */
  async open(): Promise<void> {
    await rm(this.#incoming, { recursive: true, force: true });
    await mkdir(this.#incoming, { recursive: true });
  }

  /** @param digest `sha256:<hex>` of a manifest or of an index. Rejects with `ImagePullError`. */
  pull(digest: string): Promise<PulledImage> {
    this.#used.add(digest);
    const pulling =
      this.#pulling.get(digest) ?? this.#pull(digest).finally(() => this.#pulling.delete(digest));
    this.#pulling.set(digest, pulling);
    return pulling;
  }

  /** Removes the files of every image that is neither named nor was asked for in this run: a task may be using those. */
  async keepOnly(digests: ReadonlySet<string>): Promise<void> {
    const wanted = new Set([...digests, ...this.#used].map(hexOf));
    for (const name of await readdir(this.#root)) {
      if (/^[0-9a-f]{64}$/.test(name) && !wanted.has(name)) {
        await rm(join(this.#root, name), { recursive: true, force: true });
      }
    }
  }

  async #pull(digest: string): Promise<PulledImage> {
    return (await this.#ready(digest)) ?? (await this.#unpack(digest));
  }

  async #ready(digest: string): Promise<PulledImage | undefined> {
    const folder = this.#folder(digest);
    try {
      const config = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8')) as ImageConfig;
      return { digest, rootfs: join(folder, 'rootfs'), config };
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    }
  }

  async #unpack(digest: string): Promise<PulledImage> {
    const manifest = await this.#manifest(digest);
    const { config = {} } = (await this.#json(manifest.config.digest)) as { config?: ImageConfig };
    const beside = join(this.#incoming, randomUUID());
    const rootfs = join(beside, 'rootfs');
    await mkdir(rootfs, { recursive: true });
    try {
      for (const { digest: layer, mediaType } of manifest.layers) {
        await applyLayer(rootfs, mediaType, () => this.#read(layer));
      }
      await writeFile(join(beside, 'config.json'), JSON.stringify(config));
      await rename(beside, this.#folder(digest));
    } catch (error) {
      await rm(beside, { recursive: true, force: true });
      const ready = await this.#ready(digest);
      if (ready !== undefined) return ready;
      throw error instanceof ImagePullError ? error : new ImagePullError(textOf(error));
    }
    return { digest, rootfs: join(this.#folder(digest), 'rootfs'), config };
  }

  /** Follows an index to the manifest for this machine. */
  async #manifest(digest: string): Promise<Manifest> {
    const document = (await this.#json(digest)) as Partial<Manifest> & { manifests?: readonly IndexEntry[] };
    if (document.manifests !== undefined) return this.#manifest(chooseManifest(document.manifests));
    const { config, layers } = document;
    if (config === undefined || layers === undefined)
      throw new ImagePullError(`${digest} is not an image manifest`);
    return { config, layers };
  }

  async #json(digest: string): Promise<unknown> {
    const bytes = await this.#blobs.bytes(hexOf(digest)).catch(() => {
      throw new ImagePullError(`content at ${digest} not found: not found`);
    });
    return JSON.parse(bytes.toString());
  }

  #read(digest: string) {
    return this.#blobs.read(hexOf(digest)).catch(() => {
      throw new ImagePullError(`content at ${digest} not found: not found`);
    });
  }

  #folder(digest: string): string {
    return join(this.#root, hexOf(digest));
  }

  get #incoming(): string {
    return join(this.#root, 'incoming');
  }
}

interface Descriptor {
  readonly digest: string;
  readonly mediaType: string;
}

interface Manifest {
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

interface IndexEntry extends Descriptor {
  readonly platform?: { readonly os?: string; readonly architecture?: string };
}

/** Fargate's default is Linux on X86_64; files of an image run here with this machine's Node.js, so either will do. */
export function chooseManifest(manifests: readonly IndexEntry[]): string {
  const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';
  const linux = manifests.filter(({ platform }) => platform === undefined || platform.os === 'linux');
  const best = linux.find(({ platform }) => platform?.architecture === architecture) ?? linux[0];
  if (best === undefined) {
    throw new ImagePullError('image Manifest does not contain descriptor matching platform ‘linux/amd64’');
  }
  return best.digest;
}

function hexOf(digest: string): string {
  return digest.replace(/^sha256:/, '');
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
