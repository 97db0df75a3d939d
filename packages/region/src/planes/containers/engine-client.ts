import { type IncomingMessage, request } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** The engine refused a request. The text is the engine's own. */
export class EngineError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'EngineError';
    this.status = status;
  }
}

/**
 * The Docker Engine API over a unix socket; Podman speaks it as well. Paths carry no version, so that each engine answers with
 * its own: what is used here has not changed since API 1.24. https://docs.docker.com/reference/api/engine/
 */
export class EngineClient {
  readonly #socketPath: string;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** @returns the answer's JSON; `undefined` when it has no body. Rejects with `EngineError`. */
  async call<T = undefined>(method: string, path: string, body?: object): Promise<T> {
    const text = await textOf(await this.stream(method, path, body));
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  /**
   * For bodies that go on: an archive to send, a container's output to read. A connection of its own, since the engine takes
   * some over for the stream. Rejects with `EngineError`.
   */
  async stream(method: string, path: string, body?: object | Readable): Promise<IncomingMessage> {
    const isStream = body !== undefined && 'pipe' in body;
    const bytes = isStream || body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const outgoing = request({
      socketPath: this.#socketPath,
      agent: false,
      method,
      path,
      headers: {
        Host: 'engine',
        'Content-Type': isStream ? 'application/x-tar' : 'application/json',
        ...(isStream ? {} : { 'Content-Length': bytes?.length ?? 0 }),
      },
    });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      outgoing.once('response', resolve);
      // Also after the answer: an engine that does not read on resets the connection.
      outgoing.on('error', reject);
    });
    // An engine may answer, and close, before it has read all that is sent: then the answer is what counts.
    if (isStream) pipeline(body, outgoing).catch(() => {});
    else outgoing.end(bytes);
    const response = await answered;
    const status = response.statusCode ?? 0;
    if (status < 400) return response;
    throw new EngineError(status, messageOf(await textOf(response)));
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function messageOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: string };
    return message ?? text;
  } catch {
    return text;
  }
}
