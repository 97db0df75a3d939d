import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Makes the home, readable by its owner only, and finds out whether it can be written. Rejects with a text for the user. */
export async function openHome(home: string): Promise<void> {
  const probe = join(home, `.write-test-${process.pid}`);
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
    // Only a write tells: the superuser passes every check of permissions, and a disk may be full or read-only.
    await writeFile(probe, 'x', { mode: 0o600 });
    await rm(probe);
  } catch (error) {
    await rm(probe, { force: true }).catch(() => {});
    throw new HomeError(home, error);
  }
}

const meanings: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'it is on a file system that is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: "this user's quota of the disk is used up",
  EEXIST: 'there is a file of that name',
  ENOTDIR: 'a part of that path is a file',
};

export class HomeError extends Error {
  constructor(home: string, cause: unknown) {
    const code = (cause as { code?: unknown }).code;
    const meaning = typeof code === 'string' ? meanings[code] : undefined;
    const detail = meaning ?? (cause instanceof Error ? cause.message : String(cause));
    super(`The home ${home} cannot be written: ${detail}. Mend that or choose another --home.`, { cause });
    this.name = 'HomeError';
  }
}
