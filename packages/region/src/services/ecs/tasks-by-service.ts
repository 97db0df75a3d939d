import type { Table } from '../../kernel/table.ts';

interface OfService {
  readonly id: string;
  readonly serviceKey?: string;
}

/**
 * Finds the tasks of a service without looking at those of others. Derived from the table of tasks, which stays the only
 * truth: a set may name tasks that a step made and then undid, or that are forgotten by now, and leaves them out.
 */
export class TasksByService<Task extends OfService> {
  readonly #tasks: Table<Task>;
  #ids: Map<string, Set<string>> | undefined;

  constructor(tasks: Table<Task>) {
    this.#tasks = tasks;
  }

  note(task: Task): void {
    if (task.serviceKey !== undefined) this.#setOf(task.serviceKey).add(task.id);
  }

  /** Also those that have STOPPED, as long as they are visible. */
  of(serviceKey: string): Task[] {
    const ids = this.#setOf(serviceKey);
    return [...ids].flatMap((id) => {
      const task = this.#tasks.get(id);
      if (task === undefined) ids.delete(id);
      return task ?? [];
    });
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
