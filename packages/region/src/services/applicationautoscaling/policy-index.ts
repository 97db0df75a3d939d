import type { Table } from '../../kernel/table.ts';

/**
 * Finds the policies of a resource without looking at others, in the order in which they were put. Derived from their
 * table, which stays the only truth: it may name policies that a step made and then undid, or that are gone, and leaves
 * them out.
 */
export class PolicyIndex<Policy extends { readonly resourceId: string }> {
  readonly #policies: Table<Policy>;
  #keys: Map<string, Set<string>> | undefined;

  constructor(policies: Table<Policy>) {
    this.#policies = policies;
  }

  /** A policy that was not there is put. */
  note(key: string, resourceId: string): void {
    const keys = this.#keysOf(resourceId);
    // Put again after it was deleted, it comes last, as in the table.
    keys.delete(key);
    keys.add(key);
  }

  of(resourceId: string): Policy[] {
    const found: Policy[] = [];
    for (const key of this.#keysOf(resourceId)) {
      const policy = this.#policies.get(key);
      if (policy !== undefined) found.push(policy);
    }
    return found;
  }

  #keysOf(resourceId: string): Set<string> {
    const all = this.#keys ?? this.#read();
    const keys = all.get(resourceId) ?? new Set();
    all.set(resourceId, keys);
    return keys;
  }

  /** Once, when it is first needed: by then the state has been loaded. */
  #read(): Map<string, Set<string>> {
    this.#keys = new Map();
    for (const [key, { resourceId }] of this.#policies.entries()) this.#keysOf(resourceId).add(key);
    return this.#keys;
  }
}
