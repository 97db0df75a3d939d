import { Chunk } from './chunk.ts';
import { chunksOf, rollUp, type Stream } from './stream.ts';
import { chunkStart, type Tier } from './tiers.ts';

export interface Placed {
  readonly stream: Stream;
  readonly start: number;
  readonly chunk: Chunk;
}

/** Coarser chunks of one stream's finer ones, each with what memory had of it. */
export function rolledUp(finer: readonly Placed[], from: Tier, to: Tier): readonly Placed[] {
  const made = new Map<number, Placed>();
  for (const { stream, start: at, chunk } of finer) {
    const start = chunkStart(to, at);
    const known = made.get(start) ?? { stream, start, chunk: copyOf(chunksOf(stream, to).get(start), to) };
    made.set(start, known);
    rollUp({ tier: from, start: at, chunk }, { tier: to, start, chunk: known.chunk });
  }
  return [...made.values()];
}

function copyOf(chunk: Chunk | undefined, { hasDistributions }: Tier): Chunk {
  return chunk ? Chunk.from(chunk.record(), hasDistributions) : new Chunk(hasDistributions);
}
