/** Which process applies, so that another on the same machine can tell at once whether it still runs. */
import { readFile, readlink } from 'node:fs/promises';
import { hostname } from 'node:os';
import { processStart } from '../region/process-identity.ts';

export interface Claimant {
  readonly host: string;
  /** Process numbers mean the same on two that are equal: one boot of one machine, and there one container. */
  readonly machine: string;
  readonly pid: number;
  readonly startedAt: string;
}

export async function thisProcess(): Promise<Claimant> {
  const host = hostname();
  const [boot, container, startedAt] = await Promise.all([
    readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => ''),
    readlink('/proc/self/ns/pid').catch(() => ''),
    processStart(process.pid),
  ]);
  return {
    host,
    machine: `${host} ${boot.trim()} ${container}`,
    pid: process.pid,
    startedAt: startedAt ?? '',
  };
}

export function isSameMachine(a: Claimant, b: Claimant): boolean {
  return a.machine === b.machine;
}

export async function isThere({ pid, startedAt }: Claimant): Promise<boolean> {
  return (await processStart(pid)) === startedAt;
}
