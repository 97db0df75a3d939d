/** The head of a target's answer. Anything that is not clearly HTTP/1.x is malformed: the client gets 502. */
import { CR, LF, SP, VALUE } from './bytes.ts';
import { digitsAt, FieldLines, isName, nameBytes } from './field-lines.ts';

export interface ResponseHead {
  readonly status: number;
  /** As the client gets it, with its CRLF. */
  readonly statusLine: string;
  /** The lines that pass through, each with its CRLF. */
  readonly fields: string;
  readonly contentLength: number;
  readonly isChunked: boolean;
  readonly keepAlive: boolean;
  readonly upgrade: string | undefined;
  readonly hasDate: boolean;
}

export type ParsedResponse =
  | {
      readonly kind: 'head';
      readonly head: ResponseHead;
      /** Index of the first byte after the head. */
      readonly end: number;
      /** What came after the head, if that is little: one byte a character. */
      readonly rest: string;
    }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'malformed'; readonly reason: string };

const INCOMPLETE: ParsedResponse = { kind: 'incomplete' };
/** Confirmed by docs: the headers of an answer have at most 32 K. */
const MAX_HEAD = 32768;
/** Below this, what follows the head in the same read is made a string with it. */
const SHORT = 8192;

const DATE = nameBytes('date');
const SERVER = nameBytes('server');
const UPGRADE = nameBytes('upgrade');
const CONNECTION = nameBytes('connection');
const KEEP_ALIVE = nameBytes('keep-alive');
const CONTENT_LENGTH = nameBytes('content-length');
const PROXY_CONNECTION = nameBytes('proxy-connection');
const TRANSFER_ENCODING = nameBytes('transfer-encoding');

const lines = new FieldLines();

/**
 * Parses the head in `[from, to)`.
 * @param options `isOwn`: it has been through the balancer, which may have made it longer than a target's may be
 */
export function parseResponseHead(
  bytes: Buffer,
  from: number,
  to: number,
  options: { readonly dropServer: boolean; readonly isOwn?: true },
): ParsedResponse {
  const lineEnd = bytes.indexOf(CR, from);
  if (lineEnd < 0 || lineEnd + 1 >= to) return incomplete(from, to);
  const status = readStatus(bytes, from, lineEnd);
  if (status === 0 || bytes[lineEnd + 1] !== LF) return malformed('BadStatusLine');
  const error = lines.scan(bytes, lineEnd + 2, to);
  if (error === 'incomplete') return incomplete(from, to);
  if (error !== undefined) return malformed('BadHeader');
  if (lines.end - 4 - from > MAX_HEAD && !options.isOwn) return malformed('HeadersTooLong');
  // One string of head and body is made in half the time of two.
  const isShort = to - lines.end <= SHORT;
  const text = bytes.toString('latin1', from, isShort ? to : lines.end);
  const isHttp11 = bytes[from + 7] === ONE;
  const fields = new ResponseFields(bytes, text, from, options.dropServer);
  const problem = fields.read();
  if (problem !== undefined) return malformed(problem);
  return {
    kind: 'head',
    end: lines.end,
    rest: isShort ? text.slice(lines.end - from) : '',
    head: {
      status,
      statusLine: isHttp11
        ? text.slice(0, lineEnd + 2 - from)
        : `HTTP/1.1 ${text.slice(9, lineEnd + 2 - from)}`,
      fields: fields.passed,
      contentLength: fields.isChunked ? -1 : fields.contentLength,
      isChunked: fields.isChunked,
      keepAlive: fields.keepsAlive(isHttp11),
      upgrade: fields.upgrade,
      hasDate: fields.hasDate,
    },
  };
}

function incomplete(from: number, to: number): ParsedResponse {
  return to - from > MAX_HEAD ? malformed('HeadersTooLong') : INCOMPLETE;
}

const CONTENT_LENGTH_LINE = /^content-length:[^\r\n]*\r\n/im;
const ZERO = 48;
const ONE = 49;
const HTTP_1 = Buffer.from('HTTP/1.');

/** `HTTP/1.x`, a code of three digits from 100 to 599 and, after a space, any phrase. 0: something else. */
function readStatus(bytes: Buffer, from: number, lineEnd: number): number {
  if (lineEnd - from < 12) return 0;
  for (let i = 0; i < HTTP_1.length; i += 1) if (bytes[from + i] !== HTTP_1[i]) return 0;
  const version = bytes[from + 7];
  if ((version !== ZERO && version !== ONE) || bytes[from + 8] !== SP) return 0;
  let status = 0;
  for (let at = from + 9; at < from + 12; at += 1) {
    const digit = (bytes[at] as number) - ZERO;
    if (digit < 0 || digit > 9) return 0;
    status = status * 10 + digit;
  }
  if (status < 100 || status > 599 || (lineEnd > from + 12 && bytes[from + 12] !== SP)) return 0;
  for (let at = from + 13; at < lineEnd; at += 1) {
    const byte = bytes[at] as number;
    if (VALUE[byte] !== 0 && byte < 128) return 0;
  }
  return status;
}

class ResponseFields {
  passed = '';
  contentLength = -1;
  isChunked = false;
  hasDate = false;
  upgrade: string | undefined;
  #connection = '';
  readonly #bytes: Buffer;
  readonly #text: string;
  readonly #base: number;
  readonly #dropServer: boolean;

  constructor(bytes: Buffer, text: string, base: number, dropServer: boolean) {
    this.#bytes = bytes;
    this.#text = text;
    this.#base = base;
    this.#dropServer = dropServer;
  }

  /** Returns why the section is malformed. */
  read(): string | undefined {
    let runStart = lines.nameStart(0);
    for (let line = 0; line < lines.count; line += 1) {
      const taken = this.#take(line);
      if (taken === false) continue;
      if (taken !== true) return taken;
      this.passed += this.#slice(runStart, lines.nameStart(line));
      runStart = lines.nextLine(line);
    }
    if (lines.count > 0) this.passed += this.#slice(runStart, lines.nextLine(lines.count - 1));
    if (this.isChunked && this.contentLength >= 0) this.passed = this.passed.replace(CONTENT_LENGTH_LINE, '');
    return undefined;
  }

  keepsAlive(isHttp11: boolean): boolean {
    if (this.#connection === '') return isHttp11;
    const tokens = this.#connection
      .toLowerCase()
      .split(',')
      .map((token) => token.trim());
    return isHttp11 ? !tokens.includes('close') : tokens.includes('keep-alive');
  }

  /** True: not passed on. A string: why the answer is malformed. */
  #take(line: number): boolean | string {
    const start = lines.nameStart(line);
    switch (lines.nameEnd(line) - start) {
      case 4:
        if (this.#is(start, DATE)) this.hasDate = true;
        return false;
      case 6:
        return this.#dropServer && this.#is(start, SERVER);
      case 7:
        if (!this.#is(start, UPGRADE)) return false;
        this.upgrade = this.#value(line);
        return true;
      case 10:
        if (this.#is(start, KEEP_ALIVE)) return true;
        if (!this.#is(start, CONNECTION)) return false;
        this.#connection += `,${this.#value(line)}`;
        return true;
      case 14:
        return this.#is(start, CONTENT_LENGTH) && this.#takeContentLength(line);
      case 16:
        return this.#is(start, PROXY_CONNECTION);
      case 17:
        return this.#is(start, TRANSFER_ENCODING) && this.#takeTransferEncoding(this.#value(line));
      default:
        return false;
    }
  }

  /** Passed on where it stands, once; taken out again below if the answer turns out to be chunked. */
  #takeContentLength(line: number): boolean | string {
    const length = digitsAt(this.#bytes, lines.valueStart(line), lines.valueEnd(line));
    if (length < 0) return 'BadContentLength';
    if (this.contentLength >= 0) return this.contentLength === length || 'MultipleContentLength';
    this.contentLength = length;
    return false;
  }

  #takeTransferEncoding(value: string): true | string {
    if (value.toLowerCase() !== 'chunked' || this.isChunked) return 'BadTransferEncoding';
    this.isChunked = true;
    return true;
  }

  #is(start: number, lower: Uint8Array): boolean {
    return isName(this.#bytes, start, lower);
  }

  #value(line: number): string {
    return this.#slice(lines.valueStart(line), lines.valueEnd(line));
  }

  #slice(start: number, end: number): string {
    return this.#text.slice(start - this.#base, end - this.#base);
  }
}

function malformed(reason: string): ParsedResponse {
  return { kind: 'malformed', reason };
}
