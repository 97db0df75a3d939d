import { randomUUID } from 'node:crypto';
import type { BlobStore, BlobUpload } from '../blobs/blob-store.ts';
import { uploadUnknown } from './errors.ts';

/** Chosen: an upload that nobody continues for an hour is dropped. */
const idleMs = 60 * 60 * 1000;

interface Open {
  readonly repository: string;
  readonly upload: BlobUpload;
  usedAt: number;
}

/** Blobs that clients are sending. They do not survive a restart of the region; clients then start them again. */
export class Uploads {
  readonly #blobs: BlobStore;
  readonly #open = new Map<string, Open>();

  constructor(blobs: BlobStore) {
    this.#blobs = blobs;
  }

  async begin(repository: string): Promise<string> {
    await this.#dropIdle();
    const id = randomUUID();
    this.#open.set(id, { repository, upload: await this.#blobs.upload(), usedAt: Date.now() });
    return id;
  }

  get(repository: string, id: string): BlobUpload {
    const open = this.#open.get(id);
    if (open === undefined || open.repository !== repository) throw uploadUnknown(id);
    open.usedAt = Date.now();
    return open.upload;
  }

  /** Adds bytes. A broken connection ends the upload, since what arrived of it is not known to the client. */
  async append(repository: string, id: string, source: AsyncIterable<Uint8Array>): Promise<BlobUpload> {
    const upload = this.get(repository, id);
    try {
      await upload.append(source);
      return upload;
    } catch (error) {
      await this.discard(id);
      throw error;
    }
  }

  forget(id: string): void {
    this.#open.delete(id);
  }

  async discard(id: string): Promise<void> {
    const open = this.#open.get(id);
    this.#open.delete(id);
    await open?.upload.discard();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.keys()].map((id) => this.discard(id)));
  }

  async #dropIdle(): Promise<void> {
    const idle = [...this.#open].filter(([, { usedAt }]) => Date.now() - usedAt > idleMs);
    await Promise.all(idle.map(([id]) => this.discard(id)));
  }
}
