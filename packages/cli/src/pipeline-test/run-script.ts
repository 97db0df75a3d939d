import { spawn } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface ScriptOutcome {
  readonly code: number;
  readonly text: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly paths: readonly string[];
  readonly summary: string;
}

/** Runs a step's script as GitHub's runner does: `bash -eo pipefail`, with files for what it tells. */
export async function runScript(
  script: string,
  options: {
    readonly cwd: string;
    readonly env: Readonly<Record<string, string>>;
    readonly temporary: string;
  },
): Promise<ScriptOutcome> {
  const folder = await mkdtemp(join(options.temporary, 'step-'));
  const file = (name: string): string => join(folder, name);
  const names = ['output', 'env', 'path', 'summary'] as const;
  await Promise.all(names.map((name) => writeFile(file(name), '')));
  await writeFile(file('script.sh'), script);
  const env = {
    ...options.env,
    GITHUB_OUTPUT: file('output'),
    GITHUB_ENV: file('env'),
    GITHUB_PATH: file('path'),
    GITHUB_STEP_SUMMARY: file('summary'),
  };
  const { code, text } = await run(['--noprofile', '--norc', '-eo', 'pipefail', file('script.sh')], {
    cwd: options.cwd,
    env,
  });
  const [output = '', environment = '', path = '', summary = ''] = await Promise.all(
    names.map((name) => readFile(file(name), 'utf8')),
  );
  return {
    code,
    text,
    outputs: pairs(output),
    environment: pairs(environment),
    paths: path.split('\n').filter((line) => line !== ''),
    summary,
  };
}

function run(
  args: readonly string[],
  options: { readonly cwd: string; readonly env: Readonly<Record<string, string>> },
): Promise<{ readonly code: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, text }));
  });
}

function pairs(text: string): Readonly<Record<string, string>> {
  const lines = text.split('\n').filter((line) => line !== '');
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}
