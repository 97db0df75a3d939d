import type { logs } from './services/logs/service.ts';
import type { LevelStore } from './store/level-store.ts';

/** How CloudWatch Logs reads its events back, which are kept in the store only. */
export function logEvents(store: LevelStore): Parameters<typeof logs>[0]['store'] {
  return {
    async *read(range) {
      for await (const { key, record } of store.readCold('logs.events', range)) {
        yield { key, event: record as never };
      }
    },
    clear: (range) => store.clearCold('logs.events', range),
  };
}
