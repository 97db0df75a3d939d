import type { Change } from '../../../kernel/table.ts';
import type { LogEventStore, StoredEvent } from '../ports.ts';

/** Reads events out of what was committed, as the store on disk does. */
export function memoryStore(commits: () => readonly (readonly Change[])[]): LogEventStore {
  return {
    async *read({ from, to, newestFirst }) {
      const rows = commits()
        .flat()
        .filter(({ table, key }) => table === '~logs.events' && key >= from && key < to)
        .map(({ key, record }) => ({ key, event: record as StoredEvent }))
        .sort((a, b) => (a.key < b.key ? -1 : 1));
      yield* newestFirst ? rows.reverse() : rows;
    },
    clear: async () => {},
  };
}
