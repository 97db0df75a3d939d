/**
 * Sixty slots of one resolution. Most metrics bring one value per slot, which costs one number; a slot that got more
 * keeps count, sum, minimum and maximum, and its distribution where all of its values are known.
 */
import { append, type Distribution, mergeDistributions, tidied } from './distribution.ts';
import { slotsPerChunk } from './tiers.ts';

/** What a slot, or several together, got. */
export interface Sample {
  readonly count: number;
  readonly sum: number;
  readonly min: number;
  readonly max: number;
  /** Absent: one value only (`min` is `max`), or the values are not known (a statistic set), or were not asked for. */
  readonly distribution?: Distribution | undefined;
}

/** One value per slot (null: none), or count, sum, minimum and maximum of each slot and the distributions by slot. */
export type ChunkRecord =
  | readonly (number | null)[]
  | {
      readonly statistics: readonly (number | null)[];
      /** With the sum: the slot's other statistics are those of its distribution, and not said again. */
      readonly distributions: readonly (readonly [slot: number, distribution: Distribution, sum?: number])[];
    };

const none = Number.NaN;
/** Numbers of a slot in the statistics: count, sum, minimum, maximum. */
const width = 4;

export class Chunk {
  #values: number[] | undefined = new Array<number>(slotsPerChunk).fill(none);
  #statistics: number[] = [];
  /** In no order until they are asked for. */
  #distributions: Map<number, number[]> | undefined;
  readonly #hasDistributions: boolean;

  constructor(hasDistributions: boolean) {
    this.#hasDistributions = hasDistributions;
  }

  static from(record: ChunkRecord, hasDistributions: boolean): Chunk {
    const chunk = new Chunk(hasDistributions);
    if ('statistics' in record) {
      chunk.#values = undefined;
      chunk.#statistics = record.statistics.map((value) => value ?? none);
      for (const [slot, distribution, sum] of record.distributions) {
        chunk.#setDistribution(slot, distribution);
        if (sum !== undefined) chunk.#setStatistics(slot, statisticsOf(distribution, sum));
      }
    } else chunk.#values = record.map((value) => value ?? none);
    return chunk;
  }

  /** As it is now, to be stored. */
  record(): ChunkRecord {
    if (this.#values) return this.#values.map(orNull);
    const statistics = this.#statistics.map(orNull);
    const distributions = [...(this.#distributions ?? [])].map(([slot, list]) => {
      const distribution = tidied(list);
      if (!this.#isTold(slot, distribution)) return [slot, distribution.slice()] as const;
      statistics.fill(null, width * slot, width * (slot + 1));
      return [slot, distribution.slice(), this.#number(width * slot + 1)] as const;
    });
    return { statistics, distributions };
  }

  at(slot: number, withDistribution = this.#hasDistributions): Sample | undefined {
    if (this.#values) {
      const value = this.#values[slot] ?? none;
      return Number.isNaN(value) ? undefined : { count: 1, sum: value, min: value, max: value };
    }
    const base = width * slot;
    const count = this.#statistics[base] ?? none;
    if (Number.isNaN(count)) return undefined;
    const [sum, min, max] = [this.#number(base + 1), this.#number(base + 2), this.#number(base + 3)];
    const known = withDistribution ? this.#distributions?.get(slot) : undefined;
    return { count, sum, min, max, distribution: known && tidied(known) };
  }

  addValue(slot: number, value: number): void {
    if (this.#values && Number.isNaN(this.#values[slot])) this.#values[slot] = value;
    else this.add(slot, { count: 1, sum: value, min: value, max: value });
  }

  add(slot: number, sample: Sample): void {
    if (this.#values) {
      if (sample.count === 1 && Number.isNaN(this.#values[slot])) {
        this.#values[slot] = sample.sum;
        return;
      }
      this.#keepStatistics(this.#values);
    }
    const base = width * slot;
    const isFirst = Number.isNaN(this.#statistics[base]);
    if (this.#hasDistributions) this.#addDistribution(slot, sample, isFirst);
    const { count, sum, min, max } = sample;
    this.#statistics[base] = isFirst ? count : this.#number(base) + count;
    this.#statistics[base + 1] = isFirst ? sum : this.#number(base + 1) + sum;
    this.#statistics[base + 2] = isFirst ? min : Math.min(this.#number(base + 2), min);
    this.#statistics[base + 3] = isFirst ? max : Math.max(this.#number(base + 3), max);
  }

  /** Adds slots of a finer chunk, `from` to before `to`, to one of this. */
  addSlots(slot: number, finer: Chunk, from: number, to: number): void {
    if (finer.#values) {
      const sample = together(finer.#values, from, to, this.#hasDistributions);
      if (sample) this.add(slot, sample);
      return;
    }
    for (let each = from; each < to; each += 1) {
      const sample = finer.at(each, this.#hasDistributions);
      if (sample) this.add(slot, sample);
    }
  }

  addAll(other: Chunk): void {
    for (let slot = 0; slot < slotsPerChunk; slot += 1) {
      const sample = other.at(slot);
      if (sample) this.add(slot, sample);
    }
  }

  /** The last slot that has something. */
  lastSlot(): number {
    for (let slot = slotsPerChunk - 1; slot > 0; slot -= 1) if (this.at(slot, false)) return slot;
    return 0;
  }

  /** Before the sample is added to the statistics, which tell what the slot had. */
  #addDistribution(slot: number, sample: Sample, isFirst: boolean): void {
    if (isFirst) {
      if (sample.distribution) this.#setDistribution(slot, sample.distribution);
      return;
    }
    const base = width * slot;
    const [min, max] = [this.#number(base + 2), this.#number(base + 3)];
    if (min === max && sample.min === min && sample.max === max) return;
    const more = distribution(sample);
    const known = this.#distributions?.get(slot) ?? (min === max ? [min, this.#number(base)] : undefined);
    if (!known || !more) {
      this.#distributions?.delete(slot);
      return;
    }
    append(known, more);
    this.#distributions ??= new Map();
    this.#distributions.set(slot, known);
  }

  #setDistribution(slot: number, distribution: Distribution): void {
    this.#distributions ??= new Map();
    this.#distributions.set(slot, distribution.slice());
  }

  #setStatistics(slot: number, { count, sum, min, max }: Sample): void {
    const base = width * slot;
    this.#statistics[base] = count;
    this.#statistics[base + 1] = sum;
    this.#statistics[base + 2] = min;
    this.#statistics[base + 3] = max;
  }

  /** Whether the distribution tells the slot's statistics but for the sum, which rounds by the order of adding. */
  #isTold(slot: number, distribution: Distribution): boolean {
    const [base, { count, min, max }] = [width * slot, statisticsOf(distribution, 0)];
    const [own, ownMin, ownMax] = [this.#number(base), this.#number(base + 2), this.#number(base + 3)];
    return own === count && ownMin === min && ownMax === max;
  }

  #keepStatistics(values: readonly number[]): void {
    const statistics = new Array<number>(width * slotsPerChunk).fill(none);
    for (let slot = 0; slot < slotsPerChunk; slot += 1) {
      const value = values[slot] ?? none;
      if (Number.isNaN(value)) continue;
      statistics[width * slot] = 1;
      for (let i = 1; i < width; i += 1) statistics[width * slot + i] = value;
    }
    this.#values = undefined;
    this.#statistics = statistics;
  }

  #number(at: number): number {
    return this.#statistics[at] ?? none;
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

function statisticsOf(distribution: Distribution, sum: number): Sample {
  let count = 0;
  for (let i = 1; i < distribution.length; i += 2) count += distribution[i] ?? 0;
  return { count, sum, min: distribution[0] ?? none, max: distribution[distribution.length - 2] ?? none };
}

/** Single values as one sample; undefined when there is none. */
function together(
  values: readonly number[],
  from: number,
  to: number,
  withDistribution: boolean,
): Sample | undefined {
  const given: number[] = [];
  let [sum, min, max] = [0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let slot = from; slot < to; slot += 1) {
    const value = values[slot] ?? none;
    if (Number.isNaN(value)) continue;
    given.push(value, 1);
    sum += value;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  const count = given.length / 2;
  if (count === 0) return undefined;
  const distribution = withDistribution && min !== max ? tidied(given) : undefined;
  return { count, sum, min, max, distribution };
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
