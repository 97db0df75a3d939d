import { hasScalingActions } from './actions.ts';
import { type MinuteValue, minuteValueOf } from './minute-value.ts';
import { type Plan, planOf } from './plan.ts';
import { type AlarmMetric, type AlarmsState, isMetricAlarm, type MetricAlarmRecord } from './state.ts';

/** A metric as an alarm reads it by the minute. */
export interface MinuteMetric {
  at(minute: number): number | undefined;
  /** Whether, since that record of the log, a point came for a minute that alarms had looked at by then. */
  isLateSince(sequence: number): boolean;
}

/** A metric alarm with what its evaluation needs: thousands are evaluated every minute. */
export interface WatchedAlarm {
  readonly alarm: MetricAlarmRecord;
  readonly plan: Plan;
  /** In the state that it is in. */
  readonly isScaling: boolean;
  /** Where its periods are minutes that can be looked at alone. */
  readonly minutes: WatchedMinutes | undefined;
  /** What data calls for is the state that it is in: as of this evaluation. Undefined: unknown, or it is not. */
  agreed: Agreement | undefined;
}

export interface WatchedMinutes {
  readonly valueAt: MinuteValue;
  readonly metrics: readonly MinuteMetric[];
}

export interface Agreement {
  /** The end of the range that was looked at. */
  readonly end: number;
  /** The first record of the log that was not in memory then. */
  readonly sequence: number;
}

/** All metric alarms, in the order of their table, which stays the only truth: they are gone through again after it was written. */
export class WatchedAlarms {
  readonly #state: AlarmsState;
  readonly #open: (metric: AlarmMetric) => MinuteMetric;
  #known = new Map<string, WatchedAlarm>();
  #version: number | undefined;

  constructor(state: AlarmsState, open: (metric: AlarmMetric) => MinuteMetric) {
    this.#state = state;
    this.#open = open;
  }

  all(): Iterable<WatchedAlarm> {
    const { alarms } = this.#state;
    if (alarms.version === this.#version) return this.#known.values();
    const known = new Map<string, WatchedAlarm>();
    for (const alarm of alarms.values()) {
      if (isMetricAlarm(alarm)) known.set(alarm.name, this.#watch(alarm));
    }
    this.#known = known;
    this.#version = alarms.version;
    return known.values();
  }

  /** Another record is another alarm, of which nothing was evaluated; where only its state is another, it reads the same. */
  #watch(alarm: MetricAlarmRecord): WatchedAlarm {
    const known = this.#known.get(alarm.name);
    if (known?.alarm === alarm) return known;
    const isSame = known?.alarm.configuration === alarm.configuration;
    return {
      alarm,
      plan: planOf(alarm.configuration),
      isScaling: hasScalingActions(alarm),
      minutes: isSame ? known.minutes : this.#minutesOf(alarm),
      agreed: undefined,
    };
  }

  #minutesOf({ configuration: { metric, queries = [] } }: MetricAlarmRecord): WatchedMinutes | undefined {
    const metrics: MinuteMetric[] = [];
    const open = (one: AlarmMetric): MinuteValue => {
      const opened = this.#open(one);
      metrics.push(opened);
      return (minute) => opened.at(minute);
    };
    if (metric !== undefined) return metric.period === 60 ? { valueAt: open(metric), metrics } : undefined;
    const valueAt = minuteValueOf(queries, open);
    return valueAt && { valueAt, metrics };
  }
}
