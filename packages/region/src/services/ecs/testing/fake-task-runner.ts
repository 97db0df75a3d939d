import type {
  ContainerCheck,
  ContainerSpec,
  ContainerUsage,
  PullOutcome,
  StartOutcome,
  TaskRunner,
  TaskRunnerEvent,
} from '../ports.ts';

/** What a container of an image does, by a script. */
export interface ContainerBehaviour {
  /** The image is not there. */
  readonly pullFails?: string;
  readonly startFails?: string;
  /** Ends by itself as soon as it has started. */
  readonly exitsAtOnce?: number;
  /** Ignores the stop signal until it is killed. */
  readonly ignoresStop?: boolean;
  /** Its container health check. Default passes. */
  readonly checkPasses?: boolean;
  /** What each of its containers uses. Default: it cannot be measured. */
  readonly uses?: Pick<ContainerUsage, 'cores' | 'memoryMiB'>;
}

/** A task runner without processes: containers do what the script of their image says. For tests and forecasts. */
export class FakeTaskRunner implements TaskRunner {
  readonly running = new Map<string, ContainerSpec>();
  readonly started: ContainerSpec[] = [];
  readonly signals: string[] = [];
  readonly #byAddress = new Map<string, ContainerSpec>();
  readonly #behaviours = new Map<string, ContainerBehaviour>();
  #deliver: (event: TaskRunnerEvent) => void = () => {};

  /** From now on containers of this image behave so. */
  script(image: string, behaviour: ContainerBehaviour): void {
    this.#behaviours.set(digestOf(image), behaviour);
  }

  connect(deliver: (event: TaskRunnerEvent) => void): void {
    this.#deliver = deliver;
  }

  async pullImage(reference: string): Promise<PullOutcome> {
    const detail = this.#behaviours.get(digestOf(reference))?.pullFails;
    return detail === undefined
      ? { kind: 'pulled', imageDigest: digestOf(reference) }
      : { kind: 'failed', detail };
  }

  /** What runs at a private address. */
  at(privateIp: string): ContainerSpec | undefined {
    return this.#byAddress.get(privateIp);
  }

  async startContainer(spec: ContainerSpec): Promise<StartOutcome> {
    const { startFails, exitsAtOnce } = this.#behaviourOf(spec);
    if (startFails !== undefined) return { kind: 'failed', reason: startFails };
    this.started.push(spec);
    this.running.set(spec.runtimeId, spec);
    this.#byAddress.set(spec.privateIp, spec);
    // As it happens with real processes: the exit is told before the start's outcome.
    if (exitsAtOnce !== undefined) this.exit(spec.runtimeId, exitsAtOnce);
    return { kind: 'started' };
  }

  async signalContainer(runtimeId: string, signal: 'stop' | 'kill'): Promise<void> {
    const spec = this.running.get(runtimeId);
    this.signals.push(`${signal} ${spec?.name}`);
    if (!spec || (signal === 'stop' && this.#behaviourOf(spec).ignoresStop)) return;
    this.exit(runtimeId, signal === 'stop' ? 143 : 137);
  }

  async checkContainer(runtimeId: string, _check: ContainerCheck): Promise<{ readonly passed: boolean }> {
    const spec = this.running.get(runtimeId);
    return { passed: spec !== undefined && this.#behaviourOf(spec).checkPasses !== false };
  }

  async measure(): Promise<readonly ContainerUsage[]> {
    return [...this.running.values()].flatMap((spec) => {
      const { uses } = this.#behaviourOf(spec);
      return uses ? [{ runtimeId: spec.runtimeId, ...uses }] : [];
    });
  }

  /** A container ends by itself. */
  exit(runtimeId: string, exitCode: number, reason?: string): void {
    const spec = this.running.get(runtimeId);
    if (!spec) return;
    this.running.delete(runtimeId);
    if (this.#byAddress.get(spec.privateIp) === spec) this.#byAddress.delete(spec.privateIp);
    this.#deliver({ kind: 'exited', runtimeId, exitCode, ...(reason === undefined ? {} : { reason }) });
  }

  log(runtimeId: string, timestamp: number, message: string): void {
    this.#deliver({ kind: 'logLines', runtimeId, lines: [{ timestamp, message }] });
  }

  #behaviourOf(spec: ContainerSpec): ContainerBehaviour {
    return this.#behaviours.get(spec.imageDigest) ?? {};
  }
}

/** A stand-in for a manifest's digest, readable in a failing test. */
export function digestOf(image: string): string {
  return `sha256:${image}`;
}
