/**
 * Metric filters turn new events into metrics. Events of one call are put together by minute and dimensions; CloudWatch
 * adds up what calls of the same minute give.
 *
 * Confirmed by docs: the default value is reported for a minute in which events came in and none matched.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/MonitoringLogData.html
 */
import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { instant } from '../../kernel/instant.ts';
import { isNumber } from './filter-pattern/condition.ts';
import { parseFilterPattern } from './filter-pattern/filter-pattern.ts';
import type { Lookup } from './filter-pattern/pattern.ts';
import { type LogsState, type MetricFilter, metricFiltersOf, streamKey } from './state.ts';

interface Event {
  readonly timestamp: number;
  readonly message: string;
}

const minuteMs = 60_000;
const defaultTimer = 'defaultValue';

/** Counts events that have just been taken in. */
export function countEvents(
  ctx: Context,
  state: LogsState,
  groupName: string,
  events: readonly Event[],
): void {
  if (events.length === 0) return;
  for (const filter of metricFiltersOf(state, groupName)) {
    const data = dataOf(filter, events);
    publish(ctx, filter, data);
    if (filter.transformation.defaultValue !== undefined) noteMinute(ctx, state, filter, data.length > 0);
  }
}

/** At the end of a minute in which events came in. */
export function onMinuteEnd(ctx: Context, state: LogsState, subject: string): void {
  const filter = state.metricFilters.get(subject);
  const { defaultValue, metricName, unit } = filter?.transformation ?? {};
  if (filter?.lastMinute === undefined || filter.lastMinute.hasMatch || defaultValue === undefined) return;
  publish(ctx, filter, [
    {
      MetricName: metricName,
      Timestamp: new Date(filter.lastMinute.start),
      Value: defaultValue,
      ...(unit !== undefined && { Unit: unit }),
    },
  ]);
}

function noteMinute(ctx: Context, state: LogsState, filter: MetricFilter, hasMatch: boolean): void {
  const start = Math.floor(ctx.now / minuteMs) * minuteMs;
  const key = streamKey(filter.groupName, filter.name);
  const known = filter.lastMinute?.start === start ? filter.lastMinute : undefined;
  if (known !== undefined && (known.hasMatch || !hasMatch)) return;
  state.metricFilters.put(key, { ...filter, lastMinute: { start, hasMatch } });
  ctx.timers.set(key, defaultTimer, instant(start + minuteMs));
}

function dataOf(filter: MetricFilter, events: readonly Event[]): readonly MetricDatum[] {
  const { match } = parseFilterPattern(filter.pattern);
  const { metricName, unit } = filter.transformation;
  const groups = new Map<string, MetricDatum & { Values: number[]; Counts: number[] }>();
  for (const { timestamp, message } of events) {
    const lookup = match(message);
    const value = lookup && numberOf(filter, lookup);
    if (lookup === undefined || value === undefined) continue;
    const minute = Math.floor(timestamp / minuteMs) * minuteMs;
    const dimensions = dimensionsOf(filter, lookup);
    const key = JSON.stringify([minute, dimensions]);
    const datum = groups.get(key) ?? {
      MetricName: metricName,
      Timestamp: new Date(minute),
      Values: [],
      Counts: [],
      ...(dimensions.length > 0 && { Dimensions: dimensions }),
      ...(unit !== undefined && { Unit: unit }),
    };
    groups.set(key, datum);
    add(datum, value);
  }
  return [...groups.values()].flatMap(inPieces);
}

function add({ Values, Counts }: { Values: number[]; Counts: number[] }, value: number): void {
  const known = Values.indexOf(value);
  if (known >= 0) Counts[known] = (Counts[known] ?? 0) + 1;
  else {
    Values.push(value);
    Counts.push(1);
  }
}

// Confirmed by API text: a datum has 150 values at most.
function inPieces(datum: MetricDatum & { Values: number[]; Counts: number[] }): readonly MetricDatum[] {
  const pieces: MetricDatum[] = [];
  for (let from = 0; from < datum.Values.length; from += 150) {
    const to = from + 150;
    pieces.push({ ...datum, Values: datum.Values.slice(from, to), Counts: datum.Counts.slice(from, to) });
  }
  return pieces;
}

/** Confirmed by docs: an event whose value is no number gives no data point. */
function numberOf({ transformation: { metricValue } }: MetricFilter, lookup: Lookup): number | undefined {
  const text = metricValue.startsWith('$') ? lookup(metricValue) : metricValue;
  return text !== undefined && isNumber(text) ? Number(text) : undefined;
}

/** A dimension whose field the event lacks is left out. */
function dimensionsOf(
  { transformation: { dimensions = {} } }: MetricFilter,
  lookup: Lookup,
): { readonly Name: string; readonly Value: string }[] {
  return Object.entries(dimensions).flatMap(([Name, selector]) => {
    const Value = lookup(selector);
    return Value === undefined || Value === '' ? [] : [{ Name, Value }];
  });
}

/** What CloudWatch refuses, for instance a value out of its range, must not keep the event from being stored. */
function publish(ctx: Context, filter: MetricFilter, data: readonly MetricDatum[]): void {
  const Namespace = filter.transformation.metricNamespace;
  try {
    for (let from = 0; from < data.length; from += 1000) {
      const MetricData = data.slice(from, from + 1000);
      ctx.attempt(() => ctx.call('cloudwatch', 'putMetricData', { Namespace, MetricData }));
    }
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    ctx.warn(
      'logs.metric-filter',
      `The metric filter ${filter.name} of ${filter.groupName}: ${error.message}`,
    );
  }
}
