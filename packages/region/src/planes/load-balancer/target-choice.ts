/** Which targets of a group get requests, and which of them the next one. Pure but for the credit of `byShare`. */
import type { TargetConfiguration, TargetGroupConfiguration } from '../../services/elbv2/ports.ts';

type Checked = Pick<TargetConfiguration, 'status'>;

/**
 * Confirmed by docs: only healthy targets, unless fewer than the minimum are (by count or by percentage): then all of
 * them (fail-open).
 * Chosen: targets that are only `initial` get nothing (503) and do not count; AWS publishes no answer for that.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#target-group-health
 */
export function eligibleTargets<T extends Checked>(
  targets: readonly T[],
  minimum: TargetGroupConfiguration['minimumHealthyTargets'] = { count: 1 },
): { readonly targets: readonly T[]; readonly failsOpen: boolean } {
  const healthy = targets.filter(({ status }) => status === 'healthy' || status === 'unavailable');
  const unhealthy = targets.filter(({ status }) => status === 'unhealthy');
  const wanted = ((minimum.percentage ?? 0) / 100) * (healthy.length + unhealthy.length);
  const failsOpen = unhealthy.length > 0 && (healthy.length < minimum.count || healthy.length < wanted);
  return { targets: failsOpen ? [...healthy, ...unhealthy] : healthy, failsOpen };
}

/** The first target from `start` on with the fewest requests in flight. */
export function leastOutstanding<T extends { readonly outstanding: number }>(
  targets: readonly T[],
  start: number,
): T | undefined {
  let chosen = targets[start];
  for (let i = 1; i < targets.length; i += 1) {
    const other = targets[(start + i) % targets.length];
    if (other && chosen && other.outstanding < chosen.outstanding) chosen = other;
  }
  return chosen;
}

/** Round robin by shares: each target gains its share, the one with the most is taken and pays the sum. */
export function byShare<T extends { readonly share: number; credit: number }>(
  targets: readonly T[],
): T | undefined {
  let sum = 0;
  let chosen: T | undefined;
  for (const target of targets) {
    sum += target.share;
    target.credit += target.share;
    if (!chosen || target.credit > chosen.credit) chosen = target;
  }
  if (chosen) chosen.credit -= sum;
  return chosen;
}
