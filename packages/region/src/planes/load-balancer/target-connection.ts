import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { LocalAddress } from '../address-book.ts';
import { ReadBuffer } from './read-buffer.ts';
import { ticks } from './ticks.ts';

/** Who waits for what a target says. */
export interface TargetReader {
  /** The bytes are only valid during the call. */
  received(bytes: Buffer, end: number): void;
  targetDrained(): void;
  /** The target closed its side. */
  targetEnded(): void;
  targetFailed(failure: { readonly connected: boolean }): void;
}

/** One connection to a target: idle in its target's pool, or lent to one reader. */
export class TargetConnection {
  readonly socket: Socket;
  reader: TargetReader | undefined;
  isConnected = false;
  isOpen = true;
  #isPaused = false;
  readonly reads = new ReadBuffer();
  readonly connectingSince = ticks.now;
  /** When it was given back last. */
  idleSince = 0;
  /** How long it had been idle when it was lent; undefined: it is a new one. */
  idleMs: number | undefined;
  readonly #closed: (connection: TargetConnection) => void;

  /** @param stream one of HTTP/2, in the place of a connection of its own */
  constructor(
    address: LocalAddress,
    reader: TargetReader,
    closed: (connection: TargetConnection) => void,
    stream?: Duplex,
  ) {
    this.reader = reader;
    this.#closed = closed;
    this.socket = stream ? this.#reading(stream) : this.#connect(address);
    this.socket.on('connect', () => {
      this.isConnected = true;
    });
    this.socket.on('drain', () => this.reader?.targetDrained());
    this.socket.on('end', () => this.#lost(() => this.reader?.targetEnded()));
    this.socket.on('error', () =>
      this.#lost(() => this.reader?.targetFailed({ connected: this.isConnected })),
    );
    this.socket.on('close', () =>
      this.#lost(() => this.reader?.targetFailed({ connected: this.isConnected })),
    );
  }

  #connect(address: LocalAddress): Socket {
    return connect({
      host: address.host,
      port: address.port,
      noDelay: true,
      onread: {
        buffer: () => this.reads.bytes,
        callback: (length, bytes) => this.#received(length, bytes as Buffer),
      },
    });
  }

  #reading(stream: Duplex): Socket {
    stream.on('data', (bytes: Buffer) => this.#received(bytes.length, bytes));
    return stream as Socket;
  }

  pause(): void {
    this.#isPaused = true;
    this.socket.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.socket.resume();
  }

  destroy(): void {
    this.isOpen = false;
    this.reader = undefined;
    this.socket.destroy();
  }

  #received(length: number, bytes: Buffer): boolean {
    if (this.reader) this.reader.received(bytes, length);
    // Nothing was asked: an answer now would be taken for that of the next request.
    else this.destroy();
    this.reads.used(length, this.reader !== undefined);
    return true;
  }

  #lost(tell: () => void): void {
    this.isOpen = false;
    this.#closed(this);
    tell();
  }
}
