/**
 * Which values a period had, as `[value, count, value, count, …]` in order of the values. Up to `exactValues` different
 * values are kept as they are; past that they fall into buckets that are 2 % wide, so a percentile is off by 1 % at most.
 * Two distributions are merged by adding counts, whatever their precision.
 */
export type Distribution = readonly number[];

const exactValues = 64;
const bucketBase = Math.log(1.02);

export function mergeDistributions(a: Distribution, b: Distribution): Distribution {
  const merged: number[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const fromA = j >= b.length || (i < a.length && at(a, i) <= at(b, j));
    const value = fromA ? at(a, i) : at(b, j);
    const count = fromA ? at(a, i + 1) : at(b, j + 1);
    if (fromA) i += 2;
    else j += 2;
    append(merged, value, count);
  }
  return merged.length > 2 * exactValues ? bucketed(merged) : merged;
}

/** From values and counts in any order. */
export function distributionOf(values: readonly number[], counts: readonly number[]): Distribution {
  const order = values.map((_, i) => i).sort((a, b) => at(values, a) - at(values, b));
  const sorted: number[] = [];
  for (const i of order) append(sorted, at(values, i), counts[i] ?? 1);
  return sorted.length > 2 * exactValues ? bucketed(sorted) : sorted;
}

function append(pairs: number[], value: number, count: number): void {
  if (pairs.length > 0 && at(pairs, pairs.length - 2) === value) {
    pairs[pairs.length - 1] = at(pairs, pairs.length - 1) + count;
  } else pairs.push(value, count);
}

/** Each value becomes the middle of its bucket; the smallest and the greatest stay, so that p0 and p100 are exact. */
function bucketed(pairs: Distribution): Distribution {
  const result: number[] = [];
  const last = pairs.length - 2;
  for (let i = 0; i <= last; i += 2) {
    const value = at(pairs, i);
    append(result, i === 0 || i === last ? value : bucketMiddle(value), at(pairs, i + 1));
  }
  return result;
}

function bucketMiddle(value: number): number {
  if (value === 0) return 0;
  return Math.sign(value) * Math.exp(Math.round(Math.log(Math.abs(value)) / bucketBase) * bucketBase);
}

function at(numbers: readonly number[], index: number): number {
  return numbers[index] ?? Number.NaN;
}
