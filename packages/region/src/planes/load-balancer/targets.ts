import type { StickinessConfiguration, TargetConfiguration } from '../../services/elbv2/ports.ts';
import type { LocalAddress } from '../address-book.ts';
import { Counters, Samples } from './counters.ts';
import type { ResolvedTargetGroup } from './messages.ts';
import { TargetConnection, type TargetReader } from './target-connection.ts';

/** A registered target and its connections. */
export class Target {
  /** `ip:port` as registered. */
  readonly key: string;
  status: TargetConfiguration['status'];
  address: LocalAddress | undefined;
  outstanding = 0;
  readonly #idle: TargetConnection[] = [];
  readonly #lent = new Set<TargetConnection>();

  constructor(key: string, status: TargetConfiguration['status'], address: LocalAddress | undefined) {
    this.key = key;
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
    if (connection) connection.reader = reader;
    else if (this.address)
      connection = new TargetConnection(this.address, reader, (closed) => this.#forget(closed));
    else return undefined;
    this.#lent.add(connection);
    this.outstanding += 1;
    return connection;
  }

  giveBack(connection: TargetConnection, isReusable: boolean): void {
    if (this.#lent.delete(connection)) this.outstanding -= 1;
    if (isReusable && this.status !== 'draining' && !connection.socket.destroyed) {
      connection.reader = undefined;
      this.#idle.push(connection);
    } else connection.destroy();
  }

  closeIdle(): void {
    for (const connection of this.#idle.splice(0)) connection.destroy();
  }

  /** Confirmed by docs: when the deregistration delay is over, requests in flight end with 502. */
  cutOff(): void {
    this.closeIdle();
    for (const connection of [...this.#lent]) {
      connection.socket.destroy();
      connection.reader?.targetFailed({ connected: true });
    }
  }

  #forget(connection: TargetConnection): void {
    const at = this.#idle.indexOf(connection);
    if (at >= 0) this.#idle.splice(at, 1);
  }
}

/** A target group's choice of targets, and what it counts. */
export class TargetGroup {
  readonly targetGroupArn: string;
  readonly counters = new Counters();
  readonly responseTimes = new Samples();
  readonly #targets = new Map<string, Target>();
  #algorithm: ResolvedTargetGroup['algorithm'] = 'round_robin';
  #stickiness: StickinessConfiguration | undefined;
  #eligible: readonly Target[] = [];
  #next = 0;

  constructor(targetGroupArn: string) {
    this.targetGroupArn = targetGroupArn;
  }

  /** Undefined: off. */
  get stickiness(): StickinessConfiguration | undefined {
    return this.#stickiness;
  }

  configure(configuration: ResolvedTargetGroup): void {
    this.#algorithm = configuration.algorithm;
    this.#stickiness = configuration.stickiness;
    const keys = new Set<string>();
    for (const { ip, port, status, address } of configuration.targets) {
      const key = `${ip}:${port}`;
      keys.add(key);
      const known = this.#targets.get(key);
      if (known) known.update(status, address);
      else this.#targets.set(key, new Target(key, status, address));
    }
    for (const [key, target] of this.#targets) {
      if (keys.has(key)) continue;
      target.cutOff();
      this.#targets.delete(key);
    }
    this.#eligible = eligible([...this.#targets.values()]);
  }

  /** The target of this key, if requests may go there. */
  eligibleTarget(key: string): Target | undefined {
    return this.#eligible.find((target) => target.key === key);
  }

  /** Undefined: 503. */
  choose(): Target | undefined {
    const { length } = this.#eligible;
    if (length === 0) return undefined;
    this.#next = (this.#next + 1) % length;
    let chosen = this.#eligible[this.#next];
    if (this.#algorithm === 'least_outstanding_requests') {
      for (let i = 1; i < length; i += 1) {
        const other = this.#eligible[(this.#next + i) % length];
        if (other && chosen && other.outstanding < chosen.outstanding) chosen = other;
      }
    }
    return chosen;
  }

  /** The group is no longer used: requests in flight end by themselves. */
  retire(): void {
    this.#eligible = [];
    for (const target of this.#targets.values()) target.update('draining', target.address);
  }
}

/**
 * Confirmed by docs: only healthy targets, unless all are unhealthy: then all of them (fail-open).
 * Chosen: targets that are only `initial` get nothing (503); AWS publishes no answer for that.
 */
function eligible(targets: readonly Target[]): readonly Target[] {
  const healthy = targets.filter(({ status }) => status === 'healthy' || status === 'unavailable');
  return healthy.length > 0 ? healthy : targets.filter(({ status }) => status === 'unhealthy');
}
