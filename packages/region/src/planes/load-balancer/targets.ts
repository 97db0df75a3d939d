import type { StickinessConfiguration, TargetConfiguration } from '../../services/elbv2/ports.ts';
import type { LocalAddress } from '../address-book.ts';
import { type Counter, Counters, Samples } from './counters.ts';
import { Http2Sessions } from './http2-sessions.ts';
import type { ResolvedTargetGroup } from './messages.ts';
import { byShare, eligibleTargets, leastOutstanding } from './target-choice.ts';
import { TargetConnection, type TargetReader } from './target-connection.ts';
import { TargetStream } from './target-stream.ts';
import { ticks } from './ticks.ts';

type ProtocolVersion = ResolvedTargetGroup['protocolVersion'];

/** A registered target and its connections. */
export class Target {
  /** `ip:port` as registered. */
  readonly key: string;
  status: TargetConfiguration['status'];
  address: LocalAddress | undefined;
  outstanding = 0;
  /** Its part of a whole share. */
  share = 1;
  /** What it is ahead or behind of its share. */
  credit = 0;
  readonly #protocolVersion: ProtocolVersion;
  readonly #sessions = new Http2Sessions();
  /** All of them; those that are not idle have a reader. */
  readonly #connections = new Set<TargetConnection>();
  readonly #idle: TargetConnection[] = [];

  constructor(
    key: string,
    status: TargetConfiguration['status'],
    address: LocalAddress | undefined,
    protocolVersion?: ProtocolVersion,
  ) {
    this.key = key;
    this.#protocolVersion = protocolVersion;
    this.status = status;
    this.address = address;
  }

  update(status: TargetConfiguration['status'], address: LocalAddress | undefined): void {
    const moved = address?.host !== this.address?.host || address?.port !== this.address?.port;
    this.status = status;
    this.address = address;
    // Known: idle connections to a draining target are closed.
    if (status === 'draining' || moved) this.closeIdle();
  }

  /** A connection for one request: the one used last, or a new one. Undefined when nothing is known at this address. */
  lend(reader: TargetReader): TargetConnection | undefined {
    let connection = this.#idle.pop();
    if (connection) {
      connection.reader = reader;
      connection.idleMs = ticks.now - connection.idleSince;
    } else if (this.address) {
      connection = new TargetConnection(
        this.address,
        reader,
        (closed) => this.#forget(closed),
        this.#protocolVersion && this.#stream(this.address),
      );
      this.#connections.add(connection);
    } else return undefined;
    this.outstanding += 1;
    return connection;
  }

  /** To be called once for each `lend`. */
  giveBack(connection: TargetConnection, isReusable: boolean): void {
    this.outstanding -= 1;
    if (isReusable && !this.#protocolVersion && this.status !== 'draining' && connection.isOpen) {
      connection.reader = undefined;
      connection.idleSince = ticks.now;
      this.#idle.push(connection);
    } else connection.destroy();
  }

  closeIdle(): void {
    for (const connection of this.#idle.splice(0)) connection.destroy();
    this.#sessions.closeWhenIdle();
  }

  #stream(address: LocalAddress): TargetStream {
    return new TargetStream((borrower) => this.#sessions.lend(address, borrower));
  }

  /** Confirmed by docs: when the deregistration delay is over, requests in flight end with 502. */
  cutOff(): void {
    this.closeIdle();
    for (const connection of [...this.#connections]) {
      const { reader } = connection;
      connection.idleMs = undefined;
      connection.destroy();
      reader?.targetFailed({ connected: true });
    }
  }

  #forget(connection: TargetConnection): void {
    this.#connections.delete(connection);
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
  }
}

/** A target group's choice of targets, and what it counts. */
export class TargetGroup {
  readonly targetGroupArn: string;
  readonly counters = new Counters();
  readonly responseTimes = new Samples();
  /** The longest that a kept connection had been idle which its target closed as a request was sent. */
  closedAfterIdleMs: number | undefined;
  /** What counts the targets' answers, by the first digit of their code. */
  readonly answers: readonly (Counter | undefined)[] = [undefined, undefined, 2, 3, 4, 5].map((digit) =>
    digit === undefined ? undefined : this.counters.of(`HTTPCode_Target_${digit}XX_Count`),
  );
  readonly #requests = this.counters.of('RequestCount');
  readonly #targets = new Map<string, Target>();
  #protocolVersion: ProtocolVersion;
  #algorithm: ResolvedTargetGroup['algorithm'] = 'round_robin';
  #stickiness: StickinessConfiguration | undefined;
  #eligible: readonly Target[] = [];
  #failsOpen = false;
  #isEven = true;
  #next = 0;

  constructor(targetGroupArn: string) {
    this.targetGroupArn = targetGroupArn;
  }

  /** Undefined: off. */
  get stickiness(): StickinessConfiguration | undefined {
    return this.#stickiness;
  }

  /** Undefined: HTTP/1.1. */
  get protocolVersion(): ProtocolVersion {
    return this.#protocolVersion;
  }

  configure(configuration: ResolvedTargetGroup): void {
    this.#protocolVersion = configuration.protocolVersion;
    this.#algorithm = configuration.algorithm;
    this.#stickiness = configuration.stickiness;
    const keys = new Set<string>();
    for (const { ip, port, status, address, share = 1 } of configuration.targets) {
      const key = `${ip}:${port}`;
      keys.add(key);
      const known = this.#targets.get(key);
      const target = known ?? new Target(key, status, address, configuration.protocolVersion);
      if (known) known.update(status, address);
      else this.#targets.set(key, target);
      target.share = share;
    }
    for (const [key, target] of this.#targets) {
      if (keys.has(key)) continue;
      target.cutOff();
      this.#targets.delete(key);
    }
    const { targets, failsOpen } = eligibleTargets(
      [...this.#targets.values()],
      configuration.minimumHealthyTargets,
    );
    this.#eligible = targets;
    this.#failsOpen = failsOpen;
    this.#isEven = targets.every((target) => target.share === 1);
  }

  /** The target of this key, if requests may go there. */
  eligibleTarget(key: string): Target | undefined {
    return this.#eligible.find((target) => target.key === key);
  }

  /** Undefined: 503. */
  choose(): Target | undefined {
    const { length } = this.#eligible;
    if (length === 0) return undefined;
    if (this.#algorithm === 'weighted_random') return this.#eligible[Math.floor(Math.random() * length)];
    this.#next = (this.#next + 1) % length;
    if (this.#algorithm === 'least_outstanding_requests') return leastOutstanding(this.#eligible, this.#next);
    return this.#isEven ? this.#eligible[this.#next] : byShare(this.#eligible);
  }

  countClosed(idleMs: number): void {
    this.closedAfterIdleMs = Math.max(idleMs, this.closedAfterIdleMs ?? 0);
  }

  countRequest(): void {
    this.#requests.value += 1;
    if (this.#failsOpen) this.counters.add('UnhealthyRoutingRequestCount');
  }

  /** The group is no longer used: requests in flight end by themselves. */
  retire(): void {
    this.#eligible = [];
    for (const target of this.#targets.values()) target.update('draining', target.address);
  }
}
