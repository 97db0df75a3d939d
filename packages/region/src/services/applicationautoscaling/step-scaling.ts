/**
 * The arithmetic of step scaling: which step the breach falls into, and what it makes of the capacity.
 * https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
 */

export interface Step {
  /** Absent: minus infinity. */
  readonly lower?: number;
  /** Absent: infinity. */
  readonly upper?: number;
  readonly adjustment: number;
}

export type Adjustment = 'ChangeInCapacity' | 'ExactCapacity' | 'PercentChangeInCapacity';

/**
 * The step for a metric that is `breach` away from the alarm's threshold.
 * Confirmed by API text: above the threshold bounds include the lower and exclude the upper one; below it is the other
 * way round.
 */
export function stepFor(steps: readonly Step[], breach: number, isAbove: boolean): Step | undefined {
  return steps.find(({ lower = Number.NEGATIVE_INFINITY, upper = Number.POSITIVE_INFINITY }) =>
    isAbove ? breach >= lower && breach < upper : breach > lower && breach <= upper,
  );
}

/** The capacity after the step, before minimum and maximum have their say. */
export function steppedCapacity(
  capacity: number,
  { adjustment }: Step,
  { type, minimumMagnitude = 0 }: { readonly type: Adjustment; readonly minimumMagnitude?: number },
): number {
  switch (type) {
    case 'ExactCapacity':
      return adjustment;
    case 'ChangeInCapacity':
      return Math.max(0, capacity + adjustment);
    case 'PercentChangeInCapacity': {
      const change = roundedChange((capacity * adjustment) / 100);
      const magnitude = Math.max(Math.abs(change), minimumMagnitude);
      return Math.max(0, capacity + (adjustment < 0 ? -magnitude : magnitude));
    }
  }
}

/** Confirmed by docs: more than 1 is rounded down, 0 to 1 is 1, 0 to -1 is -1, less than -1 is rounded towards zero. */
function roundedChange(change: number): number {
  if (change === 0) return 0;
  return Math.abs(change) < 1 ? Math.sign(change) : Math.trunc(change);
}

/** AWS's words for what is wrong with steps; undefined when nothing is. */
export function faultOfSteps(steps: readonly Step[]): string | undefined {
  if (steps.some(({ lower, upper }) => lower === undefined && upper === undefined)) {
    // Confirmed by a user's report; so are the two texts on unspecified bounds and the one on the number of steps.
    return 'Both lower and upper bounds of a step adjustment cannot be left unspecified';
  }
  if (steps.some(({ lower, upper }) => lower !== undefined && upper !== undefined && upper <= lower)) {
    return 'The upper bound of a step adjustment must be greater than its lower bound';
  }
  if (steps.length > 20) return 'There can be at most 20 step adjustments per scaling policy';
  const open = (bound: 'lower' | 'upper'): number => steps.filter((step) => step[bound] === undefined).length;
  for (const bound of ['lower', 'upper'] as const) {
    if (open(bound) > 1) return `At most one StepAdjustment may have an unspecified ${bound} bound`;
  }
  if (open('lower') === 0 && steps.some(({ lower = 0 }) => lower < 0)) {
    return 'There must be a StepAdjustment with an unspecified lower bound (i.e., lower bound is null) when one StepAdjustment has a negative lower bound';
  }
  if (open('upper') === 0 && steps.some(({ upper = 0 }) => upper > 0)) {
    return 'There must be a StepAdjustment with an unspecified upper bound (i.e., upper bound is null) when one StepAdjustment has a positive upper bound';
  }
  return faultBetween(steps);
}

function faultBetween(steps: readonly Step[]): string | undefined {
  const sorted = [...steps].sort(
    (a, b) => (a.lower ?? Number.NEGATIVE_INFINITY) - (b.lower ?? Number.NEGATIVE_INFINITY),
  );
  for (const [i, { upper = Number.POSITIVE_INFINITY }] of sorted.entries()) {
    const lower = sorted[i + 1]?.lower;
    if (lower === undefined) continue;
    if (lower < upper) return 'StepAdjustment intervals cannot overlap';
    if (lower > upper) return 'There must not be a gap between StepAdjustment intervals';
  }
  return undefined;
}
