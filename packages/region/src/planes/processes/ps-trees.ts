import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { ProcessTree, ProcessTrees } from './process-trees.ts';
import { signalChild } from './watchdog.ts';

const run = promisify(execFile);

export interface PsRow {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly memoryBytes: number;
  readonly cpuMs: number;
}

/**
 * Trees by `ps`, for macOS and other systems without `/proc`: a program is run for each look, so looks are rare and CPU is
 * measured but not limited. What left both its group and its parent is not found.
 */
export class PsTrees implements ProcessTrees {
  readonly canLimitCpu = false;
  readonly #trees = new Map<number, PsTree>();

  add(leader: number): ProcessTree {
    const tree = new PsTree(leader, () => this.#trees.delete(leader));
    this.#trees.set(leader, tree);
    return tree;
  }

  async look(): Promise<void> {
    const rows = await readPs();
    if (rows === undefined) return;
    for (const tree of this.#trees.values()) tree.take(rows);
  }
}

class PsTree implements ProcessTree {
  readonly #leader: number;
  readonly #onClose: () => void;
  #cpu = new Map<number, number>();
  #ended = 0;
  #memoryBytes = 0;

  constructor(leader: number, onClose: () => void) {
    this.#leader = leader;
    this.#onClose = onClose;
  }

  take(rows: readonly PsRow[]): void {
    const own = treeRows(rows, this.#leader);
    const cpu = new Map(own.map((row) => [row.pid, row.cpuMs]));
    for (const [pid, cpuMs] of this.#cpu) if (!cpu.has(pid)) this.#ended += cpuMs;
    this.#cpu = cpu;
    this.#memoryBytes = own.reduce((sum, row) => sum + row.memoryBytes, 0);
  }

  cpuMs(): number {
    return [...this.#cpu.values()].reduce((sum, cpuMs) => sum + cpuMs, this.#ended);
  }

  memoryBytes(): number {
    return this.#memoryBytes;
  }

  signal(signal: NodeJS.Signals): void {
    signalChild(this.#leader, 'group', signal);
  }

  close(): void {
    this.#onClose();
  }
}

/** The leader, its group, and what they started. */
export function treeRows(rows: readonly PsRow[], leader: number): readonly PsRow[] {
  const pids = new Set(rows.filter(({ group }) => group === leader).map(({ pid }) => pid));
  for (let before = 0; before < pids.size; ) {
    before = pids.size;
    for (const { pid, parent } of rows) if (pids.has(parent)) pids.add(pid);
  }
  return rows.filter(({ pid }) => pids.has(pid));
}

/** Undefined on a machine that cannot start `ps` just now: the next look may. */
async function readPs(): Promise<readonly PsRow[] | undefined> {
  try {
    const { stdout } = await run('/bin/ps', ['-axo', 'pid=,ppid=,pgid=,rss=,time='], {
      maxBuffer: 16 * 1024 * 1024,
      env: { LC_ALL: 'C' },
    });
    return parsePs(stdout);
  } catch {
    return undefined;
  }
}

export function parsePs(text: string): readonly PsRow[] {
  return text.split('\n').flatMap((line) => {
    const [pid, parent, group, kibibytes, time] = line.trim().split(/\s+/);
    if (time === undefined) return [];
    return {
      pid: Number(pid),
      parent: Number(parent),
      group: Number(group),
      memoryBytes: Number(kibibytes) * 1024,
      cpuMs: milliseconds(time),
    };
  });
}

/** `1:02.34` on macOS, `01:02:03` or `2-01:02:03` elsewhere. */
function milliseconds(time: string): number {
  const [clock = '', days = '0'] = time.split('-').reverse();
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0);
  return Math.round((Number(days) * 86_400 + seconds) * 1000);
}
