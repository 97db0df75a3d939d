import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { Principal } from '../../kernel/context.ts';
import { DistributionError } from './errors.ts';

/** One request and its answer. */
export class Exchange {
  readonly caller: Principal;
  readonly method: string;
  readonly query: URLSearchParams;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;

  constructor(request: IncomingMessage, response: ServerResponse, caller: Principal) {
    this.#request = request;
    this.#response = response;
    this.caller = caller;
    this.method = request.method ?? 'GET';
    this.query = new URL(request.url ?? '/', 'http://localhost').searchParams;
  }

  get source(): AsyncIterable<Uint8Array> {
    return this.#request;
  }

  header(name: string): string | undefined {
    const value = this.#request.headers[name];
    return Array.isArray(value) ? value[0] : value;
  }

  async body(limit: number): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of this.#request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit)
        throw new DistributionError(413, 'SIZE_INVALID', `a manifest is at most ${limit} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  json(status: number, body: object): void {
    this.send(status, Buffer.from(JSON.stringify(body)), {
      'Content-Type': 'application/json; charset=utf-8',
    });
  }

  send(status: number, body: Buffer = Buffer.alloc(0), headers: Readonly<Record<string, string>> = {}): void {
    const length = status === 204 ? {} : { 'Content-Length': body.length };
    this.#response.writeHead(status, { ...headers, ...length });
    this.#response.end(this.method === 'HEAD' ? undefined : body);
  }

  created(repository: string, digest: string): void {
    const location = `/v2/${repository}/blobs/${digest}`;
    this.send(201, undefined, { Location: location, 'Docker-Content-Digest': digest });
  }

  async stream(
    status: number,
    size: number,
    headers: Readonly<Record<string, string>>,
    open: () => Promise<NodeJS.ReadableStream>,
  ): Promise<void> {
    const source = this.method === 'HEAD' ? undefined : await open();
    this.#response.writeHead(status, { ...headers, 'Content-Length': size });
    if (source === undefined) this.#response.end();
    else await pipeline(source, this.#response);
  }

  /** `Range: bytes=a-b` of a GET, when it can be given. */
  range(size: number): { readonly start: number; readonly end: number } | undefined {
    const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(this.header('range') ?? '') ?? [];
    if (first === undefined || this.method !== 'GET') return undefined;
    const end = Math.min(last === undefined || last === '' ? size - 1 : Number(last), size - 1);
    if (Number(first) > end)
      throw new DistributionError(416, 'SIZE_INVALID', 'the range is outside the blob');
    return { start: Number(first), end };
  }

  /** A chunk must begin where the last one ended. */
  checkContentRange(size: number): void {
    const [, start] = /^(?:bytes )?(\d+)-\d+/.exec(this.header('content-range') ?? '') ?? [];
    if (start === undefined || Number(start) === size) return;
    throw new DistributionError(
      416,
      'BLOB_UPLOAD_INVALID',
      `the upload holds ${size} bytes; the chunk begins at ${start}`,
    );
  }

  /** `?n=` and `?last=`, with the `Link` to the next page. */
  page(items: readonly string[], path: string): readonly string[] {
    const limit = Number(this.query.get('n') ?? 1000) || 1000;
    const last = this.query.get('last');
    const rest = last === null ? items : items.filter((item) => item > last);
    const page = rest.slice(0, limit);
    if (rest.length > limit) {
      const next = `${path}?n=${limit}&last=${encodeURIComponent(page.at(-1) ?? '')}`;
      this.#response.setHeader('Link', `<${next}>; rel="next"`);
    }
    return page;
  }
}

export function askForLogin(request: IncomingMessage, response: ServerResponse): void {
  const realm = `http://${request.headers.host ?? 'localhost'}/`;
  response.setHeader('WWW-Authenticate', `Basic realm="${realm}",service="ecr.amazonaws.com"`);
  refuse(request, response, new DistributionError(401, 'UNAUTHORIZED', 'Not Authorized'));
}

export function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  { status, code, message }: DistributionError,
): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = Buffer.from(JSON.stringify({ errors: [{ code, message }] }));
  // A body that was not read would be taken for the next request.
  const rest = request.complete ? {} : { Connection: 'close' };
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': body.length,
    ...rest,
  });
  response.end(request.method === 'HEAD' ? undefined : body);
  request.resume();
}
