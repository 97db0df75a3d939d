/** What the balancer counts, under the names of its CloudWatch metrics; taken and emptied once a second. */
import type { Distribution } from '../../services/elbv2/ports.ts';

export class Counters {
  #counts = new Map<string, number>();

  add(name: string, amount = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + amount);
  }

  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  take(): Record<string, number> {
    const taken = Object.fromEntries(this.#counts);
    this.#counts = new Map();
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
