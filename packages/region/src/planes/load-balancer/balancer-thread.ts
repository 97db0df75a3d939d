import { Worker } from 'node:worker_threads';
import type {
  ConfigureOutcome,
  CounterReport,
  LoggedRequests,
  ProbeOutcome,
} from '../../services/elbv2/ports.ts';
import type {
  FromWorker,
  ResolvedConfiguration,
  ResolvedProbe,
  ToWorker,
  WorkerOptions,
} from './messages.ts';

export interface BalancerThreadOptions extends WorkerOptions {
  readonly onCounters: (reports: readonly CounterReport[]) => void;
  readonly onRequests: (batches: readonly LoggedRequests[]) => void;
  /** The thread ended by a fault of ours. What it was asked is rejected; the next question starts it again. */
  readonly onFailure: (error: Error) => void;
  /** A thread that dies sooner after its start is not started again: it would die again. Default 1000. */
  readonly minLifeMs?: number;
}

type Request = ToWorker extends infer M ? (M extends { id: number } ? Omit<M, 'id'> : never) : never;
type Reply = Exclude<FromWorker, { kind: 'counted' | 'logged' }>;

interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

/** A worker thread as an object: questions and answers, started when it is first asked. */
export class BalancerThread {
  readonly #options: BalancerThreadOptions;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | undefined;
  #startedAt = 0;
  #nextId = 1;
  #isClosed = false;

  constructor(options: BalancerThreadOptions) {
    this.#options = options;
  }

  /** Not to be started again: it was closed, or it died as soon as it was started. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  get isRunning(): boolean {
    return this.#worker !== undefined && !this.#isClosed;
  }

  async configure(configuration: ResolvedConfiguration): Promise<ConfigureOutcome> {
    const reply = await this.#ask({ kind: 'configure', configuration });
    if (reply.kind !== 'configured') throw new Error(`unexpected reply ${reply.kind}`);
    return reply.outcome;
  }

  /** Frees the ports of a load balancer that is going to be removed. */
  async stopListening(loadBalancerArn: string): Promise<void> {
    await this.#ask({ kind: 'stopListening', loadBalancerArn });
  }

  /** What was counted since the last call; for threads that do not tell it by themselves. */
  async takeCounters(): Promise<readonly CounterReport[]> {
    const reply = await this.#ask({ kind: 'takeCounters' });
    if (reply.kind !== 'countersTaken') throw new Error(`unexpected reply ${reply.kind}`);
    return reply.reports;
  }

  async remove(loadBalancerArn: string): Promise<void> {
    await this.#ask({ kind: 'remove', loadBalancerArn });
  }

  async probe(probe: ResolvedProbe): Promise<ProbeOutcome> {
    const reply = await this.#ask({ kind: 'probe', probe });
    if (reply.kind !== 'probed') throw new Error(`unexpected reply ${reply.kind}`);
    return reply.outcome;
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    const worker = this.#worker;
    const closed = worker && this.#ask({ kind: 'close' });
    this.#isClosed = true;
    await closed?.catch(() => {});
    await worker?.terminate();
  }

  #ask(request: Request): Promise<Reply> {
    if (this.#isClosed) return new Promise(() => {});
    const worker = this.#started();
    const id = this.#nextId;
    this.#nextId += 1;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ ...request, id } as ToWorker);
    });
  }

  #started(): Worker {
    if (this.#worker) return this.#worker;
    const { host, isOneOfSeveral } = this.#options;
    const worker = startWorker({ host, ...(isOneOfSeveral && { isOneOfSeveral }) });
    worker.on('message', (message: FromWorker) => this.#receive(message));
    worker.on('error', (error) => this.#failed(error instanceof Error ? error : new Error(String(error))));
    this.#worker = worker;
    this.#startedAt = performance.now();
    return worker;
  }

  #receive(message: FromWorker): void {
    if (message.kind === 'counted') {
      this.#options.onCounters(message.reports);
      return;
    }
    if (message.kind === 'logged') {
      this.#options.onRequests(message.batches);
      return;
    }
    const waiting = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    waiting?.resolve(message);
  }

  #failed(error: Error): void {
    if (this.#isClosed) return;
    this.#worker = undefined;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
    if (performance.now() - this.#startedAt < (this.#options.minLifeMs ?? 1000)) this.#isClosed = true;
    this.#options.onFailure(error);
  }
}

/** `worker.js` when built; in development `worker.ts`, for which the thread must load tsx itself. */
function startWorker(workerData: WorkerOptions): Worker {
  if (import.meta.url.endsWith('.js')) {
    return new Worker(new URL('./worker.js', import.meta.url), { workerData });
  }
  const tsx = JSON.stringify(import.meta.resolve('tsx/esm/api'));
  const worker = JSON.stringify(new URL('./worker.ts', import.meta.url).href);
  return new Worker(`import(${tsx}).then(({ register }) => { register(); return import(${worker}); });`, {
    eval: true,
    workerData,
  });
}
