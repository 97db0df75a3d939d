/**
 * Slow start: a target's share of the requests grows linearly from when it becomes healthy. Pure; the moments come from
 * the region's clock, the shares go to the plane as weights.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#slow-start-mode
 */
import { after, type Instant } from '../../kernel/instant.ts';

/** Chosen: the share grows in this many steps. */
const STEPS = 30;

export interface SlowStartCandidate {
  /** It came from `unhealthy`, or is new. */
  readonly isRecovered: boolean;
  /** It was registered into an empty group. */
  readonly isFirst: boolean;
}

/**
 * Confirmed by docs: not for the first registration into an empty group, and only when a healthy target is there that is
 * not itself in slow start.
 */
export function startsSlowly(
  durationSeconds: number,
  { isRecovered, isFirst }: SlowStartCandidate,
  others: readonly { readonly state: string; readonly slowStartSince?: Instant }[],
): boolean {
  if (durationSeconds === 0 || (isFirst && !isRecovered)) return false;
  return others.some(({ state, slowStartSince }) => state === 'healthy' && slowStartSince === undefined);
}

/** From just above 0 to 1. */
export function slowStartShare(since: Instant, durationSeconds: number, now: Instant): number {
  if (durationSeconds === 0) return 1;
  const step = Math.floor(((now - since) / 1000 / durationSeconds) * STEPS + 1e-6);
  return Math.min(1, (step + 1) / STEPS);
}

/** When the share grows next; undefined when it is whole. */
export function nextSlowStartStep(
  since: Instant,
  durationSeconds: number,
  now: Instant,
): Instant | undefined {
  if (slowStartShare(since, durationSeconds, now) >= 1) return undefined;
  return after(now, durationSeconds / STEPS);
}
