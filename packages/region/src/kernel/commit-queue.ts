import { AwsError } from './aws-error.ts';
import type { Change } from './table.ts';

type Commit = (changes: readonly Change[]) => Promise<void>;

/**
 * Stores what steps wrote and tells who waits for it. While one write is under way the next steps gather, so that many
 * steps share one write. A write that fails stops the queue for good: nothing is acknowledged any more.
 */
export class CommitQueue {
  readonly #commit: Commit;
  readonly #onFailure: (failure: Error) => void;
  readonly #onIdle: () => void;
  #unsaved: Change[] = [];
  #waiting: (() => void)[] = [];
  #saving = false;
  #failure: Error | undefined;

  constructor(
    commit: Commit,
    options: { readonly onFailure: (failure: Error) => void; readonly onIdle: () => void },
  ) {
    this.#commit = commit;
    this.#onFailure = options.onFailure;
    this.#onIdle = options.onIdle;
  }

  get isIdle(): boolean {
    return !this.#saving && this.#waiting.length === 0;
  }

  /** The error that requests get once a write has failed. */
  get failure(): AwsError | undefined {
    if (!this.#failure) return undefined;
    return new AwsError(
      'InternalFailure',
      `The region stopped, its state could not be written: ${this.#failure.message}`,
      {
        status: 500,
      },
    );
  }

  add(changes: readonly Change[]): void {
    for (const change of changes) this.#unsaved.push(change);
  }

  /** Calls back once everything added so far is stored, or has failed to be. */
  whenStored(stored: () => void, failed: (failure: AwsError) => void): void {
    this.#waiting.push(() => (this.failure ? failed(this.failure) : stored()));
  }

  /** Starts writing, unless a write is under way: that one then goes on with what has gathered. */
  flush(): void {
    if (this.#saving || (this.#unsaved.length === 0 && this.#waiting.length === 0)) return;
    const changes = this.#unsaved;
    const waiting = this.#waiting;
    this.#unsaved = [];
    this.#waiting = [];
    this.#saving = true;
    const write = changes.length === 0 || this.#failure ? Promise.resolve() : this.#commit(changes);
    write
      .catch((error: unknown) => {
        this.#failure = error instanceof Error ? error : new Error(String(error));
        this.#onFailure(this.#failure);
      })
      .then(() => {
        this.#saving = false;
        for (const tell of waiting) tell();
        this.flush();
        this.#onIdle();
      });
  }
}
