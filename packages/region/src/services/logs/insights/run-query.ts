/**
 * Runs a query over events. Commands that look at one event each are done while the events are read; the first that needs
 * them all ends that, and the rest works on what is left.
 */
import { aggregate } from './aggregate.ts';
import type { Command } from './parse-query.ts';
import { inSortOrder } from './sort-order.ts';
import { isTrue, type Row, textOf, type Value } from './value.ts';

export interface ResultField {
  readonly field: string;
  readonly value: string;
}

/** Rows after those commands that look at one event each. */
export function applyToRow(commands: readonly Command[], row: Row): Row | undefined {
  let result = row;
  for (const command of commands) {
    if (command.kind === 'filter' && !isTrue(command.isMet(result))) return undefined;
    result = extended(command, result);
  }
  return result;
}

/** How many commands at the beginning look at one event each. */
export function perRowCommands(commands: readonly Command[]): number {
  const index = commands.findIndex(({ kind }) => ['stats', 'sort', 'limit', 'dedup'].includes(kind));
  return index < 0 ? commands.length : index;
}

export function applyToAll(commands: readonly Command[], rows: readonly Row[]): readonly Row[] {
  return commands.reduce<readonly Row[]>((left, command) => applied(command, left), rows);
}

function applied(command: Command, rows: readonly Row[]): readonly Row[] {
  switch (command.kind) {
    case 'stats':
      return aggregate(command, rows);
    case 'sort':
      return [...rows].sort((a, b) => {
        for (const { of, isDescending } of command.by) {
          const order = inSortOrder(of(a), of(b));
          if (order !== 0) return isDescending ? -order : order;
        }
        return 0;
      });
    case 'limit':
      return rows.slice(0, command.count);
    case 'dedup':
      return deduplicated(command.of, rows);
    default:
      return rows.flatMap((row) => applyToRow([command], row) ?? []);
  }
}

/** Confirmed by docs: the first of those with the same values is kept, and each event without one of the fields. */
function deduplicated(of: readonly ((row: Row) => Value)[], rows: readonly Row[]): readonly Row[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const values = of.map((one) => one(row));
    if (values.some((value) => value === undefined)) return true;
    const key = JSON.stringify(values.map(textOf));
    return !seen.has(key) && seen.add(key);
  });
}

function extended(command: Command, row: Row): Row {
  if (command.kind === 'fields' || command.kind === 'display') {
    return new Map([...row, ...command.columns.map(({ name, of }) => [name, of(row)] as const)]);
  }
  if (command.kind !== 'parse') return row;
  const value = command.of(row);
  const found = value === undefined ? null : command.pattern.exec(textOf(value));
  if (!found) return row;
  const parsed = command.names.map(
    (name, index) => [name, found.groups?.[name] ?? found[index + 1]] as const,
  );
  return new Map([...row, ...parsed]);
}

/** The names of the results' fields, in order. */
export function resultNames(commands: readonly Command[]): readonly string[] {
  let names: readonly string[] = [];
  for (const command of commands) {
    if (command.kind === 'fields') names = [...names, ...command.columns.map(({ name }) => name)];
    if (command.kind === 'stats') names = [...command.by, ...command.columns].map(({ name }) => name);
  }
  const shown = commands.findLast(({ kind }) => kind === 'display');
  if (shown?.kind === 'display') names = shown.columns.map(({ name }) => name);
  const chosen = names.length > 0 ? names : ['@timestamp', '@message', ...parsedNames(commands)];
  // Confirmed by docs: each event has its @ptr; what stats made has none.
  const isAggregated = commands.some(({ kind }) => kind === 'stats');
  return [...new Set(isAggregated ? chosen : [...chosen, '@ptr'])];
}

function parsedNames(commands: readonly Command[]): readonly string[] {
  return commands.flatMap((command) => (command.kind === 'parse' ? command.names : []));
}

export function resultOf(names: readonly string[], row: Row): readonly ResultField[] {
  return names.flatMap((field) => {
    const value = row.get(field);
    return value === undefined ? [] : [{ field, value: textOf(value) }];
  });
}
