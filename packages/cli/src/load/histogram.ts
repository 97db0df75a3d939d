/**
 * Counts latencies in buckets that grow by two per cent, so that hours of load fit into a few kilobytes and a percentile
 * is never off by more than that.
 */
const growth = Math.log(1.02);
/** Milliseconds below which all latencies are alike. */
const finest = 0.01;

export class Histogram {
  readonly #counts = new Map<number, number>();
  #total = 0;
  #maximum = 0;
  #sum = 0;

  record(milliseconds: number): void {
    const bucket = Math.max(0, Math.ceil(Math.log(Math.max(milliseconds, finest) / finest) / growth));
    this.#counts.set(bucket, (this.#counts.get(bucket) ?? 0) + 1);
    this.#total += 1;
    this.#sum += milliseconds;
    this.#maximum = Math.max(this.#maximum, milliseconds);
  }

  get total(): number {
    return this.#total;
  }

  get maximum(): number {
    return this.#maximum;
  }

  get mean(): number {
    return this.#total === 0 ? 0 : this.#sum / this.#total;
  }

  /** The latency that this part (0 to 1) of all requests did not exceed; 0 without requests. */
  percentile(part: number): number {
    let seen = 0;
    for (const [bucket, count] of [...this.#counts].sort(([a], [b]) => a - b)) {
      seen += count;
      if (seen >= part * this.#total) return Math.min(finest * Math.exp(bucket * growth), this.#maximum);
    }
    return 0;
  }
}
