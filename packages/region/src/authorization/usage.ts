import type { Access } from '../kernel/access.ts';

/** More resources of one action than this are not told apart. */
const mostResources = 1000;

/** What each role and user used since the region started, by their ARNs, in memory. */
export class Usage {
  readonly #holders = new Map<string, Map<string, Set<string>>>();

  note(arn: string, { action, resource }: Access): void {
    const actions = this.#holders.get(arn) ?? new Map<string, Set<string>>();
    this.#holders.set(arn, actions);
    const resources = actions.get(action) ?? new Set<string>();
    actions.set(action, resources);
    if (resources.size < mostResources) resources.add(resource);
  }

  /** Actions and the resources they were used on. */
  of(arn: string): readonly Access[] {
    return [...(this.#holders.get(arn) ?? [])].flatMap(([action, resources]) =>
      [...resources].map((resource) => ({ action, resource })),
    );
  }
}
