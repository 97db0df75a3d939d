import { existsSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { UserError } from '../errors.ts';

const fileName = 'plimsoll.config.ts';

/**
 * The definition to work with, as an absolute path.
 * @param given by `--definition`; else it is looked for in `cwd` and the folders above
 * @throws UserError if there is none
 */
export function findDefinition(cwd: string, given: string | undefined): string {
  if (given !== undefined) {
    const file = resolve(cwd, given);
    if (existsSync(file)) return file;
    throw new UserError([`--definition: there is no file ${relative(cwd, file) || file}`], 2);
  }
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const file = join(folder, fileName);
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) break;
  }
  throw new UserError([
    `No ${fileName} in ${cwd} or in a folder above it.`,
    'Go to the folder of your service, or name the file with --definition PATH.',
  ]);
}
