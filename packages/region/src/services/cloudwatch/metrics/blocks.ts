/** Keys of the cold tables: `tier, start, shard, generation`, so that a chunk, a time and a whole tier are ranges. */
import type { ColdRange } from '../ports.ts';
import type { ChunkRecord } from './chunk.ts';
import { chunkLength, type Tier } from './tiers.ts';

export const logTable = 'cloudwatch.log';
export const blockTable = 'cloudwatch.blocks';

/** Chunks by the ids of their streams. */
export type Block = Readonly<Record<string, ChunkRecord>>;

/** What is to be removed once a checkpoint is stored. */
export interface ClearedRange {
  readonly table: string;
  readonly range: ColdRange;
}

/** Chosen: rolling up five hours of these takes some milliseconds, while the region does nothing else. */
const streamsPerShard = 16;

export function shardOf(streamId: number): number {
  return Math.floor(streamId / streamsPerShard);
}

export function logKey(sequence: number): string {
  return digits(sequence, 12);
}

/** Before all blocks of a tier that begin at `start` or later. */
export function tierFrom(tier: Tier, start: number): string {
  return `${tier.index}\u0000${digits(start, 15)}\u0000`;
}

/** Before all generations of a block. */
export function blockFrom(tier: Tier, start: number, shard: number): string {
  return `${tierFrom(tier, start)}${digits(shard, 8)}\u0000`;
}

export function blockKey(tier: Tier, start: number, shard: number, generation: number): string {
  return `${blockFrom(tier, start, shard)}${digits(generation, 8)}`;
}

export function placeOfBlock(key: string): { readonly start: number; readonly shard: number } {
  const [, start, shard] = key.split('\u0000');
  return { start: Number(start), shard: Number(shard) };
}

export function expiredBlocks(tier: Tier, now: number): ClearedRange {
  const expired = now - tier.retentionMs - chunkLength(tier);
  return { table: blockTable, range: { from: `${tier.index}`, to: tierFrom(tier, expired) } };
}

function digits(value: number, width: number): string {
  return String(Math.max(0, Math.floor(value))).padStart(width, '0');
}
