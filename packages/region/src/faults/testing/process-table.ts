import { readdirSync, readFileSync } from 'node:fs';
import { processStartTime } from '../../planes/processes/watchdog.ts';

/** The tests look at the process table of Linux; elsewhere they are skipped. */
export const hasProcessTable = process.platform === 'linux';

export interface Seen {
  readonly pid: number;
  readonly startTime: string;
  readonly command: string;
}

/** All that the process started, and what those started. */
export function descendantsOf(pid: number): Seen[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = parentOf(Number(name));
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const below = (of: number): number[] =>
    (children.get(of) ?? []).flatMap((child) => [child, ...below(child)]);
  return below(pid).flatMap((found) => {
    const startTime = processStartTime(found);
    return startTime === undefined ? [] : [{ pid: found, startTime, command: commandOf(found) }];
  });
}

/** Processes that have this in their environment, as `NAME=value`; only those that this user may look at. */
export function processesWith(entry: string): { readonly pid: number; readonly command: string }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(entry))
    .map((name) => ({ pid: Number(name), command: commandOf(Number(name)) }));
}

function environmentOf(pid: string): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0');
  } catch {
    return [];
  }
}

/** Those of them that still run; a pid that was given to another process since does not count. */
export function stillRunning(seen: readonly Seen[]): Seen[] {
  return seen.filter(({ pid, startTime }) => processStartTime(pid) === startTime);
}

function parentOf(pid: number): number | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}
