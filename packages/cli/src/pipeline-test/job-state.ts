import type { Outputs, Scope } from './expressions.ts';

/** What a job's steps leave to those after them. */
export class JobState {
  readonly environment: Record<string, string>;
  readonly outputs: Record<string, { readonly outputs: Outputs }> = {};
  readonly #contexts: Readonly<Record<string, unknown>>;
  hasFailed = false;
  log = '';
  summary = '';

  constructor(contexts: Readonly<Record<string, unknown>>, environment: Record<string, string>) {
    this.#contexts = contexts;
    this.environment = environment;
  }

  scope(): Scope {
    return { contexts: { ...this.#contexts, steps: this.outputs }, status: { hasFailed: this.hasFailed } };
  }

  /** The job's `env`. */
  variables(): Outputs {
    return this.#contexts['env'] as Outputs;
  }

  inside(inputs: Outputs): JobState {
    const inner = new JobState({ ...this.#contexts, inputs }, this.environment);
    inner.hasFailed = this.hasFailed;
    return inner;
  }

  take(inner: JobState): void {
    this.log += inner.log;
    this.summary += inner.summary;
    this.hasFailed ||= inner.hasFailed;
  }
}
