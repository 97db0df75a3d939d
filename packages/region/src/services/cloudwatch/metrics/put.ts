import type { MetricDatum, PutMetricDataInput } from '@aws-sdk/client-cloudwatch';
import type { Context } from '../../../kernel/context.ts';
import { invalidParameterValue, missingParameter } from '../errors.ts';
import { planCheckpoint } from './checkpointing.ts';
import type { StreamRecord } from './identity.ts';
import { PointList } from './log.ts';
import { datumSample, memberPath, onlyValue } from './sample.ts';
import type { MetricStore } from './store.ts';
import { day, hour } from './tiers.ts';
import { unitFault } from './units.ts';

/** Confirmed by API text (PutMetricData, MetricDatum, Dimension). */
const limits = { data: 1000, dimensions: 30, nameLength: 255, dimensionValueLength: 1024 } as const;
/** Namespaces into which only AWS's services put: `AWS/…`, and what Container Insights measures. */
const reserved = /^(AWS\/|ECS\/ContainerInsights$)/;

export function putMetricData(ctx: Context, store: MetricStore, input: PutMetricDataInput): object {
  const namespace = checkNamespace(ctx, input.Namespace);
  const data = input.MetricData ?? [];
  checkSize('MetricData', data, limits.data);
  if (data.length === 0) throw missingParameter('MetricData');
  const points = new PointList(ctx.now);
  const added: StreamRecord[] = [];
  let member = 0;
  for (const datum of data) {
    member += 1;
    let id = store.knownStream(namespace, datum, ctx.now);
    if (id === undefined) {
      checkDatum(datum, memberPath(member));
      const { record, isWritten } = store.streamOf(namespace, datum, ctx.now);
      if (isWritten) added.push(record);
      id = record.id;
    }
    const at = checkTime(datum.Timestamp, member, ctx.now);
    const value = onlyValue(datum);
    if (value === undefined) points.add(id, at, datumSample(datum, member));
    else points.addValue(id, at, value);
  }
  ctx.raise(store.append(ctx.now, points, added));
  planCheckpoint(ctx, store);
  return {};
}

function checkNamespace(ctx: Context, namespace: string | undefined): string {
  if (namespace === undefined || namespace === '') throw missingParameter('Namespace');
  const isReserved = reserved.test(namespace) && ctx.caller.type !== 'Service';
  // Confirmed by API text: 1 to 255 characters; `AWS/` is for AWS's services; a colon may not begin it.
  if (isReserved || namespace.length > limits.nameLength || !/^[^:]/.test(namespace)) {
    throw invalidParameterValue(`The value ${namespace} for parameter Namespace is invalid.`);
  }
  return namespace;
}

function checkDatum(datum: MetricDatum, path: string): void {
  checkName(datum.MetricName, `${path}.MetricName`, limits.nameLength);
  checkSize(`${path}.Dimensions`, datum.Dimensions ?? [], limits.dimensions);
  const names = new Set<string>();
  for (const [i, { Name, Value }] of (datum.Dimensions ?? []).entries()) {
    const dimension = `${path}.Dimensions.member.${i + 1}`;
    checkName(Name, `${dimension}.Name`, limits.nameLength);
    checkName(Value, `${dimension}.Value`, limits.dimensionValueLength);
    // Confirmed by API text: a dimension's name cannot begin with a colon.
    if (Name?.startsWith(':')) throw invalidValue(Name, `${dimension}.Name`);
    // Confirmed by user reports: the text.
    if (names.has(Name ?? '')) {
      throw invalidParameterValue('No metric may specify the same dimension name twice.');
    }
    names.add(Name ?? '');
  }
  const { Unit, StorageResolution } = datum;
  const fault = unitFault(Unit, `${path}.Unit`);
  if (fault !== undefined) throw invalidParameterValue(fault);
  if (StorageResolution !== undefined && StorageResolution !== 1 && StorageResolution !== 60) {
    throw invalidValue(StorageResolution, `${path}.StorageResolution`);
  }
}

/** Confirmed by API text: two weeks back, two hours ahead. */
function checkTime(timestamp: Date | undefined, member: number, now: number): number {
  const at = timestamp?.getTime() ?? now;
  if (at >= now - 14 * day && at <= now + 2 * hour) return Math.floor(at / 1000) * 1000;
  const parameter = `${memberPath(member)}.Timestamp`;
  if (Number.isNaN(at)) throw invalidValue(String(timestamp), parameter);
  const bound = at < now ? 'within the past two weeks' : 'no more than two hours in the future';
  throw invalidParameterValue(`The parameter ${parameter} must specify a time ${bound}.`);
}

function checkName(value: string | undefined, parameter: string, maximum: number): void {
  if (value === undefined || value === '') throw missingParameter(parameter);
  // Confirmed by API text: ASCII without control characters, and not of white space alone.
  if (value.length > maximum || !/^[\x20-\x7e]*$/.test(value) || value.trim() === '') {
    throw invalidValue(value, parameter);
  }
}

function checkSize(parameter: string, collection: readonly unknown[], maximum: number): void {
  if (collection.length <= maximum) return;
  throw invalidParameterValue(`The collection ${parameter} must not have a size greater than ${maximum}.`);
}

function invalidValue(value: unknown, parameter: string): Error {
  return invalidParameterValue(`The value ${String(value)} for parameter ${parameter} is invalid.`);
}
