// The database as the environment describes it.

import type { ClosableDatabase } from './app.ts';
import { ConfigurationError, databaseConfig, type Environment } from './config.ts';
import { Database, type DatabaseLimits, DatabaseUnavailable, type Log } from './database.ts';
import { DatabaseSecret } from './database-secret.ts';

/** @throws {ConfigurationError} when a variable is missing or wrong. */
export function databaseFrom(env: Environment, log: Log, limits: DatabaseLimits): Database {
  const config = databaseConfig(env);
  const secret = new DatabaseSecret(config.secretArn, async (secretArn) => {
    const { fetchSecretString } = await import('./secrets-manager.ts');
    return fetchSecretString(secretArn);
  });
  return new Database(config, secret, log, limits);
}

/** For the web server: without a usable configuration each question is refused with the reason, and `/health` answers. */
export function databaseOrReason(env: Environment, log: Log): ClosableDatabase {
  try {
    return databaseFrom(env, log, { queryTimeoutMs: 10_000 });
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    log.error(error.message);
    const reason = new DatabaseUnavailable(error.message);
    return { query: () => Promise.reject(reason), close: async () => undefined };
  }
}
