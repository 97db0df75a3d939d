import type {
  DeregisterScalableTargetRequest,
  DescribeScalableTargetsRequest,
  DescribeScalableTargetsResponse,
  RegisterScalableTargetRequest,
  RegisterScalableTargetResponse,
  ScalableTarget,
} from '@aws-sdk/client-application-auto-scaling';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import { serviceCapacity } from '../../ecs/views.ts';
import { deleteAlarms } from '../alarms.ts';
import { bringInside, finish } from '../capacity.ts';
import { limitExceeded, targetNotFound, validationException } from '../errors.ts';
import { serviceRoleArn } from '../service-role.ts';
import {
  keyOf,
  policiesOf,
  type ScalingState,
  type Suspended,
  scheduledActionsOf,
  serviceKeyOf,
  type TargetRecord,
} from '../state.ts';
import { checkResource, pageOf } from './resource.ts';
import { checkTags } from './tags.ts';

export function registerScalableTarget(
  ctx: Context,
  state: ScalingState,
  input: RegisterScalableTargetRequest,
): RegisterScalableTargetResponse {
  const resourceId = checkResource(input);
  if (serviceCapacity(state.tables, serviceKeyOf(resourceId))?.status !== 'ACTIVE') {
    // Confirmed by users' reports: the text.
    throw validationException(`ECS service doesn't exist: ${resourceId}`);
  }
  const before = state.targets.get(resourceId) ?? newTarget(ctx, state, resourceId);
  // Confirmed by API text: both limits are required at first; what a later call leaves out stays as it is.
  const { MinCapacity: min = before.min, MaxCapacity: max = before.max } = input;
  checkLimits(min, max);
  const { notScaled: _told, ...rest } = before;
  const target: TargetRecord = {
    ...rest,
    min,
    max,
    suspended: { ...before.suspended, ...given(input.SuspendedState) },
    tags: checkTags(before.arn, { ...before.tags, ...input.Tags }),
  };
  state.targets.put(resourceId, target);
  bringInside(ctx, state, target);
  return { ScalableTargetARN: target.arn };
}

function newTarget(ctx: Context, state: ScalingState, resourceId: string): TargetRecord {
  // Confirmed by docs: the quota of ECS services.
  if (state.targets.size >= 3000) {
    throw limitExceeded('You have reached the limit of 3000 scalable targets for service namespace ecs.');
  }
  return {
    resourceId,
    arn: ctx.arn('application-autoscaling', `scalable-target/0ec5${ctx.random.hex(32)}`),
    min: Number.NaN,
    max: Number.NaN,
    roleArn: serviceRoleArn(ctx),
    created: ctx.now,
    suspended: {
      DynamicScalingInSuspended: false,
      DynamicScalingOutSuspended: false,
      ScheduledScalingSuspended: false,
    },
    tags: {},
  };
}

function checkLimits(min: number, max: number): void {
  if (Number.isNaN(min) || Number.isNaN(max)) {
    throw validationException(
      'Both minimum capacity and maximum capacity must be provided for a new scalable target',
    );
  }
  if (min < 0) throw validationException('Minimum capacity cannot be negative');
  // Confirmed by users' reports: the text.
  if (max < min) throw validationException('Maximum capacity cannot be less than minimum capacity');
}

function given(state: RegisterScalableTargetRequest['SuspendedState']): Partial<Suspended> {
  return Object.fromEntries(Object.entries(state ?? {}).filter(([, value]) => value !== undefined));
}

export function deregisterScalableTarget(
  ctx: Context,
  state: ScalingState,
  input: DeregisterScalableTargetRequest,
): object {
  const resourceId = checkResource(input);
  if (!state.targets.has(resourceId)) throw targetNotFound(resourceId);
  removeTarget(ctx, state, resourceId);
  return {};
}

/** Confirmed by API text: its policies (with their alarms) and scheduled actions go with it. The count stays. */
export function removeTarget(ctx: Context, state: ScalingState, resourceId: string): void {
  finish(ctx, state, resourceId, 'Overridden');
  for (const { name, alarms } of policiesOf(state, resourceId)) {
    deleteAlarms(ctx, resourceId, alarms);
    state.policies.delete(keyOf(resourceId, name));
  }
  for (const { name } of scheduledActionsOf(state, resourceId)) {
    ctx.timers.drop(keyOf(resourceId, name));
    state.scheduledActions.delete(keyOf(resourceId, name));
  }
  state.targets.delete(resourceId);
}

export function describeScalableTargets(
  _ctx: Context,
  state: ScalingState,
  input: DescribeScalableTargetsRequest,
): DescribeScalableTargetsResponse {
  const { ResourceIds = [], ...question } = input;
  const { items, next } = pageOf(state.targets.values(), question, {
    size: 50,
    matches: ({ resourceId }) => ResourceIds.length === 0 || ResourceIds.includes(resourceId),
  });
  return { ScalableTargets: items.map(shape), ...next };
}

function shape(target: TargetRecord): ScalableTarget {
  return {
    ServiceNamespace: 'ecs',
    ResourceId: target.resourceId,
    ScalableDimension: 'ecs:service:DesiredCount',
    MinCapacity: target.min,
    MaxCapacity: target.max,
    RoleARN: target.roleArn,
    CreationTime: toDate(target.created),
    SuspendedState: target.suspended,
    ScalableTargetARN: target.arn,
  };
}
