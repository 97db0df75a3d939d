import type { Outcome, Question } from './evaluate.ts';
import { type Grounds, isSameGrounds } from './grounds.ts';

const largest = 10_000;

/**
 * Decisions by question. An answer holds as long as the policies are the same texts, which is looked at each time: so a
 * write to IAM, or one that is undone, needs no word to the cache.
 */
export class DecisionCache {
  readonly #decisions = new Map<string, { readonly grounds: Grounds; readonly outcome: Outcome }>();

  get(question: Question, grounds: Grounds): Outcome | undefined {
    const known = this.#decisions.get(keyOf(question));
    return known && isSameGrounds(known.grounds, grounds) ? known.outcome : undefined;
  }

  put(question: Question, grounds: Grounds, outcome: Outcome): void {
    if (this.#decisions.size >= largest) this.#decisions.clear();
    this.#decisions.set(keyOf(question), { grounds, outcome });
  }
}

function keyOf({ principal, action, resource, context }: Question): string {
  return `${principal}\n${action}\n${resource}\n${JSON.stringify(context)}`;
}
