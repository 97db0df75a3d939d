import {
  ContainerError,
  type ContainerExit,
  type ContainerSpec,
  type ExecResult,
  type LogBatch,
  type PortBinding,
  type StartedContainer,
} from './container-plane.ts';
import type { TaskEnvironmentSource } from './environment.ts';
import { LogReader } from './log-reader.ts';
import { PortPool } from './ports.ts';
import type { TaskEndpoints } from './task-endpoints.ts';

/** A container that a plane runs, however it does. */
export interface KeptContainer {
  readonly pid: number;
  /** Resolves when nothing of it runs and its exit was told. */
  readonly ended: Promise<void>;
}

interface KeepingOptions {
  readonly region: string;
  readonly endpointUrl: () => string;
  readonly taskEndpoints?: TaskEndpoints;
  readonly now?: () => number;
}

/**
 * What every plane keeps of its containers besides how it runs them: those that run or start, their ports on this machine,
 * their endpoints for metadata and credentials, and who wants to hear of them.
 */
export class ContainerKeeping<T extends KeptContainer> {
  readonly #options: KeepingOptions;
  readonly #ports = new PortPool();
  readonly #running = new Map<string, T>();
  readonly #starting = new Map<string, Promise<void>>();
  readonly #exitListeners: ((exit: ContainerExit) => void)[] = [];
  readonly #logListeners: ((batch: LogBatch) => void)[] = [];
  #isClosing = false;

  constructor(options: KeepingOptions) {
    this.#options = options;
  }

  get isClosing(): boolean {
    return this.#isClosing;
  }

  get(id: string): T | undefined {
    return this.#running.get(id);
  }

  running(): readonly (readonly [id: string, container: T])[] {
    return [...this.#running];
  }

  /** @param run starts it with these host ports, which are free again when it rejects or `ended` was told */
  async start(
    { id, containerPorts = [] }: ContainerSpec,
    run: (ports: readonly PortBinding[]) => Promise<T>,
  ): Promise<StartedContainer> {
    if (this.#isClosing) throw new ContainerError('CannotStartContainerError', 'the region is stopping');
    if (this.#running.has(id) || this.#starting.has(id)) throw new Error(`container ${id} runs already`);
    const starting = this.#start(id, containerPorts, run);
    const settled = starting.then(
      () => {},
      () => {},
    );
    this.#starting.set(id, settled);
    try {
      return await starting;
    } finally {
      this.#starting.delete(id);
    }
  }

  async #start(
    id: string,
    containerPorts: readonly number[],
    run: (ports: readonly PortBinding[]) => Promise<T>,
  ): Promise<StartedContainer> {
    const hostPorts = await Promise.all(containerPorts.map(() => this.#ports.reserve()));
    const ports = containerPorts.map((containerPort, i) => ({ containerPort, hostPort: hostPorts[i] ?? 0 }));
    try {
      const container = await run(ports);
      this.#running.set(id, container);
      void container.ended.then(() => this.#running.delete(id));
      return { id, pid: container.pid, ports, startedAt: this.now() };
    } catch (error) {
      this.#release(id, ports);
      throw error;
    }
  }

  /** Stop signal, then after the timeout SIGKILL. Resolves when nothing of it runs. */
  async stop(
    id: string,
    timeoutSeconds: number,
    signal: (id: string, signal: 'stop' | 'kill') => void,
  ): Promise<void> {
    signal(id, 'stop');
    const timer = setTimeout(() => signal(id, 'kill'), timeoutSeconds * 1000);
    await this.#running.get(id)?.ended;
    clearTimeout(timer);
  }

  /** Refuses starts from now on and waits for those under way. @returns what runs then */
  async close(): Promise<readonly string[]> {
    this.#isClosing = true;
    await Promise.all(this.#starting.values());
    return [...this.#running.keys()];
  }

  /** Frees what the container had and tells its exit. */
  ended(id: string, ports: readonly PortBinding[], exit: Omit<ContainerExit, 'id'>): void {
    this.#release(id, ports);
    // The end of the region is no exit of a task: at its next start ECS finds the task lost and starts another.
    if (this.#isClosing) return;
    for (const listener of this.#exitListeners) listener({ id, ...exit });
  }

  /** Reads the output of a container for those who listen to logs. */
  logsOf(id: string): LogReader {
    return new LogReader({
      now: () => this.now(),
      deliver: (events) => {
        for (const listener of this.#logListeners) listener({ id, events });
      },
    });
  }

  /** What a container's environment is made of. Registers its endpoint. */
  environmentSource(spec: ContainerSpec, ports: readonly PortBinding[]): TaskEnvironmentSource {
    const { region, endpointUrl, taskEndpoints } = this.#options;
    const { id, taskArn, taskRoleArn } = spec;
    const endpoint = taskEndpoints?.register(id, {
      taskArn,
      ...(taskRoleArn === undefined ? {} : { taskRoleArn }),
    });
    return {
      spec,
      ports,
      region,
      endpointUrl: endpointUrl(),
      metadataUri: endpoint?.metadataUri,
      credentials: endpoint?.credentials,
    };
  }

  onExit(listener: (exit: ContainerExit) => void): void {
    this.#exitListeners.push(listener);
  }

  onLog(listener: (batch: LogBatch) => void): void {
    this.#logListeners.push(listener);
  }

  now(): number {
    return (this.#options.now ?? Date.now)();
  }

  #release(id: string, ports: readonly PortBinding[]): void {
    for (const { hostPort } of ports) this.#ports.release(hostPort);
    this.#options.taskEndpoints?.unregister(id);
  }
}

/** A health check's command as it is executed: `CMD-SHELL` by the shell, `CMD` as it stands. */
export function commandOf(command: readonly string[]): readonly string[] {
  const [kind, ...rest] = command;
  if (kind === 'CMD-SHELL') return ['/bin/sh', '-c', ...rest];
  return kind === 'CMD' ? rest : command;
}

/** A health check of a container that is gone. */
export function doesNotRun(id: string): ExecResult {
  return { exitCode: 1, output: `container ${id} does not run` };
}
