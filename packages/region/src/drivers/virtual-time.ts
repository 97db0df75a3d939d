import type { Instant } from '../kernel/instant.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** A clock that stands still until it is advanced, deadline by deadline: for tests, forecasts and stepping by hand. */
export class VirtualTimeDriver {
  #now: Instant;
  #kernel: Kernel | undefined;

  constructor(start: Instant) {
    this.#now = start;
  }

  now(): Instant {
    return this.#now;
  }

  start(kernel: Kernel): void {
    this.#kernel = kernel;
  }

  wake(): void {}

  /** Runs everything that is due up to `to`, never past a deadline: settle, move to the next deadline, repeat. */
  async advanceTo(to: Instant, options: { readonly maximumSteps?: number } = {}): Promise<void> {
    const kernel = this.#kernel;
    if (!kernel) throw new Error('the driver has not been started');
    const maximum = options.maximumSteps ?? 100_000;
    for (let steps = 0; ; steps += 1) {
      if (steps > maximum) throw new Error(`still not settled after ${maximum} deadlines`);
      await kernel.settled();
      const deadline = kernel.nextDeadline();
      if (deadline === undefined || deadline > to) break;
      if (deadline > this.#now) this.#now = deadline;
      kernel.runDue(this.#now);
    }
    this.#now = to;
    await kernel.settled();
  }
}
