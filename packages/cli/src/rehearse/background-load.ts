import { type LoadReport, runLoad } from '../load/open-loop.ts';
import type { RehearsalLoad } from './rehearsal.ts';

/** Longer than any rehearsal. */
const seconds = 3_600;

/** Load that goes on beside whatever is done. */
export class BackgroundLoad {
  readonly #rate: number;
  readonly #end = new AbortController();
  #running: Promise<LoadReport> | undefined;
  #failed = 0;

  /** @param rate requests per second */
  constructor(rate: number) {
    this.#rate = rate;
  }

  /** Begins, once. */
  start(url: URL): void {
    this.#running ??= runLoad(
      { url, rate: this.#rate, seconds, connections: 64, keepAlive: true, timeoutMs: 10_000 },
      this.#end.signal,
      ({ failed }) => {
        this.#failed += failed;
      },
    );
  }

  /** Requests that have failed, as of the last whole second. */
  get failed(): number {
    return this.#failed;
  }

  /** Ends it and waits for what was sent. */
  async stop(): Promise<RehearsalLoad> {
    this.#end.abort();
    const report = await this.#running;
    const {
      sent = 0,
      answered = 0,
      failed = 0,
      failures = {},
      latencyMs: { p50, p99 } = none,
    } = report ?? {};
    return { rate: this.#rate, sent, answered, failed, failures, p50, p99 };
  }
}

const none = { p50: 0, p99: 0 } as const;
