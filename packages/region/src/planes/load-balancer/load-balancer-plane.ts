/**
 * The load balancer's data plane, seen from the region: all balancers of a region in one worker thread, so that user
 * traffic slows no decision and no API call. It is told whole configurations and reports outcomes and counters.
 */
import { Worker } from 'node:worker_threads';
import type {
  ConfigureOutcome,
  LoadBalancerConfiguration,
  LoadBalancing,
  ProbeOutcome,
  ProbeRequest,
} from '../../services/elbv2/ports.ts';
import type { AddressResolver } from '../address-book.ts';
import type { CounterReport } from './counters.ts';
import type { FromWorker, ResolvedConfiguration, ToWorker, WorkerOptions } from './messages.ts';

export interface LoadBalancerPlaneOptions {
  readonly addresses: AddressResolver;
  /** Where the first listener on port 80 is bound. Default 8080. All other listeners get a free port. */
  readonly httpPort?: number;
  /** The address that listeners bind to. Default 127.0.0.1. */
  readonly host?: string;
  /** Given once a second what was counted, when anything was. */
  readonly onCounters?: (reports: readonly CounterReport[]) => void;
  /** The worker died, by a fault of ours: nothing is balanced any more. */
  readonly onFailure?: (error: Error) => void;
}

type Request = ToWorker extends infer M ? (M extends { id: number } ? Omit<M, 'id'> : never) : never;
type Reply = Exclude<FromWorker, { kind: 'counted' }>;

export class LoadBalancerPlane implements LoadBalancing {
  readonly #options: LoadBalancerPlaneOptions;
  readonly #configurations = new Map<string, LoadBalancerConfiguration>();
  readonly #waiting = new Map<number, { resolve: (reply: Reply) => void; reject: (error: Error) => void }>();
  readonly #stopWatching: () => void;
  #worker: Worker | undefined;
  #nextId = 1;
  #httpListener: string | undefined;
  #isUpdating = false;
  #isClosed = false;

  constructor(options: LoadBalancerPlaneOptions) {
    this.#options = options;
    this.#stopWatching = options.addresses.onChange(() => this.#addressesChanged());
  }

  async configure(configuration: LoadBalancerConfiguration): Promise<ConfigureOutcome> {
    this.#configurations.set(configuration.loadBalancerArn, configuration);
    const reply = await this.#ask({ kind: 'configure', configuration: this.#resolve(configuration) });
    if (reply.kind !== 'configured') throw new Error(`unexpected reply ${reply.kind}`);
    this.#releaseHttpPort(reply.outcome);
    return reply.outcome;
  }

  async remove(loadBalancerArn: string): Promise<void> {
    const configuration = this.#configurations.get(loadBalancerArn);
    if (!configuration) return;
    this.#configurations.delete(loadBalancerArn);
    if (configuration.listeners.some(({ listenerArn }) => listenerArn === this.#httpListener))
      this.#httpListener = undefined;
    await this.#ask({ kind: 'remove', loadBalancerArn });
  }

  async probe({ ip, port, path, timeoutSeconds }: ProbeRequest): Promise<ProbeOutcome> {
    const address = this.#options.addresses.resolve(ip, port);
    if (!address) return { kind: 'failed', reason: `nothing is registered at ${ip}:${port}` };
    const reply = await this.#ask({
      kind: 'probe',
      probe: { address, host: `${ip}:${port}`, path, timeoutSeconds },
    });
    if (reply.kind !== 'probed') throw new Error(`unexpected reply ${reply.kind}`);
    return reply.outcome;
  }

  /** Requests in flight have a moment to end; then the thread ends. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#stopWatching();
    const worker = this.#worker;
    if (worker) await this.#ask({ kind: 'close' });
    this.#isClosed = true;
    await worker?.terminate();
  }

  #resolve(configuration: LoadBalancerConfiguration): ResolvedConfiguration {
    const { addresses } = this.#options;
    return {
      ...configuration,
      listeners: configuration.listeners.map((listener) => {
        if (listener.port === 80) this.#httpListener ??= listener.listenerArn;
        const isHttp = listener.listenerArn === this.#httpListener;
        return {
          ...listener,
          localPort: isHttp ? (this.#options.httpPort ?? 8080) : (listener.preferredLocalPort ?? 0),
          mayMove: !isHttp,
        };
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

  /** The HTTP port is free again when its listener is gone or could not have it. */
  #releaseHttpPort({ loadBalancerArn, listeners }: ConfigureOutcome): void {
    const newest = this.#configurations.get(loadBalancerArn);
    const failed = listeners.some(
      ({ kind, listenerArn }) => kind === 'failed' && listenerArn === this.#httpListener,
    );
    const isThere = [...this.#configurations.values()].some(({ listeners: all }) =>
      all.some(({ listenerArn }) => listenerArn === this.#httpListener),
    );
    if (!isThere || (failed && newest === undefined)) this.#httpListener = undefined;
  }

  #addressesChanged(): void {
    if (this.#isUpdating || this.#isClosed || this.#configurations.size === 0) return;
    this.#isUpdating = true;
    queueMicrotask(() => {
      this.#isUpdating = false;
      for (const configuration of this.#configurations.values()) {
        void this.#ask({ kind: 'configure', configuration: this.#resolve(configuration) }).catch(() => {});
      }
    });
  }

  #ask(request: Request): Promise<Reply> {
    if (this.#isClosed) return Promise.reject(new Error('The load balancer plane is closed.'));
    const worker = this.#startedWorker();
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ ...request, id } as ToWorker);
    });
  }

  #startedWorker(): Worker {
    if (this.#worker) return this.#worker;
    const workerData: WorkerOptions = { host: this.#options.host ?? '127.0.0.1' };
    const worker = startWorker(workerData);
    worker.on('message', (message: FromWorker) => this.#receive(message));
    worker.on('error', (error: Error) => this.#failed(error));
    this.#worker = worker;
    return worker;
  }

  #receive(message: FromWorker): void {
    if (message.kind === 'counted') {
      this.#options.onCounters?.(message.reports);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    waiting?.resolve(message);
  }

  #failed(error: Error): void {
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
    this.#options.onFailure?.(error);
  }
}

/** `worker.js` when built; in development `worker.ts`, for which the thread must load tsx itself. */
function startWorker(workerData: WorkerOptions): Worker {
  if (import.meta.url.endsWith('.js'))
    return new Worker(new URL('./worker.js', import.meta.url), { workerData });
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const worker = JSON.stringify(new URL('./worker.ts', import.meta.url).href);
  return new Worker(`import(${tsx}).then(({ register }) => { register(); return import(${worker}); });`, {
    eval: true,
    workerData,
  });
}
