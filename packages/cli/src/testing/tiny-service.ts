import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from '../temporary-folder.ts';

const binary = fileURLToPath(new URL('../../bin/plimsoll.mjs', import.meta.url));

export interface Result {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A service of one file without dependencies, in a folder of its own, and `plimsoll` to be called there. */
export interface TinyService {
  readonly folder: string;
  readonly home: string;
  /** Makes the service answer every request with this text. */
  answer(text: string): Promise<void>;
  /** Replaces the program. */
  program(source: string): Promise<void>;
  definition(source: string): Promise<void>;
  /** Calls `plimsoll` and waits for its end. */
  plimsoll(...args: readonly string[]): Promise<Result>;
  start(args: readonly string[], env?: Readonly<Record<string, string>>): RunningCommand;
}

export interface RunningCommand {
  readonly child: ChildProcess;
  readonly ended: Promise<Result>;
  /** Resolves when standard output has a line like this; rejects when the command ends before. */
  printed(pattern: RegExp): Promise<void>;
}

/** Everything is ended and removed after the test. */
export async function tinyService(t: TestContext): Promise<TinyService> {
  const { path: folder, remove } = await temporaryFolder();
  const home = join(folder, '.plimsoll');
  await mkdir(join(folder, 'dist'));
  const write = (file: string, text: string): Promise<void> => writeFile(join(folder, file), text);
  const start = (args: readonly string[], env: Readonly<Record<string, string>> = {}): RunningCommand =>
    startCommand(folder, args, env);
  const service: TinyService = {
    folder,
    home,
    start,
    plimsoll: (...args) => start(args).ended,
    program: (source) => write('dist/main.mjs', source),
    answer: (text) => write('dist/main.mjs', serverThatSays(text)),
    definition: (source) => write('plimsoll.config.ts', source),
  };
  await write('package.json', '{}');
  await service.definition(definition);
  await service.answer('one');
  t.after(async () => {
    await service.plimsoll('down');
    await remove();
  });
  return service;
}

const definition = `
  import { defineService } from '@plimsoll/blueprint';
  export default defineService({
    name: 'tiny',
    image: { command: ['node', 'dist/main.mjs'] },
    scaling: { min: 1 },
    environments: { local: { region: 'eu-central-1', deletionProtection: false } },
  });
`;

function serverThatSays(text: string): string {
  return `
    import { createServer } from 'node:http';
    // Longer than the load balancer keeps idle connections, as AWS asks for.
    const server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => response.end(${JSON.stringify(text)}));
    server.listen(Number(process.env.PORT), () => console.log('listening'));
    process.on('SIGTERM', () => server.close(() => process.exit(0)));
  `;
}

function startCommand(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): RunningCommand {
  const child = spawn(process.execPath, [binary, ...args], {
    cwd,
    env: { ...process.env, PLIMSOLL_HOME: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const listeners = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    for (const listener of listeners) listener();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Result>((resolve) =>
    child.once('close', (code) => resolve({ code, stdout, stderr })),
  );
  const printed = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (pattern.test(stdout)) resolve();
      };
      listeners.add(look);
      look();
      void ended.then(() =>
        reject(new Error(`It ended before it printed ${pattern}:\n${stdout}\n${stderr}`)),
      );
    });
  return { child, ended, printed };
}
