/**
 * How a service publishes its metrics: a timer ends each minute of the region's clock, and what was measured in it goes to
 * CloudWatch in one step. A minute that the clock was moved over has no timer of its own and gets nothing.
 */
import type { Dimension, MetricDatum, StandardUnit } from '@aws-sdk/client-cloudwatch';
import type { Context } from './context.ts';
import { after, type Instant, instant, toDate } from './instant.ts';
import type { Timer } from './timers.ts';

const minuteMs = 60_000;
const subject = 'metrics';
const name = 'minuteEnded';

export function minuteOf(now: Instant): Instant {
  return instant(now - (now % minuteMs));
}

/** Sets the timer that ends the minute under way. To be called at the start and whenever it was due. */
export function awaitMinute(ctx: Context): void {
  ctx.timers.set(subject, name, instant(minuteOf(ctx.now) + minuteMs));
}

/** The minute that a timer ends; undefined for other timers. */
export function endedMinute(timer: Timer): Instant | undefined {
  return timer.subject === subject && timer.name === name ? instant(timer.due - minuteMs) : undefined;
}

/** Confirmed by docs: a call takes 1000 metrics, a metric 150 different values, and no timestamp over two weeks old. */
const metricsPerCall = 1000;
const valuesPerMetric = 150;
const oldestSeconds = 14 * 24 * 3600;

interface Known {
  readonly next: Map<string, Known>;
  dimensions?: Dimension[];
}

/** Chosen: past so many sets of dimensions all are forgotten, since their services may be gone. */
const mostKnown = 50_000;
let known: Known = { next: new Map() };
let knownCount = 0;

/**
 * Dimensions by names and values in turn: `dimensions('ServiceName', 'web', 'ClusterName', 'main')`. Each minute has the
 * same ones; they are the same object then, which cannot change, so that its names need not be read again.
 */
export function dimensions(...namesAndValues: readonly string[]): Dimension[] {
  let node = known;
  for (const text of namesAndValues) {
    let next = node.next.get(text);
    if (next === undefined) {
      next = { next: new Map() };
      node.next.set(text, next);
    }
    node = next;
  }
  node.dimensions ??= makeDimensions(namesAndValues);
  return node.dimensions;
}

function makeDimensions(namesAndValues: readonly string[]): Dimension[] {
  knownCount += 1;
  if (knownCount > mostKnown) [known, knownCount] = [{ next: new Map() }, 0];
  const made: Dimension[] = [];
  for (let i = 0; i < namesAndValues.length; i += 2) {
    made.push(Object.freeze({ Name: namesAndValues[i], Value: namesAndValues[i + 1] }));
  }
  Object.freeze(made);
  return made;
}

/**
 * A metric that a service publishes every minute. It is one object, which is given another value each time: whoever is
 * handed one has to be done with it by then.
 */
export class PublishedMetric implements MetricDatum {
  readonly MetricName: string;
  readonly Dimensions: Dimension[];
  readonly Unit: StandardUnit;
  Timestamp: Date | undefined;
  Value: number | undefined;
  Values: number[] | undefined;
  Counts: number[] | undefined;
  /** Who keeps its data, and where: a note of CloudWatch's, which need not look at the names again. */
  keeper: object | undefined;
  place = 0;

  constructor(name: string, dimensions: Dimension[], unit: StandardUnit) {
    this.MetricName = name;
    this.Dimensions = dimensions;
    this.Unit = unit;
  }
}

/**
 * What a service publishes of a minute in one namespace. Services tell the same metrics in the same order, so each finds
 * its object of the last minute at its place; where another is told, it gets an object of its own.
 */
export class MinuteMetrics {
  readonly namespace: string;
  readonly #metrics: PublishedMetric[] = [];
  #count = 0;

  constructor(namespace: string) {
    this.namespace = namespace;
  }

  /** Another minute. */
  begin(): void {
    this.#count = 0;
  }

  /** One value of the minute. @param dimensions made by `dimensions` */
  add(name: string, dimensions: Dimension[], unit: StandardUnit, value: number): void {
    const metric = this.#next(name, dimensions, unit);
    metric.Value = value;
    [metric.Values, metric.Counts] = [undefined, undefined];
  }

  /** Several values of the minute, and how often each came: once, where nothing is said. */
  addSamples(
    name: string,
    dimensions: Dimension[],
    unit: StandardUnit,
    { values, counts }: { readonly values: number[]; readonly counts?: number[] },
  ): void {
    const metric = this.#next(name, dimensions, unit);
    metric.Value = undefined;
    [metric.Values, metric.Counts] = [values, counts];
  }

  #next(name: string, dimensions: Dimension[], unit: StandardUnit): PublishedMetric {
    const place = this.#count;
    this.#count += 1;
    const known = this.#metrics[place];
    if (known?.MetricName === name && known.Dimensions === dimensions && known.Unit === unit) return known;
    const made = new PublishedMetric(name, dimensions, unit);
    this.#metrics[place] = made;
    return made;
  }

  /** What was added since the last `begin`. */
  all(): readonly PublishedMetric[] {
    if (this.#metrics.length > this.#count) this.#metrics.length = this.#count;
    return this.#metrics;
  }
}

/**
 * Hands the metrics of one minute to CloudWatch. Those that the clock was moved away from by two weeks are dropped.
 */
export function publishMinute(ctx: Context, minute: Instant, metrics: MinuteMetrics): void {
  if (minute > ctx.now || after(minute, oldestSeconds) < ctx.now) return;
  const Timestamp = toDate(minute);
  const data: MetricDatum[] = [];
  for (const one of metrics.all()) {
    one.Timestamp = Timestamp;
    const { Values, Counts } = one;
    if (Values === undefined || Values.length <= valuesPerMetric) data.push(one);
    else data.push(...inParts(one, Values, Counts));
  }
  for (let from = 0; from < data.length; from += metricsPerCall) {
    const isWhole = data.length <= metricsPerCall;
    const MetricData = isWhole ? data : data.slice(from, from + metricsPerCall);
    ctx.call('cloudwatch', 'putMetricData', { Namespace: metrics.namespace, MetricData });
  }
}

/** A distribution of more values than one metric takes, as several of the same name. */
function inParts(
  { MetricName, Dimensions, Unit, Timestamp }: MetricDatum,
  values: readonly number[],
  counts: readonly number[] | undefined,
): readonly MetricDatum[] {
  return Array.from({ length: Math.ceil(values.length / valuesPerMetric) }, (_, part) => {
    const from = part * valuesPerMetric;
    const to = from + valuesPerMetric;
    const [Values, Counts] = [values.slice(from, to), counts?.slice(from, to)];
    return { MetricName, Dimensions, Unit, Timestamp, Values, Counts };
  });
}
