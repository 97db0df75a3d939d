// Connections to PostgreSQL. A refused connection has at most two remedies, each tried once:
//   the password is refused (28P01)  → the secret was rotated: fetch it again;
//   the server offers no TLS         → go on without it, if DATABASE_SSL is `prefer`.
// Either gives a new pool; the old one ends when its borrowed connections come back.
import type { PoolClient, QueryResultRow } from 'pg';
import pg from 'pg';
import type { DatabaseConfig } from './config.ts';
import type { DatabaseSecret } from './database-secret.ts';
import { Problem } from './problem.ts';

export interface Log {
  warn(text: string): void;
  error(text: string): void;
}

export interface Queryable {
  query<Row extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<readonly Row[]>;
}

/** The database could not be asked. The message is for any client: addresses and account ids are in the cause only. */
export class DatabaseUnavailable extends Problem {
  constructor(why: string, cause?: unknown) {
    super(503, `The database cannot be used: ${why}`, { cause });
  }
}

export interface DatabaseLimits {
  /** How long one statement's answer is waited for; 0 waits for ever. */
  readonly queryTimeoutMs: number;
  /** How long a connection is waited for. Default 5,000. */
  readonly connectTimeoutMs?: number;
}

type Remedy = 'fetch the secret again' | 'connect without TLS';

export class Database implements Queryable {
  readonly #config: DatabaseConfig;
  readonly #secret: DatabaseSecret;
  readonly #log: Log;
  readonly #limits: Required<DatabaseLimits>;
  #pool: Promise<pg.Pool> | undefined;
  #ending: Promise<unknown>[] = [];
  #isTlsOffered = true;

  constructor(config: DatabaseConfig, secret: DatabaseSecret, log: Log, limits: DatabaseLimits) {
    this.#config = config;
    this.#secret = secret;
    this.#log = log;
    this.#limits = { connectTimeoutMs: 5_000, ...limits };
  }

  /** @throws {DatabaseUnavailable} when no connection can be had or it is lost; a refused statement throws pg's error. */
  async query<Row extends QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    return this.withConnection(async (connection) => (await connection.query<Row>(text, [...values])).rows);
  }

  /** Lends one connection to `use`. A connection on which something failed is not used again. */
  async withConnection<T>(use: (connection: PoolClient) => Promise<T>): Promise<T> {
    const connection = await this.#connect();
    // Without a listener, a connection lost while it is lent would end the process; the statement's rejection tells us.
    const ignore = () => undefined;
    connection.on('error', ignore);
    let failure: unknown;
    try {
      return await use(connection);
    } catch (error) {
      failure = error;
      throw isConnectionLost(error) ? new DatabaseUnavailable('the connection was lost', error) : error;
    } finally {
      connection.off('error', ignore);
      connection.release(failure !== undefined);
    }
  }

  /** Waits for the connections that are lent out, then closes all. */
  async close(): Promise<void> {
    this.#replacePool();
    await Promise.all(this.#ending);
  }

  async #connect(): Promise<PoolClient> {
    const tried = new Set<Remedy>();
    for (;;) {
      this.#pool ??= this.#createPool();
      const current = this.#pool;
      try {
        return await (await current).connect();
      } catch (error) {
        if (this.#pool === current) this.#forgetFailedPool(current);
        if (error instanceof DatabaseUnavailable) throw error;
        const remedy = remedyFor(error, this.#config);
        if (remedy === undefined || tried.has(remedy)) throw new DatabaseUnavailable(reasonOf(error), error);
        tried.add(remedy);
        // Of many requests that fail on the same pool the first applies the remedy; the others use its new pool.
        if (this.#pool === current) this.#apply(remedy);
      }
    }
  }

  /** A pool that could not even be made (no secret) must not be kept; one whose database is away is good later. */
  #forgetFailedPool(current: Promise<pg.Pool>): void {
    current.catch(() => {
      if (this.#pool === current) this.#pool = undefined;
    });
  }

  #apply(remedy: Remedy): void {
    this.#log.warn(`The database refused a connection: going to ${remedy}`);
    if (remedy === 'fetch the secret again') this.#secret.forget();
    else this.#isTlsOffered = false;
    this.#replacePool();
  }

  #replacePool(): void {
    const old = this.#pool;
    this.#pool = undefined;
    if (old === undefined) return;
    const ending = old.then((pool) => pool.end()).catch(() => undefined);
    this.#ending.push(ending);
    void ending.then(() => {
      this.#ending = this.#ending.filter((each) => each !== ending);
    });
  }

  async #createPool(): Promise<pg.Pool> {
    const { host, port, name, ssl } = this.#config;
    const { username, password } = await this.#secret.credentials().catch((error: unknown) => {
      throw new DatabaseUnavailable('its secret cannot be read', error);
    });
    const pool = new pg.Pool({
      host,
      port,
      database: name,
      user: username,
      password,
      // Encrypted, the certificate not verified: what libpq's `prefer` and `require` do.
      ssl: ssl !== 'disable' && this.#isTlsOffered ? { rejectUnauthorized: false } : false,
      application_name: 'devops-app',
      // Chosen: ten tasks at the scaling limit stay below the ~110 connections of a db.t4g.micro.
      max: 8,
      idleTimeoutMillis: 30_000,
      connectionTimeoutMillis: this.#limits.connectTimeoutMs,
      query_timeout: this.#limits.queryTimeoutMs,
      keepAlive: true,
    });
    // An idle connection that the server ends (restart, failover) is dropped by the pool; unheard it would end the process.
    pool.on('error', (error) => this.#log.warn(`An idle database connection was lost: ${describe(error)}`));
    return pool;
  }
}

function remedyFor(error: unknown, config: Pick<DatabaseConfig, 'ssl'>): Remedy | undefined {
  if (sqlState(error) === '28P01') return 'fetch the secret again';
  const isTlsRefused =
    error instanceof Error && error.message === 'The server does not support SSL connections';
  return isTlsRefused && config.ssl === 'prefer' ? 'connect without TLS' : undefined;
}

function reasonOf(error: unknown): string {
  if (sqlState(error) === '28P01') return 'it refuses the password in the secret';
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? `no connection (${code})` : 'no connection';
}

/** The five characters by which PostgreSQL names an error; undefined for any other error. */
export function sqlState(error: unknown): string | undefined {
  if (!(error instanceof pg.DatabaseError)) return undefined;
  return error.code;
}

/** Class 08 is a connection exception, 57P0x a server that shuts down or starts; what is no DatabaseError is a socket's. */
function isConnectionLost(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined) return state.startsWith('08') || state.startsWith('57P0');
  return (
    error instanceof Error && /^(Connection terminated|Query read timeout|read E|write E)/.test(error.message)
  );
}

/** For the log and for `migrate`. A connection that is tried on several addresses fails with an AggregateError, whose own message is empty. */
export function describe(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(describe).join(', ');
  if (!(error instanceof Error)) return String(error);
  const text = error.message || error.name;
  return error instanceof DatabaseUnavailable && error.cause !== undefined
    ? `${text}: ${describe(error.cause)}`
    : text;
}
