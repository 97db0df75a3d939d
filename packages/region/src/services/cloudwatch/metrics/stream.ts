import { Chunk, type Sample } from './chunk.ts';
import { Chunks } from './chunks.ts';
import type { MetricIdentity, StreamRecord } from './identity.ts';
import type { Recent } from './recent.ts';
import {
  chunkLength,
  chunkStart,
  hourTier,
  minuteTier,
  secondTier,
  slotsPerChunk,
  type Tier,
} from './tiers.ts';

/** What is in memory of a metric's data of one unit and storage resolution. */
export class Stream {
  readonly record: StreamRecord;
  readonly id: number;
  readonly isHighResolution: boolean;
  readonly seconds = new Chunks();
  /** But for what is in `recent`. */
  readonly minutes = new Chunks();
  /** Made of minutes that have left the memory. */
  readonly hours = new Chunks();
  readonly #recent: Recent;

  constructor(record: StreamRecord, recent: Recent) {
    this.record = record;
    this.id = record.id;
    this.isHighResolution = record.isHighResolution;
    this.#recent = recent;
    recent.add(record.id);
    recent.noteSeen(record.id, record.seen);
    recent.noteRecorded(record.id, record.seen);
    // What is kept by the second, too, is not all in one place.
    if (record.isHighResolution) recent.keepOut(record.id);
  }

  /** What the stored record says of when data last came, a day behind at most. */
  get recorded(): number {
    return this.#recent.recorded(this.id);
  }

  /** When data last came. */
  get seen(): number {
    return this.#recent.seen(this.id);
  }

  /** The last record of the log that brought a point of a minute which alarms had looked at by then. */
  get late(): number {
    return this.#recent.late(this.id);
  }

  /** The minutes of an hour, in parts that have nothing in common. */
  minutesFrom(start: number): readonly Chunk[] {
    const kept = this.minutes.get(start);
    const recent = start === this.#recent.start ? this.#recent.chunk(this.id) : undefined;
    return [kept, recent].filter((chunk) => chunk !== undefined);
  }

  /** A minute's data. */
  minute(at: number, withDistribution: boolean): Sample | undefined {
    const value = this.#recent.at(this.id, at);
    if (!Number.isNaN(value)) return { count: 1, sum: value, min: value, max: value };
    const start = chunkStart(minuteTier, at);
    return this.minutes.get(start)?.at((at - start) / minuteTier.slotMs, withDistribution);
  }

  /** A value that `recent` has no place for. */
  addMinuteValue(start: number, slot: number, value: number): void {
    if (start === this.#recent.start) this.#leaveRecent();
    chunkAt(this, minuteTier, start).addValue(slot, value);
  }

  addMinuteSample(start: number, slot: number, sample: Sample): void {
    if (start === this.#recent.start) this.#leaveRecent();
    chunkAt(this, minuteTier, start).add(slot, sample);
  }

  #leaveRecent(): void {
    if (this.#recent.hasLeft(this.id)) return;
    this.moveRecent();
    this.#recent.leave(this.id);
  }

  /** Has everything in chunks. */
  moveRecent(): void {
    const { start } = this.#recent;
    this.#recent.move(this.id, () => chunkAt(this, minuteTier, start));
  }
}

export interface Metric extends MetricIdentity {
  readonly key: string;
  readonly streams: Stream[];
}

/** What is kept of a tier; of five minutes nothing is, they are made of minutes. */
export function chunksOf(stream: Stream, tier: Tier): Chunks {
  if (tier === secondTier) return stream.seconds;
  if (tier === minuteTier) return stream.minutes;
  return tier === hourTier ? stream.hours : new Chunks();
}

export function addSecond(stream: Stream, at: number, sample: Sample): void {
  const start = chunkStart(secondTier, at);
  chunkAt(stream, secondTier, start).add(Math.floor((at - start) / secondTier.slotMs), sample);
}

/** The chunk, made when it is not there, that is about to change. */
function chunkAt(stream: Stream, tier: Tier, start: number): Chunk {
  const chunks = chunksOf(stream, tier);
  let chunk = chunks.get(start);
  if (!chunk) {
    chunk = new Chunk(tier.hasDistributions);
    chunks.set(start, chunk);
  }
  chunks.noteChanged(start);
  return chunk;
}

/** All that memory has of a chunk, in parts that have nothing in common. */
export function partsInMemory(stream: Stream, tier: Tier, start: number): readonly Chunk[] {
  if (tier === minuteTier) return stream.minutesFrom(start);
  const kept = chunksOf(stream, tier).get(start);
  if (tier === secondTier) return kept ? [kept] : [];
  const made = new Chunk(tier.hasDistributions);
  for (let at = start; at < start + chunkLength(tier); at += chunkLength(minuteTier)) {
    for (const chunk of stream.minutesFrom(at))
      rollUp({ tier: minuteTier, start: at, chunk }, { tier, start, chunk: made });
  }
  return kept ? [kept, made] : [made];
}

interface Part {
  readonly tier: Tier;
  readonly start: number;
  readonly chunk: Chunk;
}

/** Adds a finer chunk to the coarser one that covers it. */
export function rollUp(from: Part, to: Part): void {
  const each = to.tier.slotMs / from.tier.slotMs;
  const before = (from.start - to.start) / from.tier.slotMs;
  for (let slot = 0; slot < slotsPerChunk; ) {
    const into = Math.floor((before + slot) / each);
    const end = Math.min(slotsPerChunk, (into + 1) * each - before);
    to.chunk.addSlots(into, from.chunk, slot, end);
    slot = end;
  }
}
