import type {
  CreateLogStreamRequest,
  DeleteLogStreamRequest,
  DescribeLogStreamsRequest,
  DescribeLogStreamsResponse,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Context } from '../../../kernel/context.ts';
import { page } from '../../../kernel/page.ts';
import { alreadyExists, invalidParameter, invalidToken } from '../errors.ts';
import { findGroup, findStream, type LogStream, type LogsState, streamKey, streamsOf } from '../state.ts';
import { pageLimit } from './limit.ts';

export function createLogStream(ctx: Context, state: LogsState, input: CreateLogStreamRequest): object {
  const group = findGroup(state, input.logGroupName);
  const name = checkName(input.logStreamName ?? '');
  const key = streamKey(group.name, name);
  if (state.streams.has(key)) throw alreadyExists('stream');
  state.streams.put(key, { groupName: group.name, name, id: ctx.random.hex(16), created: ctx.now });
  return {};
}

/** The events stay in the store until their group goes or they expire, but no query gives them any more. */
export function deleteLogStream(_ctx: Context, state: LogsState, input: DeleteLogStreamRequest): object {
  const group = findGroup(state, input.logGroupName);
  const stream = findStream(state, group, input.logStreamName);
  state.streams.delete(streamKey(group.name, stream.name));
  return {};
}

export function describeLogStreams(
  ctx: Context,
  state: LogsState,
  input: DescribeLogStreamsRequest,
): DescribeLogStreamsResponse {
  const group = findGroup(state, input.logGroupIdentifier ?? input.logGroupName);
  const byTime = input.orderBy === 'LastEventTime';
  if (byTime && input.logStreamNamePrefix !== undefined) {
    throw invalidParameter('Cannot order by LastEventTime with a logStreamNamePrefix.');
  }
  const order = (a: LogStream, b: LogStream): number =>
    byTime ? (a.lastEvent ?? 0) - (b.lastEvent ?? 0) : a.name < b.name ? -1 : 1;
  const streams = streamsOf(state, group)
    .filter(({ name }) => name.startsWith(input.logStreamNamePrefix ?? ''))
    .sort((a, b) => (input.descending ? -order(a, b) : order(a, b)));
  const { items, nextToken } = page(streams, input.nextToken, pageLimit(input.limit, 50), invalidToken);
  return {
    logStreams: items.map((stream) => ({
      logStreamName: stream.name,
      creationTime: stream.created,
      ...(stream.firstEvent !== undefined && { firstEventTimestamp: stream.firstEvent }),
      ...(stream.lastEvent !== undefined && { lastEventTimestamp: stream.lastEvent }),
      ...(stream.lastIngestion !== undefined && { lastIngestionTime: stream.lastIngestion }),
      arn: ctx.arn('logs', `log-group:${group.name}:log-stream:${stream.name}`),
      storedBytes: 0,
    })),
    ...(nextToken !== undefined && { nextToken }),
  };
}

function checkName(name: string): string {
  if (/^[^:*]{1,512}$/.test(name) && !name.includes('\u0000')) return name;
  throw invalidParameter(
    `1 validation error detected: Value '${name}' at 'logStreamName' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:*]*`,
  );
}
