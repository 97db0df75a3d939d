/**
 * The desired count of a service: set by ECS's UpdateService, then watched until as many tasks run.
 */
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { after } from '../../kernel/instant.ts';
import { runningTasks, serviceCapacity } from '../ecs/views.ts';
import { changeActivity, noteActivity, texts } from './activities.ts';
import { clamp } from './decision.ts';
import { actingFor } from './service-role.ts';
import {
  type ActivityRecord,
  type Move,
  type ScalingState,
  serviceKeyOf,
  type TargetRecord,
} from './state.ts';

/** Chosen: AWS publishes no figure. */
const unfulfilledSeconds = 1800;

/** Sets the desired count and notes the activity; undefined when ECS refuses it, which the activity then tells. */
export function setDesired(
  ctx: Context,
  state: ScalingState,
  resourceId: string,
  { from, to, cause }: { readonly from: number; readonly to: number; readonly cause: string },
): string | undefined {
  finish(ctx, state, resourceId, 'Overridden');
  const activity = { resourceId, cause, description: texts.settingCount(to), count: { from, to } };
  const [cluster, service] = serviceKeyOf(resourceId).split('/');
  try {
    actingFor(ctx, resourceId).call('ecs', 'updateService', { cluster, service, desiredCount: to });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    const message = texts.failed(to, error.message);
    noteActivity(ctx, state, { ...activity, status: 'Failed', message, ended: ctx.now });
    return undefined;
  }
  const key = noteActivity(ctx, state, { ...activity, status: 'InProgress', message: texts.waiting(to) });
  state.inProgress.put(resourceId, key);
  ctx.timers.set(resourceId, 'unfulfilled', after(ctx.now, unfulfilledSeconds));
  return key;
}

/** Confirmed by docs: registering, and each scheduled action, brings the current capacity inside minimum and maximum. */
export function bringInside(ctx: Context, state: ScalingState, target: TargetRecord): void {
  const service = serviceCapacity(state.tables, serviceKeyOf(target.resourceId));
  if (!service) return;
  const from = service.desiredCount;
  const to = clamp(from, target);
  if (to === from) return;
  const cause = to > from ? texts.minimumCause(target.min) : texts.maximumCause(target.max);
  setDesired(ctx, state, target.resourceId, { from, to, cause });
}

/** Has ECS fulfilled what was asked, or has somebody asked it for something else? */
export function checkProgress(ctx: Context, state: ScalingState, resourceId: string): void {
  const { count } = state.activities.get(state.inProgress.get(resourceId) ?? '') ?? {};
  const service = serviceCapacity(state.tables, serviceKeyOf(resourceId));
  if (!count || !service) return;
  if (service.desiredCount !== count.to) {
    finish(ctx, state, resourceId, 'Overridden');
    return;
  }
  const running = runningCount(state, resourceId);
  const isFulfilled = count.to >= count.from ? running >= count.to : running <= count.to;
  if (isFulfilled) finish(ctx, state, resourceId, 'Successful');
}

/** Confirmed by docs: the running count is what a scaling decision starts from. */
export function runningCount(state: ScalingState, resourceId: string): number {
  return runningTasks(state.tables, serviceKeyOf(resourceId));
}

const outcomes = {
  Successful: texts.fulfilled,
  Overridden: texts.overridden,
  Unfulfilled: texts.unfulfilled,
} as const;

/** Ends the activity that is under way, if any. */
export function finish(
  ctx: Context,
  state: ScalingState,
  resourceId: string,
  status: keyof typeof outcomes,
): void {
  const key = state.inProgress.get(resourceId);
  if (key === undefined) return;
  state.inProgress.delete(resourceId);
  ctx.timers.cancel(resourceId, 'unfulfilled');
  changeActivity(state, key, endOf(ctx, state.activities.get(key), status));
  const target = state.targets.get(resourceId);
  if (!target) return;
  const { scaledOut, scaledIn, ...rest } = target;
  state.targets.put(resourceId, {
    ...rest,
    ...(scaledOut && { scaledOut: completed(scaledOut, key, ctx) }),
    ...(scaledIn && { scaledIn: completed(scaledIn, key, ctx) }),
  });
}

function endOf(
  ctx: Context,
  activity: ActivityRecord | undefined,
  status: keyof typeof outcomes,
): Partial<ActivityRecord> {
  return { status, ended: ctx.now, message: outcomes[status](activity?.count?.to ?? 0) };
}

function completed(move: Move, key: string, ctx: Context): Move {
  return move.activity === key ? { ...move, completedAt: ctx.now } : move;
}
