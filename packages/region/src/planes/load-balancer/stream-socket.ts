/**
 * One stream of HTTP/2 as a connection of HTTP/1.1 with one request, so that a `ClientConnection` serves it as it serves any
 * other: read as a head and a body, written as an answer, which is translated on its way out.
 */
import { constants, type ServerHttp2Stream } from 'node:http2';
import { Duplex } from 'node:stream';
import { type BodyReader, ChunkedBody, LengthBody } from './body.ts';
import { fieldsOf } from './http2-fields.ts';
import { type TranslatedRequest, translatedTrailers } from './http2-request.ts';
import { parseResponseHead, type ResponseHead } from './response-head.ts';

type Request = Extract<TranslatedRequest, { kind: 'request' }>;

/** Beyond that a target is made to wait for the client. */
const HIGH_WATER_MARK = 65536;

export class StreamSocket extends Duplex {
  readonly remoteAddress: string | undefined;
  readonly remotePort: number | undefined;
  bytesRead = 0;
  bytesWritten = 0;
  readonly #stream: ServerHttp2Stream;
  readonly #request: Request;
  #trailers = '';
  /** Of the request's body. */
  #received = 0;
  #isHeadSent = false;
  #isRequestOver = false;
  /** Bytes of the answer's head so far. */
  #partialHead: Buffer | undefined;
  #body: BodyReader | undefined;
  #lastWrite: Buffer | undefined;
  #answerTrailers = '';
  #phase: 'head' | 'body' | 'done' = 'head';

  constructor(
    stream: ServerHttp2Stream,
    request: Request,
    peer: { readonly remoteAddress?: string | undefined; readonly remotePort?: number | undefined },
  ) {
    super({
      allowHalfOpen: true,
      readableHighWaterMark: HIGH_WATER_MARK,
      writableHighWaterMark: HIGH_WATER_MARK,
    });
    this.#stream = stream;
    this.#request = request;
    this.remoteAddress = peer.remoteAddress;
    this.remotePort = peer.remotePort;
    stream.on('data', (bytes: Buffer) => this.#receive(bytes));
    stream.on('trailers', (_fields, _flags, raw?: readonly string[]) => this.#receiveTrailers(raw ?? []));
    stream.on('end', () => this.#endRequest());
    stream.on('aborted', () => this.destroy());
    stream.on('error', () => this.destroy());
    stream.on('close', () => {
      // What is not answered by now never will be.
      if (this.#phase !== 'done') this.destroy();
    });
    const mayLackBody = request.method === 'GET' || request.method === 'HEAD';
    // Whether a GET has a body is known when something of it has come: nearly none has.
    if (!mayLackBody || request.contentLength >= 0 || stream.endAfterHeaders)
      this.#sendHead(stream.endAfterHeaders);
  }

  override _read(): void {
    this.#stream.resume();
  }

  destroySoon(): void {
    this.end();
  }

  #sendHead(isWhole: boolean): void {
    if (this.#isHeadSent) return;
    this.#isHeadSent = true;
    const { head, contentLength } = this.#request;
    const framing =
      contentLength >= 0
        ? `content-length: ${contentLength}\r\n`
        : isWhole
          ? ''
          : 'transfer-encoding: chunked\r\n';
    this.#give(`${head}${framing}\r\n`);
  }

  get #isChunked(): boolean {
    return this.#request.contentLength < 0;
  }

  #receive(bytes: Buffer): void {
    if (this.#phase === 'done' || bytes.length === 0) return;
    this.#sendHead(false);
    this.#received += bytes.length;
    if (this.#isChunked) {
      this.#give(`${bytes.length.toString(16)}\r\n`);
      this.#give(bytes);
      this.#give('\r\n');
    } else if (this.#received > this.#request.contentLength) this.#refuse();
    else this.#give(bytes);
  }

  #receiveTrailers(raw: readonly string[]): void {
    const trailers = translatedTrailers(raw);
    if (trailers === undefined) this.#refuse();
    else this.#trailers = trailers;
  }

  #endRequest(): void {
    this.#isRequestOver = true;
    if (this.#phase === 'done' || this.destroyed) return;
    const isWithoutBody = !this.#isHeadSent || this.#stream.endAfterHeaders;
    this.#sendHead(true);
    if (!this.#isChunked && this.#received !== this.#request.contentLength) this.#refuse();
    else if (this.#isChunked && !isWithoutBody) this.#give(`0\r\n${this.#trailers}\r\n`);
  }

  /** Confirmed by RFC 9113, 8.1.1: a body of another length than was said makes the request malformed. */
  #refuse(): void {
    this.#stream.close(constants.NGHTTP2_PROTOCOL_ERROR);
    this.destroy();
  }

  #give(bytes: Buffer | string): void {
    this.bytesRead += bytes.length;
    if (!this.push(bytes, 'latin1')) this.#stream.pause();
  }

  override _write(bytes: Buffer, _encoding: string, done: (error?: Error | null) => void): void {
    this.bytesWritten += bytes.length;
    this.#lastWrite = undefined;
    this.#translate(bytes);
    // Once this was sent the next one may come. What is only framing has nothing to wait for.
    const last = this.#lastWrite as Buffer | undefined;
    if (last && !this.#stream.destroyed) this.#stream.write(last, () => done());
    else done();
    if (this.#phase === 'done') this.#finishAnswer();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#cut();
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#cut();
    done(error);
  }

  /** An answer that is not whole must not look so: Node's `close` would send its end before the reset, `destroy` does not. */
  #cut(): void {
    if (this.#phase === 'done') return;
    this.#phase = 'done';
    this.#stream.destroy(new Error('the answer could not be completed'));
  }

  #translate(bytes: Buffer): void {
    if (this.#phase === 'body') this.#takeBody(bytes, 0);
    else if (this.#phase === 'head') this.#takeHead(bytes);
  }

  #takeHead(received: Buffer): void {
    const bytes = this.#partialHead ? Buffer.concat([this.#partialHead, received]) : received;
    this.#partialHead = undefined;
    const parsed = parseResponseHead(bytes, 0, bytes.length, { dropServer: false, isOwn: true });
    if (parsed.kind === 'incomplete') {
      this.#partialHead = Buffer.from(bytes);
      return;
    }
    if (parsed.kind === 'malformed') {
      this.#cut();
      return;
    }
    const { head, end } = parsed;
    if (head.status < 200) {
      if (!this.#stream.destroyed)
        this.#tell(() =>
          this.#stream.additionalHeaders({ ...fieldsOf(head.fields), ':status': head.status }),
        );
      if (end < bytes.length) this.#takeHead(bytes.subarray(end));
      return;
    }
    this.#beginAnswer(head);
    if (end < bytes.length) this.#translate(bytes.subarray(end));
  }

  #beginAnswer(head: ResponseHead): void {
    const hasBody = this.#request.method !== 'HEAD' && head.status !== 204 && head.status !== 304;
    const isEmpty = !hasBody || head.contentLength === 0;
    this.#phase = isEmpty ? 'done' : 'body';
    if (head.isChunked && hasBody) {
      this.#body = new ChunkedBody(
        (bytes, start, end) => this.#send(bytes, start, end),
        (line) => {
          this.#answerTrailers += line;
        },
      );
    } else if (!isEmpty) this.#body = new LengthBody(head.contentLength);
    if (this.#stream.destroyed || this.#stream.headersSent) return;
    const waitForTrailers = head.isChunked && hasBody;
    const fields = fieldsOf(head.fields);
    // An answer of gRPC that is trailers only has no length in HTTP/2.
    if (this.#request.isGrpc && isEmpty) delete fields['content-length'];
    this.#tell(() =>
      this.#stream.respond({ ...fields, ':status': head.status }, { endStream: isEmpty, waitForTrailers }),
    );
    if (waitForTrailers)
      this.#stream.once('wantTrailers', () =>
        this.#tell(() => this.#stream.sendTrailers(fieldsOf(this.#answerTrailers))),
      );
  }

  /** Node throws for fields that it would not send: what a target says must not end more than its answer. */
  #tell(send: () => void): void {
    try {
      send();
    } catch {
      this.#cut();
    }
  }

  #takeBody(bytes: Buffer, start: number): void {
    const body = this.#body;
    const end = body?.take(bytes, start, bytes.length) ?? -1;
    if (!body || end < 0) {
      this.#cut();
      return;
    }
    if (body instanceof LengthBody) this.#send(bytes, start, end);
    if (body.isComplete) this.#phase = 'done';
  }

  /** The last part of a write is held back: when that was sent, all was. */
  #send(bytes: Uint8Array, start: number, end: number): void {
    if (end <= start) return;
    if (this.#lastWrite && !this.#stream.destroyed) this.#stream.write(this.#lastWrite);
    this.#lastWrite = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start);
  }

  #finishAnswer(): void {
    if (this.#stream.destroyed) {
      this.push(null);
      return;
    }
    this.#stream.end();
    // RFC 9113, 8.1: a client that is still sending is told that the rest is not wanted, without an error.
    if (!this.#isRequestOver)
      this.#stream.once('finish', () => this.#stream.close(constants.NGHTTP2_NO_ERROR));
    this.push(null);
  }
}
