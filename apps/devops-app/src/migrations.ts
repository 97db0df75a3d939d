// Migrations are the files of `migrations/`, applied in the order of their names, each in a transaction of its own, and
// recorded in the table schema_migrations. A release may be rolled back, so a record without a file is no mistake: it
// belongs to a newer image. Forward and backward compatible migrations are the author's part.
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import type { ClientBase } from 'pg';
import { type Queryable, sqlState } from './database.ts';
import { Problem } from './problem.ts';

export interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly sha256: string;
}

export interface AppliedMigration {
  readonly name: string;
  readonly sha256: string;
}

/** Beside both src/ and dist/. */
const migrationsDirectory = new URL('../migrations/', import.meta.url);

// Chosen: any fixed number; it only has to be the same for every migrator of this database.
const advisoryLock = 7_305_001;

/** @throws when a file's name is not `NNNN-words.sql` or a number is used twice. */
export async function readMigrations(directory: URL = migrationsDirectory): Promise<readonly Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort();
  refuseNames(names);
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(new URL(name, directory), 'utf8');
      return { name, sql, sha256: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/** @throws when an applied migration's file has changed since: the database would not be what the files say. */
export function pendingMigrations(
  migrations: readonly Migration[],
  applied: readonly AppliedMigration[],
): readonly Migration[] {
  const recorded = new Map(applied.map(({ name, sha256 }) => [name, sha256]));
  const changed = migrations.find(({ name, sha256 }) => (recorded.get(name) ?? sha256) !== sha256);
  if (changed !== undefined) {
    throw new Problem(
      503,
      `${changed.name} was changed after it was applied; put it back and write a new migration`,
    );
  }
  return migrations.filter(({ name }) => !recorded.has(name));
}

/** What the table records; nothing when there is no table yet. */
export async function appliedMigrations(database: Queryable): Promise<readonly AppliedMigration[]> {
  try {
    return await database.query<{ name: string; sha256: string }>(
      'SELECT name, sha256 FROM schema_migrations ORDER BY name',
    );
  } catch (error) {
    if (sqlState(error) === '42P01') return []; // undefined_table
    throw error;
  }
}

/**
 * Applies what is pending and returns the names. Two at once: the second waits for the first and finds nothing to do.
 * Each migration is committed with its record; the first that fails is rolled back and ends the run.
 */
export async function migrate(
  connection: ClientBase,
  migrations: readonly Migration[],
): Promise<readonly string[]> {
  // The lock belongs to the session: it is free again when this connection ends, however that happens.
  await connection.query('SELECT pg_advisory_lock($1)', [advisoryLock]);
  try {
    await connection.query(
      `CREATE TABLE IF NOT EXISTS schema_migrations (
         name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
    );
    const applied = await connection.query<{ name: string; sha256: string }>(
      'SELECT name, sha256 FROM schema_migrations',
    );
    const pending = pendingMigrations(migrations, applied.rows);
    for (const migration of pending) await applyOne(connection, migration);
    return pending.map(({ name }) => name);
  } finally {
    await connection.query('SELECT pg_advisory_unlock($1)', [advisoryLock]).catch(() => undefined);
  }
}

async function applyOne(connection: ClientBase, { name, sql, sha256 }: Migration): Promise<void> {
  await connection.query('BEGIN');
  try {
    await connection.query(sql);
    await connection.query('INSERT INTO schema_migrations (name, sha256) VALUES ($1, $2)', [name, sha256]);
    await connection.query('COMMIT');
  } catch (error) {
    await connection.query('ROLLBACK').catch(() => undefined);
    throw new Error(
      `${name} failed and was rolled back: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    );
  }
}

function refuseNames(names: readonly string[]): void {
  const odd = names.find((name) => !/^\d{4}-[a-z0-9-]+\.sql$/.test(name));
  if (odd !== undefined) throw new Error(`Migration '${odd}' is not named like 0001-words.sql`);
  const twin = names.find((name, index) => names[index + 1]?.slice(0, 4) === name.slice(0, 4));
  if (twin !== undefined) throw new Error(`Two migrations have the number ${twin.slice(0, 4)}`);
}
