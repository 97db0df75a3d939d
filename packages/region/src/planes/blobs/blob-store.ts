import { createHash, type Hash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import type { BlobRef } from '../../kernel/blob.ts';

/**
 * Bytes by the SHA-256 of their content, on disk at `<root>/sha256/ab/abcd…`. A blob is written beside, synced and then
 * renamed into its place: so it is there whole or not at all, also after a power cut. The same content is kept once.
 *
 * Who may remove a blob is for its owner to know; give each owner (S3, ECR) a root of its own.
 */
export class BlobStore {
  readonly #root: string;

  /** @param root absolute path of a folder that belongs to this store alone */
  constructor(root: string) {
    this.#root = root;
  }

  /** Makes the folders and drops what unfinished writes left behind. Call once, before anything else. */
  async open(): Promise<void> {
    await rm(this.#temporary, { recursive: true, force: true });
    await mkdir(this.#temporary, { recursive: true });
    await mkdir(join(this.#root, 'sha256'), { recursive: true });
  }

  /** Keeps all of the source. Rejects with `BlobWriteError` when the disk refuses, leaving nothing behind. */
  async put(source: Uint8Array | AsyncIterable<Uint8Array>): Promise<BlobRef> {
    const upload = await this.upload();
    try {
      await upload.append(source);
      return await upload.commit();
    } catch (error) {
      await upload.discard();
      throw error;
    }
  }

  /** A blob that arrives in pieces. */
  async upload(): Promise<BlobUpload> {
    const path = join(this.#temporary, randomUUID());
    const file = await writing(() => open(path, 'wx'));
    return new BlobUpload(path, file, (ref) => this.#adopt(path, ref));
  }

  async has(sha256: string): Promise<boolean> {
    return (await this.size(sha256)) !== undefined;
  }

  /** Bytes, or `undefined` when it is not there. */
  async size(sha256: string): Promise<number | undefined> {
    try {
      return (await stat(this.path(sha256))).size;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw error;
    }
  }

  /** Opens before it resolves, so a missing blob rejects here and not in the middle of an answer. `end` is inclusive. */
  async read(
    sha256: string,
    range: { readonly start?: number; readonly end?: number } = {},
  ): Promise<Readable> {
    const file = await open(this.path(sha256), 'r');
    const { start = 0, end } = range;
    if (end !== undefined && end < start) {
      await file.close();
      return Readable.from([]);
    }
    return createReadStream('', { fd: file, start, ...(end === undefined ? {} : { end }) });
  }

  /** For small blobs, such as manifests. */
  async bytes(sha256: string): Promise<Buffer> {
    const file = await open(this.path(sha256), 'r');
    try {
      return await file.readFile();
    } finally {
      await file.close();
    }
  }

  async remove(sha256: string): Promise<void> {
    await rm(this.path(sha256), { force: true });
  }

  /**
   * Removes every blob that is not wanted and was not written (or offered again) in the last minutes. The wait protects
   * what was just stored but is not yet in its owner's tables.
   */
  async keepOnly(wanted: ReadonlySet<string>, options: { readonly unusedForMs: number }): Promise<void> {
    const before = Date.now() - options.unusedForMs;
    for (const sha256 of await this.#list()) {
      if (wanted.has(sha256)) continue;
      const { mtimeMs } = await stat(this.path(sha256));
      if (mtimeMs <= before) await this.remove(sha256);
    }
  }

  /** Where the blob lies, or would lie. */
  path(sha256: string): string {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`not a SHA-256 in hexadecimal: ${sha256}`);
    return join(this.#root, 'sha256', sha256.slice(0, 2), sha256);
  }

  get #temporary(): string {
    return join(this.#root, 'incoming');
  }

  async #adopt(temporary: string, ref: BlobRef): Promise<void> {
    const path = this.path(ref.sha256);
    if ((await this.size(ref.sha256)) === ref.size) {
      const now = new Date();
      await utimes(path, now, now);
      await rm(temporary, { force: true });
      return;
    }
    await mkdir(dirname(path), { recursive: true });
    await rename(temporary, path);
    await syncFolder(dirname(path));
  }

  async #list(): Promise<string[]> {
    const entries = await readdir(join(this.#root, 'sha256'), { recursive: true, withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  }
}

/** One blob under way. End it with `commit` or `discard`. */
export class BlobUpload {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #adopt: (ref: BlobRef) => Promise<void>;
  readonly #hash: Hash = createHash('sha256');
  #size = 0;
  #ended = false;

  constructor(path: string, file: FileHandle, adopt: (ref: BlobRef) => Promise<void>) {
    this.#path = path;
    this.#file = file;
    this.#adopt = adopt;
  }

  /** Bytes so far. */
  get size(): number {
    return this.#size;
  }

  async append(source: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
    if (source instanceof Uint8Array) return this.#write(source);
    for await (const chunk of source) await this.#write(chunk);
  }

  /** @param expected the SHA-256 it must have; any other content rejects with `BlobDigestError` and is dropped */
  async commit(expected?: string): Promise<BlobRef> {
    const ref: BlobRef = { sha256: this.#hash.digest('hex'), size: this.#size };
    if (expected !== undefined && expected !== ref.sha256) {
      await this.discard();
      throw new BlobDigestError(expected, ref.sha256);
    }
    await writing(() => this.#file.sync());
    await this.#end();
    await writing(() => this.#adopt(ref));
    return ref;
  }

  async discard(): Promise<void> {
    await this.#end();
    await rm(this.#path, { force: true });
  }

  async #write(chunk: Uint8Array): Promise<void> {
    await writing(() => this.#file.writeFile(chunk));
    this.#hash.update(chunk);
    this.#size += chunk.length;
  }

  async #end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    await this.#file.close();
  }
}

/** The disk refused a write. The text says why in a form that a person can act on. */
export class BlobWriteError extends Error {
  readonly code: string;

  constructor(code: string, cause: Error) {
    super(
      code === 'ENOSPC' || code === 'EDQUOT'
        ? `there is no space left on the disk that holds the region's data (${cause.message})`
        : `the region's data cannot be written (${cause.message})`,
      { cause },
    );
    this.name = 'BlobWriteError';
    this.code = code;
  }
}

export class BlobDigestError extends Error {
  constructor(expected: string, actual: string) {
    super(`the content has SHA-256 ${actual}, not ${expected}`);
    this.name = 'BlobDigestError';
  }
}

async function writing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error && 'code' in error && typeof error.code === 'string') {
      throw new BlobWriteError(error.code, error);
    }
    throw error;
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isNotFound(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
