import type { Sample } from './chunk.ts';

/**
 * A sample of a stream, as numbers only: `[id, at, value]`, `[id, at, count, sum, min, max]`, or that and the distribution
 * behind it.
 */
export type Entry = readonly number[];

export function entryOf(id: number, at: number, sample: Sample): Entry {
  const { count, sum, min, max, distribution } = sample;
  if (count === 1) return [id, at, sum];
  return [id, at, count, sum, min, max, ...(distribution ?? [])];
}

export function sampleOf(entry: Entry): Sample {
  const sum = entry[3] ?? entry[2] ?? 0;
  if (entry.length === 3) return { count: 1, sum, min: sum, max: sum };
  const known = entry.length > 6 ? entry.slice(6) : undefined;
  return { count: entry[2] ?? 0, sum, min: entry[4] ?? sum, max: entry[5] ?? sum, distribution: known };
}
