/** How heads change on their way through the balancer: headers of the hop, of the forwarding, and of the framing. */
import type { RoutingAttributes } from '../../services/elbv2/ports.ts';
import { dateLine } from './answers.ts';
import { type RequestHead, withoutFields } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';
import type { TlsSession } from './tls-server.ts';

/** Where a connection's requests come from and arrived. */
export interface Arrival {
  readonly peerAddress: string;
  readonly peerPort: number;
  readonly listenerPort: number;
  readonly dnsName: string;
  /** Absent: HTTP. */
  readonly tls?: TlsSession | undefined;
}

/** The head of the request as the target gets it. `added` are the `addedLines`. */
export function forwardedRequest(head: RequestHead, added: string, traceId: string): string {
  return (
    `${head.line}${added}${traceId}\r\n` +
    (head.isChunked || head.contentLength >= 0 ? requestFraming(head) : '') +
    (head.isWebSocketUpgrade ? 'Connection: upgrade\r\nUpgrade: websocket\r\n' : '') +
    `${head.fields}\r\n`
  );
}

/** The lines that the balancer adds, up to the value of `X-Amzn-Trace-Id`. */
export function addedLines(head: RequestHead, arrival: Arrival, attributes: RoutingAttributes): string {
  return (
    `${forwardedFor(head, arrival, attributes)}X-Forwarded-Proto: ${arrival.tls ? 'https' : 'http'}\r\n` +
    `X-Forwarded-Port: ${arrival.listenerPort}\r\n${hostLines(head, arrival, attributes)}` +
    `${arrival.tls && attributes.tlsHeaders ? tlsLines(arrival.tls) : ''}X-Amzn-Trace-Id: `
  );
}

/** Confirmed by docs: the names and the form, that of OpenSSL. */
function tlsLines({ version, cipher }: TlsSession): string {
  return `X-Amzn-Tls-Version: ${version}\r\nX-Amzn-Tls-Cipher-Suite: ${cipher}\r\n`;
}

const TLS_NAMES = new Set(['x-amzn-tls-version', 'x-amzn-tls-cipher-suite']);

/** What only the balancer may say of TLS is taken out of what the client said. */
export function withoutTlsFields(fields: string): string {
  return /^x-amzn-tls-/im.test(fields) ? withoutFields(fields, TLS_NAMES) : fields;
}

/** The added lines of one connection, made anew when its requests change what they are made of. */
export class AddedLines {
  readonly #arrival: Arrival;
  #attributes: RoutingAttributes | undefined;
  #host: string | undefined;
  #lines = '';

  constructor(arrival: Arrival) {
    this.#arrival = arrival;
  }

  of(head: RequestHead, attributes: RoutingAttributes): string {
    if (attributes.preserveHostHeader || head.forwardedFor !== undefined)
      return addedLines(head, this.#arrival, attributes);
    if (this.#attributes !== attributes || this.#host !== head.host) {
      this.#attributes = attributes;
      this.#host = head.host;
      this.#lines = addedLines(head, this.#arrival, attributes);
    }
    return this.#lines;
  }
}

/** Confirmed by docs: append (default), preserve, remove; with the client's port if asked for. */
function forwardedFor(head: RequestHead, arrival: Arrival, attributes: RoutingAttributes): string {
  if (attributes.xffHeaderProcessing === 'remove') return '';
  const received = head.forwardedFor;
  if (attributes.xffHeaderProcessing === 'preserve') {
    return received === undefined ? '' : `X-Forwarded-For: ${received}\r\n`;
  }
  const peer = attributes.xffClientPort ? addressAndPort(arrival) : arrival.peerAddress;
  return `X-Forwarded-For: ${received === undefined || received === '' ? peer : `${received}, ${peer}`}\r\n`;
}

function addressAndPort({ peerAddress, peerPort }: Arrival): string {
  return peerAddress.includes(':') ? `[${peerAddress}]:${peerPort}` : `${peerAddress}:${peerPort}`;
}

function hostLines(head: RequestHead, arrival: Arrival, attributes: RoutingAttributes): string {
  if (attributes.preserveHostHeader && head.hostLines !== '') return head.hostLines;
  return `Host: ${forwardedHost(head.host, arrival)}\r\n`;
}

/**
 * Confirmed by docs: the name in lower case; a listener on 80 or 443 removes any port, another one adds its own when there
 * is none; a request of HTTP/1.0 without Host gets the balancer's DNS name.
 */
export function forwardedHost(
  host: string | undefined,
  arrival: Pick<Arrival, 'dnsName' | 'listenerPort'>,
): string {
  const name = (host ?? arrival.dnsName).toLowerCase();
  const port = /:\d*$/.exec(name.startsWith('[') ? name.slice(name.indexOf(']') + 1) : name)?.[0] ?? '';
  const bare = name.slice(0, name.length - port.length);
  if (arrival.listenerPort === 80 || arrival.listenerPort === 443) return bare;
  return port === '' ? `${bare}:${arrival.listenerPort}` : name;
}

function requestFraming(head: RequestHead): string {
  if (head.isChunked) return 'Transfer-Encoding: chunked\r\n';
  return head.contentLength >= 0 ? `Content-Length: ${head.contentLength}\r\n` : '';
}

export interface AnswerFraming {
  /** How the body goes to the client. */
  readonly framing: 'none' | 'length' | 'chunked' | 'untilClose';
  readonly keepAlive: boolean;
  /** Set-Cookie lines of the balancer's own. */
  readonly cookies: string;
}

/** The head of the answer as the client gets it. */
export function forwardedResponse(
  head: ResponseHead,
  { framing, keepAlive, cookies }: AnswerFraming,
): string {
  return (
    `${head.statusLine}${head.fields}${head.hasDate ? '' : dateLine()}${cookies}` +
    (framing === 'chunked' ? 'Transfer-Encoding: chunked\r\n' : '') +
    (keepAlive ? 'Connection: keep-alive\r\n\r\n' : 'Connection: close\r\n\r\n')
  );
}

/** The head of `101 Switching Protocols`. */
export function forwardedUpgrade(head: ResponseHead): string {
  return `${head.statusLine}${head.fields}Connection: upgrade\r\nUpgrade: websocket\r\n\r\n`;
}
