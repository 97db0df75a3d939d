/**
 * The arithmetic of target tracking: load is spread evenly, so `capacity × metric` is the load, and what the target
 * allows each task tells how many tasks it takes. Rounded up in both directions.
 *
 * Confirmed by docs: scale-out is proportional to the metric, rounding never adds too little and never removes too much.
 * Known: the formula itself, which AWS does not publish.
 * https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
 */

/** Floating-point residue of `metric / target` must not add a task. */
const residue = 1e-9;

/**
 * More than `capacity` when the metric is over its target; from zero it is one. A metric below the target, of an alarm
 * that somebody changed, asks for nothing.
 */
export function capacityOut(capacity: number, metric: number, target: number): number {
  if (metric <= target) return capacity;
  const wanted = Math.ceil((capacity * metric) / target - residue);
  return Math.max(Number.isFinite(wanted) ? wanted : 0, capacity + 1);
}

/**
 * The least capacity under which the metric is predicted to stay at or below its target; `capacity` when there is none
 * that is smaller. Chosen, as AWS says no more than that it scales in more gradually.
 */
export function capacityIn(capacity: number, metric: number, target: number): number {
  const wanted = Math.ceil((capacity * metric) / target - residue);
  return Number.isFinite(wanted) ? Math.min(Math.max(wanted, 0), capacity) : capacity;
}

/**
 * Known: the low alarm is at 90 % of the target. AWS's text says "usually more than 10 % lower".
 * Rounded to nine decimals, so that 70 gives 63 and not 62.99….
 */
export function lowThreshold(target: number): number {
  return Math.round(target * 0.9 * 1e9) / 1e9;
}
