/**
 * How a service publishes its metrics: a timer ends each minute of the region's clock, and what was measured in it goes to
 * CloudWatch in one step. A minute that the clock was moved over has no timer of its own and gets nothing.
 */
import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
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

/** Hands the metrics of one minute to CloudWatch. Those that the clock was moved away from by two weeks are dropped. */
export function publishMinute(
  ctx: Context,
  minute: Instant,
  namespace: string,
  metrics: readonly MetricDatum[],
): void {
  if (minute > ctx.now || after(minute, oldestSeconds) < ctx.now) return;
  const Timestamp = toDate(minute);
  const data = metrics.flatMap(inParts).map((metric) => at(metric, Timestamp));
  for (let from = 0; from < data.length; from += metricsPerCall) {
    const MetricData = data.slice(from, from + metricsPerCall);
    ctx.call('cloudwatch', 'putMetricData', { Namespace: namespace, MetricData });
  }
}

/** A distribution of more values than one metric takes, as several of the same name. */
function inParts(metric: MetricDatum): readonly MetricDatum[] {
  const { Values = [], Counts = [] } = metric;
  if (Values.length <= valuesPerMetric) return [metric];
  return Array.from({ length: Math.ceil(Values.length / valuesPerMetric) }, (_, part) => {
    const from = part * valuesPerMetric;
    const to = from + valuesPerMetric;
    return { ...metric, Values: Values.slice(from, to), Counts: Counts.slice(from, to) };
  });
}

/** All members in one order: objects of one shape are read faster, and there are many each minute. */
function at(metric: MetricDatum, Timestamp: Date): MetricDatum {
  const { MetricName, Dimensions, Unit, StorageResolution, Value, Values, Counts, StatisticValues } = metric;
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
