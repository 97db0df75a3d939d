import type * as Logs from '@aws-sdk/client-cloudwatch-logs';
import { operation, type ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import * as events from './api/events.ts';
import * as groups from './api/groups.ts';
import * as metricFilters from './api/metric-filters.ts';
import * as queries from './api/queries.ts';
import * as streams from './api/streams.ts';
import { logGroupType } from './cloudformation/log-group.ts';
import { metricFilterType } from './cloudformation/metric-filter.ts';
import { onMinuteEnd } from './metric-filters.ts';
import type { LogEventStore } from './ports.ts';
import { type QueryEnded, type RunQuery, runQuery } from './run-query.ts';
import { type LogsState, openLogs } from './state.ts';

export interface LogsDependencies {
  readonly tables: Tables;
  readonly store: LogEventStore;
}

/** Amazon CloudWatch Logs: groups, streams and their events. */
export function logs({ tables, store }: LogsDependencies): ServiceModule {
  const state = openLogs(tables);
  return {
    name: 'logs',
    resourceTypes: [logGroupType, metricFilterType],
    operations: {
      ...groupOperations(state),
      ...streamOperations(state),
      ...eventOperations(state, store),
      ...metricFilterOperations(state),
      ...queryOperations(state),
    },
    onStart: (ctx) => queries.resumeQueries(ctx, state),
    onEvent: (_ctx, event: QueryEnded) => queries.endQuery(state, event),
    onTimer: (ctx, timer) => {
      if (timer.name === 'retention') groups.expireEvents(ctx, state, timer);
      else if (timer.name === 'forgetQuery') queries.forgetQuery(state, timer.subject);
      else onMinuteEnd(ctx, state, timer.subject);
    },
    perform: async (action: groups.ClearEvents | RunQuery) => {
      if (action.kind === 'runQuery') return runQuery(store, action);
      await store.clear(action.range);
      return undefined;
    },
  };
}

function groupOperations(state: LogsState): ServiceModule['operations'] {
  return {
    CreateLogGroup: operation<Logs.CreateLogGroupRequest, object>({
      accepts: ['logGroupName', 'tags', 'logGroupClass', 'deletionProtectionEnabled'],
      ignores: { kmsKeyId: "events are kept as all other state is, readable by the home's owner only" },
      handler: (ctx, input) => groups.createLogGroup(ctx, state, input),
    }),
    DeleteLogGroup: operation<Logs.DeleteLogGroupRequest, object>({
      accepts: ['logGroupName'],
      handler: (ctx, input) => groups.deleteLogGroup(ctx, state, input),
    }),
    DescribeLogGroups: operation<Logs.DescribeLogGroupsRequest, Logs.DescribeLogGroupsResponse>({
      accepts: ['logGroupNamePrefix', 'logGroupNamePattern', 'nextToken', 'limit'],
      handler: (ctx, input) => groups.describeLogGroups(ctx, state, input),
    }),
    PutRetentionPolicy: operation<Logs.PutRetentionPolicyRequest, object>({
      accepts: ['logGroupName', 'retentionInDays'],
      handler: (ctx, input) => groups.putRetentionPolicy(ctx, state, input),
    }),
    DeleteRetentionPolicy: operation<Logs.DeleteRetentionPolicyRequest, object>({
      accepts: ['logGroupName'],
      handler: (ctx, input) => groups.deleteRetentionPolicy(ctx, state, input),
    }),
    TagResource: operation<Logs.TagResourceRequest, object>({
      accepts: ['resourceArn', 'tags'],
      handler: (ctx, input) => groups.tagResource(ctx, state, input),
    }),
    UntagResource: operation<Logs.UntagResourceRequest, object>({
      accepts: ['resourceArn', 'tagKeys'],
      handler: (ctx, input) => groups.untagResource(ctx, state, input),
    }),
    ListTagsForResource: operation<Logs.ListTagsForResourceRequest, Logs.ListTagsForResourceResponse>({
      accepts: ['resourceArn'],
      handler: (ctx, input) => groups.listTagsForResource(ctx, state, input),
    }),
  };
}

function streamOperations(state: LogsState): ServiceModule['operations'] {
  return {
    CreateLogStream: operation<Logs.CreateLogStreamRequest, object>({
      accepts: ['logGroupName', 'logStreamName'],
      handler: (ctx, input) => streams.createLogStream(ctx, state, input),
    }),
    DeleteLogStream: operation<Logs.DeleteLogStreamRequest, object>({
      accepts: ['logGroupName', 'logStreamName'],
      handler: (ctx, input) => streams.deleteLogStream(ctx, state, input),
    }),
    DescribeLogStreams: operation<Logs.DescribeLogStreamsRequest, Logs.DescribeLogStreamsResponse>({
      accepts: [
        'logGroupName',
        'logGroupIdentifier',
        'logStreamNamePrefix',
        'orderBy',
        'descending',
        'nextToken',
        'limit',
      ],
      handler: (ctx, input) => streams.describeLogStreams(ctx, state, input),
    }),
  };
}

function eventOperations(state: LogsState, store: LogEventStore): ServiceModule['operations'] {
  return {
    PutLogEvents: operation<Logs.PutLogEventsRequest, Logs.PutLogEventsResponse>({
      // Confirmed by API text: the sequence token is ignored; every call succeeds whatever it is.
      accepts: ['logGroupName', 'logStreamName', 'logEvents', 'sequenceToken'],
      handler: (ctx, input) => events.putLogEvents(ctx, state, input),
    }),
    GetLogEvents: operation<Logs.GetLogEventsRequest, Logs.GetLogEventsResponse>({
      accepts: [
        'logGroupName',
        'logGroupIdentifier',
        'logStreamName',
        'startTime',
        'endTime',
        'nextToken',
        'limit',
        'startFromHead',
      ],
      handler: (ctx, input) => events.getLogEvents(ctx, state, store, input),
    }),
    FilterLogEvents: operation<Logs.FilterLogEventsRequest, Logs.FilterLogEventsResponse>({
      // Confirmed by API text: `interleaved` has no effect any more.
      accepts: [
        'logGroupName',
        'logGroupIdentifier',
        'logStreamNames',
        'logStreamNamePrefix',
        'startTime',
        'endTime',
        'filterPattern',
        'nextToken',
        'limit',
        'interleaved',
      ],
      handler: (ctx, input) => events.filterLogEvents(ctx, state, store, input),
    }),
  };
}

function metricFilterOperations(state: LogsState): ServiceModule['operations'] {
  return {
    PutMetricFilter: operation<Logs.PutMetricFilterRequest, object>({
      accepts: ['logGroupName', 'filterName', 'filterPattern', 'metricTransformations'],
      handler: (ctx, input) => metricFilters.putMetricFilter(ctx, state, input),
    }),
    DeleteMetricFilter: operation<Logs.DeleteMetricFilterRequest, object>({
      accepts: ['logGroupName', 'filterName'],
      handler: (ctx, input) => metricFilters.deleteMetricFilter(ctx, state, input),
    }),
    DescribeMetricFilters: operation<Logs.DescribeMetricFiltersRequest, Logs.DescribeMetricFiltersResponse>({
      accepts: ['logGroupName', 'filterNamePrefix', 'metricName', 'metricNamespace', 'nextToken', 'limit'],
      handler: (ctx, input) => metricFilters.describeMetricFilters(ctx, state, input),
    }),
    TestMetricFilter: operation<Logs.TestMetricFilterRequest, Logs.TestMetricFilterResponse>({
      accepts: ['filterPattern', 'logEventMessages'],
      handler: (ctx, input) => metricFilters.testMetricFilter(ctx, state, input),
    }),
  };
}

function queryOperations(state: LogsState): ServiceModule['operations'] {
  return {
    StartQuery: operation<Logs.StartQueryRequest, Logs.StartQueryResponse>({
      accepts: [
        'queryLanguage',
        'logGroupName',
        'logGroupNames',
        'logGroupIdentifiers',
        'startTime',
        'endTime',
        'queryString',
        'limit',
      ],
      handler: (ctx, input) => queries.startQuery(ctx, state, input),
    }),
    GetQueryResults: operation<Logs.GetQueryResultsRequest, Logs.GetQueryResultsResponse>({
      accepts: ['queryId'],
      handler: (ctx, input) => queries.getQueryResults(ctx, state, input),
    }),
    StopQuery: operation<Logs.StopQueryRequest, Logs.StopQueryResponse>({
      accepts: ['queryId'],
      handler: (ctx, input) => queries.stopQuery(ctx, state, input),
    }),
    DescribeQueries: operation<Logs.DescribeQueriesRequest, Logs.DescribeQueriesResponse>({
      accepts: ['logGroupName', 'status', 'maxResults', 'nextToken', 'queryLanguage'],
      handler: (ctx, input) => queries.describeQueries(ctx, state, input),
    }),
  };
}
