import { setTimeout as delay } from 'node:timers/promises';
import type { ExecResult } from '../processes/container-plane.ts';
import { type EngineClient, EngineError } from './engine-client.ts';
import { splitOutput } from './output-frames.ts';

const maximumOutput = 4096;

/**
 * Runs a command inside a running container, to its end or to its timeout. The engines' API has no way to end such a command:
 * by its pid it is ended where this user may, else it ends with its container.
 * @param path `/containers/<id>`
 */
export async function runInside(
  client: EngineClient,
  path: string,
  argv: readonly string[],
  timeoutSeconds: number,
): Promise<ExecResult> {
  try {
    const { Id } = await client.call<{ Id: string }>('POST', `${path}/exec`, {
      AttachStdout: true,
      AttachStderr: true,
      Cmd: argv,
    });
    return await follow(client, `/exec/${Id}`, timeoutSeconds);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return {
      exitCode: /executable file not found|no such file/.test(error.message) ? 127 : 126,
      output: error.message,
    };
  }
}

async function follow(client: EngineClient, path: string, timeoutSeconds: number): Promise<ExecResult> {
  const source = await client.stream('POST', `${path}/start`, { Detach: false, Tty: false });
  const { stdout, stderr } = splitOutput(source);
  let output = '';
  const take = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(0, maximumOutput);
  };
  const ended = Promise.all(
    [stdout, stderr].map(
      (stream) =>
        new Promise<void>((resolve) => {
          stream.on('data', take).once('end', resolve);
        }),
    ),
  );
  const cancel = new AbortController();
  const timedOut = delay(timeoutSeconds * 1000, true, { signal: cancel.signal }).catch(() => false);
  const isLate = await Promise.race([ended.then(() => false), timedOut]);
  cancel.abort();
  const { ExitCode, Pid } = await client.call<Inspected>('GET', `${path}/json`);
  if (!isLate) return { exitCode: ExitCode ?? 1, output };
  source.destroy();
  kill(Pid);
  return { exitCode: 124, output };
}

interface Inspected {
  readonly ExitCode: number | null;
  readonly Pid: number;
}

function kill(pid: number): void {
  try {
    if (pid > 1) process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already, or not ours to end.
  }
}
