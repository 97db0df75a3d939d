import { spawn } from 'node:child_process';
import type { ExecResult } from './container-plane.ts';
import { signalChild } from './watchdog.ts';

const maximumOutput = 4096;

/** Runs a command to its end, or to its timeout; then it is ended with all it started. */
export function runToEnd(
  argv: readonly string[],
  options: { readonly cwd: string; readonly env: Record<string, string> },
  timeoutSeconds: number,
): Promise<ExecResult> {
  const [file = '', ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(file, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    let output = '';
    let timedOut = false;
    const take = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(0, maximumOutput);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const timer = setTimeout(() => {
      timedOut = true;
      if (child.pid !== undefined) signalChild(child.pid, 'group', 'SIGKILL');
    }, timeoutSeconds * 1000);
    child.once('error', (error) => {
      clearTimeout(timer);
      resolve({ exitCode: 127, output: error.message });
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ exitCode: timedOut ? 124 : (code ?? 1), output });
    });
  });
}
