import type { CounterReport, LoadBalancing } from '../../services/elbv2/ports.ts';

/** What a load balancer answered. */
export interface LoadBalancerTraffic {
  /** In the last second. */
  readonly requestsPerSecond: number;
  /** Since the region started, whoever answered: targets or the balancer itself. */
  readonly requests: number;
  /** Those that were answered with 5xx. */
  readonly failedRequests: number;
}

interface Noted {
  readonly requests: number;
  readonly failedRequests: number;
  readonly last: number;
  readonly at: number;
}

/** Balancers report once a second while they carry anything; an older report is not of the last second any more. */
const freshMs = 1500;

/** Traffic as it is, for people who watch: metrics of CloudWatch come by the minute. */
export class Traffic {
  readonly #noted = new Map<string, Noted>();
  readonly #now: () => number;

  /** @param now the machine's clock in milliseconds */
  constructor(now: () => number) {
    this.#now = now;
  }

  of(loadBalancerArn: string): LoadBalancerTraffic {
    const noted = this.#noted.get(loadBalancerArn);
    if (noted === undefined) return { requestsPerSecond: 0, requests: 0, failedRequests: 0 };
    const { requests, failedRequests, last, at } = noted;
    return { requestsPerSecond: this.#now() - at < freshMs ? last : 0, requests, failedRequests };
  }

  /** The same balancers, with what they count noted on its way. */
  watch(plane: LoadBalancing): LoadBalancing {
    return {
      configure: (configuration) => plane.configure(configuration),
      remove: (arn) => plane.remove(arn),
      probeAll: (requests, ended) => plane.probeAll(requests, ended),
      watch: (changed) => plane.watch(changed),
      watchRequests: (logged) => plane.watchRequests(logged),
      watchCounters: (counted) =>
        plane.watchCounters((reports) => {
          for (const report of reports) this.#note(report);
          counted(reports);
        }),
    };
  }

  #note({ loadBalancerArn, counters, targetGroups }: CounterReport): void {
    const known = this.#noted.get(loadBalancerArn);
    const parts = [counters, ...targetGroups.map((group) => group.counters)];
    const answered = sumOf(parts, /^HTTPCode_(ELB|Target)_\dXX_Count$/);
    const failed = sumOf(parts, /^HTTPCode_(ELB|Target)_5XX_Count$/);
    this.#noted.set(loadBalancerArn, {
      requests: (known?.requests ?? 0) + answered,
      failedRequests: (known?.failedRequests ?? 0) + failed,
      last: answered,
      at: this.#now(),
    });
  }
}

function sumOf(parts: readonly Readonly<Record<string, number>>[], names: RegExp): number {
  const counts = parts.flatMap((part) => Object.entries(part)).filter(([name]) => names.test(name));
  return counts.reduce((sum, [, count]) => sum + count, 0);
}
