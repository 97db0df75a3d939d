/** A region as a process of its own, to be killed and started again on the same home. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { RegionMessage } from '../../kernel/message.ts';
import { removeOutside } from '../../planes/postgres/postgres-plane.ts';
import type { RegionOptions } from '../../region.ts';
import { descendantsOf, type Seen, stillRunning } from './process-table.ts';
import { until } from './until.ts';

/** What the region is started with, besides its home and its ports. */
type Settings = Partial<
  Omit<RegionOptions, 'home' | 'region' | 'port' | 'httpPort' | 'report' | 'credentials'>
>;

interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export class FaultyRegion {
  readonly home: string;
  readonly port: number;
  readonly httpPort: number;
  readonly messages: RegionMessage[] = [];
  readonly #settings: Settings;
  #child: ChildProcess | undefined;
  #ended: Promise<Ended> | undefined;

  constructor(home: string, port: number, httpPort: number, settings: Settings = {}) {
    this.home = home;
    this.port = port;
    this.httpPort = httpPort;
    this.#settings = settings;
  }

  /** On a new home and free ports; ended and removed after the test. Not started yet. */
  static async create(t: TestContext, settings: Settings = {}): Promise<FaultyRegion> {
    const home = await mkdtemp(join(tmpdir(), 'plimsoll-faults-'));
    const region = new FaultyRegion(home, await freePort(), await freePort(), settings);
    t.after(async () => {
      await region.stop();
      await removeOutside(home);
      await rm(home, { recursive: true, force: true });
    });
    return region;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** For the SDK's clients: no retries, so that what is counted as acknowledged was answered once. */
  get client() {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    return { endpoint: this.endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 };
  }

  /**
   * Rejects with the region's own words when it does not start.
   * @param largestFile KiB that a file may grow to: writing then fails, as on a full disk. Default: no limit
   */
  async start({ largestFile }: { readonly largestFile?: number } = {}): Promise<void> {
    const main = fileURLToPath(new URL('../../main.ts', import.meta.url));
    const built = main.replace(/\.ts$/, '.js');
    const { home, port, httpPort } = this;
    const options = { ...this.#settings, home, region: 'eu-central-1', port, httpPort };
    const program = import.meta.url.endsWith('.ts') ? ['--import', 'tsx', main] : [built];
    // Of 512 bytes, as POSIX has it.
    const limit = largestFile === undefined ? 'unlimited' : String(2 * largestFile);
    const run = ['-c', 'ulimit -f "$0" && exec "$@"', limit, process.execPath, ...program];
    const child = spawn('/bin/sh', [...run, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.#child = child;
    this.#ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }) as Ended);
    const lines = createInterface(child.stdout);
    const started = new Promise<void>((resolve, reject) => {
      lines.on('line', (line) => {
        const message = JSON.parse(line) as RegionMessage;
        this.messages.push(message);
        if (message.code === 'started') resolve();
        if (message.code === 'start-failed') reject(new Error(message.text));
      });
      lines.on('close', () => reject(new Error('the region ended without a word')));
    });
    await started;
  }

  /** SIGKILL; gives everything that it had started. */
  async kill(): Promise<readonly Seen[]> {
    const children = descendantsOf(this.pid);
    this.#child?.kill('SIGKILL');
    await this.#ended;
    return children;
  }

  /** Ends it in order, if it runs; tells how it ended and what is left of its processes. */
  async stop(signal: 'SIGTERM' | 'SIGINT' = 'SIGTERM'): Promise<Ended & { readonly left: readonly Seen[] }> {
    const children = descendantsOf(this.pid);
    this.#child?.kill(signal);
    const ended = (await this.#ended) ?? { code: 0, signal: null };
    return { ...ended, left: stillRunning(children) };
  }

  /** What the region told of its own bugs. */
  get errors(): readonly string[] {
    return this.messages.filter(({ level }) => level === 'error').map(({ text }) => text);
  }

  /** The text of the answer through the load balancer; undefined while none comes. */
  async get(path: string, init: RequestInit = {}): Promise<{ status: number; text: string } | undefined> {
    try {
      const answer = await fetch(`http://127.0.0.1:${this.httpPort}${path}`, init);
      return { status: answer.status, text: await answer.text() };
    } catch {
      return undefined;
    }
  }

  async untilAnswered(path: string, text: string): Promise<void> {
    await until(`${path} answers ${text}`, async () => (await this.get(path))?.text === text);
  }
}

/** From below the range of ephemeral ports, since it must be free again after each kill. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 9_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false));
      server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(true));
    });
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
