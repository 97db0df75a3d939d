/**
 * Remembers a synthesis by everything that it depends on: the definition as data, the environment, and the blueprint's own
 * files. The CDK's second and a half is then paid only when something has changed.
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ServiceDefinition, Synthesis } from '@plimsoll/blueprint';
import { codeOf } from '../errors.ts';

/** Names what a synthesis depends on. */
export async function synthesisKey(definition: ServiceDefinition, environment: string): Promise<string> {
  const blueprint = dirname(fileURLToPath(import.meta.resolve('@plimsoll/blueprint')));
  const hash = createHash('sha256');
  hash.update(JSON.stringify([definition, environment, await filesOf(blueprint)]));
  return hash.digest('hex');
}

export async function cachedSynthesis(folder: string, key: string): Promise<Synthesis | undefined> {
  try {
    const found = JSON.parse(await readFile(join(folder, 'synthesis.json'), 'utf8')) as Entry;
    return found.key === key ? found.synthesis : undefined;
  } catch {
    return undefined;
  }
}

/** Does nothing where the home is not there, or not ours to write to: it only saves time. */
export async function rememberSynthesis(folder: string, key: string, synthesis: Synthesis): Promise<void> {
  const file = join(folder, 'synthesis.json');
  try {
    await mkdir(folder).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
    await writeFile(`${file}.new`, JSON.stringify({ key, synthesis } satisfies Entry));
    await rename(`${file}.new`, file);
  } catch {
    // The next synthesis takes its time.
  }
}

interface Entry {
  readonly key: string;
  readonly synthesis: Synthesis;
}

/** Size and time of every file: what a new build or another version changes. */
async function filesOf(folder: string): Promise<readonly string[]> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.js')).sort();
  return Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs } = await stat(join(folder, name));
      return `${name} ${size} ${mtimeMs}`;
    }),
  );
}
