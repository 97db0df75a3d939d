import { Readable } from 'node:stream';
import { buildQueryString, HttpResponse as SdkResponse } from '@smithy/core/protocols';
import type { HttpRequest, HttpResponse } from '../http.ts';

/** For tests: a request handler for a real SDK client, which hands each request over and answers what it is given. */
export interface Exchange {
  readonly requestHandler: { handle(request: SdkRequest): Promise<{ response: SdkResponse }> };
  /** The last request that the client sent. */
  request(): HttpRequest;
}

interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Record<string, string | string[] | null>;
  readonly headers: Record<string, string>;
  readonly body?: unknown;
}

export function exchange(answer: (request: HttpRequest) => HttpResponse | Promise<HttpResponse>): Exchange {
  let last: HttpRequest | undefined;
  return {
    requestHandler: {
      async handle(sent) {
        last = await received(sent);
        const { status, headers, body } = await answer(last);
        return {
          response: new SdkResponse({
            statusCode: status,
            headers: { ...headers },
            body: Readable.from([Buffer.from(body)]),
          }),
        };
      },
    },
    request() {
      if (last === undefined) throw new Error('the client has sent no request');
      return last;
    },
  };
}

async function received({ method, path, query = {}, headers, body }: SdkRequest): Promise<HttpRequest> {
  return {
    method,
    path,
    query: buildQueryString(query),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]),
    ),
    body: await bytes(body),
  };
}

async function bytes(body: unknown): Promise<Uint8Array> {
  if (body === undefined || body === null) return new Uint8Array();
  if (typeof body === 'string' || body instanceof Uint8Array) return Buffer.from(body as string);
  const chunks: Uint8Array[] = [];
  for await (const chunk of body as AsyncIterable<Uint8Array | string>)
    chunks.push(Buffer.from(chunk as string));
  return Buffer.concat(chunks);
}
