/**
 * One stream of HTTP/2 to a target as a connection of HTTP/1.1 with one request, so that an `Exchange` uses it as it uses any
 * other: what is written to it is translated on its way out, what the target answers is read as HTTP/1.1.
 */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  type ClientSessionRequestOptions,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { Duplex } from 'node:stream';
import { type BodyReader, ChunkedBody, LengthBody } from './body.ts';
import { fieldsOf } from './http2-fields.ts';
import type { LentSession } from './http2-sessions.ts';
import { parseRequestHead, type RequestHead } from './request-head.ts';

const HIGH_WATER_MARK = 65536;

export class TargetStream extends Duplex {
  readonly #lend: (borrower: (error: Error | undefined, lent?: LentSession) => void) => void;
  #lent: LentSession | undefined;
  readonly #cancelling = new AbortController();
  #stream: ClientHttp2Stream | undefined;
  #partialHead: Buffer | undefined;
  #body: BodyReader | undefined;
  #lastWrite: Buffer | undefined;
  #trailers = '';
  #isSent = false;
  #isHead = false;
  /** Of the answer. */
  #framing: 'none' | 'length' | 'chunked' | undefined;
  #answerTrailers = '';
  #isWhole = false;

  /** @param lend gives a connection with room for it, now or later */
  constructor(lend: (borrower: (error: Error | undefined, lent?: LentSession) => void) => void) {
    super({ readableHighWaterMark: HIGH_WATER_MARK, writableHighWaterMark: HIGH_WATER_MARK });
    this.#lend = lend;
  }

  /** What is written meanwhile waits. */
  override _construct(done: (error?: Error | null) => void): void {
    this.#lend((error, lent) => {
      if (lent && this.destroyed) lent.giveBack();
      else if (lent) {
        this.#lent = lent;
        this.emit('connect');
      }
      done(error);
    });
  }

  override _read(): void {
    this.#stream?.resume();
  }

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    if (!this.#stream && this.#lent?.session.closed) {
      this.#lendAgain(bytes, done);
      return;
    }
    this.#lastWrite = undefined;
    if (this.#stream) this.#takeBody(bytes, 0);
    else this.#takeHead(bytes);
    const last = this.#lastWrite as Buffer | undefined;
    const stream = this.#stream;
    if (last && stream && !stream.destroyed) stream.write(last, () => done());
    else done();
    if (this.#isSent) stream?.end();
  }

  /** The target said GOAWAY before the request was sent: it goes over another connection. */
  #lendAgain(bytes: Buffer, done: (error?: Error | null) => void): void {
    this.#lent?.giveBack();
    this.#lent = undefined;
    this.#lend((error, lent) => {
      this.#lent = lent;
      if (error) done(error);
      else this._write(bytes, '', done);
    });
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    const isOver = this.#isSent && this.#isWhole;
    // Node's `close` would first say that the request is whole.
    if (!isOver) this.#cancelling.abort();
    this.#lent?.giveBack();
    done(error);
  }

  #takeHead(received: Buffer): void {
    const bytes = this.#partialHead ? Buffer.concat([this.#partialHead, received]) : received;
    this.#partialHead = undefined;
    const parsed = parseRequestHead(bytes, 0, bytes.length, { dropInvalidNames: false });
    if (parsed.kind === 'incomplete') {
      this.#partialHead = Buffer.from(bytes);
      return;
    }
    if (parsed.kind === 'refused') {
      // What the balancer itself has added can make a head too long.
      this.destroy(new Error(`the request cannot be sent: ${parsed.reason}`));
      return;
    }
    this.#begin(parsed.head, bytes.toString('latin1', 0, parsed.end));
    if (parsed.end < bytes.length) this.#takeBody(bytes, parsed.end);
  }

  #begin(head: RequestHead, text: string): void {
    this.#isHead = head.method === 'HEAD';
    const hasBody = head.isChunked || head.contentLength > 0;
    const { host: _, ...fields } = fieldsOf(text.slice(text.indexOf('\r\n') + 2));
    if (head.isChunked) {
      this.#body = new ChunkedBody(
        (bytes, start, end) => this.#send(bytes, start, end),
        (line) => {
          this.#trailers += line;
        },
      );
    } else if (hasBody) this.#body = new LengthBody(head.contentLength);
    this.#isSent = !hasBody;
    const isGrpc = /^application\/grpc/i.test(String(fields['content-type'] ?? ''));
    const session = this.#lent?.session;
    if (!session || session.closed || session.destroyed) {
      this.destroy(new Error('the connection is lost'));
      return;
    }
    const stream = this.#request(
      session,
      {
        ':method': head.method,
        ':scheme': 'http',
        ':authority': head.host ?? '',
        ':path': head.target,
        ...fields,
        ...(isGrpc && { te: 'trailers' }),
      },
      { endStream: !hasBody, waitForTrailers: head.isChunked, signal: this.#cancelling.signal },
    );
    if (!stream) return;
    this.#stream = stream;
    stream.once('wantTrailers', () => stream.sendTrailers(fieldsOf(this.#trailers)));
    stream.on('headers', (informed: IncomingHttpHeaders) => this.#giveHead(informed));
    stream.on('response', (answered, flags) =>
      this.#answer(answered, (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0),
    );
    stream.on('trailers', (trailers: IncomingHttpHeaders) => {
      this.#answerTrailers = linesOf(trailers);
    });
    stream.on('data', (bytes: Buffer) => this.#receive(bytes));
    stream.on('end', () => this.#finish());
    stream.on('error', (error) => this.destroy(error));
    stream.on('close', () => {
      if (!this.#isWhole)
        this.destroy(new Error('the target has ended the stream before its answer was whole'));
    });
  }

  /** Node throws for fields that it would not send. */
  #request(
    session: ClientHttp2Session,
    fields: OutgoingHttpHeaders,
    options: ClientSessionRequestOptions,
  ): ClientHttp2Stream | undefined {
    try {
      return session.request(fields, options);
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)));
      return undefined;
    }
  }

  #takeBody(bytes: Buffer, start: number): void {
    const body = this.#body;
    if (!body || this.#isSent) return;
    const end = body.take(bytes, start, bytes.length);
    if (end < 0) {
      this.destroy(new Error('the body of a request is malformed'));
      return;
    }
    if (body instanceof LengthBody) this.#send(bytes, start, end);
    this.#isSent = body.isComplete;
  }

  /** The last part of a write is held back: when that was sent, all was. */
  #send(bytes: Uint8Array, start: number, end: number): void {
    if (end <= start) return;
    if (this.#lastWrite && !this.#stream?.destroyed) this.#stream?.write(this.#lastWrite);
    this.#lastWrite = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  }

  #answer(fields: IncomingHttpHeaders, isWhole: boolean): void {
    const status = Number(fields[':status']);
    const hasLength = fields['content-length'] !== undefined;
    const isEmpty = this.#isHead || status === 204 || status === 304;
    this.#framing = isEmpty ? 'none' : hasLength ? 'length' : isWhole ? 'none' : 'chunked';
    const framing =
      this.#framing === 'chunked'
        ? 'transfer-encoding: chunked\r\n'
        : this.#framing === 'none' && !isEmpty
          ? 'content-length: 0\r\n'
          : '';
    this.#giveHead(fields, framing);
  }

  #giveHead(fields: IncomingHttpHeaders, framing = ''): void {
    this.#give(`HTTP/1.1 ${fields[':status']} \r\n${linesOf(fields)}${framing}\r\n`);
  }

  #receive(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.#framing === 'chunked') this.#give(`${bytes.length.toString(16)}\r\n`);
    this.#give(bytes);
    if (this.#framing === 'chunked') this.#give('\r\n');
  }

  /** Once the answer is whole there is nothing more: the connection ends. A reset may look like an end. */
  #finish(): void {
    const isReset = (this.#stream?.rstCode ?? constants.NGHTTP2_NO_ERROR) !== constants.NGHTTP2_NO_ERROR;
    if (this.destroyed || this.#framing === undefined || isReset) return;
    this.#isWhole = true;
    if (this.#framing === 'chunked') this.#give(`0\r\n${this.#answerTrailers}\r\n`);
    this.push(null);
  }

  #give(bytes: Buffer | string): void {
    if (!this.destroyed && !this.push(bytes, 'latin1')) this.#stream?.pause();
  }
}

/** Fields as Node gives them, as lines of HTTP/1.1. */
function linesOf(fields: IncomingHttpHeaders): string {
  let lines = '';
  for (const [name, value] of Object.entries(fields)) {
    if (name.startsWith(':') || value === undefined) continue;
    for (const one of [value].flat()) lines += `${name}: ${one}\r\n`;
  }
  return lines;
}
