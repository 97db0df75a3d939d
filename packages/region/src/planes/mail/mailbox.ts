/**
 * The mailbox: a folder with one `.eml` for each mail, `000001.eml` and on. A mail is written beside, synced and renamed into
 * its place, so that it is there whole or not at all, also after a power cut. Every mail program opens these files.
 */
import { mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { DeliveryOutcome, Mail } from '../../services/sns/ports.ts';
import { Turns } from '../turns.ts';
import { compose } from './compose.ts';
import { type ReadMail, readMail } from './read-mail.ts';

/** A flood of mails opens no more files at once than this. */
const maximumAtOnce = 8;

export class Mailbox {
  readonly #folder: string;
  readonly #turns = new Turns(maximumAtOnce);

  /** @param folder absolute path; made with the first mail, readable by its owner only */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Resolves when the mail is on the disk. The same number again replaces it. */
  keep(mail: Mail): Promise<DeliveryOutcome> {
    return this.#turns.take(() => this.#keep(mail));
  }

  async #keep(mail: Mail): Promise<DeliveryOutcome> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const path = join(this.#folder, fileName(mail.number));
      await writeSynced(`${path}.new`, await compose(mail));
      await rename(`${path}.new`, path);
      await syncFolder(this.#folder);
      return { kind: 'delivered' };
    } catch (error) {
      return { kind: 'failed', reason: (error as Error).message, isPermanent: false };
    }
  }
}

/** A mail of the mailbox with its number. */
export interface KeptMail extends ReadMail {
  readonly number: number;
}

/** The mails in the folder, oldest first; none when there is no folder. */
export async function listMails(folder: string): Promise<readonly KeptMail[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if ((error as { code?: unknown }).code === 'ENOENT') return [];
    throw error;
  });
  const numbers = names.flatMap((name) => {
    const digits = /^(\d+)\.eml$/.exec(name)?.[1];
    return digits === undefined ? [] : [Number(digits)];
  });
  numbers.sort((a, b) => a - b);
  const mails: KeptMail[] = [];
  for (const number of numbers) {
    const source = await mailSource(folder, number);
    if (source !== undefined) mails.push({ number, ...readMail(source) });
  }
  return mails;
}

/** The bytes of a mail; undefined when there is none of that number. */
export async function mailSource(folder: string, number: number): Promise<Buffer | undefined> {
  try {
    return await readFile(join(folder, fileName(number)));
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ENOENT') return undefined;
    throw error;
  }
}

function fileName(number: number): string {
  return `${String(number).padStart(6, '0')}.eml`;
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
