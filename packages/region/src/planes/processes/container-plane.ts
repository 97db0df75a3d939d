import type { ImageConfig } from '../images/image.ts';

/** An image that a plane made ready. Each plane adds what it needs to run it. */
export interface ReadyImage {
  /** `sha256:<hex>` of the manifest that was asked for. */
  readonly digest: string;
  readonly config: ImageConfig;
}

/** What to run: one container of a task. The task definition's values win over those of the image. */
export interface ContainerSpec {
  /** Unique among running containers, e.g. ECS's runtime id `<task id>-<digits>`. */
  readonly id: string;
  /** The container's name in its task definition. */
  readonly name: string;
  readonly taskArn: string;
  /** The role whose credentials the container's endpoint hands out. Without it there is no credentials endpoint. */
  readonly taskRoleArn?: string;
  /** What `pull` of the same plane answered with. */
  readonly image: ReadyImage;
  readonly entryPoint?: readonly string[];
  readonly command?: readonly string[];
  readonly workingDirectory?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Values of the task definition's `secrets`, already resolved. They win over `environment` and are never logged. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Ports of the container's port mappings. The first one's host port is given to the process as `PORT`. */
  readonly containerPorts?: readonly number[];
  /** CPU units of the container definition: 1024 are one core. */
  readonly cpu?: number;
  /** The container definition's hard limit, in MiB. */
  readonly memoryMiB?: number;
}

export interface StartedContainer {
  readonly id: string;
  readonly pid: number;
  /** Where each container port can be reached on 127.0.0.1. Empty when the container has no port mappings. */
  readonly ports: readonly PortBinding[];
  /** Milliseconds since the epoch, of the machine's clock. */
  readonly startedAt: number;
}

export interface PortBinding {
  readonly containerPort: number;
  readonly hostPort: number;
}

/** A container ended, by itself or because it was stopped. Told once per started container, but not when the plane is closed. */
export interface ContainerExit {
  readonly id: string;
  /** As ECS reports it: 128 + the signal's number when a signal ended it (143 SIGTERM, 137 SIGKILL). */
  readonly exitCode: number;
  readonly signal?: string;
  /** Such as `OutOfMemoryError: Container killed due to memory usage`. */
  readonly reason?: string;
}

/** What a task reserves, for all its containers together. */
export interface TaskSize {
  /** CPU units: 1024 are one core. */
  readonly cpu: number;
  readonly memoryMiB: number;
}

/** What a container used since it was last measured, or since its start. */
export interface ContainerUsage {
  readonly id: string;
  /** CPU time by the time that really passed. */
  readonly cores: number;
  /** At the time of the measurement. */
  readonly memoryMiB: number;
}

/**
 * Confirmed by docs: the reason of a container that the kernel killed, with exit code 137.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
 */
export const outOfMemory = 'OutOfMemoryError: Container killed due to memory usage';

export interface LogBatch {
  readonly id: string;
  readonly events: readonly LogLine[];
}

export interface LogLine {
  readonly stream: 'stdout' | 'stderr';
  /** Milliseconds since the epoch, of the machine's clock, when the line's last byte arrived. */
  readonly timestamp: number;
  /** Without its line end; at most 256 KiB. */
  readonly message: string;
}

/** A container could not be run. `code` is the word that ECS puts before the text in `reason` and `stoppedReason`. */
export class ContainerError extends Error {
  readonly code: ContainerErrorCode;

  constructor(code: ContainerErrorCode, detail: string) {
    super(`${code}: ${detail}`);
    this.name = 'ContainerError';
    this.code = code;
  }
}

export type ContainerErrorCode =
  | 'CannotPullContainerError'
  | 'CannotStartContainerError'
  | 'ResourceInitializationError';

/** Runs containers of tasks: `ProcessPlane` as child processes, `EnginePlane` on Docker or Podman. */
export interface ContainerPlane {
  /** Makes the image ready by its manifest's digest. Rejects with a `CannotPullContainerError`. */
  pull(digest: string): Promise<ReadyImage>;
  /** Resolves when the process runs. Rejects with a `ContainerError`; then no exit is reported. */
  start(spec: ContainerSpec): Promise<StartedContainer>;
  /** `stop` sends the image's stop signal to the first process, `kill` ends the whole tree. Unknown ids are done. */
  signal(id: string, signal: 'stop' | 'kill'): void;
  /** Stop signal, then after the timeout SIGKILL for the whole tree. Resolves when nothing of it runs; unknown ids are done. */
  stop(id: string, options: { readonly timeoutSeconds: number }): Promise<void>;
  /** Runs a container health check's command in the container's environment; a check that outlives its timeout fails. */
  exec(
    id: string,
    command: readonly string[],
    options: { readonly timeoutSeconds: number },
  ): Promise<ExecResult>;
  /** What each running container used since the last call. Not those that cannot be measured, or ran too shortly since. */
  measure(): Promise<readonly ContainerUsage[]>;
  onExit(listener: (exit: ContainerExit) => void): void;
  onLog(listener: (batch: LogBatch) => void): void;
  /** Stops everything within the deadline (default 6 s, then SIGKILL). */
  close(options?: { readonly deadlineMs: number }): Promise<void>;
}

export interface ExecResult {
  /** 124 when the timeout ended it. */
  readonly exitCode: number;
  /** The first 4 KiB of stdout and stderr together. */
  readonly output: string;
}
