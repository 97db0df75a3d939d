import type { Tables } from '../../kernel/table.ts';
import type { ResultField } from './insights/run-query.ts';
import type { LogEventStore } from './ports.ts';
import { querySources } from './query-sources.ts';
import { runQuery } from './run-query.ts';
import { findGroup, openLogs } from './state.ts';

/**
 * What the log widget of a dashboard shows: its query names its groups itself, `SOURCE '/app' | fields @message`.
 * Rejects with the `AwsError` of a query that is wrong or a group that is not there.
 */
export async function queryOfWidget(
  world: {
    readonly tables: Tables;
    readonly store: LogEventStore;
    readonly accountId: string;
    readonly now: number;
  },
  query: string,
  range: { readonly start: number; readonly end: number },
): Promise<readonly (readonly ResultField[])[]> {
  const state = openLogs(world.tables);
  const groupNames: string[] = [];
  const queryString = query.replace(/^(?:\s*SOURCE\s+(?:'[^']*'|"[^"]*")\s*\|)+/i, (sources) => {
    for (const [, name] of sources.matchAll(/['"]([^'"]*)['"]/g))
      groupNames.push(findGroup(state, name).name);
    return '';
  });
  const sources = querySources(state, world, { groupNames, from: range.start, to: range.end });
  // Chosen: as many rows as somebody would scroll through on a page.
  const { results } = await runQuery(world.store, {
    kind: 'runQuery',
    id: '',
    queryString,
    limit: 100,
    sources,
  });
  return results;
}
