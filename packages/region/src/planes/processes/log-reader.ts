import type { Readable } from 'node:stream';
import type { LogLine } from './container-plane.ts';
import { LineSplitter } from './lines.ts';

/** Chosen: lines are handed on at most this late, so that a busy container makes few and large batches. */
const delayMs = 50;
const maximumBatch = 1000;

/** Reads a container's output and delivers its lines in batches, in the order in which they arrived. */
export class LogReader {
  readonly #deliver: (events: readonly LogLine[]) => void;
  readonly #now: () => number;
  #batch: LogLine[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(options: {
    readonly deliver: (events: readonly LogLine[]) => void;
    readonly now: () => number;
  }) {
    this.#deliver = options.deliver;
    this.#now = options.now;
  }

  /** Resolves at the stream's end, which for a broken stream is where it broke. */
  async read(stream: LogLine['stream'], source: Readable | null): Promise<void> {
    const splitter = new LineSplitter();
    try {
      for await (const chunk of source ?? []) this.#add(stream, splitter.push(chunk));
    } catch {
      // The stream was given up because its container is gone; what arrived is kept.
    }
    this.#add(stream, splitter.end());
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const events = this.#batch;
    this.#batch = [];
    if (events.length > 0) this.#deliver(events);
  }

  #add(stream: LogLine['stream'], lines: readonly string[]): void {
    const timestamp = this.#now();
    for (const message of lines) {
      // Known: the awslogs driver sends no empty events; CloudWatch Logs would refuse them.
      if (message.length > 0) this.#batch.push({ stream, timestamp, message });
      if (this.#batch.length >= maximumBatch) this.flush();
    }
    if (this.#batch.length > 0) this.#timer ??= setTimeout(() => this.flush(), delayMs);
  }
}
