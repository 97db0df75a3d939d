import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { Client } from 'pg';
import { databasePlaneSuite, specOf } from '../../services/rds/database-plane.suite.ts';
import { passwordVerifier } from '../../services/rds/scram.ts';
import { reapLeftovers } from '../processes/watchdog.ts';
import { PostgresPlane, removeOutside } from './postgres-plane.ts';

let home: string;
let plane: PostgresPlane;
before(() => {
  home = mkdtempSync(path.join(tmpdir(), 'plimsoll-postgres-'));
  plane = new PostgresPlane({ home });
});
after(async () => {
  await plane.close();
  await removeOutside(home);
  rmSync(home, { recursive: true, force: true });
});

function postmasterPid(resourceId: string): number {
  return Number(
    readFileSync(path.join(home, 'rds', resourceId, 'data', 'postmaster.pid'), 'utf8').split('\n')[0],
  );
}

databasePlaneSuite('PostgreSQL', () => ({
  plane,
  crash: (resourceId) => void process.kill(postmasterPid(resourceId), 'SIGKILL'),
}));

interface Login {
  readonly port: number;
  readonly password: string;
  readonly user?: string;
}

async function query(login: Login, sql: string): Promise<readonly unknown[]> {
  const { port, password, user = 'app' } = login;
  const client = new Client({ host: '127.0.0.1', port, user, password, database: 'shop' });
  await client.connect();
  try {
    const { rows } = await client.query({ text: sql, rowMode: 'array' });
    return rows.flat();
  } finally {
    await client.end();
  }
}

async function startOn(spec: Parameters<PostgresPlane['start']>[0]): Promise<number> {
  const started = await plane.start(spec);
  assert.ok(started.kind === 'started', JSON.stringify(started));
  return started.port;
}

test('the master user owns its database, is no superuser, and rows outlive a stop and a crash', async () => {
  const port = await startOn(specOf('db-rows'));
  const login = { port, password: 'first-password' };
  await query(login, 'CREATE TABLE links (slug text PRIMARY KEY)');
  await query(login, "INSERT INTO links VALUES ('a')");
  assert.deepEqual(
    await query(login, 'SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = current_user'),
    [false, true],
  );
  assert.deepEqual(await query(login, 'SHOW max_connections'), ['20']);
  assert.match(String(await query(login, 'SHOW server_version')), new RegExp(`^${plane.engineVersions[0]}`));
  await plane.stop('db-rows');
  await startOn(specOf('db-rows', { port }));
  await query(login, "INSERT INTO links VALUES ('b')");
  const exit = new Promise((resolve) => plane.onExit(resolve));
  process.kill(postmasterPid('db-rows'), 'SIGKILL');
  await exit;
  await startOn(specOf('db-rows', { port }));
  assert.deepEqual(await query(login, 'SELECT slug FROM links ORDER BY slug'), ['a', 'b']);
  await plane.destroy('db-rows');
});

test('a new master password is the only one that the database then takes', async () => {
  const spec = specOf('db-password');
  const port = await startOn(spec);
  const verifier = passwordVerifier('second-password', new Uint8Array(16).fill(9));
  await plane.setMasterPassword('db-password', { name: 'app', passwordVerifier: verifier });
  assert.deepEqual(await query({ port, password: 'second-password' }, 'SELECT 1'), [1]);
  await assert.rejects(query({ port, password: 'first-password' }, 'SELECT 1'), { code: '28P01' });
  assert.doesNotMatch(
    readFileSync(path.join(home, 'rds', 'db-password', 'postgres.log'), 'utf8'),
    /second-password/,
  );
  await plane.destroy('db-password');
});

test('settings change while the server runs; wrong ones are refused and leave it as it is', async () => {
  const login = { port: await startOn(specOf('db-settings')), password: 'first-password' };
  const settings = { max_connections: '20', work_mem: '8192', search_path: "it's, public" };
  assert.deepEqual(await plane.applyParameters('db-settings', settings), { kind: 'done' });
  // The server reads them when it gets to it; a new connection asks until it has.
  while (String(await query(login, 'SHOW work_mem')) !== '8MB');
  assert.deepEqual(await query(login, 'SHOW search_path'), ["it's, public"]);
  const refused = await plane.applyParameters('db-settings', { ...settings, work_mem: '1' });
  assert.ok(refused.kind === 'failed');
  assert.match(refused.reason, /work_mem = 1/);
  assert.deepEqual(await query(login, 'SHOW work_mem'), ['8MB']);
  await plane.destroy('db-settings');
});

test('a snapshot of a running database holds what was committed before it', async () => {
  const port = await startOn(specOf('db-source'));
  const login = { port, password: 'first-password' };
  await query(login, 'CREATE TABLE t AS SELECT g AS n FROM generate_series(1, 1000) g');
  assert.deepEqual(await plane.takeSnapshot('db-source', 'snap-hot'), { kind: 'done' });
  await query(login, 'DELETE FROM t');
  const master = { name: 'app', passwordVerifier: passwordVerifier('restored', new Uint8Array(16).fill(3)) };
  const restored = await startOn(specOf('db-restored', { snapshotId: 'snap-hot', master }));
  assert.deepEqual(
    await query({ port: restored, password: 'restored' }, 'SELECT count(*)::int FROM t'),
    [1000],
  );
  await Promise.all([plane.destroy('db-source'), plane.destroy('db-restored')]);
});

test('what was committed outlives a region that is killed, whose database ends with it', async () => {
  const other = mkdtempSync(path.join(tmpdir(), 'plimsoll-killed-'));
  const region = spawn(
    process.execPath,
    [
      '--import',
      'tsx',
      '--input-type=module',
      '-e',
      `
    import { PostgresPlane } from ${JSON.stringify(new URL(`./postgres-plane${path.extname(import.meta.url)}`, import.meta.url).href)};
    const plane = new PostgresPlane({ home: ${JSON.stringify(other)} });
    console.log(JSON.stringify(await plane.start(${JSON.stringify(specOf('db-killed'))})));
    setInterval(() => {}, 1000);`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const [line] = await once(createInterface(region.stdout), 'line');
  const login = { port: JSON.parse(line).port, password: 'first-password' };
  await query(login, 'CREATE TABLE links AS SELECT 1 AS n');
  const exited = once(region, 'exit');
  region.kill('SIGKILL');
  await exited;
  await reapLeftovers(other);
  await assert.rejects(query(login, 'SELECT 1'), { code: 'ECONNREFUSED' });
  const next = new PostgresPlane({ home: other });
  assert.deepEqual(await next.start(specOf('db-killed', { port: login.port })), {
    kind: 'started',
    port: login.port,
  });
  assert.deepEqual(await query(login, 'SELECT n FROM links'), [1]);
  await next.close();
  rmSync(other, { recursive: true, force: true });
});

test('a database whose port was taken while it was stopped listens on another', async () => {
  const port = await startOn(specOf('db-port'));
  await plane.stop('db-port');
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const other = await startOn(specOf('db-port', { port }));
  assert.notEqual(other, port);
  assert.deepEqual(await query({ port: other, password: 'first-password' }, 'SELECT 1'), [1]);
  server.close();
  await plane.destroy('db-port');
});

test('a server that will not start says why, in its own words', async () => {
  const failed = await plane.start(specOf('db-wrong', { parameters: { max_connections: 'many' } }));
  assert.ok(failed.kind === 'failed');
  assert.match(failed.reason, /invalid value for parameter "max_connections": "many"/);
  await plane.destroy('db-wrong');
});

test('what clients do shows in connections, CPU, storage and I/O', async () => {
  const port = await startOn(specOf('db-M'));
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: 'app',
    password: 'first-password',
    database: 'shop',
  });
  await client.connect();
  const measured = async () => {
    let usage = await plane.measure('db-M');
    while (usage === undefined) usage = await plane.measure('db-M');
    return usage;
  };
  const before = await measured();
  assert.equal(before.io, undefined);
  assert.equal(before.connections, 1);
  await client.query(
    "CREATE TABLE notes AS SELECT n, repeat('x', 500) AS text FROM generate_series(1, 60000) AS n",
  );
  await client.query('SELECT count(*) FROM notes, generate_series(1, 20)');
  const after = await measured();
  assert.ok(after.cores > 0.01, JSON.stringify(after));
  assert.ok(after.storageBytes > before.storageBytes + 30_000_000, JSON.stringify(after));
  assert.ok(after.memoryBytes > 5_000_000 && after.memoryBytes < 500_000_000, JSON.stringify(after));
  assert.ok(after.checkpointLagSeconds >= 0 && after.usedTransactionIds > 0 && after.walBytes > 0);
  await client.end();
  // PostgreSQL counts a client's I/O when the client ends, or a little after its statement.
  let { io } = after;
  while (!io?.walBytesPerSecond) ({ io } = await measured());
  assert.ok(io.writesPerSecond > 0 && io.secondsPerWrite > 0, JSON.stringify(io));
  await plane.destroy('db-M');
});
