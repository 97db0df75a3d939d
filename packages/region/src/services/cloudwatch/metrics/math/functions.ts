/**
 * The functions of metric math, by their names. Confirmed by docs unless marked:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html#metric-math-syntax-functions-list
 */
import { mapSeries } from './operators.ts';
import { byTimestamp, isSeries, mapPoints, type Series, type Value, withPoints } from './series.ts';
import { MathSyntaxError } from './syntax.ts';

/** When an expression is evaluated: which timestamps a series of some period may have. */
export interface Timeline {
  /** Period of a series that is made of a number alone. */
  readonly periodMs: number;
  timestamps(periodMs: number): readonly number[];
}

type MathFunction = (timeline: Timeline, given: readonly Value[], name: string) => Value;

export const functions: Readonly<Record<string, MathFunction>> = {
  ABS: eachPoint(Math.abs),
  CEIL: eachPoint(Math.ceil),
  FLOOR: eachPoint(Math.floor),
  LOG: eachPoint(Math.log),
  LOG10: eachPoint(Math.log10),
  SUM: reduction(sum),
  AVG: reduction(average, { missingIsZero: true }),
  MIN: reduction(least),
  MAX: reduction(most),
  // Chosen: the deviation of the whole population. AWS does not say which one.
  STDDEV: reduction(standardDeviation),
  DATAPOINT_COUNT: reduction((values) => values.length),
  DIFF: eachSeries((series) => withPrevious(series, (value, before) => value - before)),
  DIFF_TIME: eachSeries((series) => withPrevious(series, (_v, _b, seconds) => seconds)),
  RATE: eachSeries((series) => withPrevious(series, (value, before, seconds) => (value - before) / seconds)),
  RUNNING_SUM: eachSeries((series) => {
    let total = 0;
    return mapPoints(series, (value) => {
      total += value;
      return total;
    });
  }),
  IF: (_, [condition, then, otherwise], name) => {
    if (condition === undefined || then === undefined) throw wrongArguments(name);
    return choose(condition, then, otherwise, name);
  },
  FIRST: (_, given, name) => only(arrayOf(given[0], name).at(0), name),
  LAST: (_, given, name) => only(arrayOf(given[0], name).at(-1), name),
  SLICE: (_, [array, from, to], name) =>
    arrayOf(array, name).slice(numberOf(from, name), to === undefined ? undefined : numberOf(to, name)),
  REMOVE_EMPTY: (_, given, name) => arrayOf(given[0], name).filter(({ values }) => values.length > 0),
  METRIC_COUNT: (_, given, name) => arrayOf(given[0], name).length,
  PERIOD: (_, given, name) => seriesOf(given[0], name).periodMs / 1000,
  TIME_SERIES: (timeline, given, name) => {
    const value = numberOf(given[0], name);
    return onTimeline(timeline, undefined, () => value);
  },
  MINUTE: fromTime((at) => at.getUTCMinutes()),
  HOUR: fromTime((at) => at.getUTCHours()),
  // Confirmed by docs: Monday is 1, Sunday is 7.
  DAY: fromTime((at) => at.getUTCDay() || 7),
  DATE: fromTime((at) => at.getUTCDate()),
  MONTH: fromTime((at) => at.getUTCMonth() + 1),
  YEAR: fromTime((at) => at.getUTCFullYear()),
  EPOCH: fromTime((at) => Math.floor(at.getTime() / 1000)),
};

/** `FILL(m1, 0)`, `FILL(m1, REPEAT)`, `FILL(METRICS(), m2)`: a value for every period of the question that has none. */
export function fill(timeline: Timeline, value: Value, filler: Value | 'REPEAT' | 'LINEAR'): Value {
  if (typeof value === 'number') throw wrongArguments('FILL');
  return mapSeries(value, (series) => {
    const times = timeline.timestamps(series.periodMs);
    const known = new Map(series.timestamps.map((at, i) => [at, series.values[i]]));
    const given = times.map((at) => known.get(at));
    return withPoints(series, times, filled(times, given, filler));
  });
}

function filled(
  times: readonly number[],
  given: readonly (number | undefined)[],
  filler: Value | 'REPEAT' | 'LINEAR',
): readonly (number | undefined)[] {
  if (typeof filler === 'number') return given.map((value) => value ?? filler);
  if (filler === 'REPEAT') {
    let last: number | undefined;
    return given.map((value) => {
      last = value ?? last;
      return last;
    });
  }
  if (filler === 'LINEAR') return given.map((value, i) => value ?? between(times, given, i));
  const series = seriesOf(filler, 'FILL');
  const fillers = new Map(series.timestamps.map((at, i) => [at, series.values[i]]));
  return given.map((value, i) => value ?? fillers.get(times[i] ?? Number.NaN));
}

/** On the line between the values before and after; none where one of them is not there. */
function between(
  times: readonly number[],
  given: readonly (number | undefined)[],
  i: number,
): number | undefined {
  let [before, after] = [i - 1, i + 1];
  while (before >= 0 && given[before] === undefined) before -= 1;
  while (after < given.length && given[after] === undefined) after += 1;
  const [from, to] = [given[before], given[after]];
  const [start, end, at] = [times[before], times[after], times[i]];
  if (from === undefined || to === undefined || start === undefined || end === undefined) return undefined;
  return from + ((to - from) * ((at ?? start) - start)) / (end - start);
}

/** `SORT(METRICS(), AVG, DESC, 10)` */
export function sort(array: Value, by: string, order: string, limit: Value | undefined): readonly Series[] {
  const measure = { AVG: average, SUM: sum, MIN: least, MAX: most }[by];
  if (!measure || (order !== 'ASC' && order !== 'DESC')) throw wrongArguments('SORT');
  const sign = order === 'ASC' ? 1 : -1;
  const ranked = arrayOf(array, 'SORT').map((series) => ({ series, rank: measure(series.values) }));
  const sorted = ranked.sort((a, b) => sign * (a.rank - b.rank)).map(({ series }) => series);
  return limit === undefined ? sorted : sorted.slice(0, numberOf(limit, 'SORT'));
}

export function wrongArguments(name: string): MathSyntaxError {
  return new MathSyntaxError(`The arguments of the function ${name} are not valid`);
}

export function arrayOf(value: Value | undefined, name: string): readonly Series[] {
  if (value === undefined || typeof value === 'number') throw wrongArguments(name);
  return isSeries(value) ? [value] : value;
}

function seriesOf(value: Value | undefined, name: string): Series {
  const [first, ...more] = arrayOf(value, name);
  if (!first || more.length > 0) throw wrongArguments(name);
  return first;
}

function numberOf(value: Value | undefined, name: string): number {
  if (typeof value !== 'number') throw wrongArguments(name);
  return value;
}

function only(series: Series | undefined, name: string): Series {
  if (!series) throw wrongArguments(name);
  return series;
}

function eachPoint(change: (value: number) => number): MathFunction {
  return (_, [given], name) => {
    if (given === undefined) throw wrongArguments(name);
    if (typeof given === 'number') return change(given);
    return mapSeries(given, (series) => mapPoints(series, change));
  };
}

function eachSeries(change: (series: Series) => Series): MathFunction {
  return (_, [given], name) => {
    if (given === undefined || typeof given === 'number') throw wrongArguments(name);
    return mapSeries(given, change);
  };
}

/** Of one series a number over all of its points; of an array a series over the values at each timestamp. */
function reduction(of: (values: readonly number[]) => number, { missingIsZero = false } = {}): MathFunction {
  return (_, [given], name) => {
    if (given === undefined || typeof given === 'number') throw wrongArguments(name);
    if (isSeries(given)) return of(given.values);
    const points = byTimestamp(given);
    const values = points.map(([, found]) =>
      of(missingIsZero ? [...found, ...zeros(given.length - found.length)] : found),
    );
    const periodMs = Math.max(...given.map((series) => series.periodMs), 1000);
    return withPoints(
      { label: name, periodMs, timestamps: [], values: [] },
      points.map(([at]) => at),
      values,
    );
  };
}

function zeros(count: number): readonly number[] {
  return Array.from({ length: count }, () => 0);
}

function withPrevious(
  series: Series,
  change: (value: number, before: number, seconds: number) => number,
): Series {
  return mapPoints(series, (value, i) => {
    const [before, at, previous] = [series.values[i - 1], series.timestamps[i], series.timestamps[i - 1]];
    if (before === undefined || at === undefined || previous === undefined) return undefined;
    return change(value, before, (at - previous) / 1000);
  });
}

/**
 * For each point of the condition: where it is not 0, `then` (0 where that has no value); where it is 0, `otherwise` (no
 * point where that has none).
 */
function choose(condition: Value, then: Value, otherwise: Value | undefined, name: string): Value {
  if (typeof condition === 'number') {
    if (condition !== 0) return then;
    return otherwise ?? { ...seriesOf(then, name), timestamps: [], values: [] };
  }
  const chooser = seriesOf(condition, name);
  const [yes, no] = [lookup(then, name), otherwise === undefined ? () => undefined : lookup(otherwise, name)];
  return mapPoints(chooser, (value, i) => {
    const at = chooser.timestamps[i] ?? 0;
    return value !== 0 ? (yes(at) ?? 0) : no(at);
  });
}

function lookup(value: Value, name: string): (at: number) => number | undefined {
  if (typeof value === 'number') return () => value;
  const { timestamps, values } = seriesOf(value, name);
  const known = new Map(timestamps.map((at, i) => [at, values[i]]));
  return (at) => known.get(at);
}

function onTimeline(timeline: Timeline, like: Series | undefined, value: (at: number) => number): Series {
  const periodMs = like?.periodMs ?? timeline.periodMs;
  const timestamps = timeline.timestamps(periodMs);
  return { label: like?.label ?? '', periodMs, timestamps, values: timestamps.map(value) };
}

function fromTime(value: (at: Date) => number): MathFunction {
  return (timeline, [given], name) =>
    onTimeline(timeline, seriesOf(given, name), (at) => value(new Date(at)));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function average(values: readonly number[]): number {
  return sum(values) / values.length;
}

function least(values: readonly number[]): number {
  return values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
}

function most(values: readonly number[]): number {
  return values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
}

function standardDeviation(values: readonly number[]): number {
  const mean = average(values);
  return Math.sqrt(average(values.map((value) => (value - mean) ** 2)));
}
