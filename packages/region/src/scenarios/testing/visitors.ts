/**
 * Visitors: requests are due at fixed times whatever becomes of those before (open loop), each checked to be answered whole
 * and by one version.
 */
import { Agent, type IncomingMessage, request } from 'node:http';
import { answerOf } from './program.ts';

export interface VisitorOptions {
  readonly url: string;
  readonly perSecond: number;
  /** At most so many at once. */
  readonly connections: number;
  /** False: a new connection for each request. */
  readonly keepAlive: boolean;
}

export interface Visits {
  readonly sent: number;
  /** Whole answers of one version, by version. */
  readonly answered: Readonly<Record<string, number>>;
  readonly failures: readonly Failure[];
}

export interface Failure {
  /** By `performance.now()`. */
  readonly at: number;
  readonly text: string;
}

const timeoutMs = 20_000;

export class Visitors {
  readonly #options: VisitorOptions;
  readonly #agent: Agent;
  readonly #timer: NodeJS.Timeout;
  readonly #start = performance.now();
  readonly #answered: Record<string, number> = {};
  readonly #failures: Failure[] = [];
  #sent = 0;
  #open = 0;
  #whenNoneIsOpen = (): void => {};

  constructor(options: VisitorOptions) {
    this.#options = options;
    const { keepAlive, connections } = options;
    this.#agent = new Agent({ keepAlive, maxSockets: connections, scheduling: 'fifo' });
    // A test that fails before it stops them has to end nevertheless.
    this.#timer = setInterval(() => this.#sendDue(), 5).unref();
  }

  get sent(): number {
    return this.#sent;
  }

  answersOf(version: string): number {
    return this.#answered[version] ?? 0;
  }

  /** Sends no more, and waits for what is under way. */
  async stop(): Promise<Visits> {
    clearInterval(this.#timer);
    await new Promise<void>((resolve) => {
      this.#whenNoneIsOpen = resolve;
      if (this.#open === 0) resolve();
    });
    this.#agent.destroy();
    return { sent: this.#sent, answered: this.#answered, failures: this.#failures };
  }

  #sendDue(): void {
    const due = ((performance.now() - this.#start) / 1000) * this.#options.perSecond;
    while (this.#sent < due) this.#send();
  }

  #send(): void {
    this.#sent += 1;
    this.#open += 1;
    let isOver = false;
    const end = (version: string | undefined, failure = ''): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(timer);
      if (version === undefined) this.#failures.push({ at: performance.now(), text: failure });
      else this.#answered[version] = this.answersOf(version) + 1;
      this.#open -= 1;
      if (this.#open === 0) this.#whenNoneIsOpen();
    };
    const sending = request(this.#options.url, {
      agent: this.#agent,
      headers: this.#options.keepAlive ? {} : { connection: 'close' },
    });
    const timer = setTimeout(() => {
      end(undefined, `no answer after ${timeoutMs} ms`);
      sending.destroy();
    }, timeoutMs);
    sending.on('response', (answer) => receive(answer, end));
    sending.on('error', (error) => end(undefined, String(error)));
    sending.end();
  }
}

function receive(
  answer: IncomingMessage,
  end: (version: string | undefined, failure?: string) => void,
): void {
  let text = '';
  answer.setEncoding('utf8');
  answer.on('data', (part: string) => {
    text += part;
  });
  answer.on('end', () => {
    const version = String(answer.headers['x-version']);
    if (answer.statusCode === 200 && text === answerOf(version)) end(version);
    else
      end(
        undefined,
        `${answer.statusCode}, version ${version}, ${text.length} characters: ${text.slice(0, 60)}`,
      );
  });
  answer.on('error', (error) => end(undefined, `answer: ${error}`));
}
