/**
 * Which values a period had, as `[value, count, value, count, …]` in order of the values. Up to `exactValues` different
 * values are kept as they are; past that they fall into buckets that are 2 % wide, so a percentile is off by 1 % at most.
 * Two distributions are merged by adding counts, whatever their precision.
 */
export type Distribution = readonly number[];

const exactValues = 64;
const bucketBase = Math.log(1.02);

/** From values and counts in any order. */
export function distributionOf(values: readonly number[], counts: readonly number[]): Distribution {
  if (values.length <= 16) {
    const list: number[] = [];
    for (let i = 0; i < values.length; i += 1) list.push(at(values, i), counts[i] ?? 1);
    return tidied(list);
  }
  const order = values.map((_, i) => i).sort((a, b) => at(values, a) - at(values, b));
  const sorted: number[] = [];
  for (const i of order) add(sorted, at(values, i), counts[i] ?? 1);
  return sorted.length > 2 * exactValues ? bucketed(sorted) : sorted;
}

export function mergeDistributions(a: Distribution, b: Distribution): Distribution {
  const merged: number[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const isFromA = j >= b.length || (i < a.length && at(a, i) <= at(b, j));
    if (isFromA) {
      add(merged, at(a, i), at(a, i + 1));
      i += 2;
    } else {
      add(merged, at(b, j), at(b, j + 1));
      j += 2;
    }
  }
  return merged.length > 2 * exactValues ? bucketed(merged) : merged;
}

/** Adds to a list of values and counts that is put in order only now and then: `tidied` gives the distribution. */
export function append(list: number[], more: Distribution): void {
  for (let i = 0; i < more.length; i += 2) list.push(at(more, i), at(more, i + 1));
  if (list.length > 16 * exactValues) list.splice(0, list.length, ...tidied(list));
}

export function tidied(list: readonly number[]): Distribution {
  for (let i = 2; i < list.length; i += 2) {
    if (at(list, i) <= at(list, i - 2)) return inOrder(list);
  }
  return list.length > 2 * exactValues ? bucketed(list) : list;
}

function inOrder(list: readonly number[]): Distribution {
  if (list.length <= 32) return inserted(list);
  const values = list.filter((_, i) => i % 2 === 0);
  const counts = list.filter((_, i) => i % 2 === 1);
  return distributionOf(values, counts);
}

/** Sorting by insertion: five minutes of single values are put in order this way, of every metric. */
function inserted(list: readonly number[]): Distribution {
  const sorted: number[] = [];
  for (let i = 0; i < list.length; i += 2) {
    const value = at(list, i);
    let place = sorted.length;
    while (place > 0 && at(sorted, place - 2) > value) place -= 2;
    if (place > 0 && sorted[place - 2] === value) {
      sorted[place - 1] = at(sorted, place - 1) + at(list, i + 1);
      continue;
    }
    for (let from = sorted.length; from > place; from -= 2) {
      sorted[from] = at(sorted, from - 2);
      sorted[from + 1] = at(sorted, from - 1);
    }
    sorted[place] = value;
    sorted[place + 1] = at(list, i + 1);
  }
  return sorted;
}

function add(pairs: number[], value: number, count: number): void {
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
    const middle = Math.min(Math.max(bucketMiddle(value), at(pairs, 0)), at(pairs, last));
    add(result, i === 0 || i === last ? value : middle, at(pairs, i + 1));
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
