/** Which ports the threads of the balancer have. Pure: what each thread is told is decided here, what it did is noted. */
import type { ConfigureOutcome } from '../../services/elbv2/ports.ts';
import type { ResolvedConfiguration, ResolvedListener } from './messages.ts';

interface Bound {
  /** The listener's on AWS. */
  readonly port: number;
  readonly localPort: number;
  /** The threads that have it. */
  readonly threads: Set<number>;
}

export class BoundPorts {
  /** By load balancer, by listener. */
  readonly #balancers = new Map<string, Map<string, Bound>>();

  /** What the first thread is told: listeners stay where one of the threads has them, others need a port. */
  shared(configuration: ResolvedConfiguration): ResolvedConfiguration {
    const bound = this.#balancers.get(configuration.loadBalancerArn);
    return {
      ...configuration,
      listeners: configuration.listeners.map((listener) => {
        const known = bound?.get(listener.listenerArn);
        return known && staysAt(known, listener)
          ? joining(listener, known.localPort)
          : { ...listener, sharing: 'claim' };
      }),
    };
  }

  /** From now on this thread has these listeners of the load balancer, and no others. */
  note(
    thread: number,
    { loadBalancerArn, listeners }: ResolvedConfiguration,
    outcome: ConfigureOutcome,
  ): void {
    const bound = this.#balancers.get(loadBalancerArn) ?? new Map<string, Bound>();
    this.#balancers.set(loadBalancerArn, bound);
    const ports = portsOf(outcome);
    for (const listenerArn of bound.keys()) if (!ports.has(listenerArn)) leave(bound, listenerArn, thread);
    for (const { listenerArn, port } of listeners) {
      const localPort = ports.get(listenerArn);
      if (localPort === undefined) continue;
      const known = bound.get(listenerArn);
      if (known?.port === port && known.localPort === localPort) known.threads.add(thread);
      else bound.set(listenerArn, { port, localPort, threads: new Set([thread]) });
    }
  }

  /** The load balancer is removed from all threads. */
  forget(loadBalancerArn: string): void {
    this.#balancers.delete(loadBalancerArn);
  }

  /** The thread died, and all its sockets with it. */
  lose(thread: number): void {
    for (const bound of this.#balancers.values())
      for (const listenerArn of bound.keys()) leave(bound, listenerArn, thread);
  }
}

/** What the other threads are told: the ports that the first one has. */
export function joined(
  configuration: ResolvedConfiguration,
  outcome: ConfigureOutcome,
): ResolvedConfiguration {
  const ports = portsOf(outcome);
  return {
    ...configuration,
    listeners: configuration.listeners.flatMap((listener) => {
      const localPort = ports.get(listener.listenerArn);
      return localPort === undefined ? [] : [joining(listener, localPort)];
    }),
  };
}

/** A listener is up when all threads have it. */
export function combined(first: ConfigureOutcome, others: readonly ConfigureOutcome[]): ConfigureOutcome {
  const failures = others.flatMap(({ listeners }) => listeners.filter(({ kind }) => kind === 'failed'));
  return {
    ...first,
    listeners: first.listeners.map(
      (outcome) => failures.find(({ listenerArn }) => listenerArn === outcome.listenerArn) ?? outcome,
    ),
  };
}

/** Whether a listener that is bound needs no other port. */
export function staysAt(
  known: { readonly port: number; readonly localPort: number },
  { port, localPort, mayMove }: ResolvedListener,
): boolean {
  return known.port === port && (mayMove || localPort === 0 || known.localPort === localPort);
}

function joining(listener: ResolvedListener, localPort: number): ResolvedListener {
  return { ...listener, localPort, mayMove: false, sharing: 'join' };
}

function leave(bound: Map<string, Bound>, listenerArn: string, thread: number): void {
  const known = bound.get(listenerArn);
  known?.threads.delete(thread);
  if (known?.threads.size === 0) bound.delete(listenerArn);
}

function portsOf({ listeners }: ConfigureOutcome): ReadonlyMap<string, number> {
  return new Map(
    listeners.flatMap((outcome) =>
      outcome.kind === 'listening' ? [[outcome.listenerArn, outcome.port] as const] : [],
    ),
  );
}
