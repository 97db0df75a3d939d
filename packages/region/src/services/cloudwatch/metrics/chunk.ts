/**
 * Sixty slots of one resolution. Most metrics bring one value per slot, which costs one number; a slot that got more
 * keeps count, sum, minimum and maximum, and its distribution where all of its values are known.
 */
import { type Distribution, mergeDistributions } from './distribution.ts';
import { slotsPerChunk } from './tiers.ts';

/** What a slot, or several together, got. */
export interface Sample {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** Absent: one value only (`min` is `max`), or the values are not known (a statistic set). */
  readonly distribution?: Distribution | undefined;
}

/** One value per slot (null: none), or count, sum, minimum and maximum of each slot and the distributions by slot. */
export type ChunkRecord =
  | readonly (number | null)[]
  | {
      readonly statistics: readonly (number | null)[];
      readonly distributions: readonly (readonly [slot: number, distribution: Distribution])[];
    };

export class Chunk {
  #values: number[] | undefined = empty(slotsPerChunk);
  #statistics: number[] = [];
  #distributions: Map<number, Distribution> | undefined;
  readonly #hasDistributions: boolean;

  constructor(hasDistributions: boolean) {
    this.#hasDistributions = hasDistributions;
  }

  static from(record: ChunkRecord, hasDistributions: boolean): Chunk {
    const chunk = new Chunk(hasDistributions);
    if ('statistics' in record) {
      chunk.#values = undefined;
      chunk.#statistics = record.statistics.map((value) => value ?? Number.NaN);
      if (record.distributions.length > 0) chunk.#distributions = new Map(record.distributions);
    } else chunk.#values = record.map((value) => value ?? Number.NaN);
    return chunk;
  }

  /** As it is now, to be stored. */
  record(): ChunkRecord {
    if (this.#values) return this.#values.map(orNull);
    return {
      statistics: this.#statistics.map(orNull),
      distributions: [...(this.#distributions ?? [])],
    };
  }

  at(slot: number): Sample | undefined {
    const value = this.#values?.[slot];
    if (value !== undefined) {
      return Number.isNaN(value) ? undefined : { count: 1, sum: value, min: value, max: value };
    }
    const [count, sum, min, max] = this.#statistics.slice(4 * slot, 4 * slot + 4);
    if (sum === undefined || Number.isNaN(sum)) return undefined;
    return {
      count: count ?? 0,
      sum,
      min: min ?? sum,
      max: max ?? sum,
      distribution: this.#distributions?.get(slot),
    };
  }

  add(slot: number, sample: Sample): void {
    if (this.#values) {
      if (sample.count === 1 && Number.isNaN(this.#values[slot])) {
        this.#values[slot] = sample.sum;
        return;
      }
      this.#keepStatistics(this.#values);
    }
    const before = this.at(slot);
    const merged = before ? merge(before, sample, this.#hasDistributions) : sample;
    this.#statistics.splice(4 * slot, 4, merged.count, merged.sum, merged.min, merged.max);
    if (this.#hasDistributions && merged.distribution && merged.distribution.length > 2) {
      this.#distributions ??= new Map();
      this.#distributions.set(slot, merged.distribution);
    } else this.#distributions?.delete(slot);
  }

  /** The last slot that has something. */
  lastSlot(): number {
    for (let slot = slotsPerChunk - 1; slot > 0; slot -= 1) if (this.at(slot)) return slot;
    return 0;
  }

  addAll(other: Chunk): void {
    for (let slot = 0; slot < slotsPerChunk; slot += 1) {
      const sample = other.at(slot);
      if (sample) this.add(slot, sample);
    }
  }

  #keepStatistics(values: readonly number[]): void {
    this.#values = undefined;
    this.#statistics = values.flatMap((value) => [Number.isNaN(value) ? Number.NaN : 1, value, value, value]);
  }
}

/** Both together. The distribution is known when both are. */
export function merge(a: Sample, b: Sample, withDistribution: boolean): Sample {
  const [known, more] = withDistribution ? [distribution(a), distribution(b)] : [];
  return {
    count: a.count + b.count,
    sum: a.sum + b.sum,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    distribution: known && more && mergeDistributions(known, more),
  };
}

/**
 * Confirmed by API text (PutMetricData): of a statistic set the values are known when its count is 1, or its minimum is
 * its maximum.
 */
export function distribution(sample: Sample): Distribution | undefined {
  if (sample.distribution) return sample.distribution;
  return sample.min === sample.max ? [sample.min, sample.count] : undefined;
}

function empty(length: number): number[] {
  return Array.from({ length }, () => Number.NaN);
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
