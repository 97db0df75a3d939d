/**
 * State is tables of plain records. Every write is noted in the step's log: the log is what the store commits, and what
 * is undone when the step throws. So an operation is all or nothing without any care of its own.
 */
export interface Table<T> {
  readonly name: string;
  get(key: string): T | undefined;
  has(key: string): boolean;
  /** Writes a whole record; records are never changed in place. */
  put(key: string, record: T): void;
  delete(key: string): void;
  /** In insertion order. */
  values(): IterableIterator<T>;
  entries(): IterableIterator<[string, T]>;
  find(matches: (record: T) => boolean): T | undefined;
  filter(matches: (record: T) => boolean): T[];
  readonly size: number;
  /** Another number after every write, also of a write that is undone: what was worked out of the records holds as long as it stays. */
  readonly version: number;
}

/**
 * Records that are many and seldom read, such as log events: written in the step's transaction like any other, but kept
 * in the store only. They are read through a port, after the commit.
 */
export interface ColdTable<T> {
  append(key: string, record: T): void;
}

/** Names of cold tables begin with this, so that the store does not load them. */
export const coldPrefix = '~';

export interface Change {
  readonly table: string;
  readonly key: string;
  /** Absent: the record was deleted. */
  readonly record?: unknown;
}

/** Where a step wrote. */
export interface Written {
  readonly table: string;
  readonly key: string;
}

/** The records of a table, which may be opened several times. */
class Rows {
  readonly records = new Map<string, unknown>();
  version = 0;

  set(key: string, record: unknown): void {
    this.records.set(key, record);
    this.version += 1;
  }

  delete(key: string): void {
    this.records.delete(key);
    this.version += 1;
  }
}

interface Undo extends Written {
  readonly rows: Rows;
  readonly isPassing: boolean;
  readonly previous: unknown;
  readonly existed: boolean;
}

/** All tables of one region, and the log of the step under way. */
export class Tables {
  readonly #tables = new Map<string, Rows>();
  #log: Undo[] = [];

  table<T>(name: string): Table<T> {
    return new LoggedTable<T>(name, this.#rows(name), () => this.#log);
  }

  /** Records that mean nothing after a restart: undone with their step like any other, but never stored. */
  passing<T>(name: string): Table<T> {
    return new LoggedTable<T>(name, this.#rows(name), () => this.#log, true);
  }

  cold<T>(name: string): ColdTable<T> {
    const table = new LoggedTable<T>(`${coldPrefix}${name}`, new Rows(), () => this.#log);
    return { append: (key, record) => table.put(key, record) };
  }

  /** Fills a table from the store, before the first step. Without a record: it was deleted. */
  load(table: string, key: string, record?: unknown): void {
    if (record === undefined) this.#rows(table).delete(key);
    else this.#rows(table).set(key, record);
  }

  savepoint(): number {
    return this.#log.length;
  }

  /** Undoes all writes since the savepoint, newest first. */
  revertTo(savepoint: number): void {
    for (let i = this.#log.length - 1; i >= savepoint; i -= 1) {
      const undo = this.#log[i];
      if (undo === undefined) continue;
      if (undo.existed) undo.rows.set(undo.key, undo.previous);
      else undo.rows.delete(undo.key);
    }
    this.#log.length = savepoint;
  }

  /** What was written since the last `takeChanges`, once for each write. */
  written(): readonly Written[] {
    return this.#log;
  }

  /** The changes since the last call, each record once, as it now stands. */
  takeChanges(): Change[] {
    if (this.#log.length === 0) return [];
    const changes: Change[] = [];
    const taken = new Map<Rows, Set<string>>();
    for (const { table, key, rows, isPassing } of this.#log) {
      if (isPassing) continue;
      const keys = taken.get(rows);
      if (keys?.has(key)) continue;
      if (keys) keys.add(key);
      else taken.set(rows, new Set([key]));
      const { records } = rows;
      changes.push(records.has(key) ? { table, key, record: records.get(key) } : { table, key });
    }
    // The rows of a cold table have done their work once they are among the changes.
    for (const { table, rows } of this.#log) if (table.startsWith(coldPrefix)) rows.records.clear();
    this.#log = [];
    return changes;
  }

  #rows(name: string): Rows {
    let rows = this.#tables.get(name);
    if (rows === undefined) {
      rows = new Rows();
      this.#tables.set(name, rows);
    }
    return rows;
  }
}

class LoggedTable<T> implements Table<T> {
  readonly name: string;
  readonly #rows: Rows;
  readonly #records: Map<string, unknown>;
  readonly #log: () => Undo[];
  readonly #isPassing: boolean;

  constructor(name: string, rows: Rows, log: () => Undo[], isPassing = false) {
    this.name = name;
    this.#rows = rows;
    this.#records = rows.records;
    this.#log = log;
    this.#isPassing = isPassing;
  }

  get size(): number {
    return this.#records.size;
  }

  get version(): number {
    return this.#rows.version;
  }

  get(key: string): T | undefined {
    return this.#records.get(key) as T | undefined;
  }

  has(key: string): boolean {
    return this.#records.has(key);
  }

  put(key: string, record: T): void {
    this.#note(key);
    this.#rows.set(key, record);
  }

  delete(key: string): void {
    if (!this.#records.has(key)) return;
    this.#note(key);
    this.#rows.delete(key);
  }

  values(): IterableIterator<T> {
    return this.#records.values() as IterableIterator<T>;
  }

  entries(): IterableIterator<[string, T]> {
    return this.#records.entries() as IterableIterator<[string, T]>;
  }

  find(matches: (record: T) => boolean): T | undefined {
    for (const record of this.values()) if (matches(record)) return record;
    return undefined;
  }

  filter(matches: (record: T) => boolean): T[] {
    return [...this.values()].filter(matches);
  }

  #note(key: string): void {
    const previous = this.#records.get(key);
    const existed = previous !== undefined || this.#records.has(key);
    const [rows, isPassing] = [this.#rows, this.#isPassing];
    this.#log().push({ rows, table: this.name, key, previous, existed, isPassing });
  }
}

const servicesOfTables = new Map<string, string>();

/** `cloudwatch` of `~cloudwatch.log`. */
export function serviceOfTable(table: string): string {
  const known = servicesOfTables.get(table);
  if (known !== undefined) return known;
  const service = table.replace(coldPrefix, '').split('.')[0] ?? '';
  servicesOfTables.set(table, service);
  return service;
}
