import type { Terminal } from '../render/terminal.ts';
import type { RegionLog } from './region-log.ts';

/** Shows the region's warnings and errors as they come. */
export class RegionMessages {
  readonly #terminal: Terminal;
  readonly #log: RegionLog;
  readonly #timer: NodeJS.Timeout;
  #last: Promise<void> = Promise.resolve();

  constructor(terminal: Terminal, log: RegionLog) {
    this.#terminal = terminal;
    this.#log = log;
    this.#timer = setInterval(() => void this.show(), 400).unref();
  }

  /** One read at a time: the log keeps its place. */
  show(): Promise<void> {
    this.#last = this.#last.then(() => this.#print());
    return this.#last;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.show();
  }

  async #print(): Promise<void> {
    for (const { level, text } of await this.#log.read()) {
      if (level === 'info') continue;
      this.#terminal.print(this.#terminal.paint(level === 'error' ? 'red' : 'yellow', `! ${text}`));
    }
  }
}
