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
 * same ones; they are the same object then, whose names need not be read again.
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
    made.push({ Name: namesAndValues[i], Value: namesAndValues[i + 1] });
  }
  return made;
}

/** One value of a minute. Its time is set when it is published. */
export function metric(
  MetricName: string,
  Dimensions: Dimension[],
  Unit: StandardUnit,
  Value: number,
): MetricDatum {
  return datum(MetricName, Dimensions, Unit, Value, undefined, undefined);
}

/** Several values of a minute, and how often each came. */
export function samples(
  MetricName: string,
  Dimensions: Dimension[],
  Unit: StandardUnit,
  { values, counts }: { readonly values: number[]; readonly counts: number[] },
): MetricDatum {
  return datum(MetricName, Dimensions, Unit, undefined, values, counts);
}

/** All members in one order: objects of one shape are read faster, and there are many each minute. */
function datum(
  MetricName: string | undefined,
  Dimensions: Dimension[] | undefined,
  Unit: StandardUnit | undefined,
  Value: number | undefined,
  Values: number[] | undefined,
  Counts: number[] | undefined,
): MetricDatum {
  const [Timestamp, StorageResolution, StatisticValues] = [undefined, undefined, undefined];
  return {
    MetricName,
    Dimensions,
    Timestamp,
    Unit,
    StorageResolution,
    Value,
    Values,
    Counts,
    StatisticValues,
  };
}

/**
 * Hands the metrics of one minute to CloudWatch. Those that the clock was moved away from by two weeks are dropped.
 * @param metrics made by `metric` and `samples` for this minute only: they are given its time
 */
export function publishMinute(
  ctx: Context,
  minute: Instant,
  namespace: string,
  metrics: readonly MetricDatum[],
): void {
  if (minute > ctx.now || after(minute, oldestSeconds) < ctx.now) return;
  const Timestamp = toDate(minute);
  const data: MetricDatum[] = [];
  for (const one of metrics) {
    const { Values, Counts = [] } = one;
    if (Values === undefined || Values.length <= valuesPerMetric) data.push(one);
    else data.push(...inParts(one, Values, Counts));
  }
  for (const one of data) one.Timestamp = Timestamp;
  for (let from = 0; from < data.length; from += metricsPerCall) {
    const MetricData = data.slice(from, from + metricsPerCall);
    ctx.call('cloudwatch', 'putMetricData', { Namespace: namespace, MetricData });
  }
}

/** A distribution of more values than one metric takes, as several of the same name. */
function inParts(
  { MetricName, Dimensions, Unit }: MetricDatum,
  values: readonly number[],
  counts: readonly number[],
): readonly MetricDatum[] {
  return Array.from({ length: Math.ceil(values.length / valuesPerMetric) }, (_, part) => {
    const from = part * valuesPerMetric;
    const to = from + valuesPerMetric;
    return datum(MetricName, Dimensions, Unit, undefined, values.slice(from, to), counts.slice(from, to));
  });
}
