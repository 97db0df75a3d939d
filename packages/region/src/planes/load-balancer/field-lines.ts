/**
 * The header section of a message, found in one pass over its bytes. Nothing is copied: the result is offsets.
 *
 * Strict where a lenient parser could see another message than the target does: lines end in CRLF and nothing else, a
 * name is a token directly followed by a colon, a line never continues on the next one (obs-fold).
 */
import { COLON, CR, HTAB, LF, NAME, SP, VALUE } from './bytes.ts';

/** Offsets per line: name start, name end, value start, value end (white space trimmed), start of the next line. */
const STRIDE = 5;
const MAX_SECTION = 65536;
/** Confirmed by docs: one header line of ALB has at most 16 K. */
const MAX_LINE = 16384;
const VISIBLE_AND_SPACE = 95;

/** Why a message is refused; the names of ALB's desync mitigation reasons where it has one. */
export type FieldError = 'BadHeader' | 'EmptyHeader' | 'HeaderTooLong';

/** The lines of one header section. Filled anew by each `scan`: use it before the next one. */
export class FieldLines {
  readonly offsets = new Int32Array((MAX_SECTION / 4 + 1) * STRIDE);
  count = 0;
  /** Index of the first byte after the empty line that ends the section. */
  end = 0;
  /** A value has control or non-ASCII characters. */
  hasUnusualValue = false;
  /** A name has characters that ALB calls invalid, such as `_`. */
  hasInvalidName = false;

  /** Reads the lines from `start` to the empty line. `incomplete`: that has not come before `limit`. */
  scan(bytes: Uint8Array, start: number, limit: number): FieldError | 'incomplete' | undefined {
    const until = Math.min(limit, start + MAX_SECTION);
    this.count = 0;
    let names = 0;
    let values = 0;
    let at = start;
    while (at < until) {
      const nameStart = at;
      let kind = NAME[bytes[at] as number] as number;
      while (kind !== 0) {
        names |= kind;
        at += 1;
        if (at === until) return 'incomplete';
        kind = NAME[bytes[at] as number] as number;
      }
      if (at === nameStart && bytes[at] === CR) {
        if (at + 1 === until) return 'incomplete';
        if (bytes[at + 1] !== LF) return 'BadHeader';
        this.end = at + 2;
        this.hasInvalidName = (names & 2) !== 0;
        this.hasUnusualValue = (values & 1) !== 0;
        return undefined;
      }
      const colon = at;
      if (bytes[colon] !== COLON) return 'BadHeader';
      if (colon === nameStart) return 'EmptyHeader';
      do {
        at += 1;
        // Nearly all of a value is visible ASCII or a space, for which no table is needed.
        while (at < until && ((bytes[at] as number) - SP) >>> 0 < VISIBLE_AND_SPACE) at += 1;
        if (at === until) return 'incomplete';
        kind = VALUE[bytes[at] as number] as number;
        values |= kind;
      } while (kind !== 2);
      if (bytes[at] !== CR) return 'BadHeader';
      if (at + 1 === until) return 'incomplete';
      if (bytes[at + 1] !== LF) return 'BadHeader';
      if (at - nameStart >= MAX_LINE) return 'HeaderTooLong';
      this.#add(bytes, nameStart, colon, at);
      at += 2;
    }
    return 'incomplete';
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

/** The number of one to 15 digits in `[start, end)`, or -1 when that is something else. */
export function digitsAt(bytes: Uint8Array, start: number, end: number): number {
  if (end === start || end - start > 15) return -1;
  let number = 0;
  for (let at = start; at < end; at += 1) {
    const digit = (bytes[at] as number) - 48;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
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
