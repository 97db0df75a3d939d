import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { BlobStore } from '../blobs/blob-store.ts';
import { ContainerKeeping, commandOf, doesNotRun } from '../processes/container-keeping.ts';
import {
  ContainerError,
  type ContainerExit,
  type ContainerPlane,
  type ContainerUsage,
  type ExecResult,
  type LogBatch,
  type PortBinding,
  type StartedContainer,
  type TaskSize,
} from '../processes/container-plane.ts';
import { taskEnvironment } from '../processes/environment.ts';
import type { TaskEndpoints } from '../processes/task-endpoints.ts';
import { containerSettings, type EngineSpec } from './container-settings.ts';
import { EngineContainer } from './engine-container.ts';
import { type EngineImage, EngineImages } from './engine-images.ts';
import { type Engine, openEngine } from './find-engine.ts';
import { thisMachine } from './machine.ts';
import { cannotStart } from './start-failure.ts';

export interface EnginePlaneOptions {
  /** The region's data folder: by it the plane knows its containers from those of other regions. */
  readonly home: string;
  /** Such as `eu-central-1`. */
  readonly region: string;
  /** Given to the containers as `AWS_ENDPOINT_URL`. A function, since the port may be known only when the gateway listens. */
  readonly endpointUrl: () => string;
  /** Layers and manifests of the region's registry. */
  readonly blobs: BlobStore;
  /** Default: `openEngine`. */
  readonly findEngine?: (home: string) => Promise<Engine>;
  readonly taskEndpoints?: TaskEndpoints;
  /** The size of a task, which limits its containers. Without it only the container's own limits apply. */
  readonly taskSize?: (taskArn: string) => Promise<TaskSize | undefined>;
  /** Told what goes wrong where nobody waits for it, such as an engine that is gone, and what the engine cannot do. */
  readonly onFailure?: (error: Error) => void;
  /** Stamps log lines. Default `Date.now`. */
  readonly now?: () => number;
}

/** Runs the containers of tasks on Docker or Podman. How, and what differs from Fargate: README.md beside this file. */
export class EnginePlane implements ContainerPlane {
  readonly #options: EnginePlaneOptions;
  readonly #planeId: string;
  readonly #keeping: ContainerKeeping<EngineContainer>;
  #opened: Opened | undefined;

  constructor(options: EnginePlaneOptions) {
    this.#options = options;
    this.#planeId = planeIdOf(options.home);
    this.#keeping = new ContainerKeeping(options);
  }

  /**
   * Finds an engine and removes the containers that an earlier run of this home left behind.
   * Rejects when no engine can be used, with a text that says what was looked for.
   */
  async open(): Promise<void> {
    const { home, findEngine = (of) => openEngine({ home: of }) } = this.#options;
    const engine = await findEngine(home);
    try {
      const { blobs } = this.#options;
      const images = new EngineImages(engine.client, blobs, this.#planeId);
      this.#opened = { engine, images, machine: await thisMachine() };
      await this.#removeLeftovers(engine);
      if (!engine.keepsLimits) this.#options.onFailure?.(new Error(noLimits));
    } catch (error) {
      await engine.close();
      throw error;
    }
  }

  async pull(digest: string): Promise<EngineImage> {
    try {
      return await this.#engine.images.pull(digest);
    } catch (error) {
      throw new ContainerError('CannotPullContainerError', textOf(error));
    }
  }

  /** Removes from the engine what the registry no longer names, by SHA-256 in hexadecimal. */
  async keepOnly(sha256s: ReadonlySet<string>): Promise<void> {
    if (this.#keeping.isClosing) return;
    await this.#engine.images.keepOnly(sha256s);
  }

  start(spec: EngineSpec): Promise<StartedContainer> {
    return this.#keeping.start(spec, async (ports) => {
      try {
        const container = await this.#create(spec, ports);
        await container.start();
        return container;
      } catch (error) {
        throw cannotStart(error);
      }
    });
  }

  async #create(spec: EngineSpec, ports: readonly PortBinding[]): Promise<EngineContainer> {
    const { engine, machine } = this.#engine;
    const { id, image } = spec;
    return EngineContainer.create({
      client: engine.client,
      name: `plimsoll-${this.#planeId}-${id}`,
      settings: containerSettings({
        spec,
        environment: taskEnvironment(this.#keeping.environmentSource(spec, ports)),
        labels: { [homeLabel]: this.#planeId, [containerLabel]: id, 'org.plimsoll.task': spec.taskArn },
        taskSize: await this.#options.taskSize?.(spec.taskArn),
        machine,
      }),
      stopSignal: image.config.StopSignal ?? 'SIGTERM',
      logs: this.#keeping.logsOf(id),
      onFailure: (error) => this.#options.onFailure?.(error),
      onExit: (exit) => this.#keeping.ended(id, ports, exit),
    });
  }

  signal(id: string, signal: 'stop' | 'kill'): void {
    this.#keeping.get(id)?.signal(signal);
  }

  stop(id: string, { timeoutSeconds }: { readonly timeoutSeconds: number }): Promise<void> {
    return this.#keeping.stop(id, timeoutSeconds, (of, signal) => this.signal(of, signal));
  }

  async exec(
    id: string,
    command: readonly string[],
    options: { readonly timeoutSeconds: number },
  ): Promise<ExecResult> {
    const container = this.#keeping.get(id);
    return container?.exec(commandOf(command), options.timeoutSeconds) ?? doesNotRun(id);
  }

  async measure(): Promise<readonly ContainerUsage[]> {
    const usages = await Promise.all(
      this.#keeping.running().map(async ([id, container]) => {
        const usage = await container.measure();
        return usage && { id, ...usage };
      }),
    );
    return usages.filter((usage) => usage !== undefined);
  }

  onExit(listener: (exit: ContainerExit) => void): void {
    this.#keeping.onExit(listener);
  }

  onLog(listener: (batch: LogBatch) => void): void {
    this.#keeping.onLog(listener);
  }

  async close({ deadlineMs }: { readonly deadlineMs: number } = { deadlineMs: 6000 }): Promise<void> {
    const ids = await this.#keeping.close();
    const stopped = Promise.all(ids.map((id) => this.stop(id, { timeoutSeconds: deadlineMs / 1000 })));
    // An engine that is gone tells no end; what it still runs is removed at the next start.
    await Promise.race([stopped, delay(deadlineMs + 2000, undefined, { ref: false })]);
    await this.#opened?.engine.close();
    this.#opened = undefined;
  }

  async #removeLeftovers({ client }: Engine): Promise<void> {
    const filters = encodeURIComponent(JSON.stringify({ label: [`${homeLabel}=${this.#planeId}`] }));
    const left = await client.call<readonly { readonly Id: string }[]>(
      'GET',
      `/containers/json?all=1&filters=${filters}`,
    );
    await Promise.all(left.map(({ Id }) => client.call('DELETE', `/containers/${Id}?force=1&v=1`)));
  }

  get #engine(): Opened {
    if (this.#opened === undefined) throw new Error('the container plane is not open');
    return this.#opened;
  }
}

/** Names what a home has in an engine. */
export function planeIdOf(home: string): string {
  return createHash('sha256').update(home).digest('hex').slice(0, 16);
}

/** Ours are found by these, whoever else uses the engine. */
const homeLabel = 'org.plimsoll.home';
const containerLabel = 'org.plimsoll.container';

const noLimits =
  'CPU and memory of tasks are not limited: an engine that runs without root limits nothing with cgroup v1.';

interface Opened {
  readonly engine: Engine;
  readonly images: EngineImages;
  readonly machine: Awaited<ReturnType<typeof thisMachine>>;
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
