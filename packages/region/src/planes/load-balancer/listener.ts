import { createServer, type Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ListenerOutcome, RoutingAttributes } from '../../services/elbv2/ports.ts';
import type { Choice, ForwardAction } from './choice.ts';
import { ClientConnection } from './client-connection.ts';
import type { ClientOwner } from './client-owner.ts';
import type { Counters } from './counters.ts';
import { Http2Connection } from './http2-connection.ts';
import type { ResolvedListener } from './messages.ts';
import { bind } from './port-binding.ts';
import type { RequestHead } from './request-head.ts';
import type { RequestLog } from './request-log.ts';
import { type CompiledRule, compileRules } from './routing.ts';
import { TlsServer, type TlsServerOwner, type TlsSession } from './tls-server.ts';

/** What a listener needs of its load balancer. */
export interface ListenerOwner {
  readonly counters: Counters;
  readonly attributes: RoutingAttributes;
  readonly dnsName: string;
  readonly requestLog: RequestLog | undefined;
  choose(action: ForwardAction, head: RequestHead, isSecure: boolean): Choice | undefined;
  /** Where the listener of a port of this load balancer really is. Undefined: there is none. */
  localPortOf(listenerPort: number): number | undefined;
}

/** One listener: a bound port, its rules, its clients. */
export class Listener implements ClientOwner, TlsServerOwner {
  readonly port: number;
  readonly #owner: ListenerOwner;
  readonly #server: Server;
  readonly #connections = new Set<ClientConnection | Http2Connection>();
  #rules: readonly CompiledRule[];
  #serverHeader: boolean;
  /** Undefined: HTTP. */
  #tls: TlsServer | undefined;
  #isClosing = false;
  #emptied: (() => void) | undefined;

  constructor(owner: ListenerOwner, configuration: ResolvedListener) {
    this.#owner = owner;
    this.port = configuration.port;
    this.#rules = compileRules(configuration);
    this.#serverHeader = configuration.serverHeader;
    this.#secure(configuration);
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
  }

  get rules(): readonly CompiledRule[] {
    return this.#rules;
  }

  get serverHeader(): boolean {
    return this.#serverHeader;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  get attributes(): RoutingAttributes {
    return this.#owner.attributes;
  }

  get dnsName(): string {
    return this.#owner.dnsName;
  }

  get requestLog(): RequestLog | undefined {
    return this.#owner.requestLog;
  }

  get counters(): Counters {
    return this.#owner.counters;
  }

  get localPort(): number {
    const address = this.#server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  }

  get activeConnections(): number {
    return this.#connections.size;
  }

  get offersHttp2(): boolean {
    return this.#owner.attributes.http2;
  }

  choose(action: ForwardAction, head: RequestHead, isSecure: boolean): Choice | undefined {
    return this.#owner.choose(action, head, isSecure);
  }

  localPortOf(listenerPort: number): number | undefined {
    return this.#owner.localPortOf(listenerPort);
  }

  update(configuration: ResolvedListener): void {
    this.#rules = compileRules(configuration);
    this.#serverHeader = configuration.serverHeader;
    this.#secure(configuration);
  }

  /** Binds the port. A busy one is an outcome, not an error. */
  async listen(
    host: string,
    { listenerArn, localPort, mayMove, port, sharing, tls }: ResolvedListener,
  ): Promise<ListenerOutcome> {
    let code = await bind(this.#server, { host, port: localPort, sharing });
    if (code !== undefined && mayMove) code = await bind(this.#server, { host, port: 0, sharing });
    if (code === undefined) this.#server.on('error', () => {});
    if (code === undefined) return { kind: 'listening', listenerArn, host, port: this.localPort };
    const reason =
      code === 'EADDRINUSE'
        ? `port ${localPort} of ${host} is in use by another program; free it or choose another one with ${tls ? '--https-port' : '--http-port'}`
        : `port ${localPort} of ${host} could not be bound (${code})`;
    return { kind: 'failed', listenerArn, code, reason: `Listener on port ${port}: ${reason}.` };
  }

  sweep(): void {
    for (const connection of this.#connections) connection.sweep();
  }

  forget(connection: object): void {
    this.#connections.delete(connection as ClientConnection);
    if (this.#connections.size === 0) this.#emptied?.();
  }

  countElb(status: number): void {
    this.counters.add(`HTTPCode_ELB_${Math.floor(status / 100)}XX_Count`);
    if (status === 500 || (status >= 502 && status <= 504)) this.counters.add(`HTTPCode_ELB_${status}_Count`);
  }

  countDesync(): void {
    this.counters.add('DesyncMitigationMode_NonCompliant_Request_Count');
  }

  /** The port is free at once; what is connected goes on. */
  stopListening(): void {
    if (this.#server.listening) this.#server.close();
  }

  /** Accepts nothing new, lets requests in flight end for `graceMs`, then cuts what is left. */
  async close(graceMs: number): Promise<void> {
    this.#isClosing = true;
    this.stopListening();
    for (const connection of this.#connections) connection.closeWhenIdle();
    if (this.#connections.size > 0) await this.#whenEmpty(graceMs);
    for (const connection of this.#connections) connection.socket.destroy();
    this.#tls?.close();
  }

  async #whenEmpty(graceMs: number): Promise<void> {
    let limit: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#emptied = resolve;
      limit = setTimeout(resolve, graceMs);
    });
    clearTimeout(limit);
  }

  #accept(socket: Socket): void {
    this.counters.add('NewConnectionCount');
    if (this.#tls) this.#tls.accept(socket);
    else this.#connections.add(new ClientConnection(socket, this));
  }

  secured(socket: TLSSocket, session: TlsSession): void {
    if (socket.destroyed) return;
    if (socket.alpnProtocol === 'h2') this.#connections.add(new Http2Connection(socket, this, session));
    else this.#connections.add(new ClientConnection(socket, this, { tls: session }));
  }

  handshakeFailed(): void {
    this.counters.add('ClientTLSNegotiationErrorCount');
  }

  #secure({ tls }: ResolvedListener): void {
    if (tls && this.#tls) this.#tls.update(tls);
    else this.#tls = tls && new TlsServer(this, tls);
  }
}
