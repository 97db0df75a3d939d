/** What metric math works on: a number, a time series, or an array of them. Timestamps are in order, oldest first. */
export interface Series {
  readonly label: string;
  readonly periodMs: number;
  readonly timestamps: readonly number[];
  readonly values: readonly number[];
  /** Of what metric it is read, where it is of one: for labels. */
  readonly properties?: SeriesProperties | undefined;
}

export interface SeriesProperties {
  readonly namespace: string;
  readonly name: string;
  readonly dimensions: readonly (readonly [name: string, value: string])[];
  readonly statistic: string;
}

export type Value = number | Series | readonly Series[];

export function isSeries(value: Value): value is Series {
  return typeof value === 'object' && 'timestamps' in value;
}

/** A series of the same period and label with other points; what is no number is dropped. */
export function withPoints(
  from: Series,
  timestamps: readonly number[],
  values: readonly (number | undefined)[],
): Series {
  const [times, numbers]: [number[], number[]] = [[], []];
  for (let i = 0; i < timestamps.length; i += 1) {
    const [at, value] = [timestamps[i], values[i]];
    if (at === undefined || value === undefined || !Number.isFinite(value)) continue;
    times.push(at);
    numbers.push(value);
  }
  const { label, periodMs, properties } = from;
  return { label, periodMs, timestamps: times, values: numbers, properties };
}

export function mapPoints(series: Series, change: (value: number, i: number) => number | undefined): Series {
  return withPoints(series, series.timestamps, series.values.map(change));
}

/** Both at every timestamp that one of them has. */
export function join(
  a: Series,
  b: Series,
  combine: (a: number | undefined, b: number | undefined) => number | undefined,
): Series {
  const times: number[] = [];
  const values: (number | undefined)[] = [];
  let [i, j] = [0, 0];
  while (i < a.timestamps.length || j < b.timestamps.length) {
    const at = Math.min(
      a.timestamps[i] ?? Number.POSITIVE_INFINITY,
      b.timestamps[j] ?? Number.POSITIVE_INFINITY,
    );
    const left = a.timestamps[i] === at ? a.values[i++] : undefined;
    const right = b.timestamps[j] === at ? b.values[j++] : undefined;
    times.push(at);
    values.push(combine(left, right));
  }
  const periodMs = Math.max(a.periodMs, b.periodMs);
  return withPoints({ label: a.label, periodMs, timestamps: [], values: [] }, times, values);
}

/** All values of several series by timestamp, oldest first. */
export function byTimestamp(all: readonly Series[]): [number, number[]][] {
  const found = new Map<number, number[]>();
  for (const { timestamps, values } of all) {
    for (const [i, at] of timestamps.entries()) {
      const known = found.get(at);
      const value = values[i] ?? 0;
      if (known) known.push(value);
      else found.set(at, [value]);
    }
  }
  return [...found].sort(([a], [b]) => a - b);
}
