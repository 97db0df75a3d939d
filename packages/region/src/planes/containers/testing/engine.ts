import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobStore } from '../../blobs/blob-store.ts';
import { EngineImages } from '../engine-images.ts';
import { planeIdOf } from '../engine-plane.ts';
import { type Engine, NoEngineError, openEngine } from '../find-engine.ts';

/** A real engine for the tests of a file, or why there is none. */
export interface EngineForTests {
  readonly skip: string | false;
  readonly skipLimits: string | false;
  /** For a plane: the engine stays when the plane is closed. */
  find(home: string): Promise<Engine>;
  /** Removes the images of all homes that asked for it, and ends the engine if it is ours. */
  close(): Promise<void>;
}

export async function engineForTests(): Promise<EngineForTests> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-engine-'));
  const homes = new Set<string>();
  const engine = await openEngine({ home: folder }).catch((error: unknown) => {
    if (error instanceof NoEngineError) return undefined;
    throw error;
  });
  return {
    skip: engine === undefined && 'skipped: needs Docker or Podman',
    skipLimits:
      engine?.keepsLimits === false && 'skipped: this engine limits nothing, without root and cgroup v2',
    async find(home) {
      homes.add(home);
      if (engine === undefined) throw new Error('no engine');
      return { ...engine, close: async () => {} };
    },
    async close() {
      if (engine !== undefined) await removeImages(engine, homes, folder);
      await engine?.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function removeImages({ client }: Engine, homes: Iterable<string>, folder: string): Promise<void> {
  const blobs = new BlobStore(join(folder, 'blobs'));
  for (const home of homes) await new EngineImages(client, blobs, planeIdOf(home)).keepOnly(new Set());
}
