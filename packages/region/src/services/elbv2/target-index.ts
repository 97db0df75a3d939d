import type { Table, Tables } from '../../kernel/table.ts';

/** So many keys of targets that are gone are kept at least before they are forgotten. */
const FORGET_ABOVE = 64;

/**
 * Finds the targets of a group without looking at others, in the order of their registration. Derived from the table of
 * targets, which stays the only truth: it may name targets whose registration was undone, or that are gone, and leaves
 * them out.
 */
export class TargetIndex<Target extends { readonly targetGroupArn: string }> {
  readonly #tables: Tables;
  readonly #targets: Table<Target>;
  #keys: Map<string, Set<string>> | undefined;

  constructor(tables: Tables, targets: Table<Target>) {
    this.#tables = tables;
    this.#targets = targets;
  }

  /** A target that was not there is registered. */
  note(key: string, targetGroupArn: string): void {
    const keys = this.#keysOf(targetGroupArn);
    // Registered again, it comes last, as in the table.
    keys.delete(key);
    keys.add(key);
  }

  ofGroup(targetGroupArn: string): Target[] {
    const keys = this.#keysOf(targetGroupArn);
    const found: Target[] = [];
    for (const key of keys) {
      const target = this.#targets.get(key);
      if (target !== undefined) found.push(target);
    }
    if (keys.size > 2 * found.length + FORGET_ABOVE) this.#forget(keys);
    return found;
  }

  /** What this step deleted comes back when the step is undone: those keys stay. */
  #forget(keys: Set<string>): void {
    const written = new Set(
      this.#tables.written().flatMap(({ table, key }) => (table === this.#targets.name ? [key] : [])),
    );
    for (const key of keys) if (!this.#targets.has(key) && !written.has(key)) keys.delete(key);
  }

  #keysOf(targetGroupArn: string): Set<string> {
    const all = this.#keys ?? this.#read();
    const keys = all.get(targetGroupArn) ?? new Set();
    all.set(targetGroupArn, keys);
    return keys;
  }

  /** Once, when it is first needed: by then the state has been loaded. */
  #read(): Map<string, Set<string>> {
    this.#keys = new Map();
    for (const [key, { targetGroupArn }] of this.#targets.entries()) this.#keysOf(targetGroupArn).add(key);
    return this.#keys;
  }
}
