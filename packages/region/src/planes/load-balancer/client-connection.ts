/** One client's connection: requests in their order, each answered by a target or by the balancer itself. */
import type { Socket } from 'node:net';
import type { RuleActionConfiguration } from '../../services/elbv2/ports.ts';
import { readingInto } from './accepted-socket.ts';
import { errorAnswer, grpcAnswer, type OwnAnswer, renderAnswer } from './answers.ts';
import { type BodyReader, requestBody } from './body.ts';
import type { Carrier } from './carrier.ts';
import type { Choice } from './choice.ts';
import type { ClientOwner } from './client-owner.ts';
import { Exchange, type ExchangeClient } from './exchange.ts';
import { AddedLines, forwardedRequest, withoutTlsFields } from './forwarding.ts';
import { readRequestHead } from './known-heads.ts';
import { copyOf, ReadBuffer } from './read-buffer.ts';
import { redirectAnswer } from './redirect.ts';
import { isIncompatible, refusalOf, underMode } from './refusal.ts';
import type { ParsedRequest, RequestHead } from './request-head.ts';
import { ConnectionLog } from './request-log.ts';
import { type CompiledRule, evaluatedRules, matchingRule } from './routing.ts';
import type { Target } from './targets.ts';
import { TICK_MS, ticks } from './ticks.ts';
import { forwardedTraceId } from './trace-id.ts';

/** How much of further requests is kept while one is answered; then the client is made to wait. */
const MAX_PIPELINED = 65536;
/** How long a closed connection is read on, so that the client gets the answer rather than a reset. */
const LINGER_MS = 2000;

export class ClientConnection implements ExchangeClient {
  readonly socket: Socket;
  readonly reads = new ReadBuffer();
  readonly #listener: ClientOwner;
  readonly #peerAddress: string;
  readonly #isIpv6: boolean;
  /** Undefined: plain HTTP. */
  readonly #carrier: Carrier | undefined;
  readonly #added: AddedLines;
  readonly #openedAt = ticks.now;
  #activeAt = ticks.now;
  #pending: Buffer | undefined;
  #exchange: Exchange | undefined;
  #head: RequestHead | undefined;
  #body: BodyReader | undefined;
  readonly #log: ConnectionLog;
  #countedBytes = 0;
  #isPaused = false;
  #state: 'open' | 'lingering' | 'closed' = 'open';

  constructor(socket: Socket, listener: ClientOwner, carrier?: Carrier) {
    this.#listener = listener;
    this.#carrier = carrier;
    this.#peerAddress = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    this.#isIpv6 = this.#peerAddress.includes(':');
    const { port: listenerPort, dnsName } = listener;
    const peerPort = socket.remotePort ?? 0;
    this.#added = new AddedLines({
      peerAddress: this.#peerAddress,
      peerPort,
      listenerPort,
      dnsName,
      tls: carrier?.tls,
    });
    this.socket = readingInto(socket, {
      buffer: () => this.reads.bytes,
      callback: (length, bytes) => this.#read(bytes as Buffer, length),
    });
    this.#log = new ConnectionLog(listener, this.socket, { peerAddress: this.#peerAddress, carrier });
    this.socket.on('drain', () => {
      this.#activeAt = ticks.now;
      this.#exchange?.clientDrained();
    });
    this.socket.on('end', () => this.#ended());
    this.socket.on('error', () => this.#closed());
    this.socket.on('close', () => this.#closed());
  }

  get dropServerHeader(): boolean {
    return !this.#listener.serverHeader;
  }

  get staysOpen(): boolean {
    return (
      !this.#listener.isClosing &&
      ticks.now - this.#openedAt < this.#listener.attributes.clientKeepAliveSeconds * 1000
    );
  }

  get isIdle(): boolean {
    return this.#exchange === undefined && this.#pending === undefined;
  }

  fail(status: number, reason?: string): void {
    this.#exchange = undefined;
    if (!this.#log.record) this.#log.start(undefined, 0, reason);
    this.#listener.countElb(status);
    const answer = this.#carrier?.stream?.isGrpc ? grpcAnswer(status) : errorAnswer(status);
    this.#answer(answer, { mustClose: !this.#mayContinue });
    this.#log.end(status);
    this.#continue();
  }

  /** Nothing of the request is still to come, and nothing in it was doubtful. */
  get #mayContinue(): boolean {
    const head = this.#head;
    if (!head || (this.#body && !this.#body.isComplete)) return false;
    return head.keepAlive && !head.closesConnections && this.staysOpen;
  }

  completed(keepAlive: boolean): void {
    this.#activeAt = ticks.now;
    this.#exchange = undefined;
    this.#head = undefined;
    this.#log.end();
    if (!keepAlive || this.#listener.isClosing) {
      this.#linger();
      return;
    }
    this.resume();
    this.#continue();
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

  abort(): void {
    this.#exchange = undefined;
    this.#log.end();
    this.socket.destroy();
  }

  /** Ends the connection as soon as no request is under way. */
  closeWhenIdle(): void {
    if (this.isIdle) this.#linger();
    else if (this.#exchange?.isTunnel) this.socket.destroySoon();
  }

  /** Called every tick. */
  sweep(): void {
    this.#countBytes();
    const idleMs = ticks.now - Math.max(this.#activeAt, this.#exchange?.activeAt ?? 0);
    if (this.#state === 'lingering') {
      if (idleMs > LINGER_MS) this.socket.destroy();
      return;
    }
    this.#exchange?.checkConnectTimeout();
    // What was noted by the coarse clock may be a tick older than it was: never too early.
    if (idleMs < this.#listener.attributes.idleTimeoutSeconds * 1000 + TICK_MS) return;
    this.#activeAt = ticks.now;
    if (this.#exchange) this.#exchange.idleTimedOut();
    else if (this.#pending) this.fail(408);
    else this.#linger();
  }

  #countBytes(): void {
    const bytes = this.socket.bytesRead + this.socket.bytesWritten;
    if (bytes > this.#countedBytes) this.#listener.counters.add('ProcessedBytes', bytes - this.#countedBytes);
    this.#countedBytes = bytes;
  }

  #read(bytes: Buffer, length: number): boolean {
    this.#activeAt = ticks.now;
    if (this.#state === 'open') {
      if (this.#exchange) this.#receivedDuringExchange(this.#exchange, bytes, length);
      else if (this.#pending) {
        this.#keep(copyOf(bytes, 0, length));
        this.#continue();
      } else this.#take(bytes, length);
    }
    this.reads.used(length, this.#exchange?.wantsBody === true);
    return true;
  }

  #receivedDuringExchange(exchange: Exchange, bytes: Buffer, length: number): void {
    const record = this.#log.record;
    const end = exchange.wantsBody ? exchange.takeBody(bytes, 0, length) : 0;
    if (record) record.receivedBytes += end;
    if (end >= length || this.#state !== 'open') return;
    this.#keep(copyOf(bytes, end, length));
    if (!this.#exchange) this.#continue();
    else if (this.#pending && this.#pending.length > MAX_PIPELINED) this.pause();
  }

  /** Until the next request can be taken up. */
  #keep(rest: Buffer): void {
    this.#pending = this.#pending ? Buffer.concat([this.#pending, rest]) : rest;
  }

  /** Takes up what is pending. */
  #continue(): void {
    const bytes = this.#pending;
    if (!bytes) return;
    this.#pending = undefined;
    this.#take(bytes, bytes.length);
  }

  /** Takes up the requests that have arrived, one after the other, and keeps what is left. */
  #take(bytes: Buffer, length: number): void {
    let rest = bytes;
    let left = length;
    while (left > 0 && !this.#exchange && this.#state === 'open') {
      const { dropInvalidHeaderFields: dropInvalidNames } = this.#listener.attributes;
      const parsed = readRequestHead(rest, left, { dropInvalidNames });
      if (parsed.kind === 'incomplete') break;
      if (parsed.kind === 'refused') {
        this.#refuse(parsed);
        return;
      }
      const end = this.#begin(parsed.head, rest, parsed.end, left);
      if (end < left) rest = rest.subarray(end);
      left -= end;
    }
    if (left > 0 && this.#state === 'open') this.#keep(copyOf(rest, 0, left));
  }

  #refuse({ status, reason }: Extract<ParsedRequest, { kind: 'refused' }>): void {
    this.#listener.countDesync();
    this.fail(status, reason);
  }

  /** Begins one request; returns the index of the first byte before `limit` that does not belong to it. */
  #begin(received: RequestHead, bytes: Buffer, bodyStart: number, limit: number): number {
    const { desyncMitigationMode: mode } = this.#listener.attributes;
    const head = underMode(received, mode);
    this.#head = head;
    this.#body = requestBody(head);
    this.#log.start(head, bodyStart);
    const rule = matchingRule(this.#listener.rules, { head, peerAddress: this.#peerAddress });
    const action = rule?.action;
    this.#count(rule);
    if (head.classification !== 'compliant') this.#listener.countDesync();
    let refusal = refusalOf(head, mode);
    const sent = action?.kind === 'forward' && refusal === undefined ? this.#transformed(head, rule) : head;
    // Confirmed by docs: 500 when a transform fails.
    if (!sent) refusal = 500;
    if (this.#log.record && rule && refusal === undefined) {
      this.#log.record.rulePriority = String(rule.priority);
      this.#log.record.actions = rule.action.kind;
    }
    if (sent && refusal === undefined && action?.kind === 'forward') {
      const choice = this.#listener.choose(action, sent, this.#carrier !== undefined);
      if (choice && isIncompatible(this.#carrier?.stream, sent.method, choice.group.protocolVersion))
        refusal = 464;
      else if (choice?.target) {
        const exchange = this.#forward(sent, choice, choice.target);
        const end = exchange.wantsBody ? exchange.takeBody(bytes, bodyStart, limit) : bodyStart;
        if (this.#log.record) this.#log.record.receivedBytes = end;
        return end;
      }
    }
    const end = this.#body ? this.#body.take(bytes, bodyStart, limit) : bodyStart;
    if (this.#log.record && end > 0) this.#log.record.receivedBytes = end;
    if (end < 0) this.fail(400);
    // Confirmed by docs: 503 when the group has no target to send to.
    else if (refusal !== undefined || !action || action.kind === 'forward') this.fail(refusal ?? 503);
    else this.#answerItself(head, action);
    return end < 0 ? limit : end;
  }

  /** Undefined: what came out cannot be sent. */
  #transformed(head: RequestHead, rule: CompiledRule | undefined): RequestHead | undefined {
    if (!rule || rule.transforms.length === 0) return head;
    const rewritten = { ...head };
    const isDone = rule.transforms.every((transform) => transform(rewritten));
    const record = this.#log.record;
    if (record) {
      if (rewritten.host !== head.host) record.transformedHost = rewritten.host ?? '-';
      if (rewritten.target !== head.target) record.transformedUri = rewritten.target;
      record.transformStatus = isDone ? 'TransformSuccess' : 'TransformReplaceError';
    }
    return isDone ? rewritten : undefined;
  }

  #count(rule: CompiledRule | undefined): void {
    const { counters, rules } = this.#listener;
    if (rules.length > 1) counters.add('RuleEvaluations', evaluatedRules(rules, rule));
    if (this.#isIpv6) counters.add('IPv6RequestCount');
  }

  #answerItself(head: RequestHead, action: Exclude<RuleActionConfiguration, { kind: 'forward' }>): void {
    const mustClose = !this.#mayContinue;
    if (action.kind === 'redirect') {
      this.#listener.counters.add('HTTP_Redirect_Count');
      this.#listener.countElb(action.statusCode);
      const answer = redirectAnswer(action, head, this.#listener, this.#carrier !== undefined);
      if (this.#log.record) this.#log.record.redirectUrl = answer.location ?? '-';
      this.#answer(answer, { mustClose });
    } else {
      const { statusCode: status, contentType, messageBody: body } = action;
      this.#listener.counters.add('HTTP_Fixed_Response_Count');
      this.#answer({ status, contentType, body }, { mustClose });
    }
    this.#log.end(action.statusCode);
  }

  #forward(received: RequestHead, choice: Choice, target: Target): Exchange {
    const head =
      this.#carrier && this.#listener.attributes.tlsHeaders
        ? { ...received, fields: withoutTlsFields(received.fields) }
        : received;
    const { group, cookies } = choice;
    group.countRequest();
    if (this.#carrier?.stream?.isGrpc) group.counters.add('GrpcRequestCount');
    if (head.hasInvalidHeaderName) this.#countInvalidHeader();
    // Confirmed by docs: the balancer answers 100 at once and removes the Expect header.
    if (head.expectsContinue && head.minorVersion === 1)
      this.socket.write('HTTP/1.1 100 Continue\r\n\r\n', 'latin1');
    const record = this.#log.record;
    const exchange = new Exchange({
      client: this,
      head,
      group,
      target,
      requestBody: this.#body,
      cookies,
      record,
    });
    this.#exchange = exchange;
    const traceId = forwardedTraceId(head.traceId, ticks.now);
    if (record) record.traceId = traceId;
    exchange.start(forwardedRequest(head, this.#added.of(head, this.#listener.attributes), traceId));
    return exchange;
  }

  #countInvalidHeader(): void {
    const { attributes, counters } = this.#listener;
    counters.add(
      attributes.dropInvalidHeaderFields
        ? 'DroppedInvalidHeaderRequestCount'
        : 'ForwardedInvalidHeaderRequestCount',
    );
  }

  #answer(answer: OwnAnswer, { mustClose }: { readonly mustClose: boolean }): void {
    const withoutBody = this.#head?.method === 'HEAD';
    this.#head = undefined;
    this.#body = undefined;
    this.socket.write(
      renderAnswer(answer, { withoutBody, keepAlive: !mustClose, serverHeader: this.#listener.serverHeader }),
      'latin1',
    );
    if (mustClose) this.#linger();
  }

  /** Sends what is written, then reads on for a moment: closing with unread bytes would reset the connection. */
  #linger(): void {
    if (this.#state !== 'open') return;
    this.#state = 'lingering';
    this.#pending = undefined;
    this.#activeAt = ticks.now;
    this.socket.end();
    this.socket.resume();
  }

  #ended(): void {
    this.#abandonExchange();
    this.socket.end();
  }

  /** Confirmed by docs: 460, the client closed before it had its answer; 400, before it had sent its whole body. */
  #abandonExchange(): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    if (!exchange) return;
    const status = exchange.isTunnel ? undefined : exchange.wantsBody ? 400 : 460;
    if (status !== undefined) this.#listener.countElb(status);
    exchange.clientClosed();
    this.#log.end(status);
    this.socket.destroySoon();
  }

  #closed(): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#abandonExchange();
    this.#countBytes();
    if (this.#carrier?.stream) this.#carrier.stream.forget();
    else this.#listener.forget(this);
  }
}
