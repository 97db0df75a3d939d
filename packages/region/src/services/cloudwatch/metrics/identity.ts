import type { Dimension } from '@aws-sdk/client-cloudwatch';

/** Names a metric: each set of dimensions is a metric of its own (confirmed by docs: cloudwatch_concepts). */
export interface MetricIdentity {
  readonly namespace: string;
  readonly name: string;
  /** In order of their names. */
  readonly dimensions: readonly (readonly [name: string, value: string])[];
}

/** Data of a metric with one unit and one storage resolution; a metric has as many as it was given. */
export interface StreamRecord extends MetricIdentity {
  readonly id: number;
  readonly unit: string;
  readonly isHighResolution: boolean;
  /** When data last came, at most a day behind. */
  readonly seen: number;
}

export function metricIdentity(
  namespace: string,
  name: string,
  dimensions: readonly Dimension[] | undefined,
): MetricIdentity {
  const pairs = (dimensions ?? []).map(({ Name = '', Value = '' }): readonly [string, string] => [
    Name,
    Value,
  ]);
  if (pairs.length > 1) pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  return { namespace, name, dimensions: pairs };
}

/** Alarms name theirs every minute by the same objects. */
const keys = new WeakMap<MetricIdentity, string>();

/** No member can hold the separators: they are control characters, which AWS refuses. */
export function metricKey(metric: MetricIdentity): string {
  const known = keys.get(metric);
  if (known !== undefined) return known;
  let key = `${metric.namespace}\u0000${metric.name}`;
  for (const [dimension, value] of metric.dimensions) key += `\u0000${dimension}\u0001${value}`;
  keys.set(metric, key);
  return key;
}

export function streamKey(metric: string, unit: string, isHighResolution: boolean): string {
  return `${metric}\u0002${unit}${isHighResolution ? '\u00021' : ''}`;
}

export function streamKeyOf(record: StreamRecord): string {
  return streamKey(metricKey(record), record.unit, record.isHighResolution);
}
