import { constants } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Client } from 'pg';

/*
 * A snapshot is a copy of a data folder from which a server can start, and the password of its superuser:
 *
 *   <home>/snapshots/<DbiResourceId-like id>/  data/  rdsadmin.password
 *
 * A running database is copied as PostgreSQL documents for a low-level backup: between pg_backup_start and
 * pg_backup_stop, and the write-ahead log last, which a replication slot keeps until then.
 * https://www.postgresql.org/docs/17/continuous-archiving.html#BACKUP-LOWLEVEL-BASE-BACKUP
 */
export interface SnapshotSource {
  readonly dataFolder: string;
  readonly adminPassword: string;
}

/** Copies the data of a stopped server. */
export async function copyStopped(source: SnapshotSource, snapshot: string): Promise<void> {
  await whole(snapshot, async (unfinished) => {
    await copyData(source.dataFolder, path.join(unfinished, 'data'));
    await writeFile(path.join(unfinished, 'rdsadmin.password'), source.adminPassword, { mode: 0o600 });
  });
}

/** Copies the data of a running server, consistent as of the end of the copy. */
export async function copyRunning(client: Client, source: SnapshotSource, snapshot: string): Promise<void> {
  await whole(snapshot, async (unfinished) => {
    const data = path.join(unfinished, 'data');
    // A temporary slot is gone with its connection.
    await client.query("SELECT pg_create_physical_replication_slot('plimsoll_snapshot', true, true)");
    await client.query("SELECT pg_backup_start('plimsoll snapshot', true)");
    await copyData(source.dataFolder, data);
    const { rows } = await client.query<{ labelfile: string }>('SELECT labelfile FROM pg_backup_stop(false)');
    await rm(path.join(data, 'pg_wal'), { recursive: true, force: true });
    await copyFolder(path.join(source.dataFolder, 'pg_wal'), path.join(data, 'pg_wal'));
    await rm(path.join(data, 'pg_replslot'), { recursive: true, force: true });
    await mkdir(path.join(data, 'pg_replslot'), { mode: 0o700 });
    await writeFile(path.join(data, 'backup_label'), rows[0]?.labelfile ?? '', { mode: 0o600 });
    await writeFile(path.join(unfinished, 'rdsadmin.password'), source.adminPassword, { mode: 0o600 });
  });
}

export async function readSnapshotPassword(snapshot: string): Promise<string> {
  return readFile(path.join(snapshot, 'rdsadmin.password'), 'utf8');
}

export async function copySnapshotTo(snapshot: string, dataFolder: string): Promise<void> {
  await copyFolder(path.join(snapshot, 'data'), dataFolder);
}

async function copyData(from: string, to: string): Promise<void> {
  await copyFolder(from, to);
  await rm(path.join(to, 'postmaster.pid'), { force: true });
}

/** Files that vanish while a running server's folder is copied (temporary ones) do not matter to the copy. */
async function copyFolder(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) await copyFolder(source, target);
    else if (entry.isFile()) await copyFile(source, target, constants.COPYFILE_FICLONE).catch(unlessGone);
  }
}

function unlessGone(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}

/** A snapshot that is there is whole: it gets its name when it is finished. */
async function whole(snapshot: string, make: (unfinished: string) => Promise<void>): Promise<void> {
  const unfinished = `${snapshot}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { recursive: true, mode: 0o700 });
  await make(unfinished);
  await rm(snapshot, { recursive: true, force: true });
  await rename(unfinished, snapshot);
}
