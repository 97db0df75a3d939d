import type { Command } from './parse-query.ts';
import { type Row, textOf, type Value } from './value.ts';

/** One row for each group, in the order in which groups are met; without `by` one row, also of nothing. */
export function aggregate(
  { columns, by }: Extract<Command, { kind: 'stats' }>,
  rows: readonly Row[],
): readonly Row[] {
  const groups = new Map<string, { readonly keys: readonly Value[]; readonly members: Row[] }>();
  if (by.length === 0) groups.set('[]', { keys: [], members: [] });
  for (const row of rows) {
    const keys = by.map(({ of }) => of(row));
    const name = JSON.stringify(keys.map((key) => (key === undefined ? null : textOf(key))));
    const group = groups.get(name) ?? { keys, members: [] };
    groups.set(name, group);
    group.members.push(row);
  }
  return [...groups.values()].map(
    ({ keys, members }) =>
      new Map([
        ...by.map(({ name }, index) => [name, keys[index]] as const),
        ...columns.map(({ name, of }) => [name, of(members)] as const),
      ]),
  );
}
