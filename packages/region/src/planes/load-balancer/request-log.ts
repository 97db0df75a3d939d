/**
 * What is noted of a request for the access log: collected while it is served, and only by balancers whose log is on. The
 * fields and their order are ALB's. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { performance } from 'node:perf_hooks';
import type { LoggedRequest } from '../../services/elbv2/ports.ts';
import type { Carrier } from './carrier.ts';
import { headerValues } from './header-values.ts';
import type { RequestHead } from './request-head.ts';

/** Confirmed by docs: a longer user agent is cut at 8 KB. */
const MAX_USER_AGENT = 8192;
/** Confirmed by docs: the names of the classes of desync mitigation. */
const CLASSES = { compliant: '-', acceptable: 'Acceptable', ambiguous: 'Ambiguous' } as const;

interface LogOwner {
  /** Undefined: requests are not logged. */
  readonly requestLog: RequestLog | undefined;
  readonly port: number;
  readonly dnsName: string;
}

/** Where requests of a connection came from and arrived. */
interface LoggedConnection {
  readonly client: string;
  readonly connectionTraceId: string;
  readonly listenerPort: number;
  readonly dnsName: string;
  /** Undefined: plain HTTP. */
  readonly carrier: Carrier | undefined;
}

/** The requests of one load balancer that ended since the log was last taken. */
export class RequestLog {
  /** `app/<name>/<id>` */
  readonly loadBalancer: string;
  #requests: LoggedRequest[] = [];

  constructor(loadBalancerArn: string) {
    this.loadBalancer = loadBalancerArn.slice(
      loadBalancerArn.indexOf('loadbalancer/') + 'loadbalancer/'.length,
    );
  }

  add(request: LoggedRequest): void {
    this.#requests.push(request);
  }

  take(): readonly LoggedRequest[] {
    const taken = this.#requests;
    this.#requests = [];
    return taken;
  }
}

interface Peer {
  readonly peerAddress: string;
  readonly carrier: Carrier | undefined;
}

/** What a connection logs: one request after the other. */
export class ConnectionLog {
  /** Of the request under way, when requests are logged. */
  record: RequestRecord | undefined;
  readonly #listener: LogOwner;
  readonly #socket: Socket;
  readonly #peer: Peer;
  #connection: LoggedConnection | undefined;

  constructor(listener: LogOwner, socket: Socket, peer: Peer) {
    this.#listener = listener;
    this.#socket = socket;
    this.#peer = peer;
  }

  /**
   * @param head absent when it could not be read
   * @param problem why it could not be read
   */
  start(head: RequestHead | undefined, headBytes: number, problem?: string): void {
    const { requestLog, port: listenerPort, dnsName } = this.#listener;
    if (!requestLog) return;
    this.#connection ??= {
      client: `${this.#peer.peerAddress}:${this.#socket.remotePort ?? 0}`,
      connectionTraceId:
        this.#peer.carrier?.stream?.connectionTraceId ?? `TID_${randomBytes(16).toString('hex')}`,
      listenerPort,
      dnsName,
      carrier: this.#peer.carrier,
    };
    this.record = new RequestRecord(requestLog, this.#connection, head, this.#socket.bytesWritten, problem);
    this.record.receivedBytes = headBytes;
  }

  /** @param status absent: that of the target's answer */
  end(status?: number): void {
    const { record } = this;
    if (!record) return;
    this.record = undefined;
    record.end(status ?? record.targetStatus ?? 0, this.#socket.bytesWritten);
  }
}

/** One request, from its head to its end. */
export class RequestRecord {
  receivedBytes = 0;
  targetGroupArn = '-';
  target = '-';
  traceId = '-';
  rulePriority = '-';
  actions = '-';
  redirectUrl = '-';
  transformedHost = '-';
  transformedUri = '-';
  transformStatus = '-';
  readonly #log: RequestLog;
  readonly #connection: LoggedConnection;
  readonly #createdAt = Date.now();
  readonly #receivedAt = performance.now();
  readonly #sentBefore: number;
  /** Of the head as the client sent it; transforms change it. */
  readonly #request: string;
  readonly #userAgent: string;
  readonly #classification: string;
  #dispatchedAt = -1;
  #answeredAt = -1;
  #targetStatus = '-';
  #isWebSocket = false;

  /**
   * @param head absent when it could not be read, for `problem`
   * @param sentBefore bytes that had gone to the client before this request
   */
  constructor(
    log: RequestLog,
    connection: LoggedConnection,
    head: RequestHead | undefined,
    sentBefore: number,
    problem?: string,
  ) {
    this.#log = log;
    this.#connection = connection;
    this.#sentBefore = sentBefore;
    this.#request = requestText(connection, head);
    this.#userAgent = head
      ? quoted((headerValues(head, 'user-agent')[0] ?? '').slice(0, MAX_USER_AGENT))
      : '-';
    // Chosen: what is refused because it cannot be read in one way is `Severe`, for ALB's reason where there is one.
    this.#classification = head
      ? `"${CLASSES[head.classification]}" "${head.classificationReason ?? '-'}"`
      : `"${problem === undefined ? '-' : 'Severe'}" "${problem ?? '-'}"`;
  }

  #typeOf(carrier: Carrier | undefined): string {
    if (carrier?.stream) return carrier.stream.isGrpc ? 'grpcs' : 'h2';
    return (this.#isWebSocket ? 'ws' : 'http') + (carrier ? 's' : '');
  }

  dispatchedTo(targetGroupArn: string, target: string): void {
    this.targetGroupArn = targetGroupArn;
    this.target = target;
    this.#dispatchedAt = performance.now();
  }

  answered(status: number): void {
    this.#answeredAt = performance.now();
    this.#targetStatus = String(status);
    this.#isWebSocket = status === 101;
  }

  /** The answer that the target began is what the client saw. */
  get targetStatus(): number | undefined {
    return this.#targetStatus === '-' ? undefined : Number(this.#targetStatus);
  }

  /** @param sent all bytes that went to the client, with those before this request */
  end(status: number, sent: number): void {
    const isDispatched = this.#dispatchedAt >= 0;
    const isAnswered = this.#answeredAt >= 0;
    const times = [
      // Confirmed by docs: -1 when the request could not be dispatched, or the target did not answer.
      isDispatched ? seconds(this.#dispatchedAt - this.#receivedAt) : '-1',
      isAnswered ? seconds(this.#answeredAt - this.#dispatchedAt) : '-1',
      // The answer goes out as it comes in, in the same turn of the loop.
      isAnswered ? '0.000' : '-1',
    ];
    const { client, connectionTraceId, carrier } = this.#connection;
    const tls = carrier?.tls;
    this.#log.add({
      startedAt: this.#createdAt,
      endedAt: Date.now(),
      type: this.#typeOf(carrier),
      middle:
        `${this.#log.loadBalancer} ${client} ${this.target} ${times.join(' ')} ${status} ${this.#targetStatus} ` +
        `${this.receivedBytes} ${sent - this.#sentBefore} "${this.#request}" "${this.#userAgent}" ${tls?.cipher ?? '-'} ${tls?.version ?? '-'} ` +
        `${this.targetGroupArn} "${quoted(this.traceId)}" "${quoted(tls?.serverName ?? '-')}" "${tls?.certificateArn ?? '-'}" ${this.rulePriority}`,
      tail:
        `"${this.actions}" "${quoted(this.redirectUrl)}" "-" "${this.target}" "${this.#targetStatus}" ` +
        `${this.#classification} ${connectionTraceId} ` +
        `"${quoted(this.transformedHost)}" "${quoted(this.transformedUri)}" "${this.transformStatus}"`,
    });
  }
}

/** Known: a request that could not be read is logged without method, path and version. */
function requestText(
  { listenerPort, dnsName, carrier }: LoggedConnection,
  head: RequestHead | undefined,
): string {
  const protocol = carrier ? 'https' : 'http';
  const version = carrier?.stream ? 'HTTP/2.0' : head && `HTTP/1.${head.minorVersion}`;
  if (!head) return `- ${protocol}://${dnsName}:${listenerPort}- -`;
  const host = (head.host ?? dnsName).replace(/:\d*$/, '');
  return quoted(`${head.method} ${protocol}://${host}:${listenerPort}${head.target} ${version}`);
}

/** Chosen: what would end or break the quoted field is written as `\xhh`. */
function quoted(text: string): string {
  if (text === '') return '-';
  return text.replace(/[^ -~]|["\\]/g, (character) => `\\x${hex(character)}`);
}

function hex(character: string): string {
  return character.charCodeAt(0).toString(16).padStart(2, '0');
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}
