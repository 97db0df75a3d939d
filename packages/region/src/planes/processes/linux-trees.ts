import { readdirSync } from 'node:fs';
import { LinuxProcess, markerOf } from './linux-process.ts';
import type { ProcessTree, ProcessTrees } from './process-trees.ts';
import { signalChild } from './watchdog.ts';

/**
 * Trees by `/proc`. A process belongs to a container by its process group or session, by its parent, or, wherever it went,
 * by the marker in its environment. Only processes that the last look did not see are examined.
 */
export class LinuxTrees implements ProcessTrees {
  readonly canLimitCpu = true;
  readonly #trees = new Map<number, LinuxTree>();
  #seen: ReadonlySet<number> = new Set();

  add(leader: number, marker: string): ProcessTree {
    const tree = new LinuxTree(leader, marker, () => this.#trees.delete(leader));
    this.#trees.set(leader, tree);
    return tree;
  }

  look(): void {
    const pids = readdirSync('/proc')
      .map(Number)
      .filter((pid) => pid > 0);
    for (const pid of pids) if (!this.#seen.has(pid) && !this.#trees.has(pid)) this.#examine(pid);
    this.#seen = new Set(pids);
  }

  #examine(pid: number): void {
    const process = LinuxProcess.open(pid);
    const tree = process && this.#treeOf(process);
    if (process && tree) tree.join(process);
    else process?.close();
  }

  #treeOf(process: LinuxProcess): LinuxTree | undefined {
    const stat = process.read();
    if (stat === undefined) return undefined;
    const { group, session, parent } = stat;
    const byGroup = this.#trees.get(group) ?? this.#trees.get(session);
    if (byGroup) return byGroup;
    const all = [...this.#trees.values()];
    const byParent = all.find((tree) => tree.has(parent));
    if (byParent) return byParent;
    const marker = markerOf(process.pid);
    return marker === undefined ? undefined : all.find((tree) => tree.marker === marker);
  }
}

class LinuxTree implements ProcessTree {
  readonly marker: string;
  readonly #leader: number;
  readonly #members = new Map<number, LinuxProcess>();
  readonly #onClose: () => void;
  #lastSum = 0;
  #lost = 0;

  constructor(leader: number, marker: string, onClose: () => void) {
    this.#leader = leader;
    this.marker = marker;
    this.#onClose = onClose;
    const first = LinuxProcess.open(leader);
    if (first) this.join(first);
  }

  join(process: LinuxProcess): void {
    this.#members.get(process.pid)?.close();
    this.#members.set(process.pid, process);
  }

  has(pid: number): boolean {
    return this.#members.has(pid);
  }

  cpuMs(): number {
    let sum = 0;
    for (const [pid, process] of this.#members) {
      const stat = process.read();
      if (stat) sum += stat.cpuMs;
      else this.#leave(pid);
    }
    // The time of a process that ended goes to the one that waited for it; if none did, it would be lost.
    if (sum < this.#lastSum) this.#lost += this.#lastSum - sum;
    this.#lastSum = sum;
    return sum + this.#lost;
  }

  memoryBytes(): number {
    let own = 0;
    let shared = 0;
    for (const process of this.#members.values()) {
      const memory = process.readMemory();
      own += memory.ownBytes;
      shared = Math.max(shared, memory.sharedBytes);
    }
    return own + shared;
  }

  signal(signal: NodeJS.Signals): void {
    signalChild(this.#leader, 'group', signal);
    for (const [pid, process] of this.#members) {
      const group = process.read()?.group;
      if (group !== undefined && group !== this.#leader) signalChild(pid, 'process', signal);
    }
  }

  close(): void {
    for (const pid of this.#members.keys()) this.#leave(pid);
    this.#onClose();
  }

  #leave(pid: number): void {
    this.#members.get(pid)?.close();
    this.#members.delete(pid);
  }
}
