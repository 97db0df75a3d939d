import type {
  FilterLogEventsRequest,
  FilterLogEventsResponse,
  GetLogEventsRequest,
  GetLogEventsResponse,
  PutLogEventsRequest,
  PutLogEventsResponse,
  RejectedLogEventsInfo,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Context } from '../../../kernel/context.ts';
import { Later } from '../../../kernel/service.ts';
import { invalidParameter, invalidToken } from '../errors.ts';
import { parseFilterPattern } from '../filter-pattern/filter-pattern.ts';
import { countEvents } from '../metric-filters.ts';
import type { LogEventStore, StoredEvent } from '../ports.ts';
import {
  eventKey,
  eventRange,
  findGroup,
  findStream,
  type LogGroup,
  type LogStream,
  type LogsState,
  streamKey,
  streamsOf,
} from '../state.ts';
import { oldestKept } from './groups.ts';
import { pageLimit } from './limit.ts';

const hour = 3_600_000;
/** Confirmed by API text: 1,048,576 bytes, 26 more counted for each event; 10,000 events; 24 hours. */
const limits = { batchBytes: 1_048_576, eventOverhead: 26, events: 10_000, spanMs: 24 * hour } as const;
const pageBytes = 1_048_576;

type Event = { readonly timestamp: number; readonly message: string };

export function putLogEvents(
  ctx: Context,
  state: LogsState,
  input: PutLogEventsRequest,
): PutLogEventsResponse {
  const group = findGroup(state, input.logGroupName);
  const stream = findStream(state, group, input.logStreamName);
  const events = (input.logEvents ?? []).map(({ timestamp = 0, message = '' }) => ({ timestamp, message }));
  checkBatch(events);
  const { kept, rejected } = sift(events, group, ctx.now);
  let sequence = state.sequence.get('next') ?? 0;
  for (const { timestamp, message } of kept) {
    const event = { streamId: stream.id, timestamp, ingestionTime: ctx.now, message };
    state.events.append(eventKey(group, timestamp, sequence++), event);
  }
  state.sequence.put('next', sequence);
  noteEvents(ctx, state, group, stream, kept);
  countEvents(ctx, state, group.name, kept);
  return {
    nextSequenceToken: ctx.random.digits(56),
    ...(rejected !== undefined && { rejectedLogEventsInfo: rejected }),
  };
}

function checkBatch(events: readonly Event[]): void {
  if (events.length === 0 || events.length > limits.events) {
    throw invalidParameter(
      "1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length between 1 and 10000",
    );
  }
  if (sizeOf(events) > limits.batchBytes) {
    throw invalidParameter(`Upload too large: ${sizeOf(events)} bytes exceeds limit of ${limits.batchBytes}`);
  }
  for (const [i, { timestamp }] of events.entries()) {
    if (timestamp < (events[i - 1]?.timestamp ?? 0)) {
      throw invalidParameter('Log events in a single PutLogEvents request must be in chronological order.');
    }
  }
  if ((events.at(-1)?.timestamp ?? 0) - (events[0]?.timestamp ?? 0) > limits.spanMs) {
    throw invalidParameter(
      'The batch of log events in a single PutLogEvents request cannot span more than 24 hours.',
    );
  }
}

/** Confirmed by API text: what is too old (14 days, or the retention) or over 2 hours ahead is left out; the rest is kept. */
function sift(
  events: readonly Event[],
  group: LogGroup,
  now: number,
): { readonly kept: readonly Event[]; readonly rejected?: RejectedLogEventsInfo } {
  const tooOld = events.filter(({ timestamp }) => timestamp < now - 14 * 24 * hour).length;
  const expired = events.filter(({ timestamp }) => timestamp < oldestKept(group, now)).length;
  const tooNew = events.findIndex(({ timestamp }) => timestamp > now + 2 * hour);
  if (tooOld === 0 && expired === 0 && tooNew < 0) return { kept: events };
  return {
    kept: events.slice(Math.max(tooOld, expired), tooNew < 0 ? undefined : tooNew),
    rejected: {
      ...(tooNew >= 0 && { tooNewLogEventStartIndex: tooNew }),
      ...(tooOld > 0 && { tooOldLogEventEndIndex: tooOld }),
      ...(expired > 0 && { expiredLogEventEndIndex: expired }),
    },
  };
}

function noteEvents(
  ctx: Context,
  state: LogsState,
  group: LogGroup,
  stream: LogStream,
  events: readonly Event[],
): void {
  const first = events[0];
  const last = events.at(-1);
  if (!first || !last) return;
  state.groups.put(group.name, { ...group, storedBytes: group.storedBytes + sizeOf(events) });
  state.streams.put(streamKey(group.name, stream.name), {
    ...stream,
    firstEvent: Math.min(stream.firstEvent ?? first.timestamp, first.timestamp),
    lastEvent: Math.max(stream.lastEvent ?? last.timestamp, last.timestamp),
    lastIngestion: ctx.now,
  });
}

function sizeOf(events: readonly Event[]): number {
  const encoder = new TextEncoder();
  return events.reduce((sum, { message }) => sum + encoder.encode(message).length + limits.eventOverhead, 0);
}

/** Tokens hold the key next to the page: `f/…` to newer events, `b/…` to older ones. At the end the same token comes back. */
export function getLogEvents(
  ctx: Context,
  state: LogsState,
  store: LogEventStore,
  input: GetLogEventsRequest,
): Later<GetLogEventsResponse> {
  const group = findGroup(state, input.logGroupIdentifier ?? input.logGroupName);
  const stream = findStream(state, group, input.logStreamName);
  const asked = timeRange(group, input.startTime, input.endTime, ctx.now);
  const token = input.nextToken === undefined ? undefined : readToken(input.nextToken);
  const newestFirst = token ? token.direction === 'b' : input.startFromHead !== true;
  const range = token ? narrowed(asked, token) : asked;
  const limit = pageLimit(input.limit, 10_000);
  return new Later(async () => {
    const found = await readPage(
      store,
      { ...range, newestFirst },
      limit,
      (event) => event.streamId === stream.id,
    );
    const events = newestFirst ? found.rows.reverse() : found.rows;
    const [first, last] = [events[0]?.key, events.at(-1)?.key];
    return {
      events: events.map(({ event: { timestamp, message, ingestionTime } }) => ({
        timestamp,
        message,
        ingestionTime,
      })),
      nextForwardToken: last === undefined ? sameToken(token, 'f', range) : makeToken('f', `${last}\u0001`),
      nextBackwardToken: first === undefined ? sameToken(token, 'b', range) : makeToken('b', first),
    };
  });
}

export function filterLogEvents(
  ctx: Context,
  state: LogsState,
  store: LogEventStore,
  input: FilterLogEventsRequest,
): Later<FilterLogEventsResponse> {
  const group = findGroup(state, input.logGroupIdentifier ?? input.logGroupName);
  const streams = chosenStreams(state, group, input);
  const pattern = parseFilterPattern(input.filterPattern);
  const asked = timeRange(group, input.startTime, input.endTime, ctx.now);
  const range = input.nextToken === undefined ? asked : narrowed(asked, readToken(input.nextToken));
  const limit = pageLimit(input.limit, 10_000);
  return new Later(async () => {
    const found = await readPage(
      store,
      range,
      limit,
      (event) => streams.has(event.streamId) && pattern.match(event.message) !== undefined,
    );
    return {
      events: found.rows.map(({ key, event }) => ({
        logStreamName: streams.get(event.streamId) ?? '',
        timestamp: event.timestamp,
        message: event.message,
        ingestionTime: event.ingestionTime,
        eventId: eventId(key),
      })),
      searchedLogStreams: [],
      ...(found.next !== undefined && { nextToken: makeToken('f', found.next) }),
    };
  });
}

function chosenStreams(
  state: LogsState,
  group: LogGroup,
  input: FilterLogEventsRequest,
): Map<string, string> {
  const { logStreamNames: names, logStreamNamePrefix: prefix } = input;
  if (names !== undefined && prefix !== undefined) {
    throw invalidParameter('Cannot use both logStreamNames and logStreamNamePrefix.');
  }
  const chosen = names
    ? names.map((name) => findStream(state, group, name))
    : streamsOf(state, group).filter(({ name }) => name.startsWith(prefix ?? ''));
  return new Map(chosen.map(({ id, name }) => [id, name]));
}

interface Range {
  readonly from: string;
  readonly to: string;
}

interface Token {
  readonly direction: 'f' | 'b';
  readonly key: string;
}

/** Confirmed by API text: the start is inclusive; GetLogEvents' end is exclusive. */
function timeRange(group: LogGroup, start: number | undefined, end: number | undefined, now: number): Range {
  return eventRange(group, Math.max(start ?? 0, oldestKept(group, now)), end);
}

function narrowed({ from, to }: Range, { direction, key }: Token): Range {
  if (direction === 'f') return { from: key > from ? key : from, to };
  return { from, to: key < to ? key : to };
}

async function readPage(
  store: LogEventStore,
  range: Range & { readonly newestFirst?: boolean },
  limit: number,
  wanted: (event: StoredEvent) => boolean,
): Promise<{ readonly rows: { key: string; event: StoredEvent }[]; readonly next?: string }> {
  const rows: { key: string; event: StoredEvent }[] = [];
  let bytes = 0;
  for await (const row of store.read(range)) {
    if (!wanted(row.event)) continue;
    bytes += row.event.message.length + limits.eventOverhead;
    if (rows.length >= limit || (bytes > pageBytes && rows.length > 0)) return { rows, next: row.key };
    rows.push(row);
  }
  return { rows };
}

function makeToken(direction: Token['direction'], key: string): string {
  return `${direction}/${btoa(key)}`;
}

function readToken(token: string): Token {
  const [, direction, encoded] = /^([fb])\/([A-Za-z0-9+/=]+)$/.exec(token) ?? [];
  if (direction === undefined || encoded === undefined) throw invalidToken();
  return { direction: direction as Token['direction'], key: atob(encoded) };
}

function sameToken(token: Token | undefined, direction: Token['direction'], range: Range): string {
  if (token?.direction === direction) return makeToken(direction, token.key);
  return makeToken(direction, direction === 'f' ? range.from : range.to);
}

/** 56 digits like AWS's, one for each key. */
function eventId(key: string): string {
  const [, timestamp = '', sequence = ''] = key.split('\u0000');
  return (timestamp + sequence).padStart(56, '3');
}
