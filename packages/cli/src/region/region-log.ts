import { open } from 'node:fs/promises';

/** What the region tells, one JSON object a line. See `RegionMessage` in the region package. */
export interface RegionMessage {
  readonly code: string;
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
  /** With `started`. */
  readonly endpoint?: string;
  /** With `start-failed`: a system error's code, such as EADDRINUSE. */
  readonly cause?: string;
}

/**
 * Reads a growing file of messages. The region writes to a file and not to a pipe, so that it can outlive the command that
 * started it and its last words are there when somebody asks.
 */
export class RegionLog {
  readonly #file: string;
  #position = 0;
  #rest = '';

  constructor(file: string) {
    this.#file = file;
  }

  /** What was added since the last call. Lines that are no message, such as Node's own, come as errors. */
  async read(): Promise<readonly RegionMessage[]> {
    const handle = await open(this.#file, 'r').catch(() => undefined);
    if (handle === undefined) return [];
    try {
      const { size } = await handle.stat();
      const buffer = Buffer.alloc(Math.max(0, size - this.#position));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, this.#position);
      this.#position += bytesRead;
      return this.#messages(buffer.subarray(0, bytesRead).toString('utf8'));
    } finally {
      await handle.close();
    }
  }

  #messages(text: string): readonly RegionMessage[] {
    const lines = `${this.#rest}${text}`.split('\n');
    this.#rest = lines.pop() ?? '';
    return lines.filter((line) => line.trim() !== '').map(messageFrom);
  }
}

export function messageFrom(line: string): RegionMessage {
  try {
    const message: unknown = JSON.parse(line);
    if (typeof message === 'object' && message !== null && 'code' in message) return message as RegionMessage;
  } catch {
    // Not ours; shown as it is.
  }
  return { code: 'output', level: 'error', text: line };
}
