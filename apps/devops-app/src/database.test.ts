// Against a real PostgreSQL and real processes; Secrets Manager is a server on loopback.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { databaseFrom } from './connect.ts';
import type { Database } from './database.ts';
import { type Migration, migrate, readMigrations } from './migrations.ts';
import { buildImage, type Image, listening } from './testing/command.ts';
import { findPostgres, type Postgres, startPostgres } from './testing/postgres.ts';
import { type FakeSecretsManager, startSecretsManager } from './testing/secrets-manager.ts';

const bin = findPostgres();
const silent = { warn: () => undefined, error: () => undefined };

describe('with a database', { skip: bin === undefined && 'skipped: needs PostgreSQL' }, () => {
  let image: Image;
  let postgres: Postgres;
  let secrets: FakeSecretsManager;
  let env: Readonly<Record<string, string>>;

  before(async () => {
    image = buildImage();
    postgres = await startPostgres(bin ?? '', selfSigned());
    secrets = await startSecretsManager(postgres);
    env = {
      DATABASE_HOST: '127.0.0.1',
      DATABASE_PORT: String(postgres.port),
      DATABASE_NAME: 'postgres',
      DATABASE_SECRET_ARN: 'arn:aws:secretsmanager:eu-central-1:000000000000:secret:db-AbCdEf',
      AWS_ENDPOINT_URL: secrets.endpoint,
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
    };
    Object.assign(process.env, env);
  });
  after(async () => {
    image?.remove();
    secrets?.close();
    await postgres?.close();
  });

  test('two migrators at once apply each migration once; links are then made, followed and counted', async () => {
    const migrators = [image.run('migrate', env), image.run('migrate', env)];
    assert.deepEqual(await Promise.all(migrators.map(({ exit }) => exit)), [0, 0]);
    const lines = migrators.flatMap((migrator) => migrator.lines);
    const names = (await readMigrations()).map(({ name }) => name);
    assert.deepEqual(lines.toSorted(), [
      `${names.length} migrations, 0 applied now`,
      `${names.length} migrations, ${names.length} applied now`,
      ...names.map((name) => `applied ${name}`),
    ]);

    const server = image.run('main', env);
    const url = await listening(server);
    const post = (body: unknown) =>
      fetch(`${url}/links`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    assert.equal((await fetch(`${url}/ready`)).status, 200);
    const made = await post({ url: 'https://example.com/a', slug: 'first' });
    assert.deepEqual([made.status, made.headers.get('location')], [201, '/links/first']);
    assert.equal((await post({ url: 'https://example.com/b', slug: 'first' })).status, 409);
    const generated = (await (await post({ url: 'https://example.com/c' })).json()) as { slug: string };
    assert.match(generated.slug, /^\w{7}$/);
    const visits = await Promise.all(
      Array.from({ length: 20 }, () => fetch(`${url}/first`, { redirect: 'manual' })),
    );
    assert.ok(
      visits.every(
        ({ status, headers }) => status === 302 && headers.get('location') === 'https://example.com/a',
      ),
    );
    const link = (await (await fetch(`${url}/links/first`)).json()) as { visits: number; createdAt: string };
    assert.equal(link.visits, 20);
    assert.ok(!Number.isNaN(Date.parse(link.createdAt)));
    server.process.kill('SIGTERM');
    assert.equal(await server.exit, 0);
    assert.ok(server.lines.every((line) => !line.includes(postgres.password)));
  });

  test('a rotated password is fetched once for many requests, and none of them fails', async () => {
    const database = open();
    await database.query('SELECT 1');
    const before = secrets.fetches();
    await superuser(`CREATE ROLE app LOGIN PASSWORD 'p1'`);
    secrets.rotateTo({ username: 'app', password: 'p1' });
    const rotating = open();
    await rotating.query('SELECT 1');
    await superuser(`ALTER ROLE app PASSWORD 'p2'`);
    secrets.rotateTo({ username: 'app', password: 'p2' });
    await superuser(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'app'`);
    await Promise.allSettled([rotating.query('SELECT 1')]); // may still meet the ended connection
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => rotating.query('SELECT current_user AS name')),
    );
    assert.ok(answers.every(([row]) => row?.['name'] === 'app'));
    assert.equal(secrets.fetches() - before, 2);
    secrets.rotateTo(postgres);
    await Promise.all([database.close(), rotating.close()]);
  });

  test('a password that is wrong in the secret too is asked for once more and then refused', async () => {
    secrets.rotateTo({ username: postgres.username, password: 'wrong' });
    const database = open();
    const before = secrets.fetches();
    await assert.rejects(database.query('SELECT 1'), (error: Error) => {
      assert.equal(error.message, 'The database cannot be used: it refuses the password in the secret');
      return true;
    });
    assert.equal(secrets.fetches() - before, 2);
    secrets.rotateTo(postgres);
    assert.equal((await database.query('SELECT 1')).length, 1); // and it recovers by itself
    await database.close();
  });

  const isTlsOn = selfSigned() !== undefined;
  const modes: readonly [string, boolean | RegExp][] = [
    ['prefer', isTlsOn],
    ['disable', false],
    ['require', isTlsOn || /no connection/],
  ];
  for (const [mode, expected] of modes) {
    test(`DATABASE_SSL=${mode}, the server ${isTlsOn ? 'offers' : 'does not offer'} TLS`, () =>
      isEncrypted(mode, expected));
  }

  test('without TLS on the server, prefer goes on without and require refuses', async (t) => {
    if (!isTlsOn) return t.skip('needs openssl; the tests above have shown it');
    const plain = await startPostgres(bin ?? '');
    try {
      await isEncrypted('prefer', false, plain.port);
      await isEncrypted('require', /no connection/, plain.port);
    } finally {
      await plain.close();
    }
  });

  test('a migration that fails is rolled back whole, named, and those before it stay', async () => {
    const made: readonly Migration[] = [
      { name: '9001-good.sql', sql: 'CREATE TABLE good (a int)', sha256: 'a' },
      { name: '9002-bad.sql', sql: 'CREATE TABLE half (a int); SELECT nothing_like_that();', sha256: 'b' },
    ];
    const database = open();
    await assert.rejects(
      database.withConnection((connection) => migrate(connection, made)),
      /9002-bad.sql failed and was rolled back: function nothing_like_that\(\) does not exist/,
    );
    const [row] = await database.query(`SELECT to_regclass('good') AS good, to_regclass('half') AS half`);
    assert.deepEqual([row?.['good'], row?.['half']], ['good', null]);
    await database.close();
  });

  test('a connection that the server ends is an answer, not a crash, and the next question works', async () => {
    const database = open();
    await assert.rejects(database.query('SELECT pg_terminate_backend(pg_backend_pid())'), { status: 503 });
    assert.equal((await database.query('SELECT 1')).length, 1);
    await database.close();
  });

  test('migrate says that the database is away, and the exit code is 1', async () => {
    const command = image.run('migrate', { ...env, DATABASE_PORT: '1' });
    assert.equal(await command.exit, 1);
    assert.deepEqual(command.lines, [
      'migrate: The database cannot be used: no connection (ECONNREFUSED): connect ECONNREFUSED 127.0.0.1:1',
    ]);
  });

  function open(more: Readonly<Record<string, string>> = {}): Database {
    return databaseFrom({ ...env, ...more }, silent, { queryTimeoutMs: 60_000, connectTimeoutMs: 60_000 });
  }

  async function isEncrypted(mode: string, expected: boolean | RegExp, port = postgres.port): Promise<void> {
    const database = open({ DATABASE_SSL: mode, DATABASE_PORT: String(port) });
    const asked = database.query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()');
    if (expected instanceof RegExp) await assert.rejects(asked, expected);
    else assert.equal((await asked)[0]?.['ssl'], expected);
    await database.close();
  }

  async function superuser(sql: string): Promise<void> {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: postgres.port,
      database: 'postgres',
      user: postgres.username,
      password: postgres.password,
    });
    await client.connect();
    await client.query(sql);
    await client.end();
  }
});

/** A key and certificate for the server, if openssl is there to make them. */
function selfSigned(): { readonly key: string; readonly certificate: string } | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'devops-app-tls-'));
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  try {
    const names = ['-subj', '/CN=127.0.0.1', '-days', '1', '-keyout', key, '-out', certificate];
    execFileSync('openssl', ['req', '-x509', '-nodes', ...curve, ...names], { stdio: 'pipe' });
    return { key: readFileSync(key, 'utf8'), certificate: readFileSync(certificate, 'utf8') };
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
