import { oldestKept } from './api/groups.ts';
import type { QuerySource } from './run-query.ts';
import { eventRange, type LogsState, streamsOf } from './state.ts';

/** Where a query over these groups reads, `from` ≤ time < `to`; groups that are gone and events that expired are left out. */
export function querySources(
  state: LogsState,
  { accountId, now }: { readonly accountId: string; readonly now: number },
  query: { readonly groupNames: readonly string[]; readonly from: number; readonly to: number },
): readonly QuerySource[] {
  return query.groupNames.flatMap((name) => {
    const group = state.groups.get(name);
    if (group === undefined) return [];
    return [
      {
        log: `${accountId}:${name}`,
        streams: streamsOf(state, group).map((stream) => [stream.id, stream.name] as const),
        range: {
          ...eventRange(group, Math.max(query.from, oldestKept(group, now)), query.to),
          newestFirst: true,
        },
      },
    ];
  });
}
