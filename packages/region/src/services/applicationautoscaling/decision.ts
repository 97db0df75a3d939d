/**
 * What comes of an alarm: a new desired count, or a reason for none. Pure.
 *
 * A policy asks for a capacity as a function of the base that it starts from. That base is the running count, so that
 * tasks which cannot be placed do not make a service grow without end; while a scale-out cools down it is the count from
 * which that scale-out started, so that what it added counts, and only a larger one goes on.
 *
 * Confirmed by docs: running count as base https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html;
 * cooldowns https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html.
 */
import type { NotScaledReason } from '@aws-sdk/client-application-auto-scaling';

export interface View {
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  readonly running: number;
  readonly isDeploying: boolean;
  readonly isOutSuspended: boolean;
  readonly isInSuspended: boolean;
  /** A scale-out is under way or cools down: the running count from which it started. */
  readonly scaleOutBase?: number;
  /** A scale-in is under way or cools down. */
  readonly isScaleInCooling: boolean;
}

export type Decision =
  | { readonly kind: 'scale'; readonly to: number; readonly direction: 'out' | 'in'; readonly base: number }
  | { readonly kind: 'notScaled'; readonly reason: NotScaledReason }
  /** Nothing that AWS records. */
  | { readonly kind: 'nothing'; readonly waitingOn: string };

export type Asked = (base: number) => number;

/**
 * Confirmed by docs: a count below the minimum is first raised to it; one above the maximum is left alone, as scale-out
 * does not lower.
 */
export function decideOut(view: View, asked: Asked): Decision {
  const { min, max, desired } = view;
  if (view.isOutSuspended) return { kind: 'nothing', waitingOn: 'dynamic scaling out is suspended' };
  if (desired >= max) {
    return { kind: 'notScaled', reason: { Code: 'AlreadyAtMaxCapacity', MaxCapacity: max } };
  }
  const base = view.scaleOutBase ?? view.running;
  const to = clamp(asked(base), view);
  if (to > desired && to >= min) return { kind: 'scale', to, direction: 'out', base };
  return { kind: 'notScaled', reason: { Code: 'AlreadyAtDesiredCapacity', CurrentCapacity: desired } };
}

/**
 * Confirmed by docs: a count below the minimum is left alone; one above the maximum comes down to it at least; a
 * deployment turns scale-in off.
 * Chosen: a scale-out that cools down blocks scale-in too, and the reason codes, of which AWS documents the meaning only.
 */
export function decideIn(view: View, asked: Asked, cause: 'tracking' | 'step'): Decision {
  const { min, desired } = view;
  if (view.isInSuspended) return { kind: 'nothing', waitingOn: 'dynamic scaling in is suspended' };
  if (desired <= min) {
    return { kind: 'notScaled', reason: { Code: 'AlreadyAtMinCapacity', MinCapacity: min } };
  }
  if (view.isDeploying) {
    return { kind: 'notScaled', reason: { Code: 'TargetServicePutResourceAsUnscalable' } };
  }
  if (view.isScaleInCooling) return { kind: 'nothing', waitingOn: 'the cooldown of a scale-in' };
  if (view.scaleOutBase !== undefined) return { kind: 'nothing', waitingOn: 'the cooldown of a scale-out' };
  // Chosen: where nothing runs at the moment, as after a restart of the region, what is wanted is the base.
  const base = view.running > 0 ? view.running : desired;
  const to = clamp(asked(base), view);
  if (to < desired) return { kind: 'scale', to, direction: 'in', base };
  // Confirmed by docs: the code's meaning, that the metric would then ask for a scale-out.
  const reason: NotScaledReason =
    cause === 'tracking'
      ? { Code: 'AutoScalingAnticipatedFlapping' }
      : { Code: 'AlreadyAtDesiredCapacity', CurrentCapacity: desired };
  return { kind: 'notScaled', reason };
}

export function clamp(
  capacity: number,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  return Math.min(Math.max(capacity, min), max);
}
