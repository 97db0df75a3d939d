import { AwsError } from '../kernel/aws-error.ts';
import type { HttpRequest } from './http.ts';

/**
 * S3's chunked uploads: the body is a sequence of chunks, each with its size and perhaps its signature, then trailing
 * headers such as a checksum. `x-amz-content-sha256` says so: STREAMING-AWS4-HMAC-SHA256-PAYLOAD, the same with -TRAILER,
 * or STREAMING-UNSIGNED-PAYLOAD-TRAILER.
 * Confirmed by docs: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
export interface ChunkedBody {
  readonly chunks: readonly Chunk[];
  /** In the order sent, names in lower case; without the trailers' own signature. */
  readonly trailers: readonly (readonly [name: string, value: string])[];
  readonly trailerSignature: string | undefined;
}

export interface Chunk {
  /** Empty for the last one. */
  readonly data: Uint8Array;
  readonly signature: string | undefined;
}

export function isAwsChunked(request: Pick<HttpRequest, 'headers'>): boolean {
  return request.headers['x-amz-content-sha256']?.startsWith('STREAMING-') ?? false;
}

const CR = 13;
const LF = 10;
const text = new TextDecoder('latin1');

/** @throws IncompleteBody where the body does not keep the form or ends early. */
export function parseAwsChunked(body: Uint8Array): ChunkedBody {
  const chunks: Chunk[] = [];
  let at = 0;
  for (;;) {
    const head = lineAt(body, at);
    const [, size = '', signature] =
      /^([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?$/.exec(head.line) ?? [];
    if (size === '') throw incompleteBody();
    const end = head.next + Number.parseInt(size, 16);
    if (end > body.length) throw incompleteBody();
    chunks.push({ data: body.subarray(head.next, end), signature });
    if (end === head.next) return { chunks, ...parseTrailers(body, end) };
    if (body[end] !== CR || body[end + 1] !== LF) throw incompleteBody();
    at = end + 2;
  }
}

function parseTrailers(body: Uint8Array, start: number): Pick<ChunkedBody, 'trailers' | 'trailerSignature'> {
  const trailers: [string, string][] = [];
  let trailerSignature: string | undefined;
  let at = start;
  while (at < body.length) {
    const { line, next } = lineAt(body, at);
    at = next;
    const colon = line.indexOf(':');
    if (colon < 0) continue;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    if (name === 'x-amz-trailer-signature') trailerSignature = value;
    else trailers.push([name, value]);
  }
  return { trailers, trailerSignature };
}

/** Trailers may end with the body, without a line feed. */
function lineAt(body: Uint8Array, start: number): { readonly line: string; readonly next: number } {
  const feed = body.indexOf(LF, start);
  const end = feed < 0 ? body.length : feed;
  return { line: text.decode(body.subarray(start, end)).replace(/\r$/, ''), next: end + 1 };
}

/** The request as it would have been sent in one piece: data joined, trailers among the headers, the coding's traces gone. */
export function dechunked(request: HttpRequest): HttpRequest {
  const { chunks, trailers } = parseAwsChunked(request.body);
  const body = Buffer.concat(chunks.map((chunk) => chunk.data));
  const decodedLength = request.headers['x-amz-decoded-content-length'];
  if (decodedLength !== undefined && Number(decodedLength) !== body.length) throw incompleteBody();
  const { 'content-encoding': encoding = '', 'x-amz-trailer': _, ...headers } = request.headers;
  const kept = encoding
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '' && each !== 'aws-chunked');
  return {
    ...request,
    headers: {
      ...headers,
      ...(kept.length > 0 ? { 'content-encoding': kept.join(',') } : {}),
      'content-length': String(body.length),
      ...Object.fromEntries(trailers),
    },
    body,
  };
}

/** Confirmed by docs: https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
const incompleteBody = (): AwsError =>
  new AwsError('IncompleteBody', 'The request body terminated unexpectedly');
