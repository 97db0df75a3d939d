import { readdirSync } from 'node:fs';
import { markerOf } from './linux-process.ts';
import { signalChild } from './watchdog.ts';

/**
 * Ends everything that a container started, as the kernel ends a container when its first process is gone: the process
 * group, and on Linux also what left the group, found by the marker in its environment.
 */
export function killTree(pid: number, marker: string): void {
  signalChild(pid, 'group', 'SIGKILL');
  killMarked((value) => value === marker);
}

/** Ends all processes whose marker matches. Two passes, since a process may fork between look and kill. */
export function killMarked(matches: (marker: string) => boolean): void {
  for (let pass = 0; pass < 3; pass += 1) {
    const found = markedProcesses(matches);
    if (found.length === 0) return;
    for (const pid of found) signalChild(pid, 'process', 'SIGKILL');
  }
}

export function markedProcesses(matches: (marker: string) => boolean): number[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pid !== process.pid && matches(markerOf(pid) ?? ''));
}
