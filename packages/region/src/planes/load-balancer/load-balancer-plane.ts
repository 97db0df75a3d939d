/**
 * The load balancer's data plane, seen from the region: all balancers of a region in a worker thread of their own, so that
 * user traffic slows no decision and no API call. It is told whole configurations and reports outcomes and counters.
 *
 *   region's thread   load-balancer-plane ─ balancer-thread ═ messages ═ worker ─ balancer (one per load balancer)
 *   several workers   load-balancer-plane ─ balancer-nodes (bound-ports) ═ a balancer-thread for each, on the same ports
 *   one request       listener ─ client-connection ─ request-head ─ routing ─ targets ─ exchange ─ target-connection
 *                     and back: response-head ─ body ─ forwarding ─ client
 *
 *   access logs       request-log: noted per request only where they are on, sent in batches once a second
 *
 * Several workers share the ports by `reusePort`, which came with Node 22.12 and works on Linux (port-binding). Elsewhere there is
 * one: Node cannot hand a socket from one thread to another.
 *
 *   HTTPS             tls-server between listener and client-connection, whose socket is then one in clear
 *   HTTP/2            http2-connection ─ per stream: http2-request ─ stream-socket ─ client-connection
 *                     target-stream in the place of a target-connection's socket, on http2-sessions
 */
import type {
  ConfigureOutcome,
  CounterReport,
  ListenerConfiguration,
  LoadBalancerConfiguration,
  LoadBalancing,
  LoggedRequests,
  ProbeEnd,
  ProbeOutcome,
  ProbeRequest,
} from '../../services/elbv2/ports.ts';
import type { AddressResolver } from '../address-book.ts';
import { BalancerNodes } from './balancer-nodes.ts';
import { BalancerThread } from './balancer-thread.ts';
import type { ResolvedConfiguration } from './messages.ts';
import { probeTogether } from './probes-together.ts';

export interface LoadBalancerPlaneOptions {
  readonly addresses: AddressResolver;
  /** Where the first listener on port 80 is bound. Default 8080. All other listeners get a free port. */
  readonly httpPort?: number;
  /** Where the first HTTPS listener on port 443 is bound. Default 8443. */
  readonly httpsPort?: number;
  /** The address that listeners bind to. Default 127.0.0.1. */
  readonly host?: string;
  /** How many threads carry the traffic. Default 1; more where `canSharePorts`. */
  readonly workers?: number;
  /** A thread died, by a fault of ours. It is started again with all that it was told. */
  readonly onFailure?: (error: Error) => void;
  /** A thread that dies sooner after its start is not started again. Default 1000. */
  readonly minLifeMs?: number;
}

export class LoadBalancerPlane implements LoadBalancing {
  readonly #options: LoadBalancerPlaneOptions;
  readonly #configurations = new Map<string, LoadBalancerConfiguration>();
  readonly #thread: BalancerThread | BalancerNodes;
  readonly #stopWatching: () => void;
  readonly #knownPorts: readonly KnownPort[];
  #isUpdating = false;
  #counted: ((reports: readonly CounterReport[]) => void) | undefined;
  #logged: ((batches: readonly LoggedRequests[]) => void) | undefined;
  #watcher: ((outcome: ConfigureOutcome) => void) | undefined;

  constructor(options: LoadBalancerPlaneOptions) {
    this.#options = options;
    this.#knownPorts = [
      { listenerPort: 80, isSecure: false, localPort: options.httpPort ?? 8080, holder: undefined },
      { listenerPort: 443, isSecure: true, localPort: options.httpsPort ?? 8443, holder: undefined },
    ];
    this.#stopWatching = options.addresses.onChange(() => this.#addressesChanged());
    const { host = '127.0.0.1', workers = 1, minLifeMs } = options;
    const ofThread = {
      host,
      onCounters: (reports: readonly CounterReport[]) => this.#counted?.(reports),
      onRequests: (batches: readonly LoggedRequests[]) => this.#logged?.(batches),
      onFailure: (error: Error) => this.#restart(error),
      ...(minLifeMs !== undefined && { minLifeMs }),
    };
    this.#thread = workers === 1 ? new BalancerThread(ofThread) : new BalancerNodes({ ...ofThread, workers });
  }

  configure(configuration: LoadBalancerConfiguration): Promise<ConfigureOutcome> {
    this.#configurations.set(configuration.loadBalancerArn, configuration);
    const outcome = this.#thread.configure(this.#resolve(configuration));
    this.#passOnKnownPorts();
    return outcome;
  }

  async remove(loadBalancerArn: string): Promise<void> {
    if (!this.#configurations.delete(loadBalancerArn)) return;
    const removed = this.#thread.remove(loadBalancerArn);
    this.#passOnKnownPorts();
    await removed;
  }

  probeAll(requests: readonly ProbeRequest[], ended: (ends: readonly ProbeEnd[]) => void): Promise<void> {
    return probeTogether(requests, (request) => this.probe(request), ended);
  }

  async probe({ ip, port, ...request }: ProbeRequest): Promise<ProbeOutcome> {
    const address = this.#options.addresses.resolve(ip, port);
    if (!address) return { kind: 'failed', reason: `nothing is registered at ${ip}:${port}` };
    return this.#thread.probe({ address, host: `${ip}:${port}`, ...request });
  }

  watch(changed: (outcome: ConfigureOutcome) => void): void {
    this.#watcher = changed;
  }

  watchCounters(counted: (reports: readonly CounterReport[]) => void): void {
    this.#counted = counted;
  }

  watchRequests(logged: (batches: readonly LoggedRequests[]) => void): void {
    this.#logged = logged;
  }

  /** Requests in flight have a moment to end; then the thread ends. What is still asked afterwards is never answered. */
  async close(): Promise<void> {
    this.#stopWatching();
    await this.#thread.close();
  }

  #resolve(configuration: LoadBalancerConfiguration): ResolvedConfiguration {
    const { addresses } = this.#options;
    return {
      ...configuration,
      listeners: configuration.listeners.map((listener) => {
        const known = this.#knownPorts.find((port) => isFor(port, listener));
        if (known) known.holder ??= listener.listenerArn;
        const holds = known?.holder === listener.listenerArn;
        const localPort = holds ? known.localPort : (listener.preferredLocalPort ?? 0);
        return { ...listener, localPort, mayMove: !holds };
      }),
      targetGroups: configuration.targetGroups.map((group) => ({
        ...group,
        targets: group.targets.map((target) => ({
          ...target,
          address: addresses.resolve(target.ip, target.port),
        })),
      })),
    };
  }

  /** When the listener of a known port is gone, the next one for it moves there: a load balancer that was replaced. */
  #passOnKnownPorts(): void {
    const configurations = [...this.#configurations.values()];
    for (const known of this.#knownPorts) {
      const isHeld = configurations.some(({ listeners }) =>
        listeners.some((listener) => listener.listenerArn === known.holder && isFor(known, listener)),
      );
      if (isHeld) continue;
      known.holder = undefined;
      const heir = configurations.find(({ listeners }) =>
        listeners.some((listener) => isFor(known, listener)),
      );
      if (heir) this.#configureAgain(heir);
    }
  }

  #addressesChanged(): void {
    if (this.#isUpdating) return;
    this.#isUpdating = true;
    queueMicrotask(() => {
      this.#isUpdating = false;
      for (const configuration of this.#configurations.values()) this.#configureAgain(configuration);
    });
  }

  #restart(error: Error): void {
    this.#options.onFailure?.(error);
    for (const configuration of this.#configurations.values()) this.#configureAgain(configuration);
  }

  #configureAgain(configuration: LoadBalancerConfiguration): void {
    this.#thread.configure(this.#resolve(configuration)).then(
      (outcome) => this.#watcher?.(outcome),
      // A thread that failed is told all again by `#restart`.
      () => {},
    );
  }
}

/** A local port that people know, for the first listener on a port of AWS. */
interface KnownPort {
  readonly listenerPort: number;
  readonly isSecure: boolean;
  readonly localPort: number;
  /** The listener that has it. */
  holder: string | undefined;
}

function isFor(known: KnownPort, { port, tls }: Pick<ListenerConfiguration, 'port' | 'tls'>): boolean {
  return port === known.listenerPort && (tls !== undefined) === known.isSecure;
}
