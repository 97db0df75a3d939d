import { type Instant, instant } from '../kernel/instant.ts';
import type { Kernel } from '../kernel/kernel.ts';

/** Moves the region's clock with the machine's: sleeps until the next deadline, then runs what is due. */
export class RealTimeDriver {
  #kernel: Kernel | undefined;
  #timeout: NodeJS.Timeout | undefined;
  #closed = false;

  now(): Instant {
    return instant(Date.now());
  }

  start(kernel: Kernel): void {
    this.#kernel = kernel;
    this.wake();
  }

  /** The next deadline may have changed. */
  wake(): void {
    clearTimeout(this.#timeout);
    const deadline = this.#kernel?.nextDeadline();
    if (deadline === undefined || this.#closed) return;
    // setTimeout's limit is 2^31-1 ms; a longer wait is taken in several sleeps.
    const wait = Math.min(Math.max(deadline - this.now(), 0), 2 ** 31 - 1);
    this.#timeout = setTimeout(() => {
      this.#kernel?.runDue(this.now());
      this.wake();
    }, wait);
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timeout);
  }
}
