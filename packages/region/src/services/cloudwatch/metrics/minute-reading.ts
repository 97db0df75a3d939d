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
    const { needsDistribution } = this.#statistic;
    let found: Sample | undefined;
    for (const stream of this.#found()) {
      const sample = stream.minute(minute, needsDistribution);
      if (sample) found = found ? merge(found, sample, needsDistribution) : sample;
    }
    return found && this.#statistic.of(found);
  }

  /** Whether, since that record of the log, a point came for a minute that alarms had looked at by then. */
  isLateSince(sequence: number): boolean {
    for (const { late } of this.#found()) if (late >= sequence) return true;
    return false;
  }

  #found(): readonly Stream[] {
    const { generation } = this.#store;
    if (generation === this.#generation) return this.#streams;
    const all = this.#store.find(this.#metric)?.streams ?? [];
    this.#streams = all.filter(({ record }) => this.#unit === undefined || record.unit === this.#unit);
    this.#generation = generation;
    return this.#streams;
  }
}
