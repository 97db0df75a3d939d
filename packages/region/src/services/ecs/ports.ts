import type { Principal } from '../../kernel/context.ts';

/** What this service needs from whatever really runs containers. The composition root plugs a container plane in. */
export interface TaskRunner {
  /** Resolves a reference to a digest and makes the image ready. @param puller the task's execution role, where it has one */
  pullImage(reference: string, puller?: Principal): Promise<PullOutcome>;
  /** Starts a container of a pulled image. A container that was started ends with an `exited` event, once. */
  startContainer(spec: ContainerSpec): Promise<StartOutcome>;
  /** `stop` sends the stop signal, `kill` ends the whole process tree at once. Resolves when sent; unknown ids are done. */
  signalContainer(runtimeId: string, signal: 'stop' | 'kill'): Promise<void>;
  /** Runs a health check's command in the container; a check that outlives its timeout fails. */
  checkContainer(runtimeId: string, check: ContainerCheck): Promise<{ readonly passed: boolean }>;
  /**
   * What each running container used since the last call, or since its start. Containers that cannot be measured, or ran
   * too shortly since, are not among them.
   */
  measure(): Promise<readonly ContainerUsage[]>;
  /** Given once, at start. */
  connect(deliver: (event: TaskRunnerEvent) => void): void;
}

export type PullOutcome =
  | { readonly kind: 'pulled'; readonly imageDigest: string }
  /** `detail` without the code: `inspect image has been retried 1 time(s): …: not found` */
  | { readonly kind: 'failed'; readonly detail: string };

export type StartOutcome =
  | { readonly kind: 'started' }
  /** The whole text, such as `CannotStartContainerError: …`. */
  | { readonly kind: 'failed'; readonly reason: string };

/** One container of a task. The task definition's values win over those of the image. */
export interface ContainerSpec {
  /** `<task id>-<digits>`: unique for ever. */
  readonly runtimeId: string;
  readonly name: string;
  readonly taskArn: string;
  readonly taskRoleArn?: string;
  readonly imageDigest: string;
  readonly entryPoint?: readonly string[];
  readonly command?: readonly string[];
  readonly workingDirectory?: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Resolved values of `secrets`: never logged, never stored. */
  readonly secrets: Readonly<Record<string, string>>;
  /** The task's address in its subnet: `privateIp:containerPort` is where the rest of the region reaches it. */
  readonly privateIp: string;
  readonly containerPorts: readonly number[];
  readonly cpu?: number;
  readonly memoryMiB?: number;
}

export interface ContainerCheck {
  /** As in the task definition: `['CMD-SHELL', 'curl -f …']` or `['CMD', …]`. */
  readonly command: readonly string[];
  readonly timeoutSeconds: number;
}

export interface ContainerUsage {
  readonly runtimeId: string;
  /** CPU time by the time that really passed, whatever the region's clock does: 0.25 is a quarter of one core. */
  readonly cores: number;
  /** Of all its processes, at the time of the call. */
  readonly memoryMiB: number;
}

export type TaskRunnerEvent =
  | {
      readonly kind: 'exited';
      readonly runtimeId: string;
      readonly exitCode: number;
      /** Such as `OutOfMemoryError: Container killed due to memory usage`. */
      readonly reason?: string;
    }
  | {
      readonly kind: 'logLines';
      readonly runtimeId: string;
      /** Timestamps in milliseconds since the epoch, of the region's clock. */
      readonly lines: readonly { readonly timestamp: number; readonly message: string }[];
    };
