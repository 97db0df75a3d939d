/**
 * What the balancers counted, by the minute of the region's clock, until the minute is published. It is kept in memory: the
 * minute under way is lost when the region is killed, and begins anew.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
import type { Instant } from '../../kernel/instant.ts';
import { minuteOf } from '../../kernel/metric-minutes.ts';
import type { CounterReport, Distribution } from './ports.ts';

/** One load balancer, or one of its target groups, in one minute. */
export interface MetricMinute {
  readonly start: Instant;
  readonly loadBalancerArn: string;
  /** Absent: of the load balancer as a whole. */
  readonly targetGroupArn?: string;
  /** Sums by the names of the metrics; of `ActiveConnectionCount` the highest. Only what is not zero. */
  readonly counts: Readonly<Record<string, number>>;
  /** `TargetResponseTime` in seconds. */
  readonly targetResponseTime?: Distribution;
}

/** The minutes of a load balancer that began at one time: the one of the whole is of the group `undefined`. */
type BalancerMinutes = Map<string | undefined, MetricMinute>;

export class LoadBalancerMetrics {
  /** By start and load balancer. */
  readonly #minutes = new Map<Instant, Map<string, BalancerMinutes>>();

  record(now: Instant, reports: readonly CounterReport[]): void {
    const start = minuteOf(now);
    const minutes = this.#minutes.get(start) ?? new Map<string, BalancerMinutes>();
    this.#minutes.set(start, minutes);
    for (const { loadBalancerArn, counters, targetGroups } of reports) {
      const ofBalancer: BalancerMinutes = minutes.get(loadBalancerArn) ?? new Map();
      minutes.set(loadBalancerArn, ofBalancer);
      add(ofBalancer, { start, loadBalancerArn, counts: counters });
      for (const { targetGroupArn, counters: counts, targetResponseTime } of targetGroups) {
        const part = { start, loadBalancerArn, counts, ...(targetResponseTime && { targetResponseTime }) };
        // Confirmed by docs: the metrics of targets are given per load balancer, too.
        add(ofBalancer, part);
        add(ofBalancer, { ...part, targetGroupArn });
      }
    }
  }

  /** Takes out what was counted in other minutes than the one under way, in the order in which it was first counted. */
  takeEnded(now: Instant): readonly MetricMinute[] {
    const current = minuteOf(now);
    const ended: MetricMinute[] = [];
    for (const [start, minutes] of this.#minutes) {
      if (start === current) continue;
      for (const ofBalancer of minutes.values()) ended.push(...ofBalancer.values());
      this.#minutes.delete(start);
    }
    return ended;
  }
}

function add(minutes: BalancerMinutes, part: MetricMinute): void {
  const known = minutes.get(part.targetGroupArn);
  minutes.set(part.targetGroupArn, known ? merged(known, part) : part);
}

function merged(known: MetricMinute, part: MetricMinute): MetricMinute {
  const counts: Record<string, number> = { ...known.counts };
  for (const [name, value] of Object.entries(part.counts)) {
    const before = counts[name] ?? 0;
    counts[name] = name === 'ActiveConnectionCount' ? Math.max(before, value) : before + value;
  }
  const targetResponseTime = mergedDistribution(known.targetResponseTime, part.targetResponseTime);
  return { ...known, counts, ...(targetResponseTime && { targetResponseTime }) };
}

/** The buckets of all reports have the same bounds. */
function mergedDistribution(
  a: Distribution | undefined,
  b: Distribution | undefined,
): Distribution | undefined {
  if (!a || !b) return a ?? b;
  const buckets = new Map<number, number>();
  for (const { values, counts } of [a, b]) {
    for (const [i, value] of values.entries())
      buckets.set(value, (buckets.get(value) ?? 0) + (counts[i] ?? 0));
  }
  const sorted = [...buckets].sort(([x], [y]) => x - y);
  return {
    sampleCount: a.sampleCount + b.sampleCount,
    sum: a.sum + b.sum,
    minimum: Math.min(a.minimum, b.minimum),
    maximum: Math.max(a.maximum, b.maximum),
    values: sorted.map(([value]) => value),
    counts: sorted.map(([, count]) => count),
  };
}
