/**
 * The head of a request: request line and header section, parsed once into what routing and forwarding need. Header lines
 * that pass through unchanged are kept as one string, in their order and letter case.
 *
 * A request that could be read in two ways is never guessed at. It is either refused, or classified as ALB classifies it
 * and put into the one form that has a single meaning (`Transfer-Encoding` wins over `Content-Length`, one `Host`).
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#desync-mitigation-mode
 */
import { CR, HOST_BYTE, LF, SP, TOKEN, VISIBLE } from './bytes.ts';
import { digitsAt, FieldLines, isName, nameBytes } from './field-lines.ts';
import { parseRequestLine, type Refusal, refused, requestLine } from './request-line.ts';

export interface RequestHead {
  readonly method: string;
  /** The request line to the target, with its CRLF. */
  readonly line: string;
  /** What the request line to the target names: origin-form, or `*`. */
  readonly target: string;
  readonly path: string;
  /** Without the question mark; empty when there is none. */
  readonly query: string;
  readonly minorVersion: 0 | 1;
  /** The first Host header, or the authority of an absolute-form target. */
  readonly host: string | undefined;
  /** All Host lines as sent, each with its CRLF. */
  readonly hostLines: string;
  /** The lines that pass through, each with its CRLF. */
  readonly fields: string;
  /** -1 when there is no Content-Length. */
  readonly contentLength: number;
  readonly isChunked: boolean;
  readonly keepAlive: boolean;
  readonly isWebSocketUpgrade: boolean;
  /** The values of Connection and Upgrade, for rule conditions. */
  readonly connection: string;
  readonly upgrade: string | undefined;
  readonly expectsContinue: boolean;
  /** All X-Forwarded-For lines joined by a comma. */
  readonly forwardedFor: string | undefined;
  readonly traceId: string | undefined;
  readonly classification: 'compliant' | 'acceptable' | 'ambiguous';
  /** ALB's name of the reason of the classification. */
  readonly classificationReason: string | undefined;
  /** Neither the client's nor the target's connection carries another request: this one was ambiguous. */
  readonly closesConnections: boolean;
  readonly hasInvalidHeaderName: boolean;
}

/** While it is read or rewritten. What was read may be that of many requests: it is copied before it is changed. */
export type MutableRequestHead = { -readonly [Member in keyof RequestHead]: RequestHead[Member] };

export type ParsedRequest =
  | {
      readonly kind: 'head';
      readonly head: RequestHead /** Index of the first byte after the head. */;
      readonly end: number;
    }
  | { readonly kind: 'incomplete' }
  | Refusal;

const INCOMPLETE: ParsedRequest = { kind: 'incomplete' };
/** Confirmed by docs: all request headers together have at most 64 K, the request line 16 K. */
const MAX_HEAD = 65536;
const MAX_REQUEST_LINE = 16384;

const HOST = nameBytes('host');
const TE = nameBytes('te');
const EXPECT = nameBytes('expect');
const UPGRADE = nameBytes('upgrade');
const CONNECTION = nameBytes('connection');
const KEEP_ALIVE = nameBytes('keep-alive');
const CONTENT_LENGTH = nameBytes('content-length');
const X_FORWARDED_FOR = nameBytes('x-forwarded-for');
const X_AMZN_TRACE_ID = nameBytes('x-amzn-trace-id');
const X_FORWARDED_PORT = nameBytes('x-forwarded-port');
const PROXY_CONNECTION = nameBytes('proxy-connection');
const X_FORWARDED_PROTO = nameBytes('x-forwarded-proto');
const TRANSFER_ENCODING = nameBytes('transfer-encoding');

const lines = new FieldLines();

/** Parses the head that starts at `from`, of what is there up to `to`. A head that is not whole yet is `incomplete`, unless it cannot become good. */
export function parseRequestHead(
  bytes: Buffer,
  from: number,
  to: number,
  options: { readonly dropInvalidNames: boolean },
): ParsedRequest {
  const start = skipEmptyLines(bytes, from, to);
  const lineEnd = bytes.indexOf(CR, start);
  if (lineEnd < 0 || lineEnd + 1 >= to) return incompleteOrHopeless(bytes, start, to);
  if (lineEnd - start > MAX_REQUEST_LINE) return refused('RequestLineTooLong');
  if (bytes[lineEnd + 1] !== LF) return refused('BadUri');
  const error = lines.scan(bytes, lineEnd + 2, to);
  if (error === 'incomplete') return incompleteOrHopeless(bytes, start, to);
  if (error !== undefined) return refused(error);
  if (lines.end - 4 - start > MAX_HEAD) return refused('HeadersTooLong');
  const reader = new HeadReader(bytes, bytes.toString('latin1', start, lines.end), start);
  const problem =
    reader.readRequestLine(lineEnd) ?? reader.readFields(options.dropInvalidNames) ?? reader.conclude();
  return problem ?? { kind: 'head', head: reader.head, end: lines.end };
}

class HeadReader {
  readonly head: MutableRequestHead = {
    method: '',
    line: '',
    target: '',
    path: '',
    query: '',
    minorVersion: 1,
    host: undefined,
    hostLines: '',
    fields: '',
    contentLength: -1,
    isChunked: false,
    keepAlive: true,
    isWebSocketUpgrade: false,
    connection: '',
    upgrade: undefined,
    expectsContinue: false,
    forwardedFor: undefined,
    traceId: undefined,
    classification: 'compliant',
    classificationReason: undefined,
    closesConnections: false,
    hasInvalidHeaderName: false,
  };
  readonly #bytes: Buffer;
  readonly #text: string;
  readonly #base: number;
  #transferEncodings = 0;

  constructor(bytes: Buffer, text: string, base: number) {
    this.#bytes = bytes;
    this.#text = text;
    this.#base = base;
  }

  readRequestLine(lineEnd: number): ParsedRequest | undefined {
    if (this.#readUsualLine(lineEnd)) return undefined;
    const line = parseRequestLine(this.#slice(this.#base, lineEnd));
    if ('kind' in line) return line;
    const { head } = this;
    const { target } = line;
    if (line.authority !== undefined && !HOST_VALUE.test(line.authority)) return refused('BadUri');
    head.method = line.method;
    head.line = requestLine(line.method, target);
    head.host = line.authority;
    head.minorVersion = line.minorVersion;
    head.keepAlive = line.minorVersion === 1;
    this.#takeTarget(target, target.indexOf('?'));
    if (line.unusual) this.#classify('acceptable', line.unusual);
    return undefined;
  }

  /** A method, a path in visible ASCII, and HTTP/1.1: what nearly all requests have, read where it stands. */
  #readUsualLine(lineEnd: number): boolean {
    const bytes = this.#bytes;
    let at = this.#base;
    while (TOKEN[bytes[at] as number] === 1) at += 1;
    const methodEnd = at;
    const targetEnd = lineEnd - HTTP_1_1.length;
    if (methodEnd === this.#base || bytes[at] !== SP || bytes[at + 1] !== SLASH || targetEnd < at + 2)
      return false;
    let question = -1;
    for (at += 1; at < targetEnd; at += 1) {
      const byte = bytes[at] as number;
      if (VISIBLE[byte] === 0) return false;
      if (byte === QUESTION && question < 0) question = at - methodEnd - 1;
    }
    for (let i = 0; i < HTTP_1_1.length; i += 1) if (bytes[targetEnd + i] !== HTTP_1_1[i]) return false;
    this.head.method = this.#slice(this.#base, methodEnd);
    this.head.line = this.#slice(this.#base, lineEnd + 2);
    this.#takeTarget(this.#slice(methodEnd + 1, targetEnd), question);
    return true;
  }

  #takeTarget(target: string, question: number): void {
    const { head } = this;
    head.target = target;
    head.path = question < 0 ? target : target.slice(0, question);
    head.query = question < 0 ? '' : target.slice(question + 1);
  }

  readFields(dropInvalidNames: boolean): ParsedRequest | undefined {
    if (lines.hasUnusualValue) this.#classify('acceptable', 'NonCompliantHeader');
    this.head.hasInvalidHeaderName = lines.hasInvalidName;
    let runStart = lines.nameStart(0);
    let fields = '';
    for (let line = 0; line < lines.count; line += 1) {
      const taken = this.#takeField(line);
      if (taken !== KEEP && taken !== TAKE) return taken;
      if (taken === KEEP && !(dropInvalidNames && this.#hasInvalidName(line))) continue;
      fields += this.#slice(runStart, lines.nameStart(line));
      runStart = lines.nextLine(line);
    }
    if (lines.count > 0) fields += this.#slice(runStart, lines.nextLine(lines.count - 1));
    this.head.fields = fields;
    return undefined;
  }

  /** Notes a header that the balancer itself acts on. Those are not passed on as they came. */
  #takeField(line: number): ParsedRequest | typeof KEEP | typeof TAKE {
    const start = lines.nameStart(line);
    const { head } = this;
    switch (lines.nameEnd(line) - start) {
      case 2:
        return this.#is(start, TE) ? TAKE : KEEP;
      case 4:
        return this.#is(start, HOST) ? this.#takeHost(line) : KEEP;
      case 6:
        if (!this.#is(start, EXPECT)) return KEEP;
        head.expectsContinue = this.#value(line).toLowerCase() === '100-continue';
        return TAKE;
      case 7:
        if (!this.#is(start, UPGRADE)) return KEEP;
        head.upgrade = this.#value(line);
        return TAKE;
      case 10:
        if (this.#is(start, KEEP_ALIVE)) return TAKE;
        if (!this.#is(start, CONNECTION)) return KEEP;
        head.connection = joined(head.connection, this.#value(line));
        return TAKE;
      case 14:
        return this.#is(start, CONTENT_LENGTH) ? this.#takeContentLength(line) : this.#checkSuspicious(line);
      case 15:
        if (this.#is(start, X_FORWARDED_FOR))
          head.forwardedFor = joined(head.forwardedFor ?? '', this.#value(line));
        else if (this.#is(start, X_AMZN_TRACE_ID)) head.traceId = this.#value(line);
        else return KEEP;
        return TAKE;
      case 16:
        return this.#is(start, X_FORWARDED_PORT) || this.#is(start, PROXY_CONNECTION) ? TAKE : KEEP;
      case 17:
        if (this.#is(start, TRANSFER_ENCODING)) return this.#takeTransferEncoding(this.#value(line));
        return this.#is(start, X_FORWARDED_PROTO) ? TAKE : this.#checkSuspicious(line);
      default:
        return KEEP;
    }
  }

  #takeHost(line: number): ParsedRequest | typeof TAKE {
    const end = lines.valueEnd(line);
    for (let at = lines.valueStart(line); at < end; at += 1)
      if (HOST_BYTE[this.#bytes[at] as number] === 0) return refused('BadHeader');
    const host = this.#value(line);
    // Confirmed by docs: only the first Host header counts.
    this.head.host ??= host;
    this.head.hostLines += `Host: ${host}\r\n`;
    return TAKE;
  }

  #takeContentLength(line: number): ParsedRequest | typeof TAKE {
    const length = digitsAt(this.#bytes, lines.valueStart(line), lines.valueEnd(line));
    if (length < 0) return refused('BadContentLength');
    if (this.head.contentLength >= 0) {
      if (this.head.contentLength !== length) return refused('MultipleContentLength');
      this.#classify('ambiguous', 'DuplicateContentLength');
    }
    this.head.contentLength = length;
    return TAKE;
  }

  #takeTransferEncoding(value: string): ParsedRequest | typeof TAKE {
    this.#transferEncodings += 1;
    const coding = value.toLowerCase();
    if (coding === 'identity') return TAKE;
    if (coding === 'chunked') {
      if (this.head.isChunked) return refused('MultipleTransferEncodingChunked');
      this.head.isChunked = true;
      return TAKE;
    }
    // Confirmed by docs: 501 for a Transfer-Encoding other than chunked or identity.
    return /^[a-z][a-z0-9-]*$/.test(coding)
      ? refused('BadTransferEncoding', 501)
      : refused('BadTransferEncoding');
  }

  /** `Content_Length` and the like, which some servers take for the real thing. */
  #checkSuspicious(line: number): typeof KEEP {
    const name = this.#slice(lines.nameStart(line), lines.nameEnd(line))
      .toLowerCase()
      .replace(/[^a-z]/g, '-');
    if (name === 'content-length' || name === 'transfer-encoding')
      this.#classify('ambiguous', 'SuspiciousHeader');
    return KEEP;
  }

  conclude(): ParsedRequest | undefined {
    const { head } = this;
    this.#concludeConnection();
    if (head.host === undefined && head.minorVersion === 1) return refused('MissingHost');
    if (this.#transferEncodings > 0) {
      // RFC 9112, 6.1: a transfer coding in HTTP/1.0 means that the framing is faulty.
      if (head.minorVersion === 0) return refused('BadTransferEncoding');
      if (this.#transferEncodings > 1) return refused('BadTransferEncoding');
      if (head.contentLength >= 0) this.#classify('ambiguous', 'BothTeClPresent');
      if (head.isChunked) head.contentLength = -1;
    }
    if (head.method === 'GET' || head.method === 'HEAD') this.#classifyBodyOfGet();
    return undefined;
  }

  #concludeConnection(): void {
    const { head } = this;
    if (head.connection === '') return;
    const tokens = head.connection
      .toLowerCase()
      .split(',')
      .map((token) => token.trim());
    if (tokens.includes('close')) head.keepAlive = false;
    else if (tokens.includes('keep-alive')) head.keepAlive = true;
    // Only WebSocket: an upgrade to h2c would open a second way in, past the rules.
    head.isWebSocketUpgrade =
      tokens.includes('upgrade') &&
      head.upgrade?.toLowerCase() === 'websocket' &&
      head.method === 'GET' &&
      head.minorVersion === 1;
    const named = tokens.filter((token) => token !== '' && !CONNECTION_OPTIONS.has(token));
    if (named.length > 0) head.fields = withoutFields(head.fields, new Set(named));
  }

  #classifyBodyOfGet(): void {
    const { head } = this;
    if (head.isChunked) this.#classify('ambiguous', 'UndefinedTransferEncodingSemantics');
    else if (head.contentLength > 0) this.#classify('ambiguous', 'UndefinedContentLengthSemantics');
    else if (head.contentLength === 0) this.#classify('acceptable', 'GetHeadZeroContentLength');
  }

  /** Keeps the first reason of the most serious class. */
  #classify(classification: 'acceptable' | 'ambiguous', reason: string): undefined {
    const { head } = this;
    if (head.classification === 'ambiguous' || head.classification === classification) return;
    head.classification = classification;
    head.classificationReason = reason;
    head.closesConnections = classification === 'ambiguous';
  }

  #is(start: number, lower: Uint8Array): boolean {
    return isName(this.#bytes, start, lower);
  }

  #hasInvalidName(line: number): boolean {
    return (
      lines.hasInvalidName && !/^[-A-Za-z0-9]+$/.test(this.#slice(lines.nameStart(line), lines.nameEnd(line)))
    );
  }

  #value(line: number): string {
    return this.#slice(lines.valueStart(line), lines.valueEnd(line));
  }

  #slice(start: number, end: number): string {
    return this.#text.slice(start - this.#base, end - this.#base);
  }
}

const KEEP = 'keep';
const TAKE = 'take';
const SLASH = 47;
const QUESTION = 63;
const HTTP_1_1 = Buffer.from(' HTTP/1.1');
const HOST_VALUE = /^[A-Za-z0-9._~%!$&'()*+,;=:[\]-]*$/;
/** Tokens of Connection that name no header, or one that is taken anyway. */
const CONNECTION_OPTIONS = new Set(['close', 'keep-alive', 'upgrade', 'te']);

export function withoutFields(fields: string, names: ReadonlySet<string>): string {
  return fields
    .split(/(?<=\r\n)/)
    .filter((line) => !names.has(line.slice(0, line.indexOf(':')).toLowerCase()))
    .join('');
}

function joined(before: string, value: string): string {
  return before === '' ? value : `${before}, ${value}`;
}

function skipEmptyLines(bytes: Buffer, from: number, to: number): number {
  let start = from;
  while (start + 1 < to && bytes[start] === CR && bytes[start + 1] === LF) start += 2;
  return start;
}

function incompleteOrHopeless(bytes: Buffer, start: number, to: number): ParsedRequest {
  if (to - start > MAX_HEAD) return refused('HeadersTooLong');
  for (let at = bytes.indexOf(LF, start); at >= 0 && at < to; at = bytes.indexOf(LF, at + 1)) {
    if (at === start || bytes[at - 1] !== CR) return refused('BadHeader');
  }
  return INCOMPLETE;
}
