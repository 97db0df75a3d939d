import type {
  ConfigureOutcome,
  CounterReport,
  ListenerOutcome,
  LoggedRequests,
  RoutingAttributes,
} from '../../services/elbv2/ports.ts';
import { staysAt } from './bound-ports.ts';
import { type Choice, type Chooser, choose, type ForwardAction } from './choice.ts';
import { CookieSeal } from './cookie-seal.ts';
import { Counters } from './counters.ts';
import { Listener, type ListenerOwner } from './listener.ts';
import type { ResolvedConfiguration, ResolvedListener } from './messages.ts';
import type { RequestHead } from './request-head.ts';
import { RequestLog } from './request-log.ts';
import { TargetGroup } from './targets.ts';
import { ticks } from './ticks.ts';

/** Chosen: how long requests in flight may go on when their listener is gone. */
const CLOSE_GRACE_MS = 5000;

/** One load balancer in the worker: its listeners and target groups, replaced piece by piece as its configuration changes. */
export class Balancer implements ListenerOwner, Chooser {
  readonly counters = new Counters();
  readonly #host: string;
  readonly #listeners = new Map<string, Listener>();
  readonly #groups = new Map<string, TargetGroup>();
  readonly #weights = new WeakMap<object, number[]>();
  #configuration: ResolvedConfiguration;
  #seal: CookieSeal;
  readonly #log: RequestLog;
  #working: Promise<unknown> = Promise.resolve();

  constructor(host: string, configuration: ResolvedConfiguration) {
    this.#host = host;
    this.#configuration = configuration;
    this.#seal = new CookieSeal(configuration.cookieKey);
    this.#log = new RequestLog(configuration.loadBalancerArn);
  }

  get seal(): CookieSeal {
    return this.#seal;
  }

  get attributes(): RoutingAttributes {
    return this.#configuration.attributes;
  }

  /** Undefined: requests are not logged. */
  get requestLog(): RequestLog | undefined {
    return this.#configuration.logsRequests ? this.#log : undefined;
  }

  get dnsName(): string {
    return this.#configuration.dnsName;
  }

  /** One configuration after the other, in the order of the calls. */
  configure(configuration: ResolvedConfiguration): Promise<ConfigureOutcome> {
    const outcome = this.#working.then(() => this.#apply(configuration));
    this.#working = outcome;
    return outcome;
  }

  /** The ports are free afterwards; what is connected goes on. */
  async stopListening(): Promise<void> {
    await this.#working;
    for (const listener of this.#listeners.values()) listener.stopListening();
  }

  async close(graceMs = CLOSE_GRACE_MS): Promise<void> {
    await this.#working;
    await Promise.all([...this.#listeners.values()].map((listener) => listener.close(graceMs)));
    for (const group of this.#groups.values()) group.retire();
  }

  choose(action: ForwardAction, head: RequestHead, isSecure: boolean): Choice | undefined {
    return choose(this, action, head, { nowMs: ticks.now, isSecure });
  }

  localPortOf(listenerPort: number): number | undefined {
    for (const listener of this.#listeners.values())
      if (listener.port === listenerPort) return listener.localPort;
    return undefined;
  }

  groupOf(targetGroupArn: string): TargetGroup | undefined {
    return this.#groups.get(targetGroupArn);
  }

  /**
   * Confirmed by docs: a group's share is its weight divided by the sum. Chosen: spread evenly over the requests, not at
   * random. Each group gains its weight, the one with the most is taken and pays the sum.
   */
  weighted(action: ForwardAction): TargetGroup | undefined {
    const { targetGroups } = action;
    const only = targetGroups[0];
    if (targetGroups.length === 1 && only) return this.#groups.get(only.targetGroupArn);
    let current = this.#weights.get(action);
    if (!current) {
      current = targetGroups.map(() => 0);
      this.#weights.set(action, current);
    }
    const sum = targetGroups.reduce((total, { weight }) => total + weight, 0);
    if (sum === 0) return undefined;
    let chosen = 0;
    for (const [i, { weight }] of targetGroups.entries()) {
      current[i] = (current[i] ?? 0) + weight;
      if ((current[i] ?? 0) > (current[chosen] ?? 0)) chosen = i;
    }
    current[chosen] = (current[chosen] ?? 0) - sum;
    return this.#groups.get(targetGroups[chosen]?.targetGroupArn ?? '');
  }

  sweep(): void {
    for (const listener of this.#listeners.values()) listener.sweep();
  }

  /** What was counted since the last call, or undefined when that is nothing. */
  takeCounters(): CounterReport | undefined {
    const counters = this.counters.take();
    const active = [...this.#listeners.values()].reduce(
      (sum, listener) => sum + listener.activeConnections,
      0,
    );
    if (active > 0) counters['ActiveConnectionCount'] = active;
    const targetGroups = [...this.#groups].flatMap(([targetGroupArn, group]) => {
      const counted = group.counters.take();
      const targetResponseTime = group.responseTimes.take();
      const { closedAfterIdleMs } = group;
      group.closedAfterIdleMs = undefined;
      if (Object.keys(counted).length === 0) return [];
      return [
        {
          targetGroupArn,
          counters: counted,
          ...(targetResponseTime && { targetResponseTime }),
          ...(closedAfterIdleMs !== undefined && { closedAfterIdleMs }),
        },
      ];
    });
    if (Object.keys(counters).length === 0 && targetGroups.length === 0) return undefined;
    return { loadBalancerArn: this.#configuration.loadBalancerArn, counters, targetGroups };
  }

  takeRequests(): LoggedRequests | undefined {
    const requests = this.#log.take();
    if (requests.length === 0) return undefined;
    return { loadBalancerArn: this.#configuration.loadBalancerArn, sentAt: Date.now(), requests };
  }

  async #apply(configuration: ResolvedConfiguration): Promise<ConfigureOutcome> {
    this.#configuration = configuration;
    this.#seal = new CookieSeal(configuration.cookieKey);
    this.#applyGroups(configuration);
    const wanted = new Set(configuration.listeners.map(({ listenerArn }) => listenerArn));
    for (const [arn, listener] of this.#listeners) {
      if (wanted.has(arn)) continue;
      this.#listeners.delete(arn);
      void listener.close(CLOSE_GRACE_MS);
    }
    const listeners: ListenerOutcome[] = [];
    for (const listener of configuration.listeners) listeners.push(await this.#applyListener(listener));
    return { loadBalancerArn: configuration.loadBalancerArn, listeners };
  }

  #applyGroups({ targetGroups }: ResolvedConfiguration): void {
    const wanted = new Set(targetGroups.map(({ targetGroupArn }) => targetGroupArn));
    for (const [arn, group] of this.#groups) {
      if (wanted.has(arn)) continue;
      group.retire();
      this.#groups.delete(arn);
    }
    for (const configuration of targetGroups) {
      let group = this.#groups.get(configuration.targetGroupArn);
      if (!group) {
        group = new TargetGroup(configuration.targetGroupArn);
        this.#groups.set(configuration.targetGroupArn, group);
      }
      group.configure(configuration);
    }
  }

  async #applyListener(configuration: ResolvedListener): Promise<ListenerOutcome> {
    const { listenerArn, port } = configuration;
    const known = this.#listeners.get(listenerArn);
    if (known && staysAt(known, configuration)) {
      known.update(configuration);
      return { kind: 'listening', listenerArn, host: this.#host, port: known.localPort };
    }
    const listener = new Listener(this, configuration);
    const outcome = await listener.listen(this.#host, configuration);
    if (outcome.kind === 'failed' && known?.port === port) {
      // It could not move: it serves where it is.
      known.update(configuration);
      return { kind: 'listening', listenerArn, host: this.#host, port: known.localPort };
    }
    if (outcome.kind === 'listening') this.#listeners.set(listenerArn, listener);
    else this.#listeners.delete(listenerArn);
    void known?.close(CLOSE_GRACE_MS);
    return outcome;
  }
}
