import type {
  ConfigureOutcome,
  CounterReport,
  LoadBalancerConfiguration,
  LoadBalancing,
  LoggedRequests,
  ProbeEnd,
  ProbeOutcome,
  ProbeRequest,
} from './ports.ts';

/** A plane without sockets: notes what it is told, and probes as it is told to. For tests on virtual time. */
export class FakeLoadBalancing implements LoadBalancing {
  readonly configurations = new Map<string, LoadBalancerConfiguration>();
  readonly probes: ProbeRequest[] = [];
  /** What a probe of `ip:port` finds; by default 200. */
  readonly outcomes = new Map<string, ProbeOutcome>();
  /** Listener ports that are busy. */
  readonly busy = new Set<number>();

  async configure(configuration: LoadBalancerConfiguration): Promise<ConfigureOutcome> {
    const { loadBalancerArn, listeners } = configuration;
    this.configurations.set(loadBalancerArn, configuration);
    return {
      loadBalancerArn,
      listeners: listeners.map(({ listenerArn, port }) =>
        this.busy.has(port)
          ? { kind: 'failed', listenerArn, code: 'EADDRINUSE', reason: `Listener on port ${port}: in use` }
          : { kind: 'listening', listenerArn, host: '127.0.0.1', port: 10000 + port },
      ),
    };
  }

  async remove(loadBalancerArn: string): Promise<void> {
    this.configurations.delete(loadBalancerArn);
  }

  async probeAll(
    requests: readonly ProbeRequest[],
    ended: (ends: readonly ProbeEnd[]) => void,
  ): Promise<void> {
    const outcomes = await Promise.all(requests.map((request) => this.probe(request)));
    ended(outcomes.map((outcome, index) => ({ index, outcome })));
  }

  async probe(request: ProbeRequest): Promise<ProbeOutcome> {
    this.probes.push(request);
    return this.outcomes.get(`${request.ip}:${request.port}`) ?? { kind: 'answered', statusCode: 200 };
  }

  watch(): void {}

  watchCounters(counted: (reports: readonly CounterReport[]) => void): void {
    this.count = counted;
  }

  watchRequests(logged: (batches: readonly LoggedRequests[]) => void): void {
    this.log = logged;
  }

  /** As if these requests had ended. */
  log: (batches: readonly LoggedRequests[]) => void = () => {};

  /** As if the balancers had counted this in the last second. */
  count: (reports: readonly CounterReport[]) => void = () => {};
}
