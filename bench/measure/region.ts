/** A region as a process, started as the CLI starts it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export const repository = fileURLToPath(new URL('../../', import.meta.url));

export const clientOptions = (port: number) => ({
  endpoint: `http://127.0.0.1:${port}`,
  region: 'eu-central-1',
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  maxAttempts: 1,
});

export interface BenchRegion {
  readonly process: ChildProcess;
  readonly port: number;
  /** Of `performance.now()`, just before the process was started. */
  readonly begunAt: number;
  /** Resolves when the region says that it has started. */
  readonly started: Promise<void>;
  stop(): Promise<void>;
}

export async function startRegion(home: string): Promise<BenchRegion> {
  const { regionProgram } = await import('../../packages/cli/dist/region/region-program.js');
  const program: readonly string[] = await regionProgram();
  const options = { home, region: 'eu-central-1', port: await freePort(), httpPort: await freePort() };
  const begunAt = performance.now();
  const child = spawn(process.execPath, [...program, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  const lines = createInterface(child.stdout);
  const started = new Promise<void>((resolve, reject) => {
    lines.on('line', (line) => {
      const { code, text } = JSON.parse(line) as { code: string; text: string };
      if (code === 'started') resolve();
      if (code === 'start-failed') reject(new Error(text));
    });
  });
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
  };
  return { process: child, port: options.port, begunAt, started, stop };
}

/** Runs with a new home, removed afterwards. */
export async function withHome<T>(run: (home: string) => Promise<T>): Promise<T> {
  const home = await mkdtemp(join(tmpdir(), 'plimsoll-bench-'));
  try {
    return await run(home);
  } finally {
    await rm(home, { recursive: true, force: true });
  }
}

/** MiB of a process's resident memory. */
export function residentMemory(pid: number): number {
  const [, kibibytes] = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) / 1024;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return address !== null && typeof address === 'object' ? address.port : 0;
}
