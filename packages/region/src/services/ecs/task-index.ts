import type { Table } from '../../kernel/table.ts';

interface Indexed {
  readonly id: string;
  readonly serviceKey?: string;
  readonly network: { readonly privateIp: string };
}

/**
 * Finds the tasks of a service, and the task behind an address, without looking at others. Derived from the table of
 * tasks, which stays the only truth: it may name tasks that a step made and then undid, or that are forgotten by now, and
 * leaves them out.
 */
export class TaskIndex<Task extends Indexed> {
  readonly #tasks: Table<Task>;
  #ids: Map<string, Set<string>> | undefined;
  readonly #latestAt = new Map<string, string>();

  constructor(tasks: Table<Task>) {
    this.#tasks = tasks;
  }

  note(task: Task): void {
    if (task.serviceKey !== undefined) this.#setOf(task.serviceKey).add(task.id);
    this.#latestAt.set(task.network.privateIp, task.id);
  }

  /** Also those that have STOPPED, as long as they are visible. */
  ofService(serviceKey: string): Task[] {
    const ids = this.#setOf(serviceKey);
    const found: Task[] = [];
    for (const id of ids) {
      const task = this.#tasks.get(id);
      if (task === undefined) ids.delete(id);
      else found.push(task);
    }
    return found;
  }

  /** The last task that got this private address. */
  atAddress(privateIp: string): Task | undefined {
    if (this.#ids === undefined) this.#read();
    const id = this.#latestAt.get(privateIp);
    return id === undefined ? undefined : this.#tasks.get(id);
  }

  #setOf(serviceKey: string): Set<string> {
    const all = this.#ids ?? this.#read();
    const ids = all.get(serviceKey) ?? new Set();
    all.set(serviceKey, ids);
    return ids;
  }

  /** Once, when it is first needed: by then the state has been loaded. */
  #read(): Map<string, Set<string>> {
    this.#ids = new Map();
    for (const task of this.#tasks.values()) this.note(task);
    return this.#ids;
  }
}
