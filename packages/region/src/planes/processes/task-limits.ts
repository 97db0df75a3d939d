/**
 * Measures the processes of tasks and holds tasks to what they reserve. CPU: by stopping and continuing the processes
 * (`cpu-budget.ts`), which needs no privileges. Memory: what holds more than its limit is killed, as by the kernel on
 * Fargate. All on real time, whatever the region's clock does.
 */
import { availableParallelism } from 'node:os';
import type { ContainerUsage, TaskSize } from './container-plane.ts';
import { type CpuBudget, charged, needsLimit, newBudget, nextLookMs } from './cpu-budget.ts';
import { openProcessTrees } from './open-process-trees.ts';
import type { ProcessTree, ProcessTrees } from './process-trees.ts';

export interface TaskLimitsOptions {
  /** To be killed: it, or its task, holds more memory than its limit. May be called again until it has ended. */
  readonly onOutOfMemory: (containerId: string) => void;
  /** CPU that each container may use to start, beyond its share. Default 1 s. */
  readonly startCpuMs?: number;
}

export interface LimitedContainer {
  readonly id: string;
  readonly taskArn: string;
  readonly pid: number;
  readonly marker: string;
  /** Absent: nothing is known of its task, so only its own memory is limited. */
  readonly taskSize?: TaskSize;
  /** The container definition's hard limit. */
  readonly memoryMiB?: number;
}

/**
 * Chosen: the first second of CPU of each container is free, if it uses it within ten seconds: neither limited nor counted.
 * On a region whose clock runs faster, a start would else last minutes of it, and look like load. Fargate gives none.
 */
const startCpuMs = 1000;
const startMs = 10_000;
/** Chosen: new processes are looked for once a second (where `ps` has to, every two), idle tasks are looked at three times. */
const lookMs = 1000;
const lookWithPsMs = 2000;
const idleLookMs = 330;
const memoryLookMs = 400;
/** A shorter time says nothing. */
const shortestMeasureMs = 100;

export class TaskLimits {
  readonly #options: TaskLimitsOptions;
  readonly #trees: ProcessTrees = openProcessTrees();
  readonly #tasks = new Map<string, LimitedTask>();
  #timer: NodeJS.Timeout | undefined;
  #nextTreeLook = 0;
  #measuredAt = Number.NEGATIVE_INFINITY;

  constructor(options: TaskLimitsOptions) {
    this.#options = options;
  }

  /** What this system cannot hold tasks to, for a person; undefined when it can hold them to all. */
  get notEnforced(): string | undefined {
    return this.#trees.canLimitCpu
      ? undefined
      : `Tasks are not held to their CPU: without /proc (on ${process.platform}) it is measured, but not limited. Memory is.`;
  }

  add(container: LimitedContainer): void {
    const { taskArn, taskSize } = container;
    const task = this.#tasks.get(taskArn) ?? this.#newTask(taskSize);
    this.#tasks.set(taskArn, task);
    const now = performance.now();
    task.containers.set(container.id, {
      memoryLimitBytes: mebibytes(container.memoryMiB),
      tree: this.#trees.add(container.pid, container.marker),
      startedAt: now,
      freeMs: 0,
      measured: { at: now, cpuMs: 0 },
    });
    this.#schedule();
  }

  remove(taskArn: string, containerId: string): void {
    const task = this.#tasks.get(taskArn);
    const container = task?.containers.get(containerId);
    if (task === undefined || container === undefined) return;
    container.tree.close();
    task.containers.delete(containerId);
    task.removedMs += this.#countedMs(container, performance.now());
    if (task.containers.size === 0) this.#tasks.delete(taskArn);
  }

  /** Lets a task run that stands still, so that it takes a signal at once. It goes on being limited. */
  continue(taskArn: string): void {
    const task = this.#tasks.get(taskArn);
    if (task?.budget?.isStopped) this.#setStopped(task, { ...task.budget, isStopped: false });
  }

  /** What each container used since the last call or its start. */
  async measure(): Promise<readonly ContainerUsage[]> {
    // A clock that is moved ends many minutes in a moment.
    if (performance.now() - this.#measuredAt < shortestMeasureMs) return [];
    await this.#trees.look();
    const now = performance.now();
    this.#measuredAt = now;
    return [...this.#tasks.values()].flatMap((task) =>
      [...task.containers].flatMap(([id, container]) => this.#usageOf(id, container, now) ?? []),
    );
  }

  close(): void {
    clearTimeout(this.#timer);
    for (const [taskArn, { containers }] of this.#tasks) {
      this.continue(taskArn);
      for (const { tree } of containers.values()) tree.close();
    }
    this.#tasks.clear();
  }

  #newTask(size: TaskSize | undefined): LimitedTask {
    const share = (size?.cpu ?? 0) / 1024;
    const isLimited = this.#trees.canLimitCpu && share > 0 && needsLimit(share, availableParallelism());
    const now = performance.now();
    return {
      containers: new Map(),
      budget: isLimited ? newBudget(share) : undefined,
      memoryLimitBytes: mebibytes(size?.memoryMiB),
      lookedAt: now,
      countedMs: 0,
      removedMs: 0,
      nextLook: now,
      nextMemoryLook: now,
    };
  }

  #schedule(): void {
    clearTimeout(this.#timer);
    if (this.#tasks.size === 0) return;
    let next = this.#nextTreeLook;
    for (const { nextLook } of this.#tasks.values()) next = Math.min(next, nextLook);
    this.#timer = setTimeout(() => void this.#look(), Math.max(1, next - performance.now()));
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    const now = performance.now();
    if (now >= this.#nextTreeLook) {
      this.#nextTreeLook = now + (this.#trees.canLimitCpu ? lookMs : lookWithPsMs);
      const looked = this.#trees.look();
      if (looked) await looked;
    }
    for (const task of [...this.#tasks.values()]) if (task.nextLook <= now) this.#lookAt(task, now);
    this.#schedule();
  }

  #lookAt(task: LimitedTask, now: number): void {
    if (now >= task.nextMemoryLook) this.#checkMemory(task, now);
    let wait = idleLookMs;
    if (task.budget) {
      const counted = this.#countedOf(task, now);
      const budget = charged(task.budget, counted - task.countedMs, now - task.lookedAt);
      task.countedMs = counted;
      task.lookedAt = now;
      this.#setStopped(task, budget);
      wait = Math.min(wait, nextLookMs(budget));
    }
    // Idle tasks are looked at together, so that the machine is woken once for all.
    task.nextLook = wait < idleLookMs ? now + wait : (Math.floor(now / idleLookMs) + 1) * idleLookMs;
  }

  #setStopped(task: LimitedTask, budget: CpuBudget): void {
    const hasChanged = task.budget?.isStopped !== budget.isStopped;
    task.budget = budget;
    // Stopped anew each time: a process may have been started, or continued by somebody else, since.
    if (!hasChanged && !budget.isStopped) return;
    for (const { tree } of task.containers.values()) tree.signal(budget.isStopped ? 'SIGSTOP' : 'SIGCONT');
  }

  #countedOf(task: LimitedTask, now: number): number {
    let sum = task.removedMs;
    for (const container of task.containers.values()) sum += this.#countedMs(container, now);
    return sum;
  }

  #countedMs(container: Container, now: number): number {
    const cpuMs = container.tree.cpuMs();
    if (now - container.startedAt < startMs) {
      container.freeMs = Math.min(cpuMs, this.#options.startCpuMs ?? startCpuMs);
    }
    return cpuMs - container.freeMs;
  }

  #checkMemory(task: LimitedTask, now: number): void {
    task.nextMemoryLook = now + memoryLookMs;
    let sum = 0;
    let largest = { id: '', bytes: -1 };
    for (const [id, { tree, memoryLimitBytes }] of task.containers) {
      const bytes = tree.memoryBytes();
      sum += bytes;
      if (bytes > largest.bytes) largest = { id, bytes };
      if (bytes > memoryLimitBytes) this.#options.onOutOfMemory(id);
    }
    if (sum > task.memoryLimitBytes) this.#options.onOutOfMemory(largest.id);
  }

  #usageOf(id: string, container: Container, now: number): ContainerUsage | undefined {
    const { at, cpuMs } = container.measured;
    if (now - at < shortestMeasureMs) return undefined;
    const counted = this.#countedMs(container, now);
    container.measured = { at: now, cpuMs: counted };
    return {
      id,
      cores: Math.max(0, counted - cpuMs) / (now - at),
      memoryMiB: container.tree.memoryBytes() / 2 ** 20,
    };
  }
}

interface LimitedTask {
  readonly containers: Map<string, Container>;
  /** Undefined: its CPU is not limited. */
  budget: CpuBudget | undefined;
  readonly memoryLimitBytes: number;
  lookedAt: number;
  /** CPU time up to the last look, without what was free. */
  countedMs: number;
  /** That of containers that have ended. */
  removedMs: number;
  nextLook: number;
  nextMemoryLook: number;
}

interface Container {
  readonly tree: ProcessTree;
  readonly memoryLimitBytes: number;
  readonly startedAt: number;
  /** Of its CPU time, what was free to start. */
  freeMs: number;
  measured: { readonly at: number; readonly cpuMs: number };
}

function mebibytes(given: number | undefined): number {
  return given === undefined ? Number.POSITIVE_INFINITY : given * 2 ** 20;
}
