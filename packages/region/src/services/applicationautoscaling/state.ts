import type {
  NotScaledReason,
  ScalingActivityStatusCode,
  StepScalingPolicyConfiguration,
  TargetTrackingScalingPolicyConfiguration,
} from '@aws-sdk/client-application-auto-scaling';
import type { Instant } from '../../kernel/instant.ts';
import type { Table, Tables } from '../../kernel/table.ts';
import { policyNotFound, scheduledActionNotFound, targetNotRegistered } from './errors.ts';
import { PolicyIndex } from './policy-index.ts';
import type { Schedule } from './schedule.ts';

export interface Suspended {
  readonly DynamicScalingInSuspended: boolean;
  readonly DynamicScalingOutSuspended: boolean;
  readonly ScheduledScalingSuspended: boolean;
}

/** A change of the desired count, and how long it holds others back. */
export interface Move {
  /** Of the activity that made it. */
  readonly activity: string;
  /** The running count from which it started. */
  readonly base: number;
  readonly cooldownSeconds: number;
  /** Confirmed by docs: the cooldown counts from here. Absent: still under way. */
  readonly completedAt?: Instant;
}

export interface TargetRecord {
  readonly resourceId: string;
  readonly arn: string;
  readonly min: number;
  readonly max: number;
  readonly roleArn: string;
  readonly created: Instant;
  readonly suspended: Suspended;
  readonly tags: Readonly<Record<string, string>>;
  /** The last scale-out and scale-in by a policy. */
  readonly scaledOut?: Move;
  readonly scaledIn?: Move;
  /** By cause, the last reason not to scale, so that it is recorded once and not each minute. */
  readonly notScaled?: Readonly<Record<string, string>>;
}

export interface PolicyRecord {
  readonly name: string;
  readonly arn: string;
  readonly resourceId: string;
  readonly created: Instant;
  readonly tracking?: TargetTrackingScalingPolicyConfiguration;
  readonly step?: StepScalingPolicyConfiguration;
  /** Names of the alarms that the policy made for itself. */
  readonly alarms: { readonly high?: string; readonly low?: string };
  /** The last metric for which its low alarm asked to scale in. */
  readonly low?: { readonly metric: number; readonly at: Instant };
}

export interface ScheduledActionRecord extends Schedule {
  readonly name: string;
  readonly arn: string;
  readonly resourceId: string;
  readonly created: Instant;
  readonly min?: number;
  readonly max?: number;
}

export interface ActivityRecord {
  readonly id: string;
  readonly resourceId: string;
  readonly description: string;
  readonly cause: string;
  readonly started: Instant;
  readonly ended?: Instant;
  readonly status: ScalingActivityStatusCode;
  readonly message?: string;
  readonly notScaledReason?: NotScaledReason;
  /** The desired count that it set, and from which. */
  readonly count?: { readonly from: number; readonly to: number };
}

export interface ScalingState {
  /** By resource id. */
  readonly targets: Table<TargetRecord>;
  /** By `resourceId name`. */
  readonly policies: Table<PolicyRecord>;
  readonly policyIndex: PolicyIndex<PolicyRecord>;
  /** By `resourceId name`. */
  readonly scheduledActions: Table<ScheduledActionRecord>;
  /** Keys are in order of time. */
  readonly activities: Table<ActivityRecord>;
  /** By resource id, the key of the activity that waits for ECS to fulfil it. */
  readonly inProgress: Table<string>;
  /** Alarms and services of the region, to look at. */
  readonly tables: Tables;
}

export function openScaling(tables: Tables): ScalingState {
  const policies = tables.table<PolicyRecord>('applicationautoscaling.policies');
  return {
    targets: tables.table('applicationautoscaling.targets'),
    policies,
    policyIndex: new PolicyIndex(policies),
    scheduledActions: tables.table('applicationautoscaling.scheduledActions'),
    activities: tables.table('applicationautoscaling.activities'),
    inProgress: tables.table('applicationautoscaling.inProgress'),
    tables,
  };
}

/** Of policies and scheduled actions: names of services hold no spaces. */
export function keyOf(resourceId: string, name: string): string {
  return `${resourceId} ${name}`;
}

export function findTarget(state: ScalingState, resourceId: string): TargetRecord {
  const target = state.targets.get(resourceId);
  if (!target) throw targetNotRegistered(resourceId);
  return target;
}

export function findPolicy(state: ScalingState, resourceId: string, name: string): PolicyRecord {
  const policy = state.policies.get(keyOf(resourceId, name));
  if (!policy) throw policyNotFound(resourceId, name);
  return policy;
}

export function findScheduledAction(
  state: ScalingState,
  resourceId: string,
  name: string,
): ScheduledActionRecord {
  const action = state.scheduledActions.get(keyOf(resourceId, name));
  if (!action) throw scheduledActionNotFound(resourceId, name);
  return action;
}

/** `…:resource/ecs/service/CLUSTER/SERVICE:policyName/NAME` */
export function policyOfArn(state: ScalingState, arn: string): PolicyRecord | undefined {
  const [, resourceId = '', name = ''] = /:resource\/ecs\/([^:]+):policyName\/(.+)$/.exec(arn) ?? [];
  const policy = state.policies.get(keyOf(resourceId, name));
  return policy?.arn === arn ? policy : undefined;
}

/** Asked each minute of services that want to scale in: it looks at no other service's policies. */
export function policiesOf(state: ScalingState, resourceId: string): PolicyRecord[] {
  return state.policyIndex.of(resourceId);
}

export function scheduledActionsOf(state: ScalingState, resourceId: string): ScheduledActionRecord[] {
  return state.scheduledActions.filter((action) => action.resourceId === resourceId);
}

/** The `cluster/service` of a resource id. */
export function serviceKeyOf(resourceId: string): string {
  return resourceId.slice('service/'.length);
}
