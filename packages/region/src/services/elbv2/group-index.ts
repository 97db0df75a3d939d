import type { Table, Tables } from '../../kernel/table.ts';

/** So many keys of records that are gone are kept at least before they are forgotten. */
const FORGET_ABOVE = 64;

/**
 * Finds the records of a group without looking at others, in the order in which they joined it. Derived from their table,
 * which stays the only truth: it may name records that were undone, or that are gone, and leaves them out.
 */
export class GroupIndex<T> {
  readonly #tables: Tables;
  readonly #records: Table<T>;
  readonly #groupOf: (record: T) => string;
  #keys: Map<string, Set<string>> | undefined;

  constructor(tables: Tables, records: Table<T>, groupOf: (record: T) => string) {
    this.#tables = tables;
    this.#records = records;
    this.#groupOf = groupOf;
  }

  /** A record joins a group. */
  note(key: string, group: string): void {
    const keys = this.#keysOf(group);
    // Joined again, it comes last, as in the table.
    keys.delete(key);
    keys.add(key);
  }

  of(group: string): T[] {
    const keys = this.#keysOf(group);
    const found: T[] = [];
    for (const key of keys) {
      const record = this.#records.get(key);
      if (record !== undefined && this.#groupOf(record) === group) found.push(record);
    }
    if (keys.size > 2 * found.length + FORGET_ABOVE) this.#forget(keys, group);
    return found;
  }

  /** What this step wrote comes back as it was when the step is undone: those keys stay. */
  #forget(keys: Set<string>, group: string): void {
    const written = new Set(
      this.#tables.written().flatMap(({ table, key }) => (table === this.#records.name ? [key] : [])),
    );
    for (const key of keys) {
      const record = this.#records.get(key);
      const isThere = record !== undefined && this.#groupOf(record) === group;
      if (!isThere && !written.has(key)) keys.delete(key);
    }
  }

  #keysOf(group: string): Set<string> {
    const all = this.#keys ?? this.#read();
    const keys = all.get(group) ?? new Set();
    all.set(group, keys);
    return keys;
  }

  /** Once, when it is first needed: by then the state has been loaded. */
  #read(): Map<string, Set<string>> {
    this.#keys = new Map();
    for (const [key, record] of this.#records.entries()) this.#keysOf(this.#groupOf(record)).add(key);
    return this.#keys;
  }
}
