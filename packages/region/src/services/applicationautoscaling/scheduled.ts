/**
 * Scheduled actions as timers. Each action has one, due at its next occurrence. Where the clock has passed several
 * occurrences at once, because the region was down or its clock was set, only the latest of each action is made up for,
 * and those of several actions in the order in which they were due: so the limits end as if it had been up all along.
 */
import type { Context } from '../../kernel/context.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Timer } from '../../kernel/timers.ts';
import { noteActivity, texts } from './activities.ts';
import { bringInside } from './capacity.ts';
import { latestOccurrence, nextOccurrence } from './schedule.ts';
import { keyOf, type ScalingState, type ScheduledActionRecord, type TargetRecord } from './state.ts';

/** Sets the timer for the first occurrence after `from`, or none when it is never due again. */
export function arm(ctx: Context, action: ScheduledActionRecord, from: Instant): void {
  const subject = keyOf(action.resourceId, action.name);
  const next = nextOccurrence(action, from);
  if (next === undefined) ctx.timers.cancel(subject, 'due');
  else ctx.timers.set(subject, 'due', next);
}

export function onDue(ctx: Context, state: ScalingState, timer: Timer): void {
  const action = state.scheduledActions.get(timer.subject);
  if (!action) return;
  const latest = latestOccurrence(action, timer.due, ctx.now);
  if (latest !== undefined && latest > timer.due) {
    ctx.timers.set(timer.subject, 'due', latest);
    return;
  }
  run(ctx, state, action);
  arm(ctx, action, ctx.now);
}

/** Confirmed by docs: sets what it names of minimum and maximum, for good, and brings the capacity inside; cooldowns do not count. */
function run(ctx: Context, state: ScalingState, action: ScheduledActionRecord): void {
  const target = state.targets.get(action.resourceId);
  if (!target || target.suspended.ScheduledScalingSuspended) return;
  const { min = target.min, max = target.max } = action;
  const isPossible = min <= max;
  noteActivity(ctx, state, {
    resourceId: action.resourceId,
    cause: texts.scheduledCause(action.name),
    description: texts.settingCapacity(action),
    status: isPossible ? 'Successful' : 'Failed',
    message: isPossible
      ? texts.capacitySet(action)
      : texts.capacityFailed(action, 'Maximum capacity cannot be less than minimum capacity'),
    ended: ctx.now,
  });
  if (!isPossible) return;
  const { notScaled: _told, ...rest } = target;
  const changed: TargetRecord = { ...rest, min, max };
  state.targets.put(action.resourceId, changed);
  bringInside(ctx, state, changed);
}
