import type { Client } from 'pg';
import type { MasterUser } from '../../services/rds/ports.ts';

/*
 * What the region does inside a database, as `rdsadmin`. The master user is no superuser, as on RDS: it may create
 * databases and roles, and has the privileges of `rds_superuser`.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.rds_superuser.html
 */
export interface AdminLogin {
  readonly port: number;
  readonly password: string;
  readonly database?: string;
}

/** Connects as `rdsadmin` for the time of `work`. */
export async function asAdmin<T>(login: AdminLogin, work: (client: Client) => Promise<T>): Promise<T> {
  const { Client } = await import('pg');
  const { port, password, database = 'postgres' } = login;
  const client = new Client({ host: '127.0.0.1', port, user: 'rdsadmin', password, database, ssl: false });
  // A connection that breaks rejects the query under way; without a listener it would end the region.
  client.on('error', () => {});
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** Of a new database: the roles of RDS, the master user and its first database. */
export async function setUp(client: Client, master: MasterUser, databaseName?: string): Promise<void> {
  await client.query('CREATE ROLE rds_superuser NOLOGIN');
  await client.query(
    'GRANT pg_monitor, pg_signal_backend, pg_checkpoint, pg_use_reserved_connections, pg_create_subscription ' +
      'TO rds_superuser WITH ADMIN OPTION',
  );
  await setMaster(client, master);
  const owner = client.escapeIdentifier(master.name);
  await client.query(`ALTER DATABASE postgres OWNER TO ${owner}`);
  if (databaseName !== undefined && databaseName !== 'postgres') {
    await client.query(`CREATE DATABASE ${client.escapeIdentifier(databaseName)} OWNER ${owner}`);
  }
}

/**
 * The master user with this password and its privileges, made if it is missing.
 * Confirmed by docs: setting the master password also restores the privileges of the master user.
 * https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
 */
export async function setMaster(client: Client, { name, passwordVerifier }: MasterUser): Promise<void> {
  const role = client.escapeIdentifier(name);
  const found = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [name]);
  if (found.rowCount === 0) await client.query(`CREATE ROLE ${role}`);
  const password = client.escapeLiteral(passwordVerifier);
  await client.query(
    `ALTER ROLE ${role} LOGIN CREATEDB CREATEROLE VALID UNTIL 'infinity' PASSWORD ${password}`,
  );
  await client.query(`GRANT rds_superuser TO ${role}`);
}

/** What is wrong with the settings in the server's files, which it has not read again yet. */
export async function settingErrors(client: Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string; setting: string; error: string }>(
    'SELECT name, setting, error FROM pg_file_settings WHERE error IS NOT NULL',
  );
  return rows.map(({ name, setting, error }) => `${name} = ${setting}: ${error}`);
}
