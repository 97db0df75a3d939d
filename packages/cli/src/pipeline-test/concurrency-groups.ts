/**
 * GitHub's concurrency groups: of the jobs of one group one runs and at most one waits; who comes after takes the place of
 * the one that waits, which is cancelled. https://docs.github.com/en/actions/how-tos/write-workflows/choose-when-workflows-run/control-workflow-concurrency
 */
export class ConcurrencyGroups {
  readonly #groups = new Map<string, Group>();

  /** @returns whether the job may run now; false if another one came to wait in its place */
  async enter(name: string): Promise<boolean> {
    const group = this.#groups.get(name);
    if (group === undefined) {
      this.#groups.set(name, {});
      return true;
    }
    group.waiting?.(false);
    return new Promise((resolve) => {
      group.waiting = resolve;
    });
  }

  /** Called by who was let in, once. */
  leave(name: string): void {
    const { waiting } = this.#groups.get(name) ?? {};
    if (waiting === undefined) this.#groups.delete(name);
    else {
      this.#groups.set(name, {});
      waiting(true);
    }
  }
}

interface Group {
  waiting?: (mayRun: boolean) => void;
}
