/**
 * The header section of a message, found in one pass over its bytes. Nothing is copied: the result is offsets.
 *
 * Strict where a lenient parser could see another message than the target does: lines end in CRLF and nothing else, a
 * name is a token directly followed by a colon, a line never continues on the next one (obs-fold).
 */
import { COLON, CR, HTAB, LF, PLAIN_NAME, SP, TOKEN, VALUE } from './bytes.ts';

/** Offsets per line: name start, name end, value start, value end (white space trimmed), start of the next line. */
const STRIDE = 5;
const MAX_SECTION = 65536;
/** Confirmed by docs: one header line of ALB has at most 16 K. */
const MAX_LINE = 16384;

/** Why a message is refused; the names of ALB's desync mitigation reasons where it has one. */
export type FieldError = 'BadHeader' | 'EmptyHeader' | 'HeaderTooLong';

/** The lines of one header section. Filled anew by each `scan`: use it before the next one. */
export class FieldLines {
  readonly offsets = new Int32Array((MAX_SECTION / 4) * STRIDE);
  count = 0;
  /** A value has control or non-ASCII characters. */
  hasUnusualValue = false;
  /** A name has characters that ALB calls invalid, such as `_`. */
  hasInvalidName = false;

  /** Reads the lines in `[start, end)`, the last of which ends in CRLF at `end`. */
  scan(bytes: Uint8Array, start: number, end: number): FieldError | undefined {
    this.count = 0;
    this.hasUnusualValue = false;
    this.hasInvalidName = false;
    let at = start;
    while (at < end) {
      const colon = this.#nameEnd(bytes, at);
      if (colon <= at || bytes[colon] !== COLON)
        return colon === at && bytes[at] === COLON ? 'EmptyHeader' : 'BadHeader';
      const lineEnd = this.#valueEnd(bytes, colon + 1);
      if (lineEnd < 0 || lineEnd + 2 > end) return 'BadHeader';
      if (lineEnd - at >= MAX_LINE) return 'HeaderTooLong';
      this.#add(bytes, at, colon, lineEnd);
      at = lineEnd + 2;
    }
    return undefined;
  }

  nameStart(line: number): number {
    return this.offsets[line * STRIDE] ?? 0;
  }

  nameEnd(line: number): number {
    return this.offsets[line * STRIDE + 1] ?? 0;
  }

  valueStart(line: number): number {
    return this.offsets[line * STRIDE + 2] ?? 0;
  }

  valueEnd(line: number): number {
    return this.offsets[line * STRIDE + 3] ?? 0;
  }

  nextLine(line: number): number {
    return this.offsets[line * STRIDE + 4] ?? 0;
  }

  #nameEnd(bytes: Uint8Array, start: number): number {
    let at = start;
    for (let byte = bytes[at] ?? 0; TOKEN[byte] === 1; byte = bytes[at] ?? 0) {
      if (PLAIN_NAME[byte] === 0) this.hasInvalidName = true;
      at += 1;
    }
    return at;
  }

  /** The index of the CR that ends the line, or -1. */
  #valueEnd(bytes: Uint8Array, start: number): number {
    let at = start;
    for (;;) {
      const kind = VALUE[bytes[at] ?? 0];
      if (kind === 0) at += 1;
      else if (kind === 1) {
        this.hasUnusualValue = true;
        at += 1;
      } else return bytes[at] === CR && bytes[at + 1] === LF ? at : -1;
    }
  }

  #add(bytes: Uint8Array, nameStart: number, colon: number, lineEnd: number): void {
    let start = colon + 1;
    let end = lineEnd;
    while (start < end && isBlank(bytes[start])) start += 1;
    while (end > start && isBlank(bytes[end - 1])) end -= 1;
    const base = this.count * STRIDE;
    this.offsets[base] = nameStart;
    this.offsets[base + 1] = colon;
    this.offsets[base + 2] = start;
    this.offsets[base + 3] = end;
    this.offsets[base + 4] = lineEnd + 2;
    this.count += 1;
  }
}

/** Whether the name at `[start, start + lower.length)` is `lower` in any case. Lengths are compared by the caller. */
export function isName(bytes: Uint8Array, start: number, lower: Uint8Array): boolean {
  for (let i = 0; i < lower.length; i += 1) {
    const byte = bytes[start + i] ?? 0;
    if ((byte >= 65 && byte <= 90 ? byte + 32 : byte) !== lower[i]) return false;
  }
  return true;
}

export function nameBytes(lower: string): Uint8Array {
  return Uint8Array.from(lower, (character) => character.charCodeAt(0));
}

function isBlank(byte: number | undefined): boolean {
  return byte === SP || byte === HTAB;
}
