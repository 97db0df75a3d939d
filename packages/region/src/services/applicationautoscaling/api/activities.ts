import type {
  DescribeScalingActivitiesRequest,
  DescribeScalingActivitiesResponse,
  ScalingActivity,
} from '@aws-sdk/client-application-auto-scaling';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import { validationException } from '../errors.ts';
import type { ActivityRecord, ScalingState } from '../state.ts';
import { pageOf } from './resource.ts';

/** Newest first. Confirmed by docs: what was not scaled is left out unless it is asked for. */
export function describeScalingActivities(
  _ctx: Context,
  state: ScalingState,
  input: DescribeScalingActivitiesRequest,
): DescribeScalingActivitiesResponse {
  const { IncludeNotScaledActivities, ...question } = input;
  if (question.ScalableDimension !== undefined && question.ResourceId === undefined) {
    // Confirmed by API text: whoever names a dimension names the resource too.
    throw validationException('ResourceId must be specified together with ScalableDimension');
  }
  const { items, next } = pageOf([...state.activities.values()].reverse(), question, {
    size: 50,
    matches: ({ notScaledReason }) => IncludeNotScaledActivities === true || notScaledReason === undefined,
  });
  return { ScalingActivities: items.map(shape), ...next };
}

function shape(activity: ActivityRecord): ScalingActivity {
  const { ended, message, notScaledReason } = activity;
  return {
    ActivityId: activity.id,
    ServiceNamespace: 'ecs',
    ResourceId: activity.resourceId,
    ScalableDimension: 'ecs:service:DesiredCount',
    Description: activity.description,
    Cause: activity.cause,
    StartTime: toDate(activity.started),
    ...(ended !== undefined && { EndTime: toDate(ended) }),
    StatusCode: activity.status,
    ...(message !== undefined && { StatusMessage: message }),
    ...(notScaledReason && { NotScaledReasons: [notScaledReason] }),
  };
}
