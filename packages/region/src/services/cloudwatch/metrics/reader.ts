/**
 * Reads periods of metrics. What is in memory answers at once; of the rest a reader notes what it missed, and then
 * `whole` reads that and answers the same questions again: so a query is evaluated once in its step and, if need be, once more later.
 */
import { type Chunk, merge, type Sample } from './chunk.ts';
import type { MetricIdentity } from './identity.ts';
import type { MetricStore } from './store.ts';
import type { StoredChunk } from './stored-chunks.ts';
import { type Metric, partsInMemory, type Stream } from './stream.ts';
import {
  chunkLength,
  chunkStart,
  day,
  fiveMinuteTier,
  hourTier,
  minuteTier,
  secondTier,
  slotsPerChunk,
  type Tier,
  tiers,
} from './tiers.ts';

export interface PeriodQuery {
  readonly metric: MetricIdentity;
  /** Absent: all that was put, with whatever unit. */
  readonly unit?: string | undefined;
  readonly periodMs: number;
  /** Rounded by `roundedStart`; the first period begins here. */
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  readonly needsDistribution: boolean;
}

export interface Period {
  readonly timestamp: number;
  readonly sample: Sample;
}

interface Wanted {
  readonly tier: Tier;
  readonly start: number;
  readonly streams: Set<Stream>;
}

export class MetricReader {
  readonly store: MetricStore;
  readonly now: number;
  readonly #missing = new Map<string, Wanted>();
  readonly #fetched = new Map<string, ReadonlyMap<Stream, StoredChunk>>();

  constructor(store: MetricStore, now: number) {
    this.store = store;
    this.now = now;
  }

  get isComplete(): boolean {
    return this.#missing.size === 0;
  }

  /** Answers with all that is in blocks, too. */
  async whole<T>(answer: () => T): Promise<T> {
    await this.#fetch();
    const found = answer();
    return this.isComplete ? found : this.whole(answer);
  }

  async #fetch(): Promise<void> {
    for (const [key, { tier, start, streams }] of this.#missing) {
      const blocks = await this.store.readBlocks(tier, start, streams);
      this.#fetched.set(key, new Map([...(this.#fetched.get(key) ?? []), ...blocks]));
    }
    this.#missing.clear();
  }

  /** The periods that have data, oldest first. */
  periods(query: PeriodQuery): Period[] {
    const metric = this.store.find(query.metric);
    if (!metric) return [];
    const streams = streamsOf(metric, query.unit);
    const tier = this.#tierFor(streams, query);
    const found: (Sample | undefined)[] = [];
    for (const stream of streams) this.#collect(stream, tier, query, found);
    const periods: Period[] = [];
    let timestamp = query.start;
    for (const sample of found) {
      if (sample) periods.push({ timestamp, sample });
      timestamp += query.periodMs;
    }
    return periods;
  }

  /** The coarsest resolution that divides the question's periods, one that is in memory before others. */
  #tierFor(streams: readonly Stream[], { periodMs, start, needsDistribution }: PeriodQuery): Tier {
    const isHot = (tier: Tier): boolean => streams.every((stream) => this.store.isHot(stream, tier, start));
    // What nearly all ask: by the minute, of late. An hour's slots divide no shorter periods than an hour.
    const isOfMinutes = periodMs % fiveMinuteTier.slotMs !== 0 && periodMs % minuteTier.slotMs === 0;
    if (isOfMinutes && start % minuteTier.slotMs === 0 && isHot(minuteTier)) return minuteTier;
    const fitting = tiers
      .filter(({ slotMs }) => periodMs % slotMs === 0 && start % slotMs === 0)
      .filter(({ hasDistributions }) => hasDistributions || !needsDistribution)
      .reverse();
    const covering = fitting.filter(({ retentionMs }) => start >= this.now - retentionMs);
    const hot = covering.find(isHot);
    return hot ?? covering[0] ?? fitting[0] ?? secondTier;
  }

  #collect(stream: Stream, chosen: Tier, query: PeriodQuery, found: (Sample | undefined)[]): void {
    const { start, end, periodMs, needsDistribution } = query;
    // Confirmed by API text (PutMetricAlarm, Period): a metric of one-minute resolution gives its points at the minutes.
    const tier = chosen === secondTier && !stream.record.isHighResolution ? minuteTier : chosen;
    const oldest = Math.max(start, this.now - chosen.retentionMs);
    for (let at = chunkStart(tier, oldest); at < end; at += chunkLength(tier)) {
      for (const chunk of this.#chunks(stream, tier, at)) {
        const first = Math.max(0, Math.ceil((oldest - at) / tier.slotMs));
        const last = Math.min(slotsPerChunk, Math.ceil((end - at) / tier.slotMs));
        for (let slot = first; slot < last; slot += 1) {
          const sample = chunk.at(slot, needsDistribution);
          if (!sample) continue;
          const period = Math.floor((at + slot * tier.slotMs - start) / periodMs);
          const before = found[period];
          found[period] = before ? merge(before, sample, needsDistribution) : sample;
        }
      }
    }
  }

  #chunks(stream: Stream, tier: Tier, start: number): readonly Chunk[] {
    const parts = partsInMemory(stream, tier, start);
    if (this.store.isHot(stream, tier, start)) return parts;
    const key = `${tier.index} ${start}`;
    const fetched = this.#fetched.get(key)?.get(stream);
    if (fetched && this.store.isCurrent(stream, fetched)) {
      return fetched.chunk ? [...parts, fetched.chunk] : parts;
    }
    const wanted = this.#missing.get(key) ?? { tier, start, streams: new Set() };
    wanted.streams.add(stream);
    this.#missing.set(key, wanted);
    return parts;
  }
}

/**
 * Confirmed by API text (GetMetricData, StartTime): rounded down to the minute; to five minutes when older than 15 days, to
 * the hour when older than 63; for periods under a minute to their own division.
 */
export function roundedStart(start: number, periodMs: number, now: number): number {
  const age = now - start;
  if (periodMs < 60_000) return floorTo(start, periodMs);
  if (age < 15 * day) return floorTo(start, 60_000);
  return floorTo(start, age < 63 * day ? 300_000 : hourTier.slotMs);
}

/** Seconds. Confirmed by API text (MetricStat, Period). */
export function isPeriod(seconds: number): boolean {
  return [1, 5, 10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0);
}

/** One stream, or several where data came with several units or resolutions. */
function streamsOf(metric: Metric, unit: string | undefined): readonly Stream[] {
  if (unit === undefined) return metric.streams;
  return metric.streams.filter(({ record }) => record.unit === unit);
}

function floorTo(value: number, step: number): number {
  return Math.floor(value / step) * step;
}
