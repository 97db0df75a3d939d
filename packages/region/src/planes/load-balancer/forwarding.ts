/** How heads change on their way through the balancer: headers of the hop, of the forwarding, and of the framing. */
import type { RoutingAttributes } from '../../services/elbv2/ports.ts';
import { httpDate } from './answers.ts';
import type { RequestHead } from './request-head.ts';
import type { ResponseHead } from './response-head.ts';
import { forwardedTraceId } from './trace-id.ts';

export interface Arrival {
  readonly peerAddress: string;
  readonly peerPort: number;
  readonly listenerPort: number;
  readonly dnsName: string;
  readonly nowMs: number;
}

/** The head of the request as the target gets it. */
export function forwardedRequest(head: RequestHead, arrival: Arrival, attributes: RoutingAttributes): string {
  return (
    `${head.method} ${head.target} HTTP/1.1\r\n${forwardedFor(head, arrival, attributes)}` +
    `X-Forwarded-Proto: http\r\nX-Forwarded-Port: ${arrival.listenerPort}\r\n` +
    hostLines(head, arrival, attributes) +
    `X-Amzn-Trace-Id: ${forwardedTraceId(head.traceId, arrival.nowMs)}\r\n` +
    requestFraming(head) +
    (head.isWebSocketUpgrade ? 'Connection: upgrade\r\nUpgrade: websocket\r\n' : '') +
    `${head.fields}\r\n`
  );
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
  const date = head.hasDate ? '' : `Date: ${httpDate()}\r\n`;
  return (
    `HTTP/1.1 ${head.statusText}\r\n${head.fields}${date}${cookies}` +
    (framing === 'chunked' ? 'Transfer-Encoding: chunked\r\n' : '') +
    (keepAlive ? 'Connection: keep-alive\r\n\r\n' : 'Connection: close\r\n\r\n')
  );
}

/** The head of `101 Switching Protocols`. */
export function forwardedUpgrade(head: ResponseHead): string {
  return `HTTP/1.1 ${head.statusText}\r\n${head.fields}Connection: upgrade\r\nUpgrade: websocket\r\n\r\n`;
}
