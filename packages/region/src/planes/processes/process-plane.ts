import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { PulledImage } from '../images/image.ts';
import { argumentsOf, pathInImage, withoutEngine } from './command.ts';
import { ContainerKeeping, commandOf, doesNotRun, type KeptContainer } from './container-keeping.ts';
import {
  ContainerError,
  type ContainerExit,
  type ContainerPlane,
  type ContainerSpec,
  type ContainerUsage,
  type ExecResult,
  type LogBatch,
  outOfMemory,
  type PortBinding,
  type StartedContainer,
  type TaskSize,
} from './container-plane.ts';
import { environmentFor } from './environment.ts';
import { executableOf } from './executable.ts';
import { runToEnd } from './health-check.ts';
import { killMarked, killTree } from './process-tree.ts';
import type { TaskEndpoints } from './task-endpoints.ts';
import { TaskLimits } from './task-limits.ts';
import { signalChild, spawnWatched, taskEnding } from './watchdog.ts';

/** A container whose image lies unpacked on this machine. */
export interface ProcessSpec extends ContainerSpec {
  readonly image: PulledImage;
}

export interface ProcessPlaneOptions {
  /** The region's data folder. The plane keeps an empty home folder for the processes there, and the watchdog its notes. */
  readonly home: string;
  /** Such as `eu-central-1`. */
  readonly region: string;
  /** Given to the processes as `AWS_ENDPOINT_URL`. A function, since the port may be known only when the gateway listens. */
  readonly endpointUrl: () => string;
  readonly images: { pull(digest: string): Promise<PulledImage> };
  readonly taskEndpoints?: TaskEndpoints;
  /** What a task is held to. Without it only a container's own memory is limited. */
  readonly taskSize?: (taskArn: string) => Promise<TaskSize | undefined>;
  /** CPU that a container may use to start beyond its share. Default 1 s. */
  readonly startCpuMs?: number;
  /** Told what this system cannot hold tasks to. */
  readonly onNotEnforced?: (text: string) => void;
  /** Stamps log lines. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * Runs the containers of tasks as child processes of the region, without any container engine: same image bits, same
 * command, an environment of its own, an own process group, held to the CPU and memory of its task (`task-limits.ts`). What
 * it does not do is listed in README.md beside this file.
 */
export class ProcessPlane implements ContainerPlane {
  readonly #options: ProcessPlaneOptions;
  readonly #planeId: string;
  readonly #keeping: ContainerKeeping<Running>;
  readonly #limits: TaskLimits;

  constructor(options: ProcessPlaneOptions) {
    this.#options = options;
    this.#planeId = createHash('sha256').update(options.home).digest('hex').slice(0, 16);
    this.#keeping = new ContainerKeeping(options);
    this.#limits = new TaskLimits({
      onOutOfMemory: (id) => this.#killForMemory(id),
      ...(options.startCpuMs !== undefined && { startCpuMs: options.startCpuMs }),
    });
  }

  /** Ends what an earlier run of this home left behind. Call after the watchdog's `reapLeftovers`, before `start`. */
  async open(): Promise<void> {
    await mkdir(this.#homeFolder, { recursive: true });
    killMarked((marker) => marker.startsWith(`${this.#planeId}/`));
    const { notEnforced } = this.#limits;
    if (notEnforced !== undefined) this.#options.onNotEnforced?.(notEnforced);
  }

  async pull(digest: string): Promise<PulledImage> {
    try {
      return await this.#options.images.pull(digest);
    } catch (error) {
      throw new ContainerError(
        'CannotPullContainerError',
        error instanceof Error ? error.message : String(error),
      );
    }
  }

  start(spec: ProcessSpec): Promise<StartedContainer> {
    return this.#keeping.start(spec, (ports) => this.#spawn(spec, ports));
  }

  signal(id: string, signal: 'stop' | 'kill'): void {
    const running = this.#keeping.get(id);
    if (running === undefined) return;
    if (signal === 'kill') {
      killTree(running.pid, running.marker);
      return;
    }
    // As in a container, only the first process is told to stop; what it started is ended with it.
    signalChild(running.pid, 'process', running.stopSignal);
    this.#limits.continue(running.taskArn);
  }

  stop(id: string, { timeoutSeconds }: { readonly timeoutSeconds: number }): Promise<void> {
    return this.#keeping.stop(id, timeoutSeconds, (of, signal) => this.signal(of, signal));
  }

  async exec(
    id: string,
    command: readonly string[],
    options: { readonly timeoutSeconds: number },
  ): Promise<ExecResult> {
    const running = this.#keeping.get(id);
    if (running === undefined) return doesNotRun(id);
    const { cwd, env } = running;
    return runToEnd(commandOf(command), { cwd, env }, options.timeoutSeconds);
  }

  measure(): Promise<readonly ContainerUsage[]> {
    return this.#limits.measure();
  }

  onExit(listener: (exit: ContainerExit) => void): void {
    this.#keeping.onExit(listener);
  }

  onLog(listener: (batch: LogBatch) => void): void {
    this.#keeping.onLog(listener);
  }

  async close({ deadlineMs }: { readonly deadlineMs: number } = { deadlineMs: 6000 }): Promise<void> {
    const ids = await this.#keeping.close();
    await Promise.all(ids.map((id) => this.stop(id, { timeoutSeconds: deadlineMs / 1000 })));
    this.#limits.close();
  }

  #killForMemory(id: string): void {
    const running = this.#keeping.get(id);
    if (running === undefined) return;
    running.isOutOfMemory = true;
    killTree(running.pid, running.marker);
  }

  async #spawn(spec: ProcessSpec, ports: readonly PortBinding[]): Promise<Running> {
    const { image } = spec;
    const argv = withoutEngine(argumentsOf(spec, image.config), image.config);
    if (argv === undefined) throw needsEngine(argumentsOf(spec, image.config));
    const cwd = await workingFolder(spec);
    const marker = `${this.#planeId}/${spec.id}`;
    const env = this.#environment(spec, ports, marker);
    const taskSize = await this.#options.taskSize?.(spec.taskArn);
    const { file, args } = await executableOf({ argv, cwd, rootfs: image.rootfs, path: env['PATH'] ?? '' });
    const child = spawnWatched(file, args, {
      home: this.#options.home,
      ending: taskEnding(),
      marker,
      spawn: { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] },
    });
    await spawned(child, argv[0] ?? '');
    const { id, taskArn, memoryMiB } = spec;
    this.#limits.add({
      id,
      taskArn,
      pid: child.pid ?? 0,
      marker,
      ...(taskSize && { taskSize }),
      ...(memoryMiB !== undefined && { memoryMiB }),
    });
    return this.#watch(spec, child, { cwd, env, marker, ports });
  }

  #watch(
    spec: ProcessSpec,
    child: ChildProcess,
    {
      cwd,
      env,
      marker,
      ports,
    }: Pick<Running, 'cwd' | 'env' | 'marker'> & { readonly ports: readonly PortBinding[] },
  ): Running {
    const { id, taskArn, image } = spec;
    const pid = child.pid ?? 0;
    const logs = this.#keeping.logsOf(id);
    const read = [logs.read('stdout', child.stdout), logs.read('stderr', child.stderr)];
    const ended = exitOf(child).then(async (exit) => {
      killTree(pid, marker);
      this.#limits.remove(taskArn, id);
      await drained(child, Promise.all(read));
      logs.flush();
      this.#keeping.ended(id, ports, { ...exit, ...(running.isOutOfMemory && { reason: outOfMemory }) });
    });
    const stopSignal = stopSignalOf(image.config.StopSignal);
    const running: Running = { pid, taskArn, cwd, env, marker, ended, stopSignal, isOutOfMemory: false };
    return running;
  }

  #environment(spec: ProcessSpec, ports: readonly PortBinding[], marker: string): Record<string, string> {
    return environmentFor({
      ...this.#keeping.environmentSource(spec, ports),
      homeFolder: this.#homeFolder,
      machine: process.env,
      nodePath: process.execPath,
      marker,
    });
  }

  get #homeFolder(): string {
    return join(this.#options.home, 'task-home');
  }
}

interface Running extends KeptContainer {
  readonly taskArn: string;
  readonly cwd: string;
  readonly env: Record<string, string>;
  readonly marker: string;
  readonly stopSignal: NodeJS.Signals;
  /** It was killed for its memory. */
  isOutOfMemory: boolean;
}

function needsEngine(argv: readonly string[]): ContainerError {
  return new ContainerError(
    'CannotStartContainerError',
    `the image needs a container engine, which this local region does not model yet: its command is ${JSON.stringify(argv)}. ` +
      'Without an engine it runs images that Plimsoll packed, and other images whose command is `node`.',
  );
}

async function workingFolder({ image, workingDirectory }: ProcessSpec): Promise<string> {
  const folder = pathInImage(image.rootfs, workingDirectory ?? image.config.WorkingDir ?? '/');
  await mkdir(folder, { recursive: true });
  return folder;
}

function spawned(child: ChildProcess, command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (error) =>
      reject(
        new ContainerError('CannotStartContainerError', `exec: ${JSON.stringify(command)}: ${error.message}`),
      ),
    );
  });
}

/** Resolves when the first process has ended; its streams may still hold bytes. */
function exitOf(child: ChildProcess): Promise<{ readonly exitCode: number; readonly signal?: string }> {
  return new Promise((resolve) => {
    child.once('exit', (code, signal) =>
      resolve(
        signal === null ? { exitCode: code ?? 0 } : { exitCode: 128 + constants.signals[signal], signal },
      ),
    );
  });
}

/** Waits for the streams' ends, but not for ever: a process out of our reach may hold them open. */
async function drained(child: ChildProcess, read: Promise<unknown>): Promise<void> {
  const timer = setTimeout(() => {
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, 1000);
  await read;
  clearTimeout(timer);
}

/** `SIGTERM`, `TERM` or `15`, as images say it. */
function stopSignalOf(given: string | undefined): NodeJS.Signals {
  const names = Object.entries(constants.signals);
  const found = names.find(
    ([name, number]) => given === name || `SIG${given}` === name || given === String(number),
  );
  return (found?.[0] as NodeJS.Signals | undefined) ?? 'SIGTERM';
}
