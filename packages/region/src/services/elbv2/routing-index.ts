import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Table } from '../../kernel/table.ts';

interface LoadBalancer {
  readonly arn: string;
}

interface Listener {
  readonly arn: string;
  readonly loadBalancerArn: string;
  readonly defaultActions: readonly Action[];
}

interface Rule {
  readonly listenerArn: string;
  readonly priority: number;
  readonly actions: readonly Action[];
}

interface Source<B, L, R> {
  readonly loadBalancers: Table<B>;
  readonly listeners: Table<L>;
  readonly rules: Table<R>;
}

interface Routing<B, L, R> {
  readonly listeners: ReadonlyMap<string, readonly L[]>;
  readonly rules: ReadonlyMap<string, readonly R[]>;
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly users: ReadonlyMap<string, readonly B[]>;
}

/**
 * What belongs to a load balancer, found without looking at those of others. Made of the tables of load balancers, listeners
 * and rules, again after one of them was written.
 */
export class RoutingIndex<B extends LoadBalancer, L extends Listener, R extends Rule> {
  readonly #source: Source<B, L, R>;
  #routing: Routing<B, L, R> | undefined;
  #version = -1;

  constructor(source: Source<B, L, R>) {
    this.#source = source;
  }

  listenersOf(loadBalancerArn: string): readonly L[] {
    return this.#current().listeners.get(loadBalancerArn) ?? [];
  }

  /** In the order of their priority, without the default rule. */
  rulesOf(listenerArn: string): readonly R[] {
    return this.#current().rules.get(listenerArn) ?? [];
  }

  /** The target groups that a load balancer's listeners and rules name, each once. */
  groupsOf(loadBalancerArn: string): readonly string[] {
    return this.#current().groups.get(loadBalancerArn) ?? [];
  }

  /** The load balancers that use a target group. */
  usersOf(targetGroupArn: string): readonly B[] {
    return this.#current().users.get(targetGroupArn) ?? [];
  }

  #current(): Routing<B, L, R> {
    const { loadBalancers, listeners, rules } = this.#source;
    // Versions only grow, so another sum is another state of the three.
    const version = loadBalancers.version + listeners.version + rules.version;
    if (this.#routing === undefined || version !== this.#version) {
      this.#routing = routingOf(this.#source);
      this.#version = version;
    }
    return this.#routing;
  }
}

function routingOf<B extends LoadBalancer, L extends Listener, R extends Rule>(
  source: Source<B, L, R>,
): Routing<B, L, R> {
  const listeners = grouped(source.listeners.values(), ({ loadBalancerArn }) => loadBalancerArn);
  const rules = grouped(source.rules.values(), ({ listenerArn }) => listenerArn);
  for (const ofListener of rules.values()) ofListener.sort((a, b) => a.priority - b.priority);
  const groups = new Map<string, readonly string[]>();
  const users = new Map<string, B[]>();
  for (const loadBalancer of source.loadBalancers.values()) {
    const actions = (listeners.get(loadBalancer.arn) ?? []).flatMap(({ arn, defaultActions }) => [
      ...defaultActions,
      ...(rules.get(arn) ?? []).flatMap((rule) => rule.actions),
    ]);
    const used = [...new Set(forwardedGroups(actions))];
    groups.set(loadBalancer.arn, used);
    for (const group of used) users.set(group, [...(users.get(group) ?? []), loadBalancer]);
  }
  return { listeners, rules, groups, users };
}

/** The target groups that an action forwards to. */
export function forwardedGroups(actions: readonly Action[]): string[] {
  return actions.flatMap(({ ForwardConfig, TargetGroupArn }) =>
    ForwardConfig?.TargetGroups
      ? ForwardConfig.TargetGroups.map((group) => group.TargetGroupArn ?? '')
      : (TargetGroupArn ?? []),
  );
}

function grouped<T>(records: Iterable<T>, groupOf: (record: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const record of records) {
    const group = groups.get(groupOf(record));
    if (group) group.push(record);
    else groups.set(groupOf(record), [record]);
  }
  return groups;
}
