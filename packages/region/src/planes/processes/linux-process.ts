import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { markerName } from './environment.ts';

export interface ProcessStat {
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Its own, and of those of its children that it waited for. */
  readonly cpuMs: number;
}

/**
 * One process by `/proc/<pid>`. Its files are kept open: reading them again costs a few microseconds, and they never come to
 * stand for another process with the same pid.
 */
export class LinuxProcess {
  readonly pid: number;
  readonly #stat: number;
  readonly #statm: number;

  /** Undefined when there is no such process, or it may not be looked at. */
  static open(pid: number): LinuxProcess | undefined {
    const stat = openFile(`/proc/${pid}/stat`);
    if (stat === undefined) return undefined;
    const statm = openFile(`/proc/${pid}/statm`);
    if (statm !== undefined) return new LinuxProcess(pid, stat, statm);
    closeSync(stat);
    return undefined;
  }

  private constructor(pid: number, stat: number, statm: number) {
    this.pid = pid;
    this.#stat = stat;
    this.#statm = statm;
  }

  /** Undefined when it has ended and was waited for. */
  read(): ProcessStat | undefined {
    const text = readAgain(this.#stat);
    // The command name, in parentheses, may itself hold spaces and parentheses.
    const fields = text?.slice(text.lastIndexOf(')') + 2).split(' ', 15);
    if (fields === undefined) return undefined;
    const [parent, group, session, user, system, childrenUser, childrenSystem] = statFields.map((at) =>
      Number(fields[at]),
    ) as [number, number, number, number, number, number, number];
    const cpuMs = (user + system + childrenUser + childrenSystem) * tickMs;
    return { parent, group, session, cpuMs };
  }

  /** Nothing when it has ended. */
  readMemory(): { readonly ownBytes: number; readonly sharedBytes: number } {
    const [, resident = 0, shared = 0] = (readAgain(this.#statm) ?? '').split(' ').map(Number);
    return { ownBytes: (resident - shared) * pageBytes(), sharedBytes: shared * pageBytes() };
  }

  close(): void {
    closeSync(this.#stat);
    closeSync(this.#statm);
  }
}

/** The container that a process belongs to. Of other users' processes it cannot be read; a zombie has none. */
export function markerOf(pid: number): string | undefined {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
    const entry = environment.split('\0').find((pair) => pair.startsWith(`${markerName}=`));
    return entry?.slice(markerName.length + 1);
  } catch {
    return undefined;
  }
}

/** parent, group, session, utime, stime, cutime, cstime: fields 4 to 6 and 14 to 17, counted from the third. proc(5) */
const statFields = [1, 2, 3, 11, 12, 13, 14];
/** Linux tells CPU time in hundredths of a second, whatever its own clock. */
const tickMs = 10;

let knownPageBytes = 0;

/** 4, 16 or 64 KiB: by what Linux and Node tell of this process. */
function pageBytes(): number {
  if (knownPageBytes === 0) {
    const pages = Number(readFileSync('/proc/self/statm', 'latin1').split(' ')[1]);
    knownPageBytes = 2 ** Math.round(Math.log2(process.memoryUsage.rss() / pages));
  }
  return knownPageBytes;
}

const buffer = Buffer.alloc(1024);

function readAgain(file: number): string | undefined {
  try {
    return buffer.toString('latin1', 0, readSync(file, buffer, 0, buffer.length, 0));
  } catch {
    return undefined;
  }
}

function openFile(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch {
    return undefined;
  }
}
