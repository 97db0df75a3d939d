/**
 * Up to 16 streams, whose chunks lie in the same blocks. A shard has checkpoints of its own, so that one is a small step:
 * blocks are made of what changed in memory, and what is old leaves it. What is in memory is at any time what the shard's
 * blocks and the log from its checkpoint on give, whichever other shards had theirs.
 */
import type { ColdTable, Table } from '../../../kernel/table.ts';
import { type Block, blockKey } from './blocks.ts';
import type { Chunk, ChunkRecord } from './chunk.ts';
import { type StreamRecord, streamKeyOf } from './identity.ts';
import { type Placed, rolledUp } from './roll-up.ts';
import { chunksOf, type Stream } from './stream.ts';
import {
  chunkStart,
  day,
  fiveMinuteTier,
  hour,
  hourTier,
  minuteTier,
  secondTier,
  type Tier,
} from './tiers.ts';

export interface Checkpoint {
  /** Counts the shard's checkpoints. */
  readonly number: number;
  /** What the log's records before this one say of the shard is in blocks. */
  readonly logFrom: number;
  /** By tier. Chunks that begin here or later are whole in memory. */
  readonly hotFrom: readonly number[];
}

export interface ShardTables {
  readonly streams: Table<StreamRecord>;
  readonly checkpoints: Table<Checkpoint>;
  readonly blocks: ColdTable<Block>;
}

/** What a checkpoint wrote, whose step may still be undone. */
interface Written {
  readonly number: number;
  readonly hours: readonly Placed[];
  readonly forgotten: readonly Stream[];
}

/** An alarm of periods under an hour looks back a day at most, others seven days (PutMetricAlarm). */
const hotMs = { seconds: 3 * hour, minutes: 25 * hour, hours: 8 * day } as const;

/** The record of what holds for shards without one of their own: where the log begins. */
export const commonCheckpoint = 'last';
const none: Checkpoint = { number: 0, logFrom: 1, hotFrom: [] };

export class Shard {
  readonly index: number;
  readonly streams = new Set<Stream>();
  readonly #tables: ShardTables;
  readonly #key: string;
  #written: Written | undefined;
  #size = 0;

  constructor(index: number, tables: ShardTables) {
    this.index = index;
    this.#tables = tables;
    this.#key = `shard ${index}`;
  }

  get checkpoint(): Checkpoint {
    const { checkpoints } = this.#tables;
    return checkpoints.get(this.#key) ?? checkpoints.get(commonCheckpoint) ?? none;
  }

  hotFrom(tier: Tier): number {
    return this.checkpoint.hotFrom[tier.index] ?? 0;
  }

  /**
   * Makes blocks of what changed, within a step; memory follows by `settle`.
   * @param logFrom the first record of the log that is not in memory yet
   * @returns how many numbers were written, about: what the step and its commit cost
   */
  write(now: number, logFrom: number): number {
    const number = this.checkpoint.number + 1;
    // To look through them costs, too.
    this.#size = 5 * this.streams.size;
    const hotFrom = this.#nextHotFrom(now);
    this.#writeChanged(secondTier, number);
    this.#writeChanged(minuteTier, number);
    const hours = this.#rollUp(hotFrom[minuteTier.index] ?? 0, number);
    const forgotten = this.#forget(now - hourTier.retentionMs);
    this.#tables.checkpoints.put(this.#key, { number, logFrom, hotFrom });
    this.#written = { number, hours, forgotten };
    return this.#size;
  }

  /**
   * After a step that wrote: lets go what is in blocks now. Gives the streams that were forgotten, or undefined when the step
   * was undone.
   */
  settle(): readonly Stream[] | undefined {
    const written = this.#written;
    this.#written = undefined;
    if (!written || this.checkpoint.number !== written.number) return undefined;
    for (const { stream, start, chunk } of written.hours) stream.hours.set(start, chunk);
    for (const stream of written.forgotten) this.streams.delete(stream);
    for (const tier of [secondTier, minuteTier, hourTier]) this.#letGo(tier, this.hotFrom(tier));
    return written.forgotten;
  }

  #letGo(tier: Tier, from: number): void {
    for (const stream of this.streams) chunksOf(stream, tier).letGo(from);
  }

  /** Minutes leave in groups of the five hours of which a chunk of five minutes is made: it is whole then. */
  #nextHotFrom(now: number): readonly number[] {
    const from = (tier: Tier, alignment: Tier, at: number): number =>
      Math.max(this.hotFrom(tier), chunkStart(alignment, at));
    const minutes = from(minuteTier, fiveMinuteTier, now - hotMs.minutes);
    return [
      from(secondTier, secondTier, now - hotMs.seconds),
      minutes,
      minutes,
      from(hourTier, hourTier, now - hotMs.hours),
    ];
  }

  #writeChanged(tier: Tier, number: number): void {
    const changed = new Set<number>();
    for (const stream of this.streams) {
      for (const start of chunksOf(stream, tier).changed) changed.add(start);
    }
    for (const start of changed)
      this.#write(tier, start, number, (stream) => chunksOf(stream, tier).get(start));
  }

  /** Makes five minutes and hours of the minutes that leave the memory. Gives the hours as they then are. */
  #rollUp(minutesFrom: number, number: number): readonly Placed[] {
    const [fives, hours]: [Placed[], Placed[]] = [[], []];
    for (const stream of this.streams) {
      const leaving = stream.minutes.before(minutesFrom).map(([start, chunk]) => ({ stream, start, chunk }));
      if (leaving.length === 0) continue;
      const ofStream = rolledUp(leaving, minuteTier, fiveMinuteTier);
      fives.push(...ofStream);
      hours.push(...rolledUp(ofStream, fiveMinuteTier, hourTier));
    }
    for (const [start, made] of byStart(fives)) {
      this.#write(fiveMinuteTier, start, number, (stream) => made.get(stream));
    }
    for (const [start, made] of byStart(hours)) {
      this.#write(hourTier, start, number, (stream) => made.get(stream) ?? stream.hours.get(start));
    }
    return hours;
  }

  /** A block holds all that its streams have in memory of a chunk: it takes the place of an earlier one. */
  #write(tier: Tier, start: number, number: number, chunkOf: (stream: Stream) => Chunk | undefined): void {
    const generation = start < this.hotFrom(tier) ? number : 0;
    const block: Record<string, ChunkRecord> = {};
    for (const stream of this.streams) {
      const chunk = chunkOf(stream);
      if (!chunk) continue;
      const record = chunk.record();
      block[stream.record.id] = record;
      this.#size += sizeOf(record);
    }
    this.#tables.blocks.append(blockKey(tier, start, this.index, generation), block);
  }

  /** Takes the streams out of the table that got nothing for so long that all of their data are expired. */
  #forget(unseenSince: number): readonly Stream[] {
    const forgotten: Stream[] = [];
    for (const stream of this.streams) {
      if (stream.recorded >= unseenSince) continue;
      const key = streamKeyOf(stream.record);
      const record = this.#tables.streams.get(key);
      if (record && record.seen >= unseenSince) continue;
      this.#tables.streams.delete(key);
      forgotten.push(stream);
    }
    return forgotten;
  }
}

/** A distribution of five minutes has about ten numbers. */
function sizeOf(record: ChunkRecord): number {
  return 'statistics' in record ? record.statistics.length + 10 * record.distributions.length : record.length;
}

function byStart(chunks: readonly Placed[]): Map<number, Map<Stream, Chunk>> {
  const found = new Map<number, Map<Stream, Chunk>>();
  for (const { stream, start, chunk } of chunks) {
    const made = found.get(start) ?? new Map<Stream, Chunk>();
    found.set(start, made.set(stream, chunk));
  }
  return found;
}
