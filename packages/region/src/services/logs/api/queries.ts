import type {
  DescribeQueriesRequest,
  DescribeQueriesResponse,
  GetQueryResultsRequest,
  GetQueryResultsResponse,
  StartQueryRequest,
  StartQueryResponse,
  StopQueryRequest,
  StopQueryResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { after } from '../../../kernel/instant.ts';
import { page } from '../../../kernel/page.ts';
import { invalidParameter, invalidToken, queryNotFound } from '../errors.ts';
import { parseQuery } from '../insights/parse-query.ts';
import { querySources } from '../query-sources.ts';
import type { QueryEnded, RunQuery } from '../run-query.ts';
import { findGroup, type LogsState, type Query } from '../state.ts';

/** Confirmed by API text: 10,000 results, 50 groups, results are kept for 7 days. */
const limits = { results: 10_000, groups: 50, keptSeconds: 7 * 86_400 } as const;

export function startQuery(ctx: Context, state: LogsState, input: StartQueryRequest): StartQueryResponse {
  if (input.queryLanguage !== undefined && input.queryLanguage !== 'CWLI') {
    throw notModelled(`logs StartQuery: queryLanguage ${input.queryLanguage}`, 'logs');
  }
  const { queryString = '', startTime = 0, endTime = 0, limit = limits.results } = input;
  parseQuery(queryString);
  if (endTime < startTime) throw invalidParameter('End time should not be less than start time.');
  if (!Number.isInteger(limit) || limit < 1 || limit > limits.results) {
    throw invalidParameter(
      `1 validation error detected: Value '${limit}' at 'limit' failed to satisfy constraint: Member must have value between 1 and ${limits.results}`,
    );
  }
  const id = ctx.random.uuid();
  const query: Query = {
    id,
    groupNames: groupNames(state, input),
    queryString,
    startTime,
    endTime,
    limit,
    created: ctx.now,
    status: 'Running',
  };
  state.queries.put(id, query);
  ctx.timers.set(id, 'forgetQuery', after(ctx.now, limits.keptSeconds));
  run(ctx, state, query);
  return { queryId: id };
}

/** What a kill has interrupted is run again. */
export function resumeQueries(ctx: Context, state: LogsState): void {
  for (const query of state.queries.filter(({ status }) => status === 'Running')) run(ctx, state, query);
}

function run(ctx: Context, state: LogsState, query: Query): void {
  const from = query.startTime * 1000;
  // Confirmed by API text: both times are inclusive, in seconds.
  const to = query.endTime * 1000 + 1000;
  const { groupNames } = query;
  const sources = querySources(state, ctx, { groupNames, from, to });
  const { id, queryString, limit } = query;
  ctx.perform({ kind: 'runQuery', id, queryString, limit, sources } satisfies RunQuery);
}

/** A query that was stopped meanwhile, or forgotten, stays so. */
export function endQuery(state: LogsState, { id, results, statistics }: QueryEnded): void {
  const query = state.queries.get(id);
  if (query?.status !== 'Running') return;
  state.queries.put(id, { ...query, status: 'Complete', results, statistics });
}

export function forgetQuery(state: LogsState, id: string): void {
  state.queries.delete(id);
}

export function getQueryResults(
  _ctx: Context,
  state: LogsState,
  { queryId }: GetQueryResultsRequest,
): GetQueryResultsResponse {
  const { status, results = [], statistics } = findQuery(state, queryId);
  return {
    queryLanguage: 'CWLI',
    status,
    results: results.map((row) => row.map((field) => ({ ...field }))),
    statistics: statistics ?? { recordsMatched: 0, recordsScanned: 0, bytesScanned: 0 },
  };
}

export function stopQuery(_ctx: Context, state: LogsState, { queryId }: StopQueryRequest): StopQueryResponse {
  const query = findQuery(state, queryId);
  // Confirmed by API text: of a query that has ended, an error says that it is not running.
  if (query.status !== 'Running') throw invalidParameter('The specified query is not running.');
  state.queries.put(query.id, { ...query, status: 'Cancelled' });
  return { success: true };
}

export function describeQueries(
  _ctx: Context,
  state: LogsState,
  input: DescribeQueriesRequest,
): DescribeQueriesResponse {
  const { logGroupName, status, queryLanguage = 'CWLI' } = input;
  const group = logGroupName === undefined ? undefined : findGroup(state, logGroupName).name;
  const found = state.queries
    .filter(
      (query) =>
        queryLanguage === 'CWLI' &&
        (group === undefined || query.groupNames.includes(group)) &&
        (status === undefined || query.status === status),
    )
    .reverse();
  const { items, nextToken } = page(
    found,
    input.nextToken,
    Math.min(input.maxResults ?? 1000, 1000),
    invalidToken,
  );
  return {
    queries: items.map((query) => ({
      queryLanguage: 'CWLI',
      queryId: query.id,
      queryString: query.queryString,
      status: query.status,
      createTime: query.created,
      ...(query.groupNames[0] !== undefined && { logGroupName: query.groupNames[0] }),
    })),
    ...(nextToken !== undefined && { nextToken }),
  };
}

function findQuery(state: LogsState, id: string | undefined): Query {
  const query = state.queries.get(id ?? '');
  if (!query) throw queryNotFound(id ?? '');
  return query;
}

function groupNames(state: LogsState, input: StartQueryRequest): readonly string[] {
  const given = [
    ...(input.logGroupName === undefined ? [] : [[input.logGroupName]]),
    ...(input.logGroupNames === undefined ? [] : [input.logGroupNames]),
    ...(input.logGroupIdentifiers === undefined ? [] : [input.logGroupIdentifiers]),
  ];
  const [names = [], ...others] = given;
  // Confirmed by API text: exactly one of the three.
  if (given.length === 0 || names.length === 0) throw invalidParameter('A log group has to be specified.');
  if (others.length > 0) {
    throw invalidParameter(
      'Only one of logGroupName, logGroupNames and logGroupIdentifiers may be specified.',
    );
  }
  if (names.length > limits.groups) {
    throw invalidParameter(`A query reads ${limits.groups} log groups at most.`);
  }
  return [...new Set(names.map((name) => findGroup(state, name).name))];
}
