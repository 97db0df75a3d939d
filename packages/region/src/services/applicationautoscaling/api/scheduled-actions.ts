import type {
  DeleteScheduledActionRequest,
  DescribeScheduledActionsRequest,
  DescribeScheduledActionsResponse,
  PutScheduledActionRequest,
  ScheduledAction,
} from '@aws-sdk/client-application-auto-scaling';
import type { Context } from '../../../kernel/context.ts';
import { instant, toDate } from '../../../kernel/instant.ts';
import { limitExceeded, validationException } from '../errors.ts';
import { isSchedule, nextOccurrence, type Schedule, usesTimezone } from '../schedule.ts';
import { arm } from '../scheduled.ts';
import {
  findScheduledAction,
  findTarget,
  keyOf,
  type ScalingState,
  type ScheduledActionRecord,
  scheduledActionsOf,
} from '../state.ts';
import { isTimeZone } from '../time-zone.ts';
import { checkGiven, checkName, checkResource, pageOf } from './resource.ts';

export function putScheduledAction(
  ctx: Context,
  state: ScalingState,
  input: PutScheduledActionRequest,
): object {
  const resourceId = checkResource(input);
  const name = checkName('scheduledActionName', input.ScheduledActionName, 256);
  findTarget(state, resourceId);
  const before = state.scheduledActions.get(keyOf(resourceId, name));
  const { arn, created } = before ?? newAction(ctx, state, { resourceId, name });
  const action: ScheduledActionRecord = {
    name,
    arn,
    resourceId,
    created,
    ...scheduleOf(ctx, input, before),
    ...limitsOf(input, before),
  };
  if (nextOccurrence(action, ctx.now) === undefined) {
    ctx.warn(
      'never-due',
      `The scheduled action ${name} of ${resourceId} is never due: ${action.expression} has no time after now.`,
    );
  }
  state.scheduledActions.put(keyOf(resourceId, name), action);
  arm(ctx, action, ctx.now);
  return {};
}

type Identity = Pick<ScheduledActionRecord, 'name' | 'arn' | 'resourceId' | 'created'>;

function newAction(
  ctx: Context,
  state: ScalingState,
  { resourceId, name }: Pick<Identity, 'resourceId' | 'name'>,
): Pick<Identity, 'arn' | 'created'> {
  // Confirmed by docs: the quota of a scalable target.
  if (scheduledActionsOf(state, resourceId).length >= 200) {
    throw limitExceeded('You have reached the limit of 200 scheduled actions for a scalable target.');
  }
  const resource = `scheduledAction:${ctx.random.uuid()}:resource/ecs/${resourceId}:scheduledActionName/${name}`;
  return { arn: ctx.arn('autoscaling', resource), created: ctx.now };
}

/** Confirmed by API text: an update without start and end time deletes the old ones. */
function scheduleOf(
  ctx: Context,
  input: PutScheduledActionRequest,
  before: ScheduledActionRecord | undefined,
): Schedule {
  const expression = checkGiven('schedule', input.Schedule ?? before?.expression);
  if (!isSchedule(expression)) {
    // Known: the text.
    throw validationException(
      "Schedule expression must have the following syntax: rate(<number>\\s?(minutes?|hours?|days?)), cron(<cron expression>) or at(yyyy-MM-dd'T'HH:mm:ss).",
    );
  }
  const timezone = input.Timezone ?? before?.timezone;
  if (timezone !== undefined && !isTimeZone(timezone)) {
    throw validationException(`Time zone ${timezone} is not supported`);
  }
  if (input.Timezone !== undefined && !usesTimezone(expression)) {
    throw validationException('Timezone can only be specified for at and cron expressions');
  }
  const { StartTime, EndTime } = input;
  if (StartTime && EndTime && EndTime <= StartTime) {
    throw validationException('End time must be after start time');
  }
  return {
    expression,
    since: ctx.now,
    ...(timezone !== undefined && { timezone }),
    ...(StartTime && { startTime: instant(StartTime.getTime()) }),
    ...(EndTime && { endTime: instant(EndTime.getTime()) }),
  };
}

type Limits = { readonly min?: number; readonly max?: number };

function limitsOf(input: PutScheduledActionRequest, before: ScheduledActionRecord | undefined): Limits {
  const { MinCapacity, MaxCapacity } = input.ScalableTargetAction ?? {
    MinCapacity: before?.min,
    MaxCapacity: before?.max,
  };
  if (MinCapacity === undefined && MaxCapacity === undefined) {
    // Confirmed by users' reports: this text and the one below.
    throw validationException('At least one of minimum capacity and maximum capacity should be provided');
  }
  if (MinCapacity !== undefined && MaxCapacity !== undefined && MaxCapacity < MinCapacity) {
    throw validationException('Maximum capacity cannot be less than minimum capacity');
  }
  if ((MinCapacity ?? 0) < 0 || (MaxCapacity ?? 0) < 0) {
    throw validationException('Minimum and maximum capacity cannot be negative');
  }
  return {
    ...(MinCapacity !== undefined && { min: MinCapacity }),
    ...(MaxCapacity !== undefined && { max: MaxCapacity }),
  };
}

export function deleteScheduledAction(
  ctx: Context,
  state: ScalingState,
  input: DeleteScheduledActionRequest,
): object {
  const resourceId = checkResource(input);
  const name = checkName('scheduledActionName', input.ScheduledActionName, 256);
  const key = keyOf(resourceId, findScheduledAction(state, resourceId, name).name);
  ctx.timers.drop(key);
  state.scheduledActions.delete(key);
  return {};
}

export function describeScheduledActions(
  _ctx: Context,
  state: ScalingState,
  input: DescribeScheduledActionsRequest,
): DescribeScheduledActionsResponse {
  const { ScheduledActionNames = [], ...question } = input;
  const { items, next } = pageOf(state.scheduledActions.values(), question, {
    size: 50,
    matches: ({ name, arn }) =>
      ScheduledActionNames.length === 0 ||
      ScheduledActionNames.includes(name) ||
      ScheduledActionNames.includes(arn),
  });
  return { ScheduledActions: items.map(shape), ...next };
}

function shape(action: ScheduledActionRecord): ScheduledAction {
  const { min, max, startTime, endTime, timezone } = action;
  return {
    ScheduledActionName: action.name,
    ScheduledActionARN: action.arn,
    ServiceNamespace: 'ecs',
    Schedule: action.expression,
    ...(timezone !== undefined && { Timezone: timezone }),
    ResourceId: action.resourceId,
    ScalableDimension: 'ecs:service:DesiredCount',
    ...(startTime !== undefined && { StartTime: toDate(startTime) }),
    ...(endTime !== undefined && { EndTime: toDate(endTime) }),
    ScalableTargetAction: {
      ...(min !== undefined && { MinCapacity: min }),
      ...(max !== undefined && { MaxCapacity: max }),
    },
    CreationTime: toDate(action.created),
  };
}
