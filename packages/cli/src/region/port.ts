import { execFile } from 'node:child_process';
import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { codeOf, UserError } from '../errors.ts';

/**
 * Refuses a port that is taken, before anything is changed.
 * @throws UserError that tells who has it, where the system says so, and what to do
 */
export async function assertFree(host: string, port: number, flag: string): Promise<void> {
  if (port === 0) return;
  const code = await listenError(host, port);
  if (code === undefined) return;
  if (code === 'EACCES') {
    throw new UserError([
      `Port ${port} (--${flag}) may not be opened by this user.`,
      `Choose one above 1023: --${flag} ${port + 8000}`,
    ]);
  }
  if (code !== 'EADDRINUSE') throw new UserError(`--${flag} ${port} on ${host} cannot be opened: ${code}`);
  const holder = await holderOf(port);
  throw new UserError([
    `Port ${port} (--${flag}) is in use${holder === undefined ? '' : ` by ${holder}`}.`,
    `End that program, or choose another port: --${flag} ${port + 1}`,
    'If it is another region of plimsoll: `plimsoll down` in its folder ends it.',
  ]);
}

function listenError(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => resolve(codeOf(error) ?? 'unknown'));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** For instance `node server.js (process 4711)`; undefined where the system does not tell. */
async function holderOf(port: number): Promise<string | undefined> {
  const pid = (await pidFromProc(port)) ?? (await pidFromLsof(port));
  if (pid === undefined) return undefined;
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  const command = line.replaceAll('\0', ' ').trim().slice(0, 100);
  return command === '' ? `process ${pid}` : `${command} (process ${pid})`;
}

async function pidFromProc(port: number): Promise<string | undefined> {
  const tables = await Promise.all(
    ['/proc/net/tcp', '/proc/net/tcp6'].map((file) => readFile(file, 'utf8').catch(() => '')),
  );
  const inode = tables.map((table) => listenerInode(table, port)).find((found) => found !== undefined);
  if (inode === undefined) return undefined;
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) if (await holds(pid, `socket:[${inode}]`)) return pid;
  return undefined;
}

/** The socket that listens on the port, by a table in the form of proc_net(5); state 0A is LISTEN. */
export function listenerInode(table: string, port: number): string | undefined {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const line of table.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    if (fields[1]?.endsWith(suffix) && fields[3] === '0A') return fields[9];
  }
  return undefined;
}

async function holds(pid: string, link: string): Promise<boolean> {
  // Other users' processes are closed to us.
  const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
  for (const name of descriptors) {
    if ((await readlink(`/proc/${pid}/fd/${name}`).catch(() => '')) === link) return true;
  }
  return false;
}

async function pidFromLsof(port: number): Promise<string | undefined> {
  if (process.platform === 'linux') return undefined;
  const args = ['-nP', `-iTCP:${port}`, '-sTCP:LISTEN', '-t'];
  const result = await promisify(execFile)('lsof', args).catch(() => undefined);
  return result?.stdout.split('\n')[0] || undefined;
}
