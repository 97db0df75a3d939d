import type {
  GetMetricDataInput,
  GetMetricDataOutput,
  MetricDataQuery,
  MetricDataResult,
} from '@aws-sdk/client-cloudwatch';
import type { Context } from '../../../kernel/context.ts';
import { Later } from '../../../kernel/service.ts';
import { missingParameter, validationError } from '../errors.ts';
import { checkQueries } from './check-queries.ts';
import { type EvaluatedSeries, evaluate } from './queries.ts';
import { MetricReader } from './reader.ts';
import type { MetricStore } from './store.ts';

/** Confirmed by API text. */
const mostDatapoints = 100_800;

export function getMetricData(
  ctx: Context,
  store: MetricStore,
  input: GetMetricDataInput,
): GetMetricDataOutput | Later<GetMetricDataOutput> {
  const queries = input.MetricDataQueries ?? [];
  const range = checkRange(input);
  checkQueries(queries);
  const request = checkPaging(input, queries);
  const reader = new MetricReader(store, ctx.now);
  const place = { region: ctx.region, accountId: ctx.accountId };
  const answer = (): GetMetricDataOutput => paged(evaluate(reader, queries, range, place), request);
  const now = answer();
  return reader.isComplete ? now : new Later(() => reader.whole(answer));
}

function checkRange({ StartTime, EndTime }: GetMetricDataInput): {
  readonly start: number;
  readonly end: number;
} {
  if (!StartTime) throw missingParameter('StartTime');
  if (!EndTime) throw missingParameter('EndTime');
  const [start, end] = [StartTime.getTime(), EndTime.getTime()];
  // Confirmed by user reports: code and text of the first one.
  if (start === end) throw validationError('The parameter StartTime must not equal parameter EndTime.');
  if (start > end) throw validationError('The parameter EndTime must be greater than StartTime.');
  return { start, end };
}

interface Paging {
  readonly isAscending: boolean;
  /** Data points of earlier pages. */
  readonly offset: number;
  readonly size: number;
  /** Confirmed by API text: there is no next token when an expression is evaluated. */
  readonly hasExpression: boolean;
}

function checkPaging(input: GetMetricDataInput, queries: readonly MetricDataQuery[]): Paging {
  const { ScanBy = 'TimestampDescending', MaxDatapoints = mostDatapoints, NextToken } = input;
  if (ScanBy !== 'TimestampAscending' && ScanBy !== 'TimestampDescending') {
    throw validationError(`The value ${String(ScanBy)} for parameter ScanBy is invalid.`);
  }
  if (!Number.isInteger(MaxDatapoints) || MaxDatapoints < 1) {
    throw validationError(`The value ${MaxDatapoints} for parameter MaxDatapoints is invalid.`);
  }
  const { Timezone } = input.LabelOptions ?? {};
  if (Timezone !== undefined && !/^[+-]\d{4}$/.test(Timezone)) {
    throw validationError(`The value ${Timezone} for parameter LabelOptions.Timezone is invalid.`);
  }
  return {
    isAscending: ScanBy === 'TimestampAscending',
    offset: NextToken === undefined ? 0 : offsetOf(NextToken),
    size: Math.min(MaxDatapoints, mostDatapoints),
    hasExpression: queries.some(({ Expression }) => Expression !== undefined),
  };
}

/** A page takes data points result by result; what was cut off is partial. */
function paged(series: readonly EvaluatedSeries[], paging: Paging): GetMetricDataOutput {
  const { offset, size, hasExpression } = paging;
  const total = series.reduce((sum, { values }) => sum + values.length, 0);
  let before = 0;
  const results = series.map((one) => {
    const from = Math.max(0, offset - before);
    const to = Math.max(0, offset + size - before);
    before += one.values.length;
    return result(one, paging.isAscending, from, to);
  });
  const isMore = offset + size < total;
  return {
    MetricDataResults: results,
    Messages: [],
    ...(isMore && !hasExpression && { NextToken: tokenOf(offset + size) }),
  };
}

function result(series: EvaluatedSeries, isAscending: boolean, from: number, to: number): MetricDataResult {
  const { id, label, timestamps, values } = series;
  const ordered = <T>(all: readonly T[]): T[] => (isAscending ? [...all] : all.toReversed()).slice(from, to);
  return {
    Id: id,
    Label: label,
    Timestamps: ordered(timestamps).map((at) => new Date(at)),
    Values: ordered(values),
    StatusCode: to < values.length ? 'PartialData' : 'Complete',
  };
}

function tokenOf(offset: number): string {
  return btoa(`datapoints:${offset}`);
}

function offsetOf(token: string): number {
  const [, offset] = /^datapoints:(\d{1,15})$/.exec(decoded(token)) ?? [];
  if (offset === undefined) throw validationError('The value for parameter NextToken is invalid.');
  return Number(offset);
}

function decoded(token: string): string {
  return /^[A-Za-z0-9+/=]*$/.test(token) && token.length % 4 === 0 ? atob(token) : '';
}
