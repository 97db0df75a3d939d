import type * as Scaling from '@aws-sdk/client-application-auto-scaling';
import type { Context } from '../../kernel/context.ts';
import { operation, type ServiceModule } from '../../kernel/service.ts';
import type { Tables, Written } from '../../kernel/table.ts';
import { serviceCapacity, servicesWritten } from '../ecs/views.ts';
import * as activities from './api/activities.ts';
import * as policies from './api/policies.ts';
import * as scheduledActions from './api/scheduled-actions.ts';
import * as tags from './api/tags.ts';
import * as targets from './api/targets.ts';
import { checkProgress, finish } from './capacity.ts';
import { scalableTargetType } from './cloudformation/scalable-target.ts';
import { scalingPolicyType } from './cloudformation/scaling-policy.ts';
import { type AlarmAction, onAlarm } from './scaling.ts';
import { onDue } from './scheduled.ts';
import { openScaling, type ScalingState, serviceKeyOf } from './state.ts';

/** The ECS service behind a scalable target was deleted. */
interface ServiceGone {
  readonly kind: 'serviceGone';
  readonly resourceId: string;
}

/** Application Auto Scaling, of ECS services. */
export function applicationAutoScaling({ tables }: { readonly tables: Tables }): ServiceModule {
  const state = openScaling(tables);
  return {
    name: 'applicationautoscaling',
    resourceTypes: [scalableTargetType, scalingPolicyType],
    operations: {
      ...targetOperations(state),
      ...policyOperations(state),
      ...scheduledActionOperations(state),
      ...otherOperations(state),
    },
    onTimer: (ctx, timer) =>
      timer.name === 'due' ? onDue(ctx, state, timer) : finish(ctx, state, timer.subject, 'Unfulfilled'),
    onEvent: (ctx, event: AlarmAction | ServiceGone) =>
      event.kind === 'alarmAction'
        ? onAlarm(ctx, state, event)
        : targets.removeTarget(ctx, state, event.resourceId),
    onChanged: (ctx, services, written) => {
      if (services.has('ecs') && state.targets.size > 0) onServicesWritten(ctx, state, written);
    },
  };
}

function onServicesWritten(ctx: Context, state: ScalingState, written: readonly Written[]): void {
  for (const key of servicesWritten(state.tables, written)) {
    const resourceId = `service/${key}`;
    if (state.inProgress.has(resourceId)) checkProgress(ctx, state, resourceId);
    if (!state.targets.has(resourceId)) continue;
    const service = serviceCapacity(state.tables, serviceKeyOf(resourceId));
    if (service?.status !== 'ACTIVE') ctx.raise({ kind: 'serviceGone', resourceId });
  }
}

type Operations = ServiceModule['operations'];

function targetOperations(state: ScalingState): Operations {
  return {
    RegisterScalableTarget: operation<
      Scaling.RegisterScalableTargetRequest,
      Scaling.RegisterScalableTargetResponse
    >({
      // Confirmed by API text: the role is for services without a service-linked one; ECS has one, which is used.
      accepts: [
        'ServiceNamespace',
        'ResourceId',
        'ScalableDimension',
        'MinCapacity',
        'MaxCapacity',
        'RoleARN',
        'SuspendedState',
        'Tags',
      ],
      handler: (ctx, input) => targets.registerScalableTarget(ctx, state, input),
    }),
    DeregisterScalableTarget: operation<Scaling.DeregisterScalableTargetRequest, object>({
      accepts: ['ServiceNamespace', 'ResourceId', 'ScalableDimension'],
      handler: (ctx, input) => targets.deregisterScalableTarget(ctx, state, input),
    }),
    DescribeScalableTargets: operation<
      Scaling.DescribeScalableTargetsRequest,
      Scaling.DescribeScalableTargetsResponse
    >({
      accepts: ['ServiceNamespace', 'ResourceIds', 'ScalableDimension', 'MaxResults', 'NextToken'],
      handler: (ctx, input) => targets.describeScalableTargets(ctx, state, input),
    }),
  };
}

function policyOperations(state: ScalingState): Operations {
  return {
    PutScalingPolicy: operation<Scaling.PutScalingPolicyRequest, Scaling.PutScalingPolicyResponse>({
      accepts: [
        'PolicyName',
        'ServiceNamespace',
        'ResourceId',
        'ScalableDimension',
        'PolicyType',
        'StepScalingPolicyConfiguration',
        'TargetTrackingScalingPolicyConfiguration',
        // Refused by name with its policy type.
        'PredictiveScalingPolicyConfiguration',
      ],
      handler: (ctx, input) => policies.putScalingPolicy(ctx, state, input),
    }),
    DeleteScalingPolicy: operation<Scaling.DeleteScalingPolicyRequest, object>({
      accepts: ['PolicyName', 'ServiceNamespace', 'ResourceId', 'ScalableDimension'],
      handler: (ctx, input) => policies.deleteScalingPolicy(ctx, state, input),
    }),
    DescribeScalingPolicies: operation<
      Scaling.DescribeScalingPoliciesRequest,
      Scaling.DescribeScalingPoliciesResponse
    >({
      accepts: [
        'PolicyNames',
        'ServiceNamespace',
        'ResourceId',
        'ScalableDimension',
        'MaxResults',
        'NextToken',
      ],
      handler: (ctx, input) => policies.describeScalingPolicies(ctx, state, input),
    }),
  };
}

function scheduledActionOperations(state: ScalingState): Operations {
  return {
    PutScheduledAction: operation<Scaling.PutScheduledActionRequest, object>({
      accepts: [
        'ServiceNamespace',
        'Schedule',
        'Timezone',
        'ScheduledActionName',
        'ResourceId',
        'ScalableDimension',
        'StartTime',
        'EndTime',
        'ScalableTargetAction',
      ],
      handler: (ctx, input) => scheduledActions.putScheduledAction(ctx, state, input),
    }),
    DeleteScheduledAction: operation<Scaling.DeleteScheduledActionRequest, object>({
      accepts: ['ServiceNamespace', 'ScheduledActionName', 'ResourceId', 'ScalableDimension'],
      handler: (ctx, input) => scheduledActions.deleteScheduledAction(ctx, state, input),
    }),
    DescribeScheduledActions: operation<
      Scaling.DescribeScheduledActionsRequest,
      Scaling.DescribeScheduledActionsResponse
    >({
      accepts: [
        'ScheduledActionNames',
        'ServiceNamespace',
        'ResourceId',
        'ScalableDimension',
        'MaxResults',
        'NextToken',
      ],
      handler: (ctx, input) => scheduledActions.describeScheduledActions(ctx, state, input),
    }),
  };
}

function otherOperations(state: ScalingState): Operations {
  return {
    DescribeScalingActivities: operation<
      Scaling.DescribeScalingActivitiesRequest,
      Scaling.DescribeScalingActivitiesResponse
    >({
      accepts: [
        'ServiceNamespace',
        'ResourceId',
        'ScalableDimension',
        'MaxResults',
        'NextToken',
        'IncludeNotScaledActivities',
      ],
      handler: (ctx, input) => activities.describeScalingActivities(ctx, state, input),
    }),
    TagResource: operation<Scaling.TagResourceRequest, object>({
      accepts: ['ResourceARN', 'Tags'],
      handler: (ctx, input) => tags.tagResource(ctx, state, input),
    }),
    UntagResource: operation<Scaling.UntagResourceRequest, object>({
      accepts: ['ResourceARN', 'TagKeys'],
      handler: (ctx, input) => tags.untagResource(ctx, state, input),
    }),
    ListTagsForResource: operation<Scaling.ListTagsForResourceRequest, Scaling.ListTagsForResourceResponse>({
      accepts: ['ResourceARN'],
      handler: (ctx, input) => tags.listTagsForResource(ctx, state, input),
    }),
  };
}
