/**
 * CloudWatch's statistics of what a period got. Percentiles and their kin need the distribution.
 * Confirmed by docs: CloudWatch statistics definitions,
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
 */
import { distribution, type Sample } from './chunk.ts';
import type { Distribution } from './distribution.ts';

export interface Statistic {
  readonly needsDistribution: boolean;
  /** Absent: nothing can be said, for instance a percentile of statistic sets. */
  of(sample: Sample): number | undefined;
}

const simple: Readonly<Record<string, (sample: Sample) => number>> = {
  SampleCount: ({ count }) => count,
  Average: ({ sum, count }) => sum / count,
  Sum: ({ sum }) => sum,
  Minimum: ({ min }) => min,
  Maximum: ({ max }) => max,
};

/** Whether it is one of the five that need no distribution: GetMetricStatistics and alarms ask for them apart. */
export function isSimpleStatistic(name: string): boolean {
  return Object.hasOwn(simple, name);
}

/** By its name: `Average`, `p99.9`, `tm90`, `TM(10%:90%)`, `PR(:300)`, `IQM`. Absent: there is no such statistic. */
export function statisticNamed(name: string): Statistic | undefined {
  const known = isSimpleStatistic(name) ? simple[name] : undefined;
  if (known) return { needsDistribution: false, of: known };
  const measure = distributionMeasure(name);
  return measure && { needsDistribution: true, of: (sample) => ofDistribution(sample, measure) };
}

type Measure = (values: Distribution) => number | undefined;

/** Confirmed by API text: there are no percentiles when a value is negative. */
function ofDistribution(sample: Sample, measure: Measure): number | undefined {
  const values = sample.min < 0 ? undefined : distribution(sample);
  return values && measure(values);
}

function distributionMeasure(name: string): Measure | undefined {
  if (/^IQM$/i.test(name)) return ranged('tm', { from: 25, to: 75, isPercent: true });
  const short = /^(p|tm|wm|tc|ts)(\d{1,2}(?:\.\d{0,10})?|100)$/i.exec(name);
  if (short) {
    const to = Number(short[2]);
    const kind = short[1]?.toLowerCase() ?? '';
    return kind === 'p'
      ? (values) => valueAt(values, to / 100)
      : ranged(kind, { from: 0, to, isPercent: true });
  }
  const [, kind = '', bounds = ''] = /^(TM|WM|TC|TS|PR)\((.*)\)$/i.exec(name) ?? [];
  const range = parseRange(bounds);
  if (!range || (range.isPercent && /pr/i.test(kind))) return undefined;
  return ranged(kind.toLowerCase(), range);
}

/** Bounds in percent of the samples or as values; the lower one is not in the range, the upper one is. */
interface Range {
  readonly from: number;
  readonly to: number;
  readonly isPercent: boolean;
}

function parseRange(text: string): Range | undefined {
  const number = '(\\d+(?:\\.\\d{0,10})?|)';
  const [, from, fromPercent, to, toPercent] = new RegExp(`^${number}(%?):${number}(%?)$`).exec(text) ?? [];
  if (from === undefined || to === undefined || (from === '' && to === '')) return undefined;
  const isPercent = (fromPercent || toPercent) === '%';
  if (isPercent && ((from !== '' && fromPercent !== '%') || (to !== '' && toPercent !== '%')))
    return undefined;
  const most = isPercent ? 100 : Number.POSITIVE_INFINITY;
  const range = {
    from: from === '' ? (isPercent ? 0 : Number.NEGATIVE_INFINITY) : Number(from),
    to: to === '' ? most : Number(to),
    isPercent,
  };
  return range.from <= range.to && (!isPercent || range.to <= 100) ? range : undefined;
}

function ranged(kind: string, range: Range): Measure | undefined {
  if (kind === 'wm') return (values) => winsorizedMean(values, range);
  return (values) => {
    const total = countOf(values);
    const { count, sum } = within(values, range, total);
    if (kind === 'tc') return count;
    if (kind === 'ts') return sum;
    if (kind === 'pr') return (100 * count) / total;
    return count > 0 ? sum / count : undefined;
  };
}

/** What lies in the range; a bound in percent may cut through the samples of one value. */
function within(values: Distribution, range: Range, total: number): { count: number; sum: number } {
  let [count, sum, before] = [0, 0, 0];
  each(values, (value, times) => {
    const share = range.isPercent
      ? overlap(before, before + times, (range.from / 100) * total, (range.to / 100) * total)
      : value > range.from && value <= range.to
        ? times
        : 0;
    before += times;
    count += share;
    sum += share * value;
  });
  return { count, sum };
}

function overlap(from: number, to: number, low: number, high: number): number {
  return Math.max(0, Math.min(to, high) - Math.max(from, low));
}

/** Values past a bound count as the bound. */
function winsorizedMean(values: Distribution, range: Range): number {
  const low = range.isPercent ? valueAt(values, range.from / 100) : range.from;
  const high = range.isPercent ? valueAt(values, range.to / 100) : range.to;
  let sum = 0;
  each(values, (value, times) => {
    sum += times * Math.min(Math.max(value, low), high);
  });
  return sum / countOf(values);
}

/** Chosen: the smallest value that at least this share of the samples does not exceed. AWS publishes no formula. */
function valueAt(values: Distribution, share: number): number {
  const rank = share * countOf(values);
  let seen = 0;
  for (let i = 0; i < values.length; i += 2) {
    seen += values[i + 1] ?? 0;
    // A tolerance for counts that do not add up exactly in binary.
    if (seen >= rank - 1e-9) return values[i] ?? 0;
  }
  return values.at(-2) ?? 0;
}

function countOf(values: Distribution): number {
  let count = 0;
  each(values, (_, times) => {
    count += times;
  });
  return count;
}

function each(values: Distribution, visit: (value: number, times: number) => void): void {
  for (let i = 0; i < values.length; i += 2) visit(values[i] ?? 0, values[i + 1] ?? 0);
}
