import type { Sample } from './chunk.ts';

/**
 * A sample of a stream, as numbers only: `[id, at, value]`, `[id, at, count, sum, min, max]`, or that and the distribution
 * behind it.
 */
export type Entry = readonly number[];

/** What a step put. Single values, which most data is, lie in one list: that takes a third of the time and of the room. */
export interface Points {
  /** `id, secondsBefore, value, id, …`: how long before the step they were, in whole seconds of the clock. */
  readonly values: readonly number[];
  readonly entries: readonly Entry[];
}

/** Gathers what a step puts. */
export class PointList implements Points {
  readonly values: number[] = [];
  readonly entries: Entry[] = [];
  readonly #second: number;

  /** @param now of the step, milliseconds */
  constructor(now: number) {
    this.#second = secondOf(now);
  }

  /** @param at a whole second, in milliseconds */
  addValue(id: number, at: number, value: number): void {
    this.values.push(id, this.#second - at / 1000, value);
  }

  add(id: number, at: number, sample: Sample): void {
    const { count, sum, min, max, distribution } = sample;
    if (count === 1) {
      this.addValue(id, at, sum);
      return;
    }
    const entry = [id, at, count, sum, min, max];
    this.entries.push(distribution ? entry.concat(distribution) : entry);
  }
}

/** When the step was, in seconds: what `secondsBefore` counts from. */
export function secondOf(now: number): number {
  return Math.floor(now / 1000);
}

export function sampleOf(entry: Entry): Sample {
  const sum = entry[3] ?? entry[2] ?? 0;
  if (entry.length === 3) return { count: 1, sum, min: sum, max: sum };
  const known = entry.length > 6 ? entry.slice(6) : undefined;
  return { count: entry[2] ?? 0, sum, min: entry[4] ?? sum, max: entry[5] ?? sum, distribution: known };
}
