/**
 * The region's one queue. Requests, due timers, outcomes of effects and reports of planes are all events; each runs to
 * completion as a step of plain synchronous code, so that state cannot change under a handler. A step is one
 * transaction: it is undone when it throws, and answered (and its effects started) only once its writes are stored.
 *
 *   submit(request) ─┐
 *   due timer ───────┼─▶ step ─▶ writes ─▶ commit ─▶ answer, then start effects ─▶ outcome is an event
 *   plane event ─────┘
 *
 * The kernel reads no clock: its driver gives it one.
 */
import { AwsError } from './aws-error.ts';
import { CommitQueue } from './commit-queue.ts';
import type { Context, Principal } from './context.ts';
import type { Instant } from './instant.ts';
import { type AuthorizationRequest, invoke } from './invoke.ts';
import type { RegionMessage } from './message.ts';
import type { Random, Secrets } from './random.ts';
import { Later, type Round, type ServiceModule } from './service.ts';
import type { ServiceCalls, ServiceName } from './service-calls.ts';
import { type Change, serviceOfTable, type Tables } from './table.ts';
import { type Timer, Timers } from './timers.ts';

export interface KernelOptions {
  readonly tables: Tables;
  readonly accountId: string;
  readonly region: string;
  readonly random: Random;
  readonly secrets: Secrets;
  readonly now: () => Instant;
  /** Stores changes durably, all or none, in the order of the calls. A rejection stops the kernel. */
  readonly commit: (changes: readonly Change[]) => Promise<void>;
  /** Throws the AWS error when the caller may not do this. */
  readonly authorize: (request: AuthorizationRequest) => void;
  readonly report: (message: RegionMessage) => void;
  /** Tells the driver that the next deadline may have changed. */
  readonly wake: () => void;
}

interface Event {
  readonly description: string;
  readonly run: () => void;
}

/** What a step asks for besides its writes. */
interface StepEffects {
  /** One instant for the whole step. */
  readonly now: Instant;
  readonly requestId: string | undefined;
  readonly actions: { readonly service: ServiceName; readonly action: object }[];
  readonly raised: { readonly service: ServiceName; readonly event: object }[];
}

export class Kernel {
  readonly #options: KernelOptions;
  readonly #modules = new Map<ServiceName, ServiceModule>();
  readonly #principals = new Map<ServiceName, Principal>();
  readonly #timers: Timers;
  readonly #commits: CommitQueue;
  readonly #queue: Event[] = [];
  readonly #history: string[] = [];
  readonly #warned = new Set<string>();
  #running = false;
  #inFlight = 0;
  #idle: (() => void)[] = [];

  constructor(options: KernelOptions) {
    this.#options = options;
    this.#timers = new Timers(
      options.tables.table<Timer>('kernel.timers'),
      options.tables.passing<Timer>('kernel.passingTimers'),
      (service, name) => this.#modules.get(service as ServiceName)?.round?.timer === name,
    );
    this.#commits = new CommitQueue(options.commit, {
      onFailure: (failure) => options.report(storeFailed(failure)),
      onIdle: () => this.#noteIdle(),
    });
  }

  get modules(): ReadonlyMap<ServiceName, ServiceModule> {
    return this.#modules;
  }

  /** Adds the services and lets each take up what was in flight when the region last stopped. */
  start(modules: readonly ServiceModule[]): void {
    for (const module of modules) this.#modules.set(module.name, module);
    for (const module of modules) {
      module.connect?.((event) => this.#enqueueEvent(module.name, event));
      if (module.onStart) {
        this.#enqueue(`${module.name} start`, () =>
          this.#report(module.name, (ctx) => module.onStart?.(ctx)),
        );
      }
    }
  }

  /** An API request. Resolves after the commit; rejects with an `AwsError`. */
  request(request: {
    readonly service: ServiceName;
    readonly operation: string;
    readonly input: object;
    readonly caller: Principal;
    readonly requestId: string;
  }): Promise<unknown> {
    const { service, operation, input, caller, requestId } = request;
    return this.submit(`${service} ${operation}`, { service, caller, requestId }, (ctx) =>
      invoke(this.#modules, this.#options.authorize, ctx, service, operation, input),
    ).then((answer) => (answer instanceof Later ? answer.run() : answer));
  }

  /** Runs `work` as a step of its own. Resolves with its result after the commit. */
  submit<T>(
    description: string,
    as: { readonly service: ServiceName; readonly caller?: Principal; readonly requestId?: string },
    work: (ctx: Context) => T,
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#enqueue(description, () => {
        try {
          const result = this.#step(as.service, as.caller, as.requestId, work);
          this.#commits.whenStored(() => resolve(result), reject);
        } catch (error) {
          const refusal = error instanceof AwsError ? error : this.#internalFailure(description, error);
          this.#commits.whenStored(() => reject(refusal), reject);
        }
      });
    });
  }

  /** Runs every timer that is due, in order. */
  runDue(now: Instant): void {
    for (let timer = this.#timers.next(); timer && timer.due <= now; timer = this.#timers.next()) {
      if (this.#commits.failure) return;
      const due = timer;
      const round = this.#modules.get(due.service as ServiceName)?.round;
      if (round?.timer === due.name) this.#runRound(round, this.#timers.takeRound(due, now));
      else this.#enqueue(`timer ${due.service} ${due.name} ${due.subject}`, () => this.#fire(due));
    }
  }

  #runRound(round: Round, timers: readonly Timer[]): void {
    const [{ service = '', name = '' } = {}] = timers;
    this.#enqueue(`round ${service} ${name} of ${timers.length}`, () => {
      try {
        this.#step(service as ServiceName, undefined, undefined, (ctx) => {
          round.onTimers(ctx, timers);
          for (const timer of timers) this.#timers.removeUnlessSet(timer);
        });
      } catch {
        // The fault of one is not to cost the others their turn.
        for (const timer of timers) this.#fire(timer);
      }
    });
  }

  #fire(timer: Timer): void {
    const service = timer.service as ServiceName;
    try {
      this.#step(service, undefined, undefined, (ctx) => {
        this.#timers.remove(timer);
        this.#modules.get(service)?.onTimer?.(ctx, timer);
      });
    } catch (error) {
      this.#internalFailure(`timer ${timer.service} ${timer.name} ${timer.subject}`, error);
      // The undone step put the timer back; a timer that fails once is not tried again.
      this.#step(service, undefined, undefined, () => this.#timers.remove(timer));
    }
  }

  /** None once storing has failed: nothing runs any more. */
  nextDeadline(): Instant | undefined {
    if (this.#commits.failure) return undefined;
    return this.#timers.next()?.due;
  }

  listTimers(): Timer[] {
    return this.#timers.list();
  }

  /** Resolves when nothing is queued, being stored, or in flight at a plane. */
  settled(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #isIdle(): boolean {
    return this.#queue.length === 0 && !this.#running && this.#inFlight === 0 && this.#commits.isIdle;
  }

  #noteIdle(): void {
    if (!this.#isIdle()) return;
    const waiting = this.#idle;
    this.#idle = [];
    for (const resolve of waiting) resolve();
  }

  #enqueue(description: string, run: () => void): void {
    this.#queue.push({ description, run });
    if (this.#running) return;
    this.#running = true;
    for (let event = this.#queue.shift(); event; event = this.#queue.shift()) {
      this.#remember(event.description);
      event.run();
    }
    this.#running = false;
    this.#commits.flush();
    this.#options.wake();
    this.#noteIdle();
  }

  #enqueueEvent(service: ServiceName, event: object): void {
    if (this.#commits.failure) return;
    const module = this.#modules.get(service);
    const kind = 'kind' in event ? String(event.kind) : 'event';
    this.#enqueue(`${service} ${kind}`, () =>
      this.#report(service, (ctx) => module?.onEvent?.(ctx, event as never)),
    );
  }

  /** A step that nobody waits for: its failure is our own bug, told to the host. */
  #report(service: ServiceName, work: (ctx: Context) => void): void {
    try {
      this.#step(service, undefined, undefined, work);
    } catch (error) {
      this.#internalFailure(service, error);
    }
  }

  #step<T>(
    service: ServiceName,
    caller: Principal | undefined,
    requestId: string | undefined,
    work: (ctx: Context) => T,
  ): T {
    if (this.#commits.failure) throw this.#commits.failure;
    const effects: StepEffects = { now: this.#options.now(), requestId, actions: [], raised: [] };
    const savepoint = this.#options.tables.savepoint();
    const ctx = this.#context(service, caller ?? this.#servicePrincipal(service), effects);
    let result: T;
    try {
      result = work(ctx);
      this.#tellChanges(effects);
    } catch (error) {
      this.#options.tables.revertTo(savepoint);
      throw error;
    }
    this.#commits.add(this.#options.tables.takeChanges());
    for (const { service: to, event } of effects.raised) this.#enqueueEvent(to, event);
    if (effects.actions.length > 0)
      this.#commits.whenStored(
        () => this.#startActions(effects),
        () => {},
      );
    return result;
  }

  #tellChanges(effects: StepEffects): void {
    const written = this.#options.tables.written();
    if (written.length === 0) return;
    const services = new Set<string>();
    for (const { table } of written) services.add(serviceOfTable(table));
    services.delete('kernel');
    if (services.size === 0) return;
    for (const module of this.#modules.values()) {
      if (!module.onChanged) continue;
      module.onChanged(
        this.#context(module.name, this.#servicePrincipal(module.name), effects),
        services,
        written,
      );
    }
  }

  #startActions(effects: StepEffects): void {
    for (const { service, action } of effects.actions) {
      const perform = this.#modules.get(service)?.perform;
      if (!perform) throw new Error(`${service} performs an action but has no perform`);
      this.#inFlight += 1;
      perform(action as never).then(
        (event) => {
          this.#inFlight -= 1;
          if (event) this.#enqueueEvent(service, event);
          this.#noteIdle();
        },
        (error: unknown) => {
          this.#inFlight -= 1;
          this.#internalFailure(`${service} perform ${JSON.stringify(action)}`, error);
          this.#noteIdle();
        },
      );
    }
  }

  #context(service: ServiceName, caller: Principal, effects: StepEffects): Context {
    const { accountId, region, random, secrets, tables } = this.#options;
    const { now } = effects;
    const call = ((to: ServiceName, method: string, input: object) =>
      ctx.attempt(() => {
        const inner = this.#context(to, caller, effects);
        const operation = method.charAt(0).toUpperCase() + method.slice(1);
        const answer = invoke(this.#modules, this.#options.authorize, inner, to, operation, input, service);
        if (answer instanceof Later)
          throw new Error(`${to} ${operation} answers later: not callable in a step`);
        return answer;
      })) as ServiceCalls;
    const ctx: Context = {
      now,
      random,
      secrets,
      accountId,
      region,
      partition: 'aws',
      requestId: effects.requestId,
      caller,
      service,
      call,
      timers: this.#timers.of(service),
      attempt: (work) => {
        const savepoint = tables.savepoint();
        const { length: actions } = effects.actions;
        const { length: raised } = effects.raised;
        try {
          return work();
        } catch (error) {
          tables.revertTo(savepoint);
          effects.actions.length = actions;
          effects.raised.length = raised;
          throw error;
        }
      },
      perform: (action) => effects.actions.push({ service, action }),
      raise: (event) => effects.raised.push({ service, event }),
      tell: (to, event) => effects.raised.push({ service: to, event }),
      warn: (code, text) => this.#warn(service, code, text),
      arn: (of, resource, inRegion = region) => `arn:aws:${of}:${inRegion}:${accountId}:${resource}`,
      as: (other) => this.#context(service, other, effects),
    };
    return ctx;
  }

  #servicePrincipal(service: ServiceName): Principal {
    const known = this.#principals.get(service);
    if (known) return known;
    const { accountId } = this.#options;
    const principal: Principal = {
      type: 'Service',
      arn: `arn:aws:iam::${accountId}:role/aws-service-role/${service}.amazonaws.com/region`,
      accountId,
      userId: `${service}.amazonaws.com`,
    };
    this.#principals.set(service, principal);
    return principal;
  }

  #warn(service: ServiceName, code: string, text: string): void {
    if (this.#warned.has(`${code} ${text}`)) return;
    this.#warned.add(`${code} ${text}`);
    this.#options.report({ code, level: 'warning', text, service });
  }

  #internalFailure(during: string, error: unknown): AwsError {
    const id = this.#options.random.hex(12);
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    this.#options.report({
      code: 'internal-failure',
      level: 'error',
      text: `InternalFailure ${id} during ${during}: ${detail}\nLast events: ${this.#history.slice(-20).join(' · ')}`,
    });
    return new AwsError(
      'InternalFailure',
      `An internal failure occurred in the region (${id}); its log has the details.`,
      {
        status: 500,
      },
    );
  }

  #remember(description: string): void {
    this.#history.push(description);
    if (this.#history.length > 100) this.#history.splice(0, 50);
  }
}

function storeFailed(failure: Error): RegionMessage {
  return {
    code: 'store-failed',
    level: 'error',
    text:
      `State could not be written: ${failure.message}. ` +
      'Nothing that was acknowledged is lost. Free the disk or mend its permissions, then stop the region and start it again.',
  };
}
