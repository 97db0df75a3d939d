import type { BlobStore } from '../blobs/blob-store.ts';
import { ImagePullError } from '../images/image-store.ts';
import type { ReadyImage } from '../processes/container-plane.ts';
import { type EngineClient, EngineError } from './engine-client.ts';
import { imageArchive } from './image-archive.ts';

/** An image that the engine has. */
export interface EngineImage extends ReadyImage {
  /** What the engine calls it, whatever its tags say later. */
  readonly engineId: string;
}

/**
 * Images of the region's registry, in the engine by digest. They are handed over from the blob store, not pulled: so the engine
 * needs no way to the registry, no login and no exception for plain HTTP, and gets exactly the digest that ECS resolved.
 */
export class EngineImages {
  readonly #engine: EngineClient;
  readonly #blobs: BlobStore;
  readonly #repository: string;
  readonly #ready = new Map<string, Promise<EngineImage>>();

  /** @param planeId names this home's images in an engine that others use too */
  constructor(engine: EngineClient, blobs: BlobStore, planeId: string) {
    this.#engine = engine;
    this.#blobs = blobs;
    this.#repository = `localhost/plimsoll-${planeId}`;
  }

  /** Each image is loaded once, and again when the engine has lost it. Rejects with `ImagePullError`. */
  async pull(digest: string): Promise<EngineImage> {
    const known = await this.#ready.get(digest)?.catch(() => undefined);
    if (known !== undefined && (await this.#has(known.engineId))) return known;
    const loading = this.#load(digest);
    this.#ready.set(digest, loading);
    return loading;
  }

  async #load(digest: string): Promise<EngineImage> {
    const reference = `${this.#repository}:${digest.replace(/^sha256:/, '')}`;
    const { config, open } = await imageArchive(this.#blobs, digest, reference);
    const there = await this.#idOf(reference);
    if (there !== undefined) return { digest, config, engineId: there };
    const answer = await this.#engine.stream('POST', '/images/load?quiet=1', open());
    const said: Buffer[] = [];
    for await (const chunk of answer) said.push(chunk);
    const engineId = await this.#idOf(reference);
    if (engineId === undefined) throw new ImagePullError(failureIn(Buffer.concat(said).toString()));
    return { digest, config, engineId };
  }

  async #has(engineId: string): Promise<boolean> {
    return (await this.#idOf(engineId)) !== undefined;
  }

  async #idOf(reference: string): Promise<string | undefined> {
    try {
      const { Id } = await this.#engine.call<{ Id: string }>(
        'GET',
        `/images/${encodeURIComponent(reference)}/json`,
      );
      return Id;
    } catch (error) {
      if (error instanceof EngineError && error.status === 404) return undefined;
      throw error;
    }
  }

  /** Removes every image of this home that is neither named nor was asked for in this run: a task may be using those. */
  async keepOnly(sha256s: ReadonlySet<string>): Promise<void> {
    const filters = encodeURIComponent(JSON.stringify({ reference: [this.#repository] }));
    const images = await this.#engine.call<readonly { RepoTags?: readonly string[] | null }[]>(
      'GET',
      `/images/json?filters=${filters}`,
    );
    for (const tag of images.flatMap(({ RepoTags }) => RepoTags ?? [])) {
      const [repository, sha256 = ''] = tag.split(/:(?=[0-9a-f]{64}$)/);
      const isWanted = sha256s.has(sha256) || this.#ready.has(`sha256:${sha256}`);
      if (repository !== this.#repository || isWanted) continue;
      await this.#engine.call('DELETE', `/images/${encodeURIComponent(tag)}`).catch(() => {});
    }
  }
}

/** Progress comes as lines of JSON with status 200; a failure is one of them. */
function failureIn(said: string): string {
  const lines = said.split('\n').filter((line) => line.trim() !== '');
  const failed = lines.find((line) => line.includes('"error"'));
  return `the container engine did not load the image: ${failed ?? lines.at(-1) ?? 'no answer'}`;
}
