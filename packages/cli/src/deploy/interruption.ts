/**
 * What Ctrl-C means while a stack changes. The first asks CloudFormation to cancel an update that this command started, and
 * one goes on to see it rolled back; the next one leaves it going. What others started, and what cannot be cancelled, such as
 * a creation, is left going at once.
 */
import { Interrupted } from '../errors.ts';
import { pause } from '../wait.ts';
import type { Operation } from './operation.ts';

export class Interruption {
  readonly #operation: Operation;
  readonly #stack: string;
  readonly #cancel: (() => Promise<boolean>) | undefined;
  #hasCancelled = false;

  /** @param cancel asks for the cancellation; tells whether it was granted */
  constructor(operation: Operation, stack: string, cancel: (() => Promise<boolean>) | undefined) {
    this.#operation = operation;
    this.#stack = stack;
    this.#cancel = cancel;
  }

  get hasCancelled(): boolean {
    return this.#hasCancelled;
  }

  /** @throws Interrupted when nobody waits any longer */
  async pause(milliseconds: number): Promise<void> {
    const { signal, insisted } = this.#operation;
    const current = this.#hasCancelled && insisted !== undefined ? insisted : signal;
    await pause(milliseconds, current).catch(() => this.#interrupted());
  }

  async #interrupted(): Promise<void> {
    const { report, insisted, resumedBy = 'plimsoll deploy' } = this.#operation;
    const stack = this.#stack;
    if (this.#hasCancelled) {
      throw new Interrupted(
        `Stopped watching. CloudFormation goes on rolling back the stack ${stack}; see: plimsoll status`,
      );
    }
    const isGranted = insisted !== undefined && !insisted.aborted && (await this.#cancel?.());
    if (isGranted !== true) {
      throw new Interrupted(
        `Stopped watching. CloudFormation goes on with the stack ${stack}; \`${resumedBy}\` takes it up again.`,
      );
    }
    this.#hasCancelled = true;
    report({
      kind: 'note',
      text: `Interrupted: CloudFormation cancels the update of ${stack} and rolls it back. Once more leaves it going on its own.`,
    });
  }
}

/** How a stack is after its update was cancelled. */
export function cancelledText(stack: string, status: string): string {
  switch (status) {
    case 'UPDATE_ROLLBACK_COMPLETE':
      return `The update of ${stack} was cancelled; what ran before runs.`;
    case 'UPDATE_COMPLETE':
      return `The update of ${stack} was complete before it could be cancelled. Back: plimsoll rollback`;
    default:
      return `The update of ${stack} was cancelled; the stack is ${status}. What now: plimsoll doctor`;
  }
}
