import { Chunk, type Sample } from './chunk.ts';
import { Chunks } from './chunks.ts';
import type { MetricIdentity, StreamRecord } from './identity.ts';
import {
  alarmDelayMs,
  chunkLength,
  chunkStart,
  fiveMinuteTier,
  hourTier,
  minuteTier,
  secondTier,
  slotsPerChunk,
  type Tier,
} from './tiers.ts';

/** What is in memory of a metric's data of one unit and storage resolution. */
export interface Stream {
  readonly record: StreamRecord;
  readonly isHighResolution: boolean;
  readonly seconds: Chunks;
  readonly minutes: Chunks;
  /** Made of minutes that have left the memory. */
  readonly hours: Chunks;
  /** When data last came. */
  seen: number;
  /** The last record of the log that brought a point of a minute which alarms had looked at by then. */
  late: number;
}

export interface Metric extends MetricIdentity {
  readonly key: string;
  readonly streams: Stream[];
}

export function newStream(record: StreamRecord): Stream {
  const { isHighResolution, seen } = record;
  return {
    record,
    isHighResolution,
    seconds: new Chunks(),
    minutes: new Chunks(),
    hours: new Chunks(),
    seen,
    late: 0,
  };
}

/** What is kept of a tier; of five minutes nothing is, they are made of minutes. */
export function chunksOf(stream: Stream, tier: Tier): Chunks {
  if (tier === secondTier) return stream.seconds;
  if (tier === minuteTier) return stream.minutes;
  return tier === hourTier ? stream.hours : new Chunks();
}

/** Notes that a record of the log has put a point into the stream. */
export function noteSeen(stream: Stream, sequence: number, time: number, at: number): void {
  if (at > stream.seen) stream.seen = at;
  if (at >= time - (time % minuteTier.slotMs) + minuteTier.slotMs + alarmDelayMs) stream.late = sequence;
}

export function addTo(stream: Stream, tier: Tier, at: number, sample: Sample): void {
  const start = chunkStart(tier, at);
  chunkAt(stream, tier, start).add(Math.floor((at - start) / tier.slotMs), sample);
}

export function addValueTo(stream: Stream, tier: Tier, at: number, value: number): void {
  const start = chunkStart(tier, at);
  chunkAt(stream, tier, start).addValue(Math.floor((at - start) / tier.slotMs), value);
}

/** The chunk, made when it is not there, that is about to change. */
function chunkAt(stream: Stream, tier: Tier, start: number): Chunk {
  const chunks = chunksOf(stream, tier);
  let chunk = chunks.get(start);
  if (!chunk) {
    chunk = new Chunk(tier.hasDistributions);
    chunks.set(start, chunk);
  }
  chunk.isDirty = true;
  return chunk;
}

/** All that memory has of a chunk, in parts that have nothing in common. */
export function partsInMemory(stream: Stream, tier: Tier, start: number): readonly Chunk[] {
  const kept = chunksOf(stream, tier).get(start);
  if (tier !== fiveMinuteTier && tier !== hourTier) return kept ? [kept] : [];
  const made = new Chunk(tier.hasDistributions);
  for (let at = start; at < start + chunkLength(tier); at += chunkLength(minuteTier)) {
    const minutes = stream.minutes.get(at);
    if (minutes) rollUp({ tier: minuteTier, start: at, chunk: minutes }, { tier, start, chunk: made });
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
