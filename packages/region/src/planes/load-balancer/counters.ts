/** What the balancer counts, under the names of its CloudWatch metrics; taken and emptied once a second. */
import type { Distribution } from '../../services/elbv2/ports.ts';

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

export class Samples {
  #count = 0;
  #sum = 0;
  #minimum = Number.POSITIVE_INFINITY;
  #maximum = 0;
  #buckets = new Map<number, number>();

  add(value: number): void {
    this.#count += 1;
    this.#sum += value;
    if (value < this.#minimum) this.#minimum = value;
    if (value > this.#maximum) this.#maximum = value;
    const bucket = Math.round(Math.log(Math.max(value, 1e-6)) / LOG_BUCKET);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
  }

  take(): Distribution | undefined {
    if (this.#count === 0) return undefined;
    const buckets = [...this.#buckets].sort(([a], [b]) => a - b);
    const taken: Distribution = {
      sampleCount: this.#count,
      sum: this.#sum,
      minimum: this.#minimum,
      maximum: this.#maximum,
      values: buckets.map(([bucket]) => Math.exp(bucket * LOG_BUCKET)),
      counts: buckets.map(([, count]) => count),
    };
    this.#count = 0;
    this.#sum = 0;
    this.#minimum = Number.POSITIVE_INFINITY;
    this.#maximum = 0;
    this.#buckets = new Map();
    return taken;
  }
}

const LOG_BUCKET = Math.log(1.01);
