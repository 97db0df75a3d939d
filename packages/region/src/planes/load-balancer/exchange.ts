/** One request at a target: the body going there, the answer coming back, and every way in which it can end early. */
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import { type BodyReader, ChunkedBody, LengthBody, UntilCloseBody } from './body.ts';
import type { Choice } from './choice.ts';
import { forwardedResponse, forwardedUpgrade } from './forwarding.ts';
import { readResponseHead } from './known-heads.ts';
import { copyOf, type ReadBuffer } from './read-buffer.ts';
import type { RequestHead } from './request-head.ts';
import type { RequestRecord } from './request-log.ts';
import type { ResponseHead } from './response-head.ts';
import type { TargetConnection, TargetReader } from './target-connection.ts';
import type { Target, TargetGroup } from './targets.ts';
import { ticks } from './ticks.ts';

/** What an exchange needs of the client's connection. */
export interface ExchangeClient {
  readonly socket: Socket;
  readonly reads: ReadBuffer;
  readonly dropServerHeader: boolean;
  /** The connection may carry another request after this one. */
  readonly staysOpen: boolean;
  /** Nothing more of the client's is read, until `resume`. */
  pause(): void;
  resume(): void;
  /** Answers with an error of the balancer's own. */
  fail(status: number): void;
  /** The whole answer has been written. */
  completed(keepAlive: boolean): void;
  /** Cuts the connection: the answer cannot be completed. */
  abort(): void;
}

/** Below this, head and body go out in one write. */
const ONE_WRITE = 16384;
/** Confirmed by docs: a connection to a target has 10 s to be made. */
const CONNECT_TIMEOUT_MS = 10_000;

export class Exchange implements TargetReader {
  readonly #client: ExchangeClient;
  readonly #head: RequestHead;
  readonly #group: TargetGroup;
  readonly #target: Target;
  readonly #requestBody: BodyReader | undefined;
  readonly #cookies: Choice['cookies'] | undefined;
  readonly #record: RequestRecord | undefined;
  readonly #startedAt = performance.now();
  /** When the target last said something. */
  activeAt = ticks.now;
  #connection: TargetConnection | undefined;
  #phase: 'waiting' | 'body' | 'tunnel' | 'done' = 'waiting';
  #partialHead: Buffer | undefined;
  #responseBody: BodyReader | undefined;
  #framing: 'none' | 'length' | 'chunked' | 'untilClose' = 'none';
  /** The target's chunks go to a client that knows none. */
  #isDechunked = false;
  #isReusable = false;
  #keepsClient = false;

  constructor(options: {
    readonly client: ExchangeClient;
    readonly head: RequestHead;
    readonly group: TargetGroup;
    readonly target: Target;
    readonly requestBody: BodyReader | undefined;
    readonly cookies: Choice['cookies'] | undefined;
    readonly record: RequestRecord | undefined;
  }) {
    this.#client = options.client;
    this.#head = options.head;
    this.#group = options.group;
    this.#target = options.target;
    this.#requestBody = options.requestBody;
    this.#cookies = options.cookies;
    this.#record = options.record;
  }

  get wantsBody(): boolean {
    return this.#phase === 'tunnel' || (this.#requestBody !== undefined && !this.#requestBody.isComplete);
  }

  get isTunnel(): boolean {
    return this.#phase === 'tunnel';
  }

  /** Sends the head. The body follows by `takeBody`. */
  start(head: string): void {
    this.#connection = this.#target.lend(this);
    // Confirmed by docs: 502 when the target cannot be reached. Nothing listens where nothing is registered.
    if (!this.#connection) {
      this.targetFailed({ connected: false });
      return;
    }
    this.#connection.socket.write(head, 'latin1');
    this.#record?.dispatchedTo(this.#group.targetGroupArn, this.#target.key);
  }

  /** Passes on what belongs to the body in `[start, limit)`; returns the index of the first byte after it. */
  takeBody(bytes: Buffer, start: number, limit: number): number {
    if (this.#phase === 'tunnel') {
      this.#writeToTarget(bytes, start, limit);
      return limit;
    }
    const end = this.#requestBody?.take(bytes, start, limit) ?? start;
    if (end < 0) {
      this.#failWith(400);
      return limit;
    }
    if (end > start && this.#phase !== 'done') this.#writeToTarget(bytes, start, end);
    return end;
  }

  received(bytes: Buffer, end: number): void {
    this.activeAt = ticks.now;
    if (this.#phase === 'waiting') this.#receiveHead(bytes, end);
    else if (this.#phase === 'body') this.#receiveBody('', bytes, 0, end);
    else if (this.#phase === 'tunnel') this.#writeToClient(bytes, 0, end);
  }

  targetDrained(): void {
    this.activeAt = ticks.now;
    this.#client.resume();
  }

  clientDrained(): void {
    this.#connection?.resume();
  }

  targetEnded(): void {
    if (this.#phase === 'body' && this.#responseBody instanceof UntilCloseBody) this.#finishUntilClose();
    else if (this.#phase === 'tunnel') this.#finish();
    else this.targetFailed({ connected: true });
  }

  targetFailed({ connected }: { readonly connected: boolean }): void {
    if (!connected) this.#group.counters.add('TargetConnectionErrorCount');
    // Confirmed by docs: 502 when the target refuses, resets or closes with a request outstanding.
    if (this.#phase !== 'waiting') return this.#cut();
    const { idleMs } = this.#connection ?? {};
    if (idleMs !== undefined && this.#partialHead === undefined) this.#group.countClosed(idleMs);
    this.#failWith(502);
  }

  /** The client is gone. */
  clientClosed(): void {
    this.#leaveTarget(false);
  }

  /** Nothing was read or written for the idle timeout. */
  idleTimedOut(): void {
    if (this.#phase !== 'waiting') this.#cut();
    // Confirmed by docs: 408 while the client owes the rest of its body, 504 while the target owes its answer.
    else this.#failWith(this.wantsBody ? 408 : 504);
  }

  checkConnectTimeout(): void {
    const connection = this.#connection;
    if (!connection || connection.isConnected || ticks.now - connection.connectingSince < CONNECT_TIMEOUT_MS)
      return;
    this.#group.counters.add('TargetConnectionErrorCount');
    this.#failWith(504);
  }

  #receiveHead(received: Buffer, receivedEnd: number): void {
    let bytes = received;
    let end = receivedEnd;
    if (this.#partialHead) {
      bytes = Buffer.concat([this.#partialHead, received.subarray(0, receivedEnd)]);
      end = bytes.length;
      this.#partialHead = undefined;
    }
    let at = 0;
    while (this.#phase === 'waiting') {
      const parsed = readResponseHead(bytes, at, end, { dropServer: this.#client.dropServerHeader });
      if (parsed.kind === 'malformed') {
        this.#failWith(502);
        return;
      }
      if (parsed.kind === 'incomplete') {
        this.#partialHead = copyOf(bytes, at, end);
        return;
      }
      at = parsed.end;
      if (parsed.head.status >= 200) {
        this.#beginAnswer(parsed.head, bytes, at, end, parsed.rest);
        return;
      }
      if (parsed.head.status === 101) {
        this.#beginTunnel(parsed.head, bytes, at, end);
        return;
      }
      this.#passInformation(parsed.head);
    }
  }

  #passInformation(head: ResponseHead): void {
    // The client of `Expect: 100-continue` has its 100 from the balancer; HTTP/1.0 knows no 1xx.
    if (head.status === 100 || this.#head.minorVersion === 0) return;
    this.#client.socket.write(`${head.statusLine}${head.fields}\r\n`, 'latin1');
  }

  #beginTunnel(head: ResponseHead, bytes: Buffer, at: number, end: number): void {
    if (!this.#head.isWebSocketUpgrade || head.upgrade?.toLowerCase() !== 'websocket') {
      this.#failWith(502);
      return;
    }
    this.#count(head.status);
    this.#phase = 'tunnel';
    this.#client.socket.write(forwardedUpgrade(head), 'latin1');
    if (end > at) this.#writeToClient(bytes, at, end);
  }

  #beginAnswer(head: ResponseHead, bytes: Buffer, at: number, end: number, rest: string): void {
    this.#count(head.status);
    this.#phase = 'body';
    this.#responseBody = this.#bodyOf(head);
    this.#isReusable = head.keepAlive && this.#framing !== 'untilClose' && !this.#head.closesConnections;
    const closesClient = this.#framing === 'untilClose' && this.#head.minorVersion === 0;
    this.#keepsClient = this.#client.staysOpen && !closesClient && !this.#wantsClosedClient();
    const framing = this.#clientFraming();
    const cookies = this.#cookies?.(head.fields) ?? '';
    this.#receiveBody(
      forwardedResponse(head, { framing, keepAlive: this.#keepsClient, cookies }),
      bytes,
      at,
      end,
      rest,
    );
  }

  #wantsClosedClient(): boolean {
    return !this.#head.keepAlive || this.#head.closesConnections || this.wantsBody;
  }

  #bodyOf(head: ResponseHead): BodyReader | undefined {
    if (
      this.#head.method === 'HEAD' ||
      head.status === 204 ||
      head.status === 304 ||
      head.contentLength === 0
    ) {
      this.#framing = 'none';
      return undefined;
    }
    if (head.isChunked && this.#head.minorVersion === 1) {
      this.#framing = 'chunked';
      return new ChunkedBody();
    }
    this.#framing = head.isChunked || head.contentLength < 0 ? 'untilClose' : 'length';
    if (head.isChunked) {
      this.#isDechunked = true;
      return new ChunkedBody((bytes, from, to) => this.#writeToClient(bytes, from, to));
    }
    return this.#framing === 'length' ? new LengthBody(head.contentLength) : new UntilCloseBody();
  }

  /** An answer that ends with its connection goes to an HTTP/1.1 client in chunks, so that its end can be told from a failure. */
  #clientFraming(): 'none' | 'length' | 'chunked' | 'untilClose' {
    return this.#framing === 'untilClose' && this.#head.minorVersion === 1 ? 'chunked' : this.#framing;
  }

  /** Passes on `head` and the bytes of the body. `text` is what those bytes say, or empty. */
  #receiveBody(head: string, bytes: Buffer, start: number, end: number, text = ''): void {
    const reader = this.#responseBody;
    const isDechunked = this.#isDechunked;
    if (isDechunked && head !== '') this.#client.socket.write(head, 'latin1');
    const bodyEnd = reader ? reader.take(bytes, start, end) : start;
    if (bodyEnd < 0) {
      this.#cut();
      return;
    }
    if (!isDechunked) this.#writeBody(head, bytes, start, bodyEnd, text);
    if (reader && !reader.isComplete) return;
    // Bytes after the answer belong to no request: that connection is not used again.
    if (bodyEnd < end) this.#isReusable = false;
    this.#finish();
  }

  #writeBody(head: string, bytes: Buffer, start: number, end: number, known: string): void {
    const { socket } = this.#client;
    const length = end - start;
    const inChunks = this.#framing === 'untilClose' && this.#head.minorVersion === 1;
    const before = inChunks && length > 0 ? `${head}${length.toString(16)}\r\n` : head;
    const after = inChunks && length > 0 ? '\r\n' : '';
    if (length <= ONE_WRITE) {
      const body = known.length === length ? known : bytes.toString('latin1', start, end);
      const text = before + body + after;
      if (text !== '' && !socket.write(text, 'latin1') && socket.writableLength > 0)
        this.#connection?.pause();
      return;
    }
    if (before !== '' || after !== '') socket.cork();
    if (before !== '') socket.write(before, 'latin1');
    this.#writeToClient(bytes, start, end);
    if (after !== '') socket.write(after, 'latin1');
    if (before !== '' || after !== '') socket.uncork();
  }

  #finishUntilClose(): void {
    const inChunks = this.#head.minorVersion === 1;
    if (inChunks) this.#client.socket.write('0\r\n\r\n', 'latin1');
    this.#finish();
  }

  #finish(): void {
    const isSent = this.#requestBody === undefined || this.#requestBody.isComplete;
    this.#leaveTarget(this.#isReusable && isSent);
    this.#client.completed(this.#keepsClient && isSent);
  }

  #failWith(status: number): void {
    if (this.#phase === 'done') return;
    if (this.#phase !== 'waiting') {
      this.#cut();
      return;
    }
    this.#leaveTarget(false);
    this.#client.fail(status);
  }

  /** The answer has begun and cannot be completed. */
  #cut(): void {
    if (this.#phase === 'done') return;
    this.#leaveTarget(false);
    this.#client.abort();
  }

  #leaveTarget(isReusable: boolean): void {
    this.#phase = 'done';
    const connection = this.#connection;
    this.#connection = undefined;
    if (connection) {
      // A reader slower than the target may have paused it.
      if (isReusable) connection.resume();
      this.#target.giveBack(connection, isReusable);
    }
  }

  #count(status: number): void {
    const counter = this.#group.answers[Math.floor(status / 100)];
    if (counter) counter.value += 1;
    this.#record?.answered(status);
    this.#group.responseTimes.add((performance.now() - this.#startedAt) / 1000);
  }

  #writeToTarget(bytes: Buffer, start: number, end: number): void {
    const connection = this.#connection;
    if (connection && !wrote(connection.socket, this.#client.reads, bytes, start, end)) this.#client.pause();
  }

  #writeToClient(bytes: Uint8Array, start: number, end: number): void {
    const connection = this.#connection;
    if (!wrote(this.#client.socket, connection?.reads, bytes, start, end)) connection?.pause();
  }
}

/**
 * Passes on what is in the buffer that was read last. A write that went out at once needs no pause, whatever its size; nor
 * do its bytes have to be kept. False: its reader should wait.
 */
function wrote(
  socket: Socket,
  reads: ReadBuffer | undefined,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const mayKeep = reads?.mayKeep === true;
  const isUnderLimit = socket.write(mayKeep ? bytes.subarray(start, end) : copyOf(bytes, start, end));
  if (socket.writableLength === 0) return true;
  if (mayKeep) reads.keep();
  return isUnderLimit;
}
