import type { ContextKeys } from './context-keys.ts';

/** Everything that `plimsoll iam why` tells of a denied request. */
export interface Denial {
  readonly requestId: string;
  readonly at: string;
  readonly principal: string;
  /** ARN of the role whose policies decided; a user's are its own. */
  readonly role?: string;
  readonly operation: string;
  readonly action: string;
  readonly resource: string;
  readonly context: ContextKeys;
  readonly reason: string;
  readonly message: string;
  /** Names of the policies that were looked at, by their kind. */
  readonly policies: Readonly<Record<'identity' | 'boundary' | 'session' | 'resource', readonly string[]>>;
  /** What to add, and where; absent where a policy denies it. */
  readonly missing?: { readonly to: string; readonly statement: object };
}

const kept = 500;

/** The newest denials, in memory: they are for who sits before the region, not for an audit. */
export class Denials {
  readonly #newest: Denial[] = [];

  add(denial: Denial): void {
    this.#newest.push(denial);
    if (this.#newest.length > kept) this.#newest.shift();
  }

  /** Newest first. */
  list(): readonly Denial[] {
    return this.#newest.toReversed();
  }

  find(requestId: string): Denial | undefined {
    return this.#newest.findLast((denial) => denial.requestId === requestId);
  }
}
