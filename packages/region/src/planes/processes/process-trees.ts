/** The processes that a container started, wherever they went, as far as this system can tell. */
export interface ProcessTree {
  /** CPU time of all of them since the start, also of those that have ended. Never goes back. */
  cpuMs(): number;
  /** What they hold now. Pages that several of them share count once, where the system can tell. */
  memoryBytes(): number;
  /** All of them, at once for those in the first one's process group. */
  signal(signal: NodeJS.Signals): void;
  /** It has ended. */
  close(): void;
}

/** All trees of a plane: one look at the system's processes serves all. */
export interface ProcessTrees {
  /** Whether looks are cheap and fine enough to hold a tree to its share of a core by stopping and continuing it. */
  readonly canLimitCpu: boolean;
  add(leader: number, marker: string): ProcessTree;
  /** Finds processes that were started since the last look. */
  look(): void | Promise<void>;
}
