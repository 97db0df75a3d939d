import type { NotScaledReason } from '@aws-sdk/client-application-auto-scaling';
import type { Context } from '../../kernel/context.ts';
import type { ActivityRecord, ScalingState, TargetRecord } from './state.ts';

/**
 * The texts of scaling activities, all in one place.
 * Confirmed by docs: https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-scaling-activities.html
 * Chosen: those of failed, overridden and unfulfilled changes.
 */
export const texts = {
  alarmCause: (alarm: string, state: string, policy: string): string =>
    `monitor alarm ${alarm} in state ${state} triggered policy ${policy}`,
  attempted: 'Attempting to scale due to alarm triggered',
  settingCount: (count: number): string => `Setting desired count to ${count}.`,
  waiting: (count: number): string =>
    `Successfully set desired count to ${count}. Waiting for change to be fulfilled by ecs.`,
  fulfilled: (count: number): string =>
    `Successfully set desired count to ${count}. Change successfully fulfilled by ecs.`,
  overridden: (count: number): string =>
    `Successfully set desired count to ${count}. Change was overridden by a newer one before ecs fulfilled it.`,
  unfulfilled: (count: number): string =>
    `Successfully set desired count to ${count}. Change was not fulfilled by ecs in time.`,
  failed: (count: number, reason: string): string =>
    `Failed to set desired count to ${count}. Reason: ${reason}`,
  minimumCause: (min: number): string => `minimum capacity was set to ${min}`,
  maximumCause: (max: number): string => `maximum capacity was set to ${max}`,
  scheduledCause: (action: string): string => `scheduled action name ${action} was triggered`,
  settingCapacity: ({ min, max }: Limits): string => `Setting ${capacities({ min, max })}`,
  capacitySet: ({ min, max }: Limits): string => `Successfully set ${capacities({ min, max })}`,
  capacityFailed: ({ min, max }: Limits, reason: string): string =>
    `Failed to set ${capacities({ min, max })}. Reason: ${reason}`,
} as const;

interface Limits {
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

function capacities({ min, max }: Limits): string {
  const told = [
    ...(min === undefined ? [] : [`min capacity to ${min}`]),
    ...(max === undefined ? [] : [`max capacity to ${max}`]),
  ];
  return told.join(' and ');
}

/** Confirmed by API text: activities are kept for six weeks. */
const retentionMs = 42 * 24 * 3600 * 1000;

/** Notes an activity and answers its key, under which `changeActivity` finds it. */
export function noteActivity(
  ctx: Context,
  state: ScalingState,
  activity: Omit<ActivityRecord, 'id' | 'started'>,
): string {
  forgetOld(ctx, state);
  const id = ctx.random.uuid();
  const key = `${String(ctx.now).padStart(15, '0')} ${id}`;
  state.activities.put(key, { ...activity, id, started: ctx.now });
  return key;
}

export function changeActivity(state: ScalingState, key: string, changes: Partial<ActivityRecord>): void {
  const activity = state.activities.get(key);
  if (activity) state.activities.put(key, { ...activity, ...changes });
}

/** Chosen: a decision not to scale is recorded once, until the decision or the target changes. AWS's own rhythm is unknown. */
export function noteNotScaled(
  ctx: Context,
  state: ScalingState,
  target: TargetRecord,
  { cause, reason }: { readonly cause: string; readonly reason: NotScaledReason },
): void {
  const told = JSON.stringify(reason);
  if (target.notScaled?.[cause] === told) return;
  state.targets.put(target.resourceId, { ...target, notScaled: { ...target.notScaled, [cause]: told } });
  noteActivity(ctx, state, {
    resourceId: target.resourceId,
    cause,
    description: texts.attempted,
    status: 'Failed',
    ended: ctx.now,
    notScaledReason: reason,
  });
}

/** Rows are in order of time, also after they were read from the store. */
function forgetOld(ctx: Context, state: ScalingState): void {
  for (const [key, { started }] of state.activities.entries()) {
    if (ctx.now - started <= retentionMs) return;
    state.activities.delete(key);
  }
}
