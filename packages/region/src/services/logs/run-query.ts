/** Reads the events of a query from the store and works on them, beside the kernel. */
import { type QueriedEvent, rowOf } from './insights/event-row.ts';
import { parseQuery } from './insights/parse-query.ts';
import {
  applyToAll,
  applyToRow,
  perRowCommands,
  type ResultField,
  resultNames,
  resultOf,
} from './insights/run-query.ts';
import { numberOf, type Row } from './insights/value.ts';
import type { EventRange, LogEventStore } from './ports.ts';

export interface RunQuery {
  readonly kind: 'runQuery';
  readonly id: string;
  readonly queryString: string;
  readonly limit: number;
  readonly sources: readonly QuerySource[];
}

export interface QuerySource {
  readonly log: string;
  /** Ids and names. */
  readonly streams: readonly (readonly [string, string])[];
  readonly range: EventRange;
}

export interface QueryEnded {
  readonly kind: 'queryEnded';
  readonly id: string;
  readonly results: readonly (readonly ResultField[])[];
  readonly statistics: QueryStatistics;
}

export interface QueryStatistics {
  readonly recordsMatched: number;
  readonly recordsScanned: number;
  readonly bytesScanned: number;
}

export async function runQuery(store: LogEventStore, query: RunQuery): Promise<QueryEnded> {
  const commands = parseQuery(query.queryString);
  const perRow = perRowCommands(commands);
  const rows: Row[] = [];
  let scanned = 0;
  let bytes = 0;
  for (const source of query.sources) {
    for await (const event of eventsOf(store, source)) {
      scanned += 1;
      bytes += event.message.length;
      const row = applyToRow(commands.slice(0, perRow), rowOf(event));
      if (row !== undefined) rows.push(row);
    }
  }
  // Chosen: what a query does not sort comes newest first.
  if (query.sources.length > 1) rows.sort((a, b) => timeOf(b) - timeOf(a));
  const found = applyToAll(commands.slice(perRow), rows).slice(0, query.limit);
  const names = resultNames(commands);
  return {
    kind: 'queryEnded',
    id: query.id,
    results: found.map((row) => resultOf(names, row)),
    statistics: { recordsMatched: rows.length, recordsScanned: scanned, bytesScanned: bytes },
  };
}

async function* eventsOf(
  store: LogEventStore,
  { log, streams, range }: QuerySource,
): AsyncGenerator<QueriedEvent> {
  const names = new Map(streams);
  for await (const { key, event } of store.read(range)) {
    const logStream = names.get(event.streamId);
    if (logStream !== undefined) yield { ...event, logStream, log, ptr: encodeURIComponent(key) };
  }
}

function timeOf(row: Row): number {
  return numberOf(row.get('@timestamp')) ?? 0;
}
