/** A client's connection that speaks HTTP/2: each stream is served as a connection of HTTP/1.1 with one request. */
import { randomBytes } from 'node:crypto';
import {
  constants,
  performServerHandshake,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { ClientConnection } from './client-connection.ts';
import type { ClientOwner } from './client-owner.ts';
import { translatedRequest } from './http2-request.ts';
import { StreamSocket } from './stream-socket.ts';
import { ticks } from './ticks.ts';
import type { TlsSession } from './tls-server.ts';

/** Confirmed by docs. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html */
const MAX_STREAMS = 128;
/** Confirmed by docs: then the connection is ended with a GOAWAY. */
const MAX_REQUESTS = 10_000;
/** Confirmed by docs: as of HTTP/1.1, all headers of a request together. */
const MAX_HEADERS = 65536;
/** Chosen: that many fields; Node's own limit is 128. */
const MAX_FIELDS = 1024;

export class Http2Connection {
  readonly socket: TLSSocket;
  readonly #listener: ClientOwner;
  readonly #tls: TlsSession;
  readonly #session: ServerHttp2Session;
  readonly #streams = new Set<ClientConnection>();
  readonly #openedAt = ticks.now;
  readonly #connectionTraceId = `TID_${randomBytes(16).toString('hex')}`;
  #idleSince = ticks.now;
  #requests = 0;

  constructor(socket: TLSSocket, listener: ClientOwner, tls: TlsSession) {
    this.socket = socket;
    this.#listener = listener;
    this.#tls = tls;
    this.#session = performServerHandshake(socket, {
      maxHeaderListPairs: MAX_FIELDS,
      settings: { maxConcurrentStreams: MAX_STREAMS, maxHeaderListSize: MAX_HEADERS },
    });
    this.#session.on('stream', (stream, _headers, _flags, raw?: readonly string[]) =>
      this.#begin(stream, raw ?? []),
    );
    this.#session.on('error', () => this.#session.destroy());
    this.#session.on('close', () => this.#closed());
  }

  /** Called every tick. */
  sweep(): void {
    for (const stream of this.#streams) stream.sweep();
    if (this.#session.closed) return;
    const { idleTimeoutSeconds, clientKeepAliveSeconds } = this.#listener.attributes;
    const isIdle = this.#streams.size === 0 && ticks.now - this.#idleSince >= idleTimeoutSeconds * 1000;
    // Streams that are there end by themselves.
    if (isIdle || ticks.now - this.#openedAt >= clientKeepAliveSeconds * 1000) this.#session.close();
  }

  /** Says GOAWAY: streams that are there end, no other is begun. */
  closeWhenIdle(): void {
    if (!this.#session.closed) this.#session.close();
  }

  #begin(stream: ServerHttp2Stream, fields: readonly string[]): void {
    this.#requests += 1;
    const request = translatedRequest(fields);
    if (request.kind === 'malformed') {
      stream.on('error', () => {});
      this.#listener.countDesync();
      stream.close(constants.NGHTTP2_PROTOCOL_ERROR);
    } else {
      const { remoteAddress, remotePort } = this.socket;
      const socket = new StreamSocket(stream, request, { remoteAddress, remotePort });
      const connection: ClientConnection = new ClientConnection(socket as unknown as Socket, this.#listener, {
        tls: this.#tls,
        stream: {
          connectionTraceId: this.#connectionTraceId,
          isGrpc: request.isGrpc,
          forget: () => this.#forget(connection),
        },
      });
      this.#streams.add(connection);
    }
    if (this.#requests >= MAX_REQUESTS) this.closeWhenIdle();
  }

  #forget(stream: ClientConnection): void {
    this.#streams.delete(stream);
    this.#idleSince = ticks.now;
  }

  #closed(): void {
    for (const stream of this.#streams) stream.socket.destroy();
    this.#listener.forget(this);
  }
}
