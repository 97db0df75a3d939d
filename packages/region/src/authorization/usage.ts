import type { Access } from '../kernel/access.ts';

/** More resources of one action than this are not told apart. */
const mostResources = 1000;

/** What each role used since the region started, in memory. */
export class Usage {
  readonly #roles = new Map<string, Map<string, Set<string>>>();

  note(role: string, { action, resource }: Access): void {
    const actions = this.#roles.get(role) ?? new Map<string, Set<string>>();
    this.#roles.set(role, actions);
    const resources = actions.get(action) ?? new Set<string>();
    actions.set(action, resources);
    if (resources.size < mostResources) resources.add(resource);
  }

  /** Actions and the resources they were used on. */
  of(role: string): readonly Access[] {
    return [...(this.#roles.get(role) ?? [])].flatMap(([action, resources]) =>
      [...resources].map((resource) => ({ action, resource })),
    );
  }
}
