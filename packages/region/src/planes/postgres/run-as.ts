import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, chown, lchown, mkdir, readdir, realpath, stat, symlink } from 'node:fs/promises';
import path from 'node:path';

/*
 * PostgreSQL refuses to run as root. When the region runs as root (in containers, mostly), databases run as an
 * unprivileged user that the machine has: `postgres` if there is one, else `nobody`, else `daemon`. Their folders
 * belong to that user. Each user can enter only folders that let it in, and a home below `/root` does not: then the
 * databases of that home live below /var/lib/plimsoll, and `<home>/rds` is a link to them.
 */
export interface RunAs {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The user that databases run as; undefined when it is the region's own. */
export function databaseUser(): RunAs | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8').split('\n').map(parseUser);
  for (const name of ['postgres', '_postgres', 'nobody', 'daemon']) {
    const user = users.find((found) => found?.name === name);
    if (user) return user;
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and /etc/passwd has none of the users postgres, nobody and daemon. ' +
      'Start the region as a user of its own.',
  );
}

function parseUser(line: string): RunAs | undefined {
  const [name, , uid, gid] = line.split(':');
  const user = { name: name ?? '', uid: Number(uid), gid: Number(gid) };
  return user.uid > 0 && user.gid > 0 ? user : undefined;
}

/** Where the databases of a home live: in the home if the user can enter it, else in a folder of the machine. */
export async function placeOf(home: string, user: RunAs | undefined): Promise<string> {
  if (user === undefined) return home;
  if (!(await letThrough(home, user))) return machinePlaceFor(home, user);
  await ownFolder(path.join(home, 'rds'), user);
  return home;
}

/** The folder outside of the home, for when all of a home is to be removed. It may not be there. */
export async function machinePlace(home: string): Promise<string> {
  const name = createHash('sha256')
    .update(await realpath(home))
    .digest('hex')
    .slice(0, 16);
  return path.join(machineFolder, name);
}

const machineFolder = '/var/lib/plimsoll';

async function machinePlaceFor(home: string, user: RunAs): Promise<string> {
  const place = await machinePlace(home);
  await mkdir(machineFolder, { recursive: true, mode: 0o755 });
  for (const folder of [place, path.join(place, 'rds')]) await ownFolder(folder, user);
  await symlink(path.join(place, 'rds'), path.join(home, 'rds')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return place;
}

/** A folder of ours that the user can pass through but not list or change, and nobody else can enter. */
export async function ownFolder(folder: string, { gid }: RunAs): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chown(folder, 0, gid);
  await chmod(folder, 0o710);
}

/**
 * Lets the user pass through the home if all folders above it do. A home that only its owner could enter can then be
 * passed through by the user's group too; what is in it still has modes of its own.
 */
async function letThrough(home: string, user: RunAs): Promise<boolean> {
  if (await canReach(home, user)) return true;
  const { uid, mode } = await stat(home);
  const isPrivate = uid === 0 && (mode & 0o077) === 0;
  if (!isPrivate || !(await canReach(path.dirname(home), user))) return false;
  await ownFolder(home, user);
  return true;
}

/** Can this user enter the folder and all folders above it? */
export async function canReach(folder: string, user: RunAs): Promise<boolean> {
  const real = await realpath(folder);
  for (let at = real; ; at = path.dirname(at)) {
    const { uid, gid, mode } = await stat(at);
    const needed = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
    if ((mode & needed) === 0) return false;
    if (at === path.dirname(at)) return true;
  }
}

/** Gives a folder to the user that databases run as, private to it. */
export async function privateFolder(folder: string, user: RunAs | undefined): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if (user) await chown(folder, user.uid, user.gid);
}

/** Gives everything below a folder to the user that databases run as. */
export async function giveTree(folder: string, user: RunAs | undefined): Promise<void> {
  if (!user) return;
  await lchown(folder, user.uid, user.gid);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const below = path.join(folder, entry.name);
    if (entry.isDirectory()) await giveTree(below, user);
    else await lchown(below, user.uid, user.gid);
  }
}
