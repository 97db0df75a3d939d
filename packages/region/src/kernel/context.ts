import type { Instant } from './instant.ts';
import type { Random, Secrets } from './random.ts';
import type { ServiceCalls, ServiceName } from './service-calls.ts';
import type { ServiceTimers } from './timers.ts';

/** Who acts: the caller of an API request, or a service on somebody's behalf. */
export interface Principal {
  readonly type: 'Root' | 'User' | 'AssumedRole' | 'Service' | 'Anonymous';
  readonly arn: string;
  readonly accountId: string;
  readonly userId: string;
  /** The access key that signed, if any. */
  readonly accessKeyId?: string;
  /** Policies that the session was opened with, as JSON texts or ARNs: it may do no more than they allow. */
  readonly sessionPolicies?: readonly string[];
  readonly sessionTags?: Readonly<Record<string, string>>;
  /** Condition keys that each request of the session has: `aws:TokenIssueTime`. */
  readonly sessionKeys?: Readonly<Record<string, string>>;
  /** The service that took on the role for itself, which the role must trust: `ecs-tasks.amazonaws.com`. */
  readonly assumedBy?: string;
  /** On whose account a service acts: `aws:SourceArn`. */
  readonly sourceArn?: string;
}

/**
 * What every handler gets: the only way to time, randomness, other services and effects.
 * Everything done through it belongs to one step and is undone when the step throws.
 */
export interface Context {
  readonly now: Instant;
  readonly random: Random;
  readonly secrets: Secrets;
  readonly timers: ServiceTimers;
  readonly accountId: string;
  readonly region: string;
  readonly partition: 'aws';
  /** Of the API request that this step answers; most steps are nobody's request. */
  readonly requestId: string | undefined;
  readonly caller: Principal;

  /** Calls another service's operation in this step, as this caller. Its refusal is an `AwsError`; its writes are then undone. */
  readonly call: ServiceCalls;

  /** Runs `work`; if it throws, everything it wrote, timed and performed is undone before the error is passed on. */
  attempt<T>(work: () => T): T;

  /** Starts an effect of this service after the step is committed; the service's `perform` runs it. */
  perform(action: object): void;

  /** Hands an event to this service as a step of its own, after this one. */
  raise(event: object): void;

  /** Hands an event to another service's `onEvent` as a step of its own, after this one: for what AWS's services tell each other by no API. */
  tell(service: ServiceName, event: object): void;

  /** Tells the host something a person should know. A warning with the same code and text is told once. */
  warn(code: string, text: string): void;

  /** The ARN of something of this account and region: `ctx.arn('ecs', 'cluster/x')`; pass `''` as region for global services. */
  arn(service: string, resource: string, region?: string): string;

  /** This context as the given service acting for itself or by a role. */
  as(caller: Principal): Context;

  readonly service: ServiceName;
}
