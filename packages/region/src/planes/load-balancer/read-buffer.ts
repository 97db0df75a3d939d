/**
 * Where a connection's reads go. All connections read into one buffer, whose bytes are used before the next read: nothing is
 * allocated for a read. A connection with much to say gets buffers of its own, which may be passed on without a copy.
 */
const READ_SIZE = 65536;
/** Of a connection that has much to say. */
const BULK_READ_SIZE = 131_072;
// Windows posts its reads ahead: there each connection needs its own.
const shared = process.platform === 'win32' ? undefined : Buffer.allocUnsafeSlow(READ_SIZE);

export class ReadBuffer {
  #bytes = shared;

  /** What the next read goes into. */
  get bytes(): Buffer {
    this.#bytes ??= Buffer.allocUnsafeSlow(READ_SIZE);
    return this.#bytes;
  }

  /** What was read may be kept without a copy, if `keep` is called. */
  get mayKeep(): boolean {
    return this.#bytes !== shared && shared !== undefined;
  }

  /** Somebody goes on using the bytes that were read last. */
  keep(): void {
    this.#bytes = Buffer.allocUnsafeSlow(BULK_READ_SIZE);
  }

  /** To be called when what was read has been used. `isBody`: more of the same message is to come. */
  used(length: number, isBody: boolean): void {
    if (shared === undefined) return;
    // A read that fills its buffer is followed by more: those bytes then go on without a copy.
    if (!isBody) this.#bytes = shared;
    else if (length === READ_SIZE && this.#bytes === shared) this.keep();
  }
}

export function copyOf(bytes: Uint8Array, start: number, end: number): Buffer {
  const copy = Buffer.allocUnsafe(end - start);
  copy.set(bytes.subarray(start, end));
  return copy;
}
