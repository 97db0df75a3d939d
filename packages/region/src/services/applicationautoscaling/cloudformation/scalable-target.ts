import type { RegisterScalableTargetRequest } from '@aws-sdk/client-application-auto-scaling';
import {
  flag,
  integer,
  listOf,
  object,
  type Properties,
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  text,
} from '../../../kernel/resource-type.ts';
import { ignoreMissing } from './missing.ts';

interface InlineAction {
  readonly ScheduledActionName: string;
  readonly Schedule: string;
  readonly Timezone?: string;
  readonly StartTime?: string;
  readonly EndTime?: string;
  readonly ScalableTargetAction?: { readonly MinCapacity?: number; readonly MaxCapacity?: number };
}

type TargetProperties = Omit<RegisterScalableTargetRequest, 'Tags'> & {
  readonly ScheduledActions?: readonly InlineAction[];
};

/**
 * AWS::ApplicationAutoScaling::ScalableTarget. `Ref` gives `RESOURCE|DIMENSION|NAMESPACE`.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-applicationautoscaling-scalabletarget.html
 */
export const scalableTargetType: ResourceType = {
  name: 'AWS::ApplicationAutoScaling::ScalableTarget',
  properties: {
    MaxCapacity: required(integer),
    MinCapacity: required(integer),
    ResourceId: required(replaces(text)),
    RoleARN: text,
    ScalableDimension: required(replaces(text)),
    ScheduledActions: listOf(
      object({
        ScheduledActionName: text,
        Schedule: text,
        Timezone: text,
        StartTime: text,
        EndTime: text,
        ScalableTargetAction: object({ MinCapacity: integer, MaxCapacity: integer }),
      }),
    ),
    ServiceNamespace: required(replaces(text)),
    SuspendedState: object({
      DynamicScalingInSuspended: flag,
      DynamicScalingOutSuspended: flag,
      ScheduledScalingSuspended: flag,
    }),
  },

  create: (ctx, properties) => {
    const target = register(ctx, properties);
    putActions(ctx, target);
    const { ResourceId, ScalableDimension, ServiceNamespace } = target;
    return { physicalId: `${ResourceId}|${ScalableDimension}|${ServiceNamespace}` };
  },

  update: (ctx, { properties: before }, properties) => {
    const target = register(ctx, properties);
    deleteActions(ctx, before as unknown as TargetProperties, target.ScheduledActions);
    putActions(ctx, target);
  },

  delete: (ctx, { properties }) => {
    const { ServiceNamespace, ResourceId, ScalableDimension } = properties as unknown as TargetProperties;
    ignoreMissing(() =>
      ctx.call('applicationautoscaling', 'deregisterScalableTarget', {
        ServiceNamespace,
        ResourceId,
        ScalableDimension,
      }),
    );
  },

  read(ctx, { properties }) {
    const { ServiceNamespace, ResourceId, ScalableDimension } = properties as unknown as TargetProperties;
    const { ScalableTargets: [target] = [] } = ctx.call('applicationautoscaling', 'describeScalableTargets', {
      ServiceNamespace,
      ResourceIds: [ResourceId ?? ''],
      ScalableDimension,
    });
    if (!target) return undefined;
    const { MinCapacity, MaxCapacity, RoleARN, SuspendedState } = target;
    const { ScheduledActions = [] } = ctx.call('applicationautoscaling', 'describeScheduledActions', {
      ServiceNamespace,
      ResourceId,
      ScalableDimension,
    });
    return {
      MinCapacity,
      MaxCapacity,
      RoleARN,
      SuspendedState,
      ScheduledActions: ScheduledActions.map(({ StartTime, EndTime, ...action }) => ({
        ...action,
        ...(StartTime && { StartTime: StartTime.toISOString() }),
        ...(EndTime && { EndTime: EndTime.toISOString() }),
      })),
    };
  },

  attributes: (_ctx, { physicalId }) => ({ Id: physicalId }),
};

/** A suspension that left the template ends. */
function register(ctx: ResourceContext, properties: Properties): TargetProperties {
  const target = properties as unknown as TargetProperties;
  const { ScheduledActions: _actions, SuspendedState = {}, ...rest } = target;
  ctx.call('applicationautoscaling', 'registerScalableTarget', {
    ...rest,
    SuspendedState: {
      DynamicScalingInSuspended: false,
      DynamicScalingOutSuspended: false,
      ScheduledScalingSuspended: false,
      ...SuspendedState,
    },
  });
  return target;
}

function putActions(ctx: ResourceContext, target: TargetProperties): void {
  const { ServiceNamespace, ResourceId, ScalableDimension, ScheduledActions = [] } = target;
  for (const { StartTime, EndTime, ...action } of ScheduledActions) {
    ctx.call('applicationautoscaling', 'putScheduledAction', {
      ServiceNamespace,
      ResourceId,
      ScalableDimension,
      ...action,
      ...(StartTime !== undefined && { StartTime: new Date(StartTime) }),
      ...(EndTime !== undefined && { EndTime: new Date(EndTime) }),
    });
  }
}

/** Those that left the template, and those that lost a property which a later PutScheduledAction would keep. */
function deleteActions(
  ctx: ResourceContext,
  { ServiceNamespace, ResourceId, ScalableDimension, ScheduledActions = [] }: TargetProperties,
  wanted: readonly InlineAction[] = [],
): void {
  for (const action of ScheduledActions) {
    const { ScheduledActionName } = action;
    const next = wanted.find((one) => one.ScheduledActionName === ScheduledActionName);
    if (next && !(action.Timezone !== undefined && next.Timezone === undefined)) continue;
    ignoreMissing(() =>
      ctx.call('applicationautoscaling', 'deleteScheduledAction', {
        ServiceNamespace,
        ResourceId,
        ScalableDimension,
        ScheduledActionName,
      }),
    );
  }
}
