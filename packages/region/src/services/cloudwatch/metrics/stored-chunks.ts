import type { Block } from './blocks.ts';
import { Chunk } from './chunk.ts';
import type { Stream } from './stream.ts';
import type { Tier } from './tiers.ts';

/** What lies in blocks of a stream's chunk. */
export interface StoredChunk {
  /** As it was after this checkpoint of the stream's shard. */
  readonly number: number;
  readonly chunk: Chunk | undefined;
}

export interface Wanted {
  readonly tier: Tier;
  readonly wanted: readonly Stream[];
  readonly found: Map<Stream, StoredChunk>;
}

/** Gathers the chunks of some streams out of the blocks of their shard, of all generations. */
export async function collectChunks(
  blocks: AsyncIterable<{ readonly record: unknown }>,
  number: number,
  { tier, wanted, found }: Wanted,
): Promise<void> {
  for (const stream of wanted) found.set(stream, { number, chunk: undefined });
  for await (const { record } of blocks) {
    for (const stream of wanted) {
      const stored = (record as Block)[stream.id];
      if (!stored) continue;
      const chunk = Chunk.from(stored, tier.hasDistributions);
      const before = found.get(stream)?.chunk;
      if (before) before.addAll(chunk);
      else found.set(stream, { number, chunk });
    }
  }
}
