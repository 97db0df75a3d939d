/**
 * Child processes that work for a command: a build, a synthesis. Each leads a process group of its own, so that it ends
 * with everything it started and a terminal's Ctrl-C is ours to handle; none outlives the command.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { Interrupted } from './errors.ts';

const running = new Set<number>();

export interface ChildResult {
  readonly code: number | null;
  /** Standard output and standard error in the order in which they came. */
  readonly output: string;
}

/**
 * Runs a program to its end, without a shell.
 * @throws Interrupted if `signal` is aborted; an Error with `code` such as ENOENT if it cannot be started
 */
export async function runChild(
  command: string,
  args: readonly string[],
  options: SpawnOptions & { readonly input?: string; readonly signal: AbortSignal },
): Promise<ChildResult> {
  const { input, signal, ...rest } = options;
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], ...rest, detached: true });
  const output = collected(child);
  child.stdin?.on('error', () => {}).end(input);
  const code = await endOf(child, signal);
  return { code, output: output() };
}

/** Resolves with the exit code; ends the whole group when `signal` is aborted. */
export function endOf(child: ChildProcess, signal: AbortSignal): Promise<number | null> {
  const { pid } = child;
  if (pid !== undefined) running.add(pid);
  const stop = (): void => void (pid !== undefined && signalGroup(pid, 'SIGTERM'));
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      signal.removeEventListener('abort', stop);
      if (pid !== undefined) running.delete(pid);
      if (signal.aborted) reject(new Interrupted());
      else resolve(code);
    });
  });
}

/** Ends what still runs: after a failure beside it, or when the user or the time limit insists. */
export function killAllChildren(): void {
  for (const pid of running) signalGroup(pid, 'SIGKILL');
}

/** Have the group killed with the rest if this command ends without having ended it. */
export function killWithUs(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  running.add(pid);
  child.once('close', () => running.delete(pid));
}

function collected(child: ChildProcess): () => string {
  const chunks: Buffer[] = [];
  child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch {
    // It has ended by itself.
  }
}
