/**
 * Open-loop load: requests are due at fixed times whatever becomes of those before, as visitors come. A latency counts
 * from the time a request was due, so that a service that makes requests wait cannot hide it by slowing the generator
 * down (coordinated omission).
 */
import { Agent, type IncomingMessage, request } from 'node:http';
import { Histogram } from './histogram.ts';

export interface LoadOptions {
  readonly url: URL;
  /** Requests per second. */
  readonly rate: number;
  readonly seconds: number;
  /** At most so many at once; a request that finds none free waits, and its waiting counts. */
  readonly connections: number;
  /** False: a new connection for each request. */
  readonly keepAlive: boolean;
  /** A request without a whole answer by then has failed. Counts from when it was due. */
  readonly timeoutMs: number;
}

export interface LoadReport {
  readonly url: string;
  /** Requests per second that were asked for. */
  readonly rate: number;
  /** From the first request due to the last one ended. */
  readonly seconds: number;
  readonly sent: number;
  /** Whole answers, of any status. */
  readonly answered: number;
  readonly failed: number;
  /** By kind: `status 503`, `connection refused`, `connection reset`, `timeout`, … */
  readonly failures: Readonly<Record<string, number>>;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Of whole answers, from when the request was due. */
  readonly latencyMs: {
    readonly mean: number;
    readonly p50: number;
    readonly p90: number;
    readonly p99: number;
    readonly p999: number;
    readonly max: number;
  };
}

/** What happened in one second, told as it ends. */
export interface LoadSecond {
  readonly second: number;
  readonly sent: number;
  readonly answered: number;
  readonly failed: number;
}

/** Sends the load. Aborting the signal ends it early: what was sent is still waited for and reported. */
export async function runLoad(
  options: LoadOptions,
  signal: AbortSignal,
  onSecond: (second: LoadSecond) => void = () => {},
): Promise<LoadReport> {
  const run = new LoadRun(options);
  return run.run(signal, onSecond);
}

/** Requests that are due are sent this often: a sleep is never shorter than a millisecond anyway. */
const tickMs = 2;

class LoadRun {
  readonly #options: LoadOptions;
  readonly #agent: Agent;
  readonly #latencies = new Histogram();
  readonly #failures = new Map<string, number>();
  readonly #statuses = new Map<string, number>();
  #sent = 0;
  #ended = 0;
  #answered = 0;
  #failed = 0;
  #allEnded: () => void = () => {};

  constructor(options: LoadOptions) {
    this.#options = options;
    this.#agent = new Agent({
      keepAlive: options.keepAlive,
      maxSockets: options.connections,
      scheduling: 'fifo',
    });
  }

  async run(signal: AbortSignal, onSecond: (second: LoadSecond) => void): Promise<LoadReport> {
    const start = performance.now();
    const stopTelling = this.#tellSeconds(onSecond);
    await this.#sendAll(start, signal);
    await new Promise<void>((resolve) => {
      this.#allEnded = resolve;
      if (this.#ended === this.#sent) resolve();
    });
    stopTelling();
    this.#agent.destroy();
    return this.#report((performance.now() - start) / 1000);
  }

  #sendAll(start: number, signal: AbortSignal): Promise<void> {
    const { rate, seconds } = this.#options;
    const total = Math.round(rate * seconds);
    return new Promise((resolve) => {
      const timer = setInterval(() => {
        const due = Math.min(total, Math.floor(((performance.now() - start) / 1000) * rate) + 1);
        while (this.#sent < due) this.#send(start + (this.#sent / rate) * 1000);
        if (this.#sent < total && !signal.aborted) return;
        clearInterval(timer);
        resolve();
      }, tickMs);
    });
  }

  #send(due: number): void {
    this.#sent += 1;
    const { url, timeoutMs, keepAlive } = this.#options;
    let hasEnded = false;
    const end = (failure: string | undefined): void => {
      if (hasEnded) return;
      hasEnded = true;
      clearTimeout(timer);
      this.#end(failure, performance.now() - due);
    };
    const sending = request(url, { agent: this.#agent, headers: keepAlive ? {} : { connection: 'close' } });
    const timer = setTimeout(
      () => {
        end('timeout');
        sending.destroy();
      },
      timeoutMs - (performance.now() - due),
    );
    sending.on('response', (answer) => this.#receive(answer, end));
    sending.on('error', (error) => end(kindOf(error)));
    sending.end();
  }

  #receive(answer: IncomingMessage, end: (failure: string | undefined) => void): void {
    const status = answer.statusCode ?? 0;
    answer.resume();
    answer.on('end', () => {
      count(this.#statuses, String(status));
      end(status >= 400 ? `status ${status}` : undefined);
    });
    answer.on('aborted', () => end('answer cut off'));
    answer.on('error', (error) => end(kindOf(error)));
  }

  #end(failure: string | undefined, latency: number): void {
    this.#ended += 1;
    if (failure === undefined || failure.startsWith('status')) {
      this.#answered += 1;
      this.#latencies.record(latency);
    }
    if (failure !== undefined) {
      this.#failed += 1;
      count(this.#failures, failure);
    }
    if (this.#ended === this.#sent) this.#allEnded();
  }

  #tellSeconds(onSecond: (second: LoadSecond) => void): () => void {
    let second = 0;
    let before = { sent: 0, answered: 0, failed: 0 };
    const timer = setInterval(() => {
      const now = { sent: this.#sent, answered: this.#answered, failed: this.#failed };
      second += 1;
      onSecond({
        second,
        sent: now.sent - before.sent,
        answered: now.answered - before.answered,
        failed: now.failed - before.failed,
      });
      before = now;
    }, 1000);
    return () => clearInterval(timer);
  }

  #report(seconds: number): LoadReport {
    const latency = this.#latencies;
    return {
      url: this.#options.url.href,
      rate: this.#options.rate,
      seconds: round(seconds),
      sent: this.#sent,
      answered: this.#answered,
      failed: this.#failed,
      failures: Object.fromEntries([...this.#failures].sort(([, a], [, b]) => b - a)),
      statuses: Object.fromEntries([...this.#statuses].sort(([a], [b]) => (a < b ? -1 : 1))),
      latencyMs: {
        mean: round(latency.mean),
        p50: round(latency.percentile(0.5)),
        p90: round(latency.percentile(0.9)),
        p99: round(latency.percentile(0.99)),
        p999: round(latency.percentile(0.999)),
        max: round(latency.maximum),
      },
    };
  }
}

function count(counts: Map<string, number>, kind: string): void {
  counts.set(kind, (counts.get(kind) ?? 0) + 1);
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}

const kinds: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  ETIMEDOUT: 'timeout',
};

function kindOf(error: Error): string {
  const { code } = error as { readonly code?: string };
  return (code !== undefined ? kinds[code] : undefined) ?? code ?? error.message;
}
