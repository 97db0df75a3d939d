/**
 * Where state outlives the process: one LevelDB in the home's `state/` folder, a record per key `table\0key`. Each commit
 * is one synced batch, so a kill at any moment leaves whole steps. Tables iterate in insertion order and LevelDB in key
 * order, so each record carries the order in which it was first put.
 */
import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ClassicLevel } from 'classic-level';
import { type Change, coldPrefix } from '../kernel/table.ts';

interface Stored {
  readonly order: number;
  readonly record: unknown;
}

export interface LoadedRecord {
  readonly table: string;
  readonly key: string;
  readonly record: unknown;
}

export interface ColdRange {
  readonly from: string;
  readonly to: string;
  readonly newestFirst?: boolean;
}

export class LevelStore {
  readonly #database: ClassicLevel<string, string>;
  readonly #orders = new Map<string, number>();
  #next = 1;

  private constructor(database: ClassicLevel<string, string>) {
    this.#database = database;
  }

  /** Opens or creates the store. Throws `StoreLockedError` when another region has it open, `StoreDamagedError` when it lost anything. */
  static async open(folder: string): Promise<LevelStore> {
    await refuseDamaged(folder);
    const database = new ClassicLevel<string, string>(folder);
    try {
      await database.open();
    } catch (error) {
      const cause = (error as { cause?: { code?: string; message?: string } }).cause;
      if (cause?.code === 'LEVEL_LOCKED') throw new StoreLockedError(folder);
      throw new Error(`The state in ${folder} cannot be opened: ${cause?.message ?? String(error)}`);
    }
    try {
      await noteDamage(folder);
    } catch (error) {
      await database.close();
      throw error;
    }
    return new LevelStore(database);
  }

  /** All records, in the order in which they were first put. */
  async load(): Promise<LoadedRecord[]> {
    const rows: (LoadedRecord & { readonly order: number })[] = [];
    for await (const [id, value] of this.#database.iterator({ lt: coldPrefix })) {
      const { order, record } = parsed(id, value);
      const at = id.indexOf('\0');
      rows.push({ table: id.slice(0, at), key: id.slice(at + 1), record, order });
      this.#orders.set(id, order);
    }
    rows.sort((a, b) => a.order - b.order);
    this.#next = (rows.at(-1)?.order ?? 0) + 1;
    return rows;
  }

  /** Stores all changes or none; resolves once they are on the disk. */
  async commit(changes: readonly Change[]): Promise<void> {
    const batch = changes.map((change) => {
      const key = `${change.table}\0${change.key}`;
      if (change.table.startsWith(coldPrefix)) {
        return { type: 'put' as const, key, value: JSON.stringify(change.record) };
      }
      if (!('record' in change)) {
        this.#orders.delete(key);
        return { type: 'del' as const, key };
      }
      const order = this.#orders.get(key) ?? this.#next++;
      this.#orders.set(key, order);
      return { type: 'put' as const, key, value: JSON.stringify({ order, record: change.record }) };
    });
    await this.#database.batch(batch, { sync: true });
  }

  /** Records of a cold table with `from` ≤ key < `to`, in order of their keys. */
  async *readCold(table: string, range: ColdRange): AsyncGenerator<{ key: string; record: unknown }> {
    const prefix = `${coldPrefix}${table}\0`;
    const bounds = { gte: prefix + range.from, lt: prefix + range.to, reverse: range.newestFirst ?? false };
    for await (const [key, value] of this.#database.iterator(bounds)) {
      yield { key: key.slice(prefix.length), record: JSON.parse(value) as unknown };
    }
  }

  /** Removes the records of a cold table with `from` ≤ key < `to`. */
  async clearCold(table: string, range: ColdRange): Promise<void> {
    const prefix = `${coldPrefix}${table}\0`;
    await this.#database.clear({ gte: prefix + range.from, lt: prefix + range.to });
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

/**
 * LevelDB drops what it cannot read of its log, says so in its own `LOG` only, and goes on: acknowledged resources would
 * be gone in silence. So the damage is found there and kept in `DAMAGED`, since the next opening finds no trace of it.
 */
async function noteDamage(folder: string): Promise<void> {
  const log = await readFile(join(folder, 'LOG'), 'utf8').catch(() => '');
  const damage = log.split('\n').find((line) => /dropping \d+ bytes; /.test(line));
  if (damage === undefined) return;
  const detail = damage.replace(/^.*?(?=dropping)/, '');
  await writeFile(join(folder, damageFile), `${detail}\n`, { mode: 0o600 });
  throw new StoreDamagedError(folder, detail);
}

async function refuseDamaged(folder: string): Promise<void> {
  const file = join(folder, damageFile);
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  if (isThere) throw new StoreDamagedError(folder, (await readFile(file, 'utf8')).trim());
}

const damageFile = 'DAMAGED';

function parsed(id: string, value: string): Stored {
  try {
    return JSON.parse(value) as Stored;
  } catch {
    throw new Error(
      `The state cannot be read: the record ${JSON.stringify(id)} is no JSON. Put back a copy of its folder.`,
    );
  }
}

export class StoreDamagedError extends Error {
  constructor(folder: string, detail: string) {
    super(
      `The state in ${folder} is damaged (${detail}): something of it is lost. Put back a copy of that folder, or ` +
        `remove ${join(folder, damageFile)} to go on with what is left, or begin anew with another --home.`,
    );
    this.name = 'StoreDamagedError';
  }
}

export class StoreLockedError extends Error {
  constructor(folder: string) {
    super(`Another region is running on ${folder}. Stop it (\`plimsoll down\`) or choose another --home.`);
    this.name = 'StoreLockedError';
  }
}
