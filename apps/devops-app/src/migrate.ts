// Brings the database up to this image's migrations and ends: `node dist/migrate.js`. Exit code 0 when the database is
// as the image needs it, 1 when not, 2 for a configuration mistake.
import { ConfigurationError } from './config.ts';
import { databaseFrom } from './connect.ts';
import { describe, type Log } from './database.ts';
import { migrate, readMigrations } from './migrations.ts';

const toStandardError = (text: string) => void process.stderr.write(`${text}\n`);
const log: Log = { warn: toStandardError, error: toStandardError };

try {
  await run();
} catch (error) {
  toStandardError(`migrate: ${describe(error)}`);
  process.exitCode = error instanceof ConfigurationError ? 2 : 1;
}

async function run(): Promise<void> {
  const database = databaseFrom(process.env, log, { queryTimeoutMs: 0 }); // an index may take its time
  try {
    const migrations = await readMigrations();
    const applied = await database.withConnection((connection) => migrate(connection, migrations));
    for (const name of applied) process.stdout.write(`applied ${name}\n`);
    process.stdout.write(`${migrations.length} migrations, ${applied.length} applied now\n`);
  } finally {
    await database.close();
  }
}
