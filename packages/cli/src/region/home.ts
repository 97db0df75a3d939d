/**
 * The folder that holds a region. Plimsoll fills only a folder that it made or found empty, and marks it, so that
 * `down --destroy` may remove everything in it without asking what it is.
 */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { codeOf, UserError } from '../errors.ts';

/** What this home is. */
interface HomeMark {
  readonly plimsoll: 'home';
  /** A region keeps its name, as it is part of every ARN in it. */
  readonly region: string;
  /** What its tasks last ran on: most likely so again. */
  readonly plane?: Plane;
}

/** What tasks run on. */
export type Plane = 'process' | 'container';

/** The region that runs from this home: written when it has started, removed when it has ended. */
export interface RegionRecord {
  readonly pid: number;
  /** Tells the process from another that got its number later. */
  readonly startedAt: string;
  readonly endpoint: string;
  readonly region: string;
  readonly environment: string;
}

const markName = 'home.json';
const recordName = 'region.json';
export const logName = 'region.log';

export function homeOf(options: {
  readonly given: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** Absolute path of the definition, found only when it is needed. */
  readonly definition: () => string;
}): string {
  const named = options.given ?? (options.env['PLIMSOLL_HOME'] || undefined);
  return named === undefined ? join(dirname(options.definition()), '.plimsoll') : resolve(options.cwd, named);
}

/** The region that the home holds, and its plane; undefined if it is a new one. */
export function markOf(home: string): Promise<Pick<HomeMark, 'region' | 'plane'> | undefined> {
  return readJson<HomeMark>(join(home, markName));
}

/** Where syntheses are remembered. */
export function synthesisCache(home: string): string {
  return join(home, 'synthesis');
}

/** Makes the folder and its mark, or checks the mark that is there. */
export async function openHome(home: string, region: string, plane: Plane): Promise<void> {
  const mark = await readJson<HomeMark>(join(home, markName));
  const next: HomeMark = { plimsoll: 'home', region, plane };
  if (mark !== undefined) {
    checkRegion(home, mark, region);
    if (mark.plane !== plane) await writeJson(join(home, markName), next);
    return;
  }
  const names = await readdir(home).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return [];
    throw homeRefused(home, error);
  });
  if (names.length > 0) {
    throw new UserError([
      `${home} is not empty and was not made by plimsoll.`,
      'Name another folder with --home, or an empty one.',
    ]);
  }
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
    // State is nobody's source.
    await writeFile(join(home, '.gitignore'), '*\n');
    await writeJson(join(home, markName), next);
  } catch (error) {
    throw homeRefused(home, error);
  }
}

function checkRegion(home: string, mark: HomeMark, region: string): void {
  if (mark.region === region) return;
  throw new UserError([
    `${home} holds the region ${mark.region}, and this environment is in ${region}.`,
    'Name another folder for it with --home.',
  ]);
}

function homeRefused(home: string, error: unknown): UserError {
  return new UserError([
    `${home} cannot be used: ${(error as Error).message}`,
    'Name another folder with --home.',
  ]);
}

export function readRecord(home: string): Promise<RegionRecord | undefined> {
  return readJson<RegionRecord>(join(home, recordName));
}

export function writeRecord(home: string, record: RegionRecord): Promise<void> {
  return writeJson(join(home, recordName), record);
}

export function removeRecord(home: string): Promise<void> {
  return rm(join(home, recordName), { force: true });
}

/**
 * Removes the home with everything in it.
 * @returns whether there was one
 * @throws UserError if the folder is not marked as ours
 */
export async function removeHome(home: string): Promise<boolean> {
  const names = await readdir(home).catch(() => undefined);
  if (names === undefined) return false;
  if ((await readJson<HomeMark>(join(home, markName)))?.plimsoll !== 'home') {
    throw new UserError(`${home} was not made by plimsoll: nothing in it was removed.`);
  }
  // Where the home is closed to the user that databases run as, they lie outside of it.
  const { removeOutside } = await import('@plimsoll/region/planes/postgres/postgres-plane.js');
  await removeOutside(home);
  await rm(home, { recursive: true, force: true });
  return true;
}

async function readJson<T>(file: string): Promise<T | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as T;
  } catch {
    return undefined;
  }
}

async function writeJson(file: string, value: object): Promise<void> {
  await writeFile(`${file}.new`, `${JSON.stringify(value)}\n`, { mode: 0o600 });
  await rename(`${file}.new`, file);
}
