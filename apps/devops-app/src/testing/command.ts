// The service's commands as real processes, from the source.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Command {
  readonly process: ChildProcess;
  /** Lines of standard output and standard error so far, as they came. */
  readonly lines: readonly string[];
  /** The exit code, or the signal's name. */
  readonly exit: Promise<number | string>;
}

export function runCommand(name: 'main' | 'migrate', env: Readonly<Record<string, string>>): Command {
  const child = spawn(
    process.execPath,
    ['--import', 'tsx', fileURLToPath(new URL(`../${name}.ts`, import.meta.url))],
    {
      cwd: fileURLToPath(new URL('../..', import.meta.url)),
      // Nothing of the developer's own AWS configuration may reach it.
      env: {
        PATH: process.env['PATH'] ?? '',
        HOME: '/nonexistent',
        HOST: '127.0.0.1',
        PORT: '0',
        AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  const lines: string[] = [];
  for (const input of [child.stdout, child.stderr]) {
    createInterface({ input }).on('line', (line) => lines.push(line));
  }
  return { process: child, lines, exit: once(child, 'close').then(([code, signal]) => code ?? signal) };
}

/** The base URL, once the server says that it listens. */
export async function listening({ process: child, lines, exit }: Command): Promise<string> {
  for (;;) {
    const found = lines.map((line) => /Server listening at (http:\S+?)"/.exec(line)?.[1]).find(Boolean);
    if (found !== undefined) return found;
    const ended = await Promise.race([child.stdout ? once(child.stdout, 'data') : exit, exit]);
    if (!Array.isArray(ended)) throw new Error(`The server ended: ${lines.join('\n')}`);
    await new Promise(setImmediate);
  }
}
