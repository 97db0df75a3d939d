import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, chown, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { postgresEnding, signalChild, spawnWatched } from '../processes/watchdog.ts';
import type { MeteredServer } from './database-meter.ts';
import type { Distribution } from './distribution.ts';
import { giveTree, privateFolder, type RunAs } from './run-as.ts';

/*
 * One PostgreSQL server and its folder:
 *
 *   <place>/rds/<DbiResourceId>/
 *     data/                what PostgreSQL calls the data directory
 *     initialized          written when the master user and the first database are there; without it, data/ is made anew
 *     rdsadmin.password    of the superuser, which only the region uses, as on RDS
 *     postgres.log
 */
export interface ServerOptions {
  readonly home: string;
  readonly folder: string;
  readonly distribution: Distribution;
  readonly user: RunAs | undefined;
}

export class PostgresServer {
  readonly #options: ServerOptions;
  #child: ChildProcess | undefined;
  #stopping = false;
  #startedAt = 0;
  port = 0;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  get isRunning(): boolean {
    return this.#child !== undefined;
  }

  /** As it runs; undefined when it does not. */
  get metered(): MeteredServer | undefined {
    const pid = this.#child?.pid;
    return pid === undefined ? undefined : { pid, startedAt: this.#startedAt, dataFolder: this.dataFolder };
  }

  get dataFolder(): string {
    return path.join(this.#options.folder, 'data');
  }

  get logFile(): string {
    return path.join(this.#options.folder, 'postgres.log');
  }

  /** The password of `rdsadmin`. */
  async adminPassword(): Promise<string> {
    return readFile(this.#passwordFile, 'utf8');
  }

  async isInitialized(): Promise<boolean> {
    return access(this.#marker).then(
      () => true,
      () => false,
    );
  }

  async markInitialized(): Promise<void> {
    await writeFile(this.#marker, '', { mode: 0o600 });
  }

  /** Makes a new data folder, throwing away what an unfinished attempt left. */
  async initialize(): Promise<void> {
    const { folder, user } = this.#options;
    await privateFolder(folder, user);
    await rm(this.dataFolder, { recursive: true, force: true });
    const password = randomBytes(24).toString('base64url');
    const passwordFile = path.join(folder, 'initdb.password');
    await writeFile(passwordFile, password, { mode: 0o600 });
    if (user) await chown(passwordFile, user.uid, user.gid);
    await this.#initdb(passwordFile);
    await rm(passwordFile);
    await this.#keepAdminPassword(password);
  }

  /** Makes the data folder as a copy, by `copy`, of another one whose superuser has the given password. */
  async initializeFrom(password: string, copy: (dataFolder: string) => Promise<void>): Promise<void> {
    const { folder, user } = this.#options;
    await privateFolder(folder, user);
    await rm(this.dataFolder, { recursive: true, force: true });
    await copy(this.dataFolder);
    await giveTree(this.dataFolder, user);
    await this.#keepAdminPassword(password);
  }

  /**
   * Starts the server and resolves when it accepts connections; rejects with the server's own words when it ends
   * before. `onExit` is called when it ends later without having been asked to.
   */
  async start(port: number, parameters: Readonly<Record<string, string>>, onExit: () => void): Promise<void> {
    await this.#writeSettings(settingsText(parameters));
    const log = await this.#openLog();
    const { size } = await log.stat();
    const child = spawnWatched(this.#program('postgres'), this.#arguments(port), {
      home: this.#options.home,
      ending: postgresEnding,
      spawn: { stdio: ['ignore', log.fd, log.fd], ...this.#as() },
    });
    await log.close();
    this.#child = child;
    this.#startedAt = performance.now();
    this.#stopping = false;
    this.port = port;
    const ended = once(child, 'exit').catch((error: unknown) => error);
    ended.then(() => {
      this.#child = undefined;
    });
    const isReady = await this.#ready(child, ended);
    if (!isReady) throw new Error(await this.lastWords(size));
    ended.then(() => {
      if (!this.#stopping) onExit();
    });
  }

  /** Gives the running server other settings. Rejects, and leaves it as it is, if `findErrors` finds any in them. */
  async reload(
    parameters: Readonly<Record<string, string>>,
    findErrors: () => Promise<readonly string[]>,
  ): Promise<void> {
    const before = await readFile(this.#settingsFile, 'utf8');
    await this.#writeSettings(settingsText(parameters));
    const errors = await findErrors();
    if (errors.length > 0) {
      await this.#writeSettings(before);
      throw new Error(errors.join('; '));
    }
    if (this.#child?.pid !== undefined) signalChild(this.#child.pid, 'process', 'SIGHUP');
  }

  /** SIGINT, PostgreSQL's fast shutdown; SIGQUIT, its immediate one, after the limit. Resolves when it has ended. */
  async stop(limitSeconds = 30): Promise<void> {
    const child = this.#child;
    if (child?.pid === undefined) return;
    this.#stopping = true;
    const { pid } = child;
    const ended = once(child, 'exit');
    signalChild(pid, 'process', 'SIGINT');
    const timer = setTimeout(() => signalChild(pid, 'process', 'SIGQUIT'), limitSeconds * 1000);
    await ended;
    clearTimeout(timer);
  }

  /** The last of what the server wrote since its log had the given size: a reason mostly comes before its FATAL. */
  async lastWords(since = 0): Promise<string> {
    const log = await readFile(this.logFile, 'utf8').catch(() => '');
    const words = log
      .slice(since)
      .split('\n')
      .flatMap((line) => /\b(?:LOG|ERROR|FATAL|PANIC|DETAIL): .*/.exec(line)?.[0] ?? []);
    return `${words.slice(-3).join(' ') || 'it wrote nothing'} (log: ${this.logFile})`;
  }

  /** PostgreSQL reads this file last; only `ALTER SYSTEM` writes to it, which nobody but rdsadmin may use. */
  get #settingsFile(): string {
    return path.join(this.dataFolder, 'postgresql.auto.conf');
  }

  async #writeSettings(text: string): Promise<void> {
    const { user } = this.#options;
    const unfinished = `${this.#settingsFile}.new`;
    await writeFile(unfinished, text, { mode: 0o600 });
    if (user) await chown(unfinished, user.uid, user.gid);
    await rename(unfinished, this.#settingsFile);
  }

  get #marker(): string {
    return path.join(this.#options.folder, 'initialized');
  }

  get #passwordFile(): string {
    return path.join(this.#options.folder, 'rdsadmin.password');
  }

  #program(name: 'initdb' | 'postgres'): string {
    return path.join(this.#options.distribution.folder, 'bin', name);
  }

  #as(): { uid?: number; gid?: number; cwd: string; env: NodeJS.ProcessEnv } {
    const { user, folder } = this.#options;
    const ids = user ? { uid: user.uid, gid: user.gid } : {};
    // Nothing of the region's own environment is handed on: PG* variables would change what is started.
    return { ...ids, cwd: folder, env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } };
  }

  async #keepAdminPassword(password: string): Promise<void> {
    await writeFile(this.#passwordFile, password, { mode: 0o600 });
  }

  async #initdb(passwordFile: string): Promise<void> {
    // Chosen: ICU's en-US, which sorts as RDS's en_US.UTF-8 does, on every platform alike.
    const child = spawn(
      this.#program('initdb'),
      [
        ...['-D', this.dataFolder, '--username=rdsadmin', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'],
        ...['--encoding=UTF8', '--locale=C', '--locale-provider=icu', '--icu-locale=en-US'],
        ...['--no-sync', '--no-instructions'],
      ],
      { stdio: ['ignore', 'ignore', 'pipe'], ...this.#as() },
    );
    let errors = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      errors += text;
    });
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`initdb failed: ${errors.trim()}`);
  }

  /** The settings that no parameter changes. The others are in a file, so that they can change while it runs. */
  #arguments(port: number): string[] {
    const settings: Record<string, string> = {
      listen_addresses: '127.0.0.1',
      port: String(port),
      unix_socket_directories: '',
      ssl: 'off',
      log_destination: 'stderr',
      logging_collector: 'off',
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    return ['-D', this.dataFolder, ...flags];
  }

  async #openLog() {
    const { size } = await stat(this.logFile).catch(() => ({ size: 0 }));
    if (size > 10_000_000) await rename(this.logFile, `${this.logFile}.1`);
    return open(this.logFile, 'a', 0o600);
  }

  /** As `pg_ctl` does: the eighth line of postmaster.pid says `ready`. False when the server ended first. */
  async #ready(child: ChildProcess, ended: Promise<unknown>): Promise<boolean> {
    let hasEnded = false;
    ended.then(() => {
      hasEnded = true;
    });
    while (!hasEnded) {
      const lines = await this.#pidFile();
      if (lines[0] === String(child.pid) && lines[7]?.trim() === 'ready') return true;
      await Promise.race([ended, new Promise((resolve) => setTimeout(resolve, 20))]);
    }
    return false;
  }

  async #pidFile(): Promise<readonly string[]> {
    const text = await readFile(path.join(this.dataFolder, 'postmaster.pid'), 'utf8').catch(() => '');
    return text.split('\n');
  }
}

/** Chosen: UTC unless a parameter says otherwise, as on RDS; I/O is timed for `ReadLatency` and `WriteLatency`. */
function settingsText(parameters: Readonly<Record<string, string>>): string {
  const always = { timezone: 'UTC', log_timezone: 'UTC', track_io_timing: 'on', track_wal_io_timing: 'on' };
  const settings = { ...always, ...parameters };
  const lines = Object.entries(settings).map(
    ([name, value]) => `${name} = '${value.replaceAll("'", "''")}'\n`,
  );
  return lines.join('');
}
