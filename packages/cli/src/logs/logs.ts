import {
  type CloudWatchLogsClient,
  type FilteredLogEvent,
  paginateFilterLogEvents,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Host } from '../command.ts';
import { outputsOf } from '../deploy/stack-status.ts';
import { allStacks } from '../deploy/stacks.ts';
import { codeOf, Interrupted, UserError } from '../errors.ts';
import { localStatus } from '../region/local-status.ts';
import { type LocalSession, localSession } from '../session.ts';
import { pause } from '../wait.ts';
import { LogLines } from './log-lines.ts';
import { sinceTime } from './since.ts';

export interface LogsFlags {
  readonly follow: boolean;
  readonly since: string;
  readonly filter: string | undefined;
  readonly home: string | undefined;
  readonly definition: string | undefined;
  readonly json: boolean;
}

/** @returns the exit code */
export async function runLogs(host: Host, flags: LogsFlags): Promise<number> {
  const session = await localSession(host, flags);
  const groups = await logGroups(session);
  const client = await session.target.clients.logs();
  // The region's clock, not this machine's: it may be moved.
  const { clock } = await localStatus(session.record.endpoint);
  const start = sinceTime(flags.since, Date.parse(clock.now));
  const lines = new LogLines(host.terminal, flags.json);
  const readers = groups.map((group) => new Reader(client, group, start, flags.filter));
  for (;;) {
    for (const reader of readers) for (const event of await reader.next()) lines.print(event);
    if (!flags.follow) return 0;
    try {
      await pause(400, host.signal);
    } catch {
      return 0;
    }
  }
}

async function logGroups({ target }: LocalSession): Promise<readonly string[]> {
  const stacks = await allStacks(await target.clients.cloudformation());
  const groups = stacks.flatMap((stack) => outputsOf(stack)['LogGroupName'] ?? []);
  if (groups.length > 0) return groups;
  throw new UserError(['No service is deployed, so there are no logs.', 'See: plimsoll status']);
}

/** How far before the newest event is read again: tasks deliver their lines with a delay. */
const overlapMs = 5_000;

class Reader {
  readonly #client: CloudWatchLogsClient;
  readonly #group: string;
  readonly #filter: string | undefined;
  readonly #seen = new Map<string, number>();
  #start: number;

  constructor(client: CloudWatchLogsClient, group: string, start: number, filter: string | undefined) {
    this.#client = client;
    this.#group = group;
    this.#start = start;
    this.#filter = filter;
  }

  /** The events that were not read before, oldest first. */
  async next(): Promise<readonly FilteredLogEvent[]> {
    const fresh: FilteredLogEvent[] = [];
    const input = {
      logGroupName: this.#group,
      startTime: this.#start,
      ...(this.#filter !== undefined && { filterPattern: this.#filter }),
    };
    try {
      for await (const { events = [] } of paginateFilterLogEvents({ client: this.#client }, input))
        for (const event of events) if (this.#isNew(event)) fresh.push(event);
    } catch (error) {
      if (codeOf(error) === 'ECONNREFUSED') throw new Interrupted('The region has ended.');
      throw error;
    }
    this.#advance();
    return fresh.sort((a, b) => (a.timestamp ?? 0) - (b.timestamp ?? 0));
  }

  #isNew({ eventId = '', timestamp = 0 }: FilteredLogEvent): boolean {
    if (this.#seen.has(eventId)) return false;
    this.#seen.set(eventId, timestamp);
    return true;
  }

  #advance(): void {
    const newest = Math.max(this.#start + overlapMs, ...this.#seen.values());
    this.#start = newest - overlapMs;
    for (const [id, timestamp] of this.#seen) if (timestamp < this.#start) this.#seen.delete(id);
  }
}
