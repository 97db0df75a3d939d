import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';
import type { HttpRequest } from '../wire/http.ts';
import { isAllowedHost } from './host-check.ts';
import type { Answer } from './request-path.ts';

/** S3 takes 5 GiB in one request; bodies are read whole here, so the limit is lower and told. */
const maximumBody = 256 * 1024 * 1024;

export interface Mount {
  /** For instance `/v2/`. */
  readonly prefix: string;
  readonly handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
}

export interface GatewayOptions {
  readonly host: string;
  readonly port: number;
  readonly answer: (request: HttpRequest) => Promise<Answer>;
  readonly mounts: readonly Mount[];
  /** An exception that reached the server: our own bug. */
  readonly onBug: (error: unknown) => void;
}

/** The endpoint: AWS requests, and what is mounted beside them (the registry, the region's own API). */
export class Gateway {
  readonly #options: GatewayOptions;
  readonly #server: Server;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#server = createServer({ keepAliveTimeout: 65_000 }, (request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        if (request.destroyed && !request.complete) return;
        options.onBug(error);
        if (!response.headersSent) response.writeHead(500).end();
        else response.destroy();
      });
    });
  }

  /** Rejects with Node's error, `EADDRINUSE` when the port is taken. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(this.#options.port, this.#options.host, () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (!isAllowedHost(request.headers.host)) {
      response.writeHead(403, { 'content-type': 'text/plain' });
      response.end(`The Host header ${request.headers.host ?? ''} does not name this machine.\n`);
      return;
    }
    const url = request.url ?? '/';
    const mount = this.#options.mounts.find(
      ({ prefix }) => url === prefix.slice(0, -1) || url.startsWith(prefix),
    );
    if (mount) return mount.handle(request, response);
    if (request.headers.expect === '100-continue') response.writeContinue();
    const body = await readBody(request);
    if (!body) {
      response.writeHead(413, { connection: 'close' });
      response.end(`The body is over this region's limit of ${maximumBody} bytes.\n`);
      return;
    }
    await send(
      response,
      await this.#options.answer(toHttpRequest(request, url, body)),
      request.method === 'HEAD',
    );
  }
}

async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maximumBody) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function toHttpRequest(request: IncomingMessage, url: string, body: Uint8Array): HttpRequest {
  const at = url.indexOf('?');
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(request.headersDistinct))
    headers[name] = (value ?? []).join(', ');
  return {
    method: request.method ?? 'GET',
    path: at < 0 ? url : url.slice(0, at),
    query: at < 0 ? '' : url.slice(at + 1),
    headers,
    body,
  };
}

async function send(response: ServerResponse, answer: Answer, isHead: boolean): Promise<void> {
  const { status, headers, body } = answer.response;
  if (!answer.stream) {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const length = 'content-length' in headers ? {} : { 'content-length': bytes.length };
    response.writeHead(status, { ...headers, ...(status === 204 || status === 304 ? {} : length) });
    response.end(isHead ? undefined : bytes);
    return;
  }
  response.writeHead(status, headers);
  try {
    await pipeline(answer.stream, response);
  } catch (error) {
    // A client may leave in the middle of a download.
    if ((error as { code?: unknown }).code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
  }
}
