import { merge, type Sample } from './chunk.ts';
import type { MetricIdentity } from './identity.ts';
import type { Statistic } from './statistics.ts';
import type { MetricStore } from './store.ts';
import type { Stream } from './stream.ts';

/**
 * Reads one metric minute by minute, of those that are in memory. Its streams are looked up again whenever streams have
 * come or gone, so that a metric which there is not yet is found once it is there.
 */
export class MinuteReading {
  readonly #store: MetricStore;
  readonly #metric: MetricIdentity;
  readonly #unit: string | undefined;
  readonly #statistic: Statistic;
  #generation = -1;
  #streams: readonly Stream[] = [];
  /** Where there is one stream only, as with nearly all metrics. */
  #only: number | undefined;

  /** @param unit absent: of whatever unit */
  constructor(
    store: MetricStore,
    { metric, unit, statistic }: { metric: MetricIdentity; unit: string | undefined; statistic: Statistic },
  ) {
    this.#store = store;
    this.#metric = metric;
    this.#unit = unit;
    this.#statistic = statistic;
  }

  at(minute: number): number | undefined {
    const { needsDistribution, of } = this.#statistic;
    this.#follow();
    if (this.#only !== undefined) {
      const value = this.#store.recent.at(this.#only, minute);
      if (!Number.isNaN(value)) return of({ count: 1, sum: value, min: value, max: value });
    }
    let found: Sample | undefined;
    for (const stream of this.#streams) {
      const sample = stream.minute(minute, needsDistribution);
      if (sample) found = found ? merge(found, sample, needsDistribution) : sample;
    }
    return found && of(found);
  }

  /** Whether, since that record of the log, a point came for a minute that alarms had looked at by then. */
  isLateSince(sequence: number): boolean {
    this.#follow();
    if (this.#only !== undefined) return this.#store.recent.late(this.#only) >= sequence;
    return this.#streams.some(({ late }) => late >= sequence);
  }

  #follow(): void {
    const { generation } = this.#store;
    if (generation === this.#generation) return;
    const all = this.#store.find(this.#metric)?.streams ?? [];
    this.#streams = all.filter(({ record }) => this.#unit === undefined || record.unit === this.#unit);
    const [first, ...others] = this.#streams;
    this.#only = others.length === 0 ? first?.record.id : undefined;
    this.#generation = generation;
  }
}
