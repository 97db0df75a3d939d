import { setTimeout as delay } from 'node:timers/promises';
import {
  type ContainerExit,
  type ContainerUsage,
  type ExecResult,
  outOfMemory,
} from '../processes/container-plane.ts';
import type { LogReader } from '../processes/log-reader.ts';
import { type EngineClient, EngineError } from './engine-client.ts';
import { runInside } from './exec.ts';
import { wasKilledForMemory } from './memory-kills.ts';
import { splitOutput } from './output-frames.ts';
import { type EngineStats, usageBetween } from './stats.ts';

export interface EngineContainerOptions {
  readonly client: EngineClient;
  readonly name: string;
  /** The body of `POST /containers/create`. */
  readonly settings: object;
  readonly stopSignal: string;
  readonly logs: LogReader;
  readonly onFailure: (error: Error) => void;
  /** Told how it ended as soon as its output was read: to remove it takes an engine a while longer. */
  readonly onExit: (exit: Exit) => void;
}

type Exit = Omit<ContainerExit, 'id'>;

/** One container of an engine, from its creation to its removal. */
export class EngineContainer {
  readonly #options: EngineContainerOptions;
  readonly #id: string;
  #pid = 0;
  #wasKilled = false;
  #hasEnded = false;
  #ended: Promise<void> | undefined;
  #measured: { readonly at: number; readonly cpuNs: number } = { at: 0, cpuNs: 0 };

  static async create(options: EngineContainerOptions): Promise<EngineContainer> {
    const { client, name, settings } = options;
    const path = `/containers/create?name=${encodeURIComponent(name)}`;
    const { Id } = await client.call<{ Id: string }>('POST', path, settings);
    return new EngineContainer(options, Id);
  }

  private constructor(options: EngineContainerOptions, id: string) {
    this.#options = options;
    this.#id = id;
  }

  get #path(): string {
    return `/containers/${this.#id}`;
  }

  /** Rejects when its command cannot run; then it is removed. */
  async start(): Promise<void> {
    const { client } = this.#options;
    try {
      // Attached before it starts, so that no byte is missed.
      const source = await client.stream('POST', `${this.#path}/attach?stream=1&stdout=1&stderr=1`);
      const { stdout, stderr } = splitOutput(source);
      const { logs } = this.#options;
      const read = Promise.all([logs.read('stdout', stdout), logs.read('stderr', stderr)]);
      await client.call('POST', `${this.#path}/start`);
      this.#measured = { at: performance.now(), cpuNs: 0 };
      this.#pid = (await this.#state()).Pid;
      this.#ended = this.#untilEnd(read, () => source.destroy());
    } catch (error) {
      await this.#remove();
      throw error;
    }
  }

  /** On this machine. */
  get pid(): number {
    return this.#pid;
  }

  /** Resolves when it has ended, its output was read and it is removed from the engine. */
  get ended(): Promise<void> {
    if (this.#ended === undefined) throw new Error('the container was not started');
    return this.#ended;
  }

  signal(signal: 'stop' | 'kill'): void {
    if (this.#hasEnded) return;
    this.#wasKilled ||= signal === 'kill';
    const name = signal === 'stop' ? this.#options.stopSignal : 'SIGKILL';
    this.#options.client
      .call('POST', `${this.#path}/kill?signal=${encodeURIComponent(name)}`)
      .catch((error: Error) => {
        // 404 and 409: it has just ended.
        if (!(error instanceof EngineError && [404, 409].includes(error.status)) && !this.#hasEnded)
          this.#options.onFailure(error);
      });
  }

  exec(argv: readonly string[], timeoutSeconds: number): Promise<ExecResult> {
    return runInside(this.#options.client, this.#path, argv, timeoutSeconds);
  }

  /** Since the last call or the start. Undefined when the engine tells nothing, as of one that has just ended. */
  async measure(): Promise<Omit<ContainerUsage, 'id'> | undefined> {
    try {
      const path = `${this.#path}/stats?stream=false&one-shot=true`;
      const stats = await this.#options.client.call<EngineStats>('GET', path);
      const now = { at: performance.now(), cpuNs: stats.cpu_stats?.cpu_usage?.total_usage ?? 0 };
      const usage = usageBetween(this.#measured, now, stats);
      if (usage) this.#measured = now;
      return usage;
    } catch {
      return undefined;
    }
  }

  async #untilEnd(read: Promise<unknown>, giveUp: () => void): Promise<void> {
    await this.#untilStopped(read);
    this.#hasEnded = true;
    const exit = await this.#exit();
    const timer = setTimeout(giveUp, 1000);
    await read;
    clearTimeout(timer);
    this.#options.logs.flush();
    this.#options.onExit(exit);
    await this.#remove();
  }

  /** Podman answers a wait only after its cleanup, most of a second late; output that has ended is a sign to look. */
  async #untilStopped(read: Promise<unknown>): Promise<void> {
    const waited = this.#wait();
    const seen = read.then(async () => {
      const isRunning = (await this.#state().catch(() => undefined))?.Running !== false;
      if (isRunning) await waited;
    });
    await Promise.race([waited, seen]);
  }

  /** Waits on while the engine is away, e.g. restarts: only it can tell how the container ended. */
  async #wait(): Promise<void> {
    const { client, onFailure } = this.#options;
    for (let told = false; ; ) {
      try {
        // Podman looks every 250 ms if not told otherwise; Docker knows no interval.
        await client.call('POST', `${this.#path}/wait?interval=50ms`);
        return;
      } catch (error) {
        if (error instanceof EngineError && error.status === 404) return;
        if (!told) onFailure(error as Error);
        told = true;
        await delay(1000);
      }
    }
  }

  async #exit(): Promise<Exit> {
    const state = await this.#state().catch(() => undefined);
    // Known: ECS's words for a container that its engine no longer knows.
    if (state === undefined)
      return { exitCode: 137, reason: 'CannotInspectContainerError: No such container' };
    const { ExitCode: exitCode, OOMKilled = false } = state;
    if (OOMKilled || (exitCode === 137 && !this.#wasKilled && wasKilledForMemory(this.#id))) {
      return { exitCode, reason: outOfMemory };
    }
    const signal = signals[exitCode];
    return { exitCode, ...(signal !== undefined && { signal }) };
  }

  async #state(): Promise<State> {
    const { State } = await this.#options.client.call<{ State: State }>('GET', `${this.#path}/json`);
    return State;
  }

  async #remove(): Promise<void> {
    await this.#options.client
      .call('DELETE', `${this.#path}?force=1&v=1`)
      .catch((error: Error) => this.#options.onFailure(error));
  }
}

interface State {
  readonly Pid: number;
  readonly Running: boolean;
  readonly ExitCode: number;
  readonly OOMKilled?: boolean;
}

/** An engine tells only the code. A program that ends with such a code by itself cannot be told apart. */
const signals: Readonly<Record<number, string>> = { 137: 'SIGKILL', 143: 'SIGTERM' };
