import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';

/** How a package's `build` script is run. */
export interface BuildCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** What is set beside the environment of the command. */
  readonly env: Readonly<Record<string, string>>;
}

interface Manifest {
  readonly name?: string;
  readonly version?: string;
  readonly scripts?: Readonly<Record<string, string>>;
}

/**
 * The command that builds the package in a folder; undefined if it has no `build` script. npm's own start takes longer than
 * many a build: a script that is no more than `node FILE …` is run without it, with what npm would have set for it. Anything
 * that needs a shell, npm's hooks (`prebuild`, `postbuild`) or its settings (`.npmrc`) goes through npm.
 */
export async function buildCommand(
  context: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<BuildCommand | undefined> {
  const file = join(context, 'package.json');
  const manifest = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Manifest;
  if (manifest.scripts?.['build'] === undefined) return undefined;
  const args = existsSync(join(context, '.npmrc')) ? undefined : plainNodeArguments(manifest.scripts);
  if (args === undefined) return { command: 'npm', args: ['run', '--silent', 'build'], env: {} };
  const { name = '', version = '' } = manifest;
  return {
    command: 'node',
    args,
    env: {
      PATH: [...binFolders(context), env['PATH'] ?? ''].join(delimiter),
      INIT_CWD: context,
      npm_lifecycle_event: 'build',
      npm_lifecycle_script: manifest.scripts['build'],
      npm_package_json: file,
      npm_package_name: name,
      npm_package_version: version,
    },
  };
}

/** What follows `node` in a build script without hooks that no shell has to read; undefined for any other. */
export function plainNodeArguments(scripts: Readonly<Record<string, string>>): readonly string[] | undefined {
  const { build = '', prebuild, postbuild } = scripts;
  if (prebuild !== undefined || postbuild !== undefined) return undefined;
  return /^node( [\w@%+:,./=-]+)+$/.test(build) ? build.split(' ').slice(1) : undefined;
}

/** As npm has them: of the package and of every folder above it. */
function binFolders(context: string): readonly string[] {
  const folders: string[] = [];
  for (let folder = context; ; folder = dirname(folder)) {
    folders.push(join(folder, 'node_modules', '.bin'));
    if (folder === dirname(folder)) return folders;
  }
}
