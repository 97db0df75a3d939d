import type { TaskRunner } from '../../services/ecs/ports.ts';

/** Chosen: a process that was started is expected to answer by then, on a machine that has something else to do, too. */
const STARTING_MS = 3_000;

/**
 * Whether containers are starting or being stopped right now. They take the machine's time for it, which a region's clock
 * that is moved by hand has to leave them.
 */
export class Settling {
  readonly #stopping = new Set<string>();
  readonly #now: () => number;
  #startingUntil = Number.NEGATIVE_INFINITY;

  /** @param now the machine's clock in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  isSettling(): boolean {
    return this.#stopping.size > 0 || this.#now() < this.#startingUntil;
  }

  /** The same runner, watched. */
  watch(runner: TaskRunner): TaskRunner {
    return {
      ...runner,
      startContainer: async (spec) => {
        const outcome = await runner.startContainer(spec);
        this.#startingUntil = this.#now() + STARTING_MS;
        return outcome;
      },
      signalContainer: (runtimeId, signal) => {
        this.#stopping.add(runtimeId);
        return runner.signalContainer(runtimeId, signal);
      },
      connect: (deliver) =>
        runner.connect((event) => {
          if (event.kind === 'exited') this.#stopping.delete(event.runtimeId);
          deliver(event);
        }),
    };
  }
}
