/** What the balancer counts, under the names of its CloudWatch metrics; taken and emptied once a second. */
import type { CounterReport, Distribution } from '../../services/elbv2/ports.ts';

/** One counter, for what is counted with every request. */
export class Counter {
  value = 0;
}

export class Counters {
  readonly #counters = new Map<string, Counter>();

  add(name: string, amount = 1): void {
    this.of(name).value += amount;
  }

  of(name: string): Counter {
    let counter = this.#counters.get(name);
    if (!counter) {
      counter = new Counter();
      this.#counters.set(name, counter);
    }
    return counter;
  }

  /** What is not zero. */
  take(): Record<string, number> {
    const taken: Record<string, number> = {};
    for (const [name, counter] of this.#counters) {
      if (counter.value !== 0) taken[name] = counter.value;
      counter.value = 0;
    }
    return taken;
  }
}

/** Seconds from a microsecond to three hours, in buckets of one percent. */
const LOG_BUCKET = Math.log(1.01);
const LOWEST = Math.round(Math.log(1e-6) / LOG_BUCKET);
const BUCKETS = Math.round(Math.log(10_800) / LOG_BUCKET) - LOWEST + 1;

export class Samples {
  readonly #buckets = new Uint32Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #minimum = Number.POSITIVE_INFINITY;
  #maximum = 0;

  add(value: number): void {
    this.#count += 1;
    this.#sum += value;
    if (value < this.#minimum) this.#minimum = value;
    if (value > this.#maximum) this.#maximum = value;
    const bucket = Math.round(Math.log(Math.max(value, 1e-6)) / LOG_BUCKET) - LOWEST;
    const known = Math.min(bucket, BUCKETS - 1);
    this.#buckets[known] = (this.#buckets[known] ?? 0) + 1;
  }

  take(): Distribution | undefined {
    if (this.#count === 0) return undefined;
    const values: number[] = [];
    const counts: number[] = [];
    for (const [bucket, count] of this.#buckets.entries()) {
      if (count === 0) continue;
      values.push(Math.exp((bucket + LOWEST) * LOG_BUCKET));
      counts.push(count);
    }
    const taken = {
      sampleCount: this.#count,
      sum: this.#sum,
      minimum: this.#minimum,
      maximum: this.#maximum,
      values,
      counts,
    };
    this.#buckets.fill(0);
    this.#count = 0;
    this.#sum = 0;
    this.#minimum = Number.POSITIVE_INFINITY;
    this.#maximum = 0;
    return taken;
  }
}

/** What several threads counted, each its own part of what one load balancer did in the same second. */
export function addedUp(reports: readonly CounterReport[]): readonly CounterReport[] {
  const balancers = new Map<string, CounterReport>();
  for (const report of reports) {
    const known = balancers.get(report.loadBalancerArn);
    balancers.set(report.loadBalancerArn, known ? sumOf(known, report) : report);
  }
  return [...balancers.values()];
}

function sumOf(a: CounterReport, b: CounterReport): CounterReport {
  const counters: Record<string, number> = { ...a.counters };
  for (const [name, value] of Object.entries(b.counters)) counters[name] = (counters[name] ?? 0) + value;
  return { ...a, counters, targetGroups: [...a.targetGroups, ...b.targetGroups] };
}
