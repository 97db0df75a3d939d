/**
 * Where a body ends. Bodies pass through as they come; a reader only follows the framing, so that the balancer knows
 * which bytes belong to the message, and refuses framing that a target might read in another way.
 */
import { CR, HEX, HTAB, LF, SP, TOKEN } from './bytes.ts';

export interface BodyReader {
  /**
   * Takes the bytes of this body from `[start, end)`. Returns the index of the first byte after it (`end` when more is to
   * come), or -1 when the framing is malformed.
   */
  take(bytes: Uint8Array, start: number, end: number): number;
  readonly isComplete: boolean;
}

/** Undefined: the request has none. */
export function requestBody(head: {
  readonly isChunked: boolean;
  readonly contentLength: number;
}): BodyReader | undefined {
  if (head.isChunked) return new ChunkedBody();
  return head.contentLength > 0 ? new LengthBody(head.contentLength) : undefined;
}

export class LengthBody implements BodyReader {
  #left: number;

  constructor(length: number) {
    this.#left = length;
  }

  get isComplete(): boolean {
    return this.#left === 0;
  }

  take(_bytes: Uint8Array, start: number, end: number): number {
    const taken = Math.min(end - start, this.#left);
    this.#left -= taken;
    return start + taken;
  }
}

/** A body that ends with its connection: answers without a length. */
export class UntilCloseBody implements BodyReader {
  readonly isComplete = false;

  take(_bytes: Uint8Array, _start: number, end: number): number {
    return end;
  }
}

type ChunkState =
  | 'size'
  | 'extension'
  | 'sizeLf'
  | 'data'
  | 'dataCr'
  | 'dataLf'
  | 'trailerStart'
  | 'trailerName'
  | 'trailerValue'
  | 'trailerLf'
  | 'endLf'
  | 'done';

const MAX_EXTENSION = 4096;
const MAX_TRAILERS = 16384;
/** Fields that would change what a message means do not belong into trailers (RFC 9110, 6.5.1). */
const NOT_IN_TRAILERS = new Set([
  'transfer-encoding',
  'content-length',
  'host',
  'connection',
  'te',
  'trailer',
]);

export class ChunkedBody implements BodyReader {
  #state: ChunkState = 'size';
  #size = 0;
  #digits = 0;
  /** Bytes of the extension or of all trailers so far. */
  #extra = 0;
  #trailers = 0;
  #name = '';
  #value = '';
  readonly #onData: ((bytes: Uint8Array, start: number, end: number) => void) | undefined;
  readonly #onTrailer: ((line: string) => void) | undefined;

  /**
   * @param onData is given the content without the framing.
   * @param onTrailer is given each trailer as a line with its CRLF.
   */
  constructor(
    onData?: (bytes: Uint8Array, start: number, end: number) => void,
    onTrailer?: (line: string) => void,
  ) {
    this.#onData = onData;
    this.#onTrailer = onTrailer;
  }

  get isComplete(): boolean {
    return this.#state === 'done';
  }

  take(bytes: Uint8Array, start: number, end: number): number {
    let at = start;
    while (at < end && this.#state !== 'done') {
      if (this.#state === 'data') {
        const taken = Math.min(end - at, this.#size);
        this.#onData?.(bytes, at, at + taken);
        this.#size -= taken;
        at += taken;
        if (this.#size === 0) this.#state = 'dataCr';
      } else if (!this.#takeByte(bytes[at] ?? 0)) return -1;
      else at += 1;
    }
    return at;
  }

  #takeByte(byte: number): boolean {
    switch (this.#state) {
      case 'size':
        return this.#takeSize(byte);
      case 'extension':
        return this.#takeExtension(byte);
      case 'sizeLf':
        return byte === LF && this.#to(this.#size === 0 ? 'trailerStart' : 'data');
      case 'dataCr':
        return byte === CR && this.#to('dataLf');
      case 'dataLf':
        this.#digits = 0;
        this.#size = 0;
        return byte === LF && this.#to('size');
      case 'endLf':
        return byte === LF && this.#to('done');
      default:
        this.#trailers += 1;
        return this.#trailers <= MAX_TRAILERS && this.#takeTrailer(byte);
    }
  }

  #takeSize(byte: number): boolean {
    const digit = HEX[byte] ?? 255;
    if (digit < 16) {
      this.#digits += 1;
      this.#size = this.#size * 16 + digit;
      return this.#digits <= 12;
    }
    this.#extra = 0;
    if (this.#digits === 0) return false;
    if (byte === CR) return this.#to('sizeLf');
    return byte === 59 && this.#to('extension');
  }

  #takeExtension(byte: number): boolean {
    if (byte === CR) return this.#to('sizeLf');
    this.#extra += 1;
    return this.#extra <= MAX_EXTENSION && (byte === HTAB || (byte >= SP && byte < 127));
  }

  #takeTrailer(byte: number): boolean {
    switch (this.#state) {
      case 'trailerStart':
        if (byte === CR) return this.#to('endLf');
        this.#name = '';
        this.#state = 'trailerName';
        return TOKEN[byte] === 1 && this.#takeTrailer(byte);
      case 'trailerName':
        if (TOKEN[byte] === 1) {
          this.#name += String.fromCharCode(byte).toLowerCase();
          return true;
        }
        this.#value = '';
        return byte === 58 && !NOT_IN_TRAILERS.has(this.#name) && this.#to('trailerValue');
      case 'trailerValue':
        if (byte === CR) return this.#to('trailerLf');
        if (this.#onTrailer) this.#value += String.fromCharCode(byte);
        return byte === HTAB || (byte >= SP && byte !== 127);
      case 'trailerLf':
        this.#onTrailer?.(`${this.#name}: ${this.#value.trim()}\r\n`);
        return byte === LF && this.#to('trailerStart');
      default:
        return false;
    }
  }

  #to(state: ChunkState): true {
    this.#state = state;
    return true;
  }
}
