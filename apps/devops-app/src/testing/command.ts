// The service's commands as real processes, from an image's content in a folder of its own: what runs there runs anywhere.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface Command {
  readonly process: ChildProcess;
  /** Lines of standard output and standard error so far, as they came. */
  readonly lines: readonly string[];
  /** The exit code, or the signal's name. */
  readonly exit: Promise<number | string>;
}

export interface Image {
  run(command: 'main' | 'migrate', env: Readonly<Record<string, string>>): Command;
  remove(): void;
}

export function buildImage(): Image {
  const source = fileURLToPath(new URL('../..', import.meta.url));
  const folder = mkdtempSync(join(tmpdir(), 'devops-app-image-'));
  for (const name of ['package.json', 'migrations']) {
    cpSync(join(source, name), join(folder, name), { recursive: true });
  }
  execFileSync(process.execPath, [join(source, 'build.mjs'), join(folder, 'dist')], { stdio: 'pipe' });
  return {
    run: (command, env) => run(folder, command, env),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function run(folder: string, command: string, env: Readonly<Record<string, string>>): Command {
  const child = spawn(process.execPath, [`dist/${command}.js`], {
    cwd: folder,
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
  });
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
