import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export interface CommandResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly input?: string;
}

/** Runs a client to its end; one that takes over two minutes is killed. */
export function run(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const { env, cwd, input } = options;
  return new Promise((resolve) => {
    const child = execFile(
      command,
      args,
      { env, ...(cwd !== undefined && { cwd }), timeout: 120_000, maxBuffer: 1 << 26 },
      (error, stdout, stderr) => {
        const code = error ? (typeof error.code === 'number' ? error.code : 1) : 0;
        resolve({ status: code, stdout, stderr });
      },
    );
    child.stdin?.end(input ?? '');
  });
}

/** As `run`, and throws what the client said when it fails. */
export async function succeed(
  command: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<CommandResult> {
  const result = await run(command, args, options);
  const { status, stdout, stderr } = result;
  if (status !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${status}\n${stdout}\n${stderr}`);
  return result;
}

/** Where on the PATH the command is, the one that a shell would run first. */
export async function installed(command: string): Promise<readonly string[]> {
  const paths = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, command));
  const found = await Promise.all(
    paths.map((path) =>
      access(path, constants.X_OK).then(
        () => [path],
        () => [],
      ),
    ),
  );
  return found.flat();
}

/** The first Python on the PATH that has the module. */
export async function pythonWith(module: string): Promise<string | undefined> {
  for (const python of await installed('python3')) {
    const { status } = await run(python, ['-c', `import ${module}`], { env: process.env });
    if (status === 0) return python;
  }
  return undefined;
}
