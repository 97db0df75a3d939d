import type { Context } from './context.ts';
import type { ResourceType } from './resource-type.ts';
import type { ServiceName } from './service-calls.ts';
import type { Written } from './table.ts';
import type { Timer } from './timers.ts';

/** Answers after the commit, by something that takes time (reading a file): for queries only, it can write nothing. */
export class Later<T> {
  readonly run: () => Promise<T>;

  constructor(run: () => Promise<T>) {
    this.run = run;
  }
}

/**
 * One operation of an API. Every member of the input that is not in `accepts` or `ignores` is refused by name before
 * the handler runs; a member in `ignores` is announced once, with its reason.
 */
export interface Operation<Input, Output> {
  readonly accepts: readonly (keyof Input & string)[];
  readonly ignores?: { readonly [member in keyof Input & string]?: string };
  readonly handler: (ctx: Context, input: Input) => Output | Later<Output>;
}

/** Keeps the types of an operation together: `operation<CreateClusterRequest, CreateClusterResponse>({...})`. */
export function operation<Input extends object, Output>(
  definition: Operation<Input, Output>,
): Operation<never, unknown> {
  return definition as unknown as Operation<never, unknown>;
}

/**
 * Timers of one name that mean little each: they are not stored, so `onStart` has to set them anew, and those that are due
 * together are one step. If that step throws, each is handed to `onTimer` in a step of its own.
 */
export interface Round {
  readonly timer: string;
  onTimers(ctx: Context, timers: readonly Timer[]): void;
}

/**
 * A service: operations by their API names (`CreateCluster`), resource types, and what it does when something happens.
 * All but `perform` and `close` are plain synchronous functions, run one at a time by the kernel.
 */
export interface ServiceModule {
  readonly name: ServiceName;
  readonly operations: { readonly [operation: string]: Operation<never, unknown> };
  readonly resourceTypes?: readonly ResourceType[];

  /** After the state was loaded, before the first request: take up again what was in flight. */
  onStart?(ctx: Context): void;
  onTimer?(ctx: Context, timer: Timer): void;
  /** Timers that are many, such as those of health checks. */
  readonly round?: Round;
  /** The outcome of an action, or something that a plane reports by itself. */
  onEvent?(ctx: Context, event: never): void;
  /** At the end of any step in which another service (or this one) wrote: the services that did, and where. Keep it cheap. */
  onChanged?(ctx: Context, services: ReadonlySet<string>, written: readonly Written[]): void;

  /** Runs an action at a plane. Resolves with the event that reports its outcome, never rejects for what can happen in the world. */
  perform?(action: never): Promise<object | undefined>;
  /** Given once at start: how planes hand in events by themselves. */
  connect?(deliver: (event: object) => void): void;
}
