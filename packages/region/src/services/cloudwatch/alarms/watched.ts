import { hasScalingActions } from './actions.ts';
import { type MinuteValue, minuteValueOf } from './minute-value.ts';
import { type Plan, planOf } from './plan.ts';
import { stepOf } from './schedule.ts';
import {
  type AlarmMetric,
  type AlarmsState,
  isMetricAlarm,
  type MetricAlarmRecord,
  type ThresholdComparison,
} from './state.ts';

/** A metric as an alarm reads it by the minute. */
export interface MinuteMetric {
  at(minute: number): number | undefined;
  /** Whether, since that record of the log, a point came for a minute that alarms had looked at by then. */
  isLateSince(sequence: number): boolean;
}

/**
 * A metric alarm with what its evaluation needs, all in one place: thousands are evaluated every minute, and most change
 * nothing.
 */
export interface WatchedAlarm {
  readonly alarm: MetricAlarmRecord;
  readonly plan: Plan;
  readonly periodMs: number;
  readonly comparison: ThresholdComparison;
  readonly threshold: number;
  /** Has actions of scaling policies in the state that it is in. */
  readonly isScaling: boolean;
  /** The newest point that confirms its state: one that breaches, one that does not, none at all. */
  readonly confirmedBy: { readonly breaching: boolean; readonly other: boolean; readonly missing: boolean };
  /** Where its periods are minutes that can be looked at alone: their metrics, and what is made of them. */
  readonly metrics: readonly MinuteMetric[] | undefined;
  readonly valueAt: MinuteValue;
  /** The minute by whose end data last called for the state that it is in; -1: unknown, or it does not. */
  agreed: number;
  /** The first record of the log that was not in memory then. */
  agreedTo: number;
}

/** All metric alarms, in the order of their table, which stays the only truth: they are gone through again after it was written. */
export class WatchedAlarms {
  readonly #state: AlarmsState;
  readonly #open: (metric: AlarmMetric) => MinuteMetric;
  #known = new Map<string, WatchedAlarm>();
  #all: readonly WatchedAlarm[] = [];
  #version: number | undefined;
  #stepMs: number | undefined;

  constructor(state: AlarmsState, open: (metric: AlarmMetric) => MinuteMetric) {
    this.#state = state;
    this.#open = open;
  }

  all(): readonly WatchedAlarm[] {
    this.#follow();
    return this.#all;
  }

  /** How often they are to be evaluated. */
  get stepMs(): number | undefined {
    this.#follow();
    return this.#stepMs;
  }

  #follow(): void {
    const { alarms } = this.#state;
    if (alarms.version === this.#version) return;
    const known = new Map<string, WatchedAlarm>();
    for (const alarm of alarms.values()) {
      if (isMetricAlarm(alarm)) known.set(alarm.name, this.#watch(alarm));
    }
    this.#known = known;
    this.#all = [...known.values()];
    this.#version = alarms.version;
    this.#stepMs = stepOf(this.#all);
  }

  /** Another record is another alarm, of which nothing was evaluated; where only its state is another, it reads the same. */
  #watch(alarm: MetricAlarmRecord): WatchedAlarm {
    const known = this.#known.get(alarm.name);
    if (known?.alarm === alarm) return known;
    const plan = planOf(alarm.configuration);
    const { comparison, threshold } = plan.rule;
    const isScaling = hasScalingActions(alarm);
    const isSame = known?.alarm.configuration === alarm.configuration;
    const { metrics, valueAt } = isSame ? known : this.#minutesOf(alarm, plan);
    return {
      alarm,
      plan,
      periodMs: plan.periodMs,
      comparison,
      threshold,
      isScaling,
      confirmedBy: confirmedBy(alarm, plan, isScaling),
      metrics,
      valueAt,
      agreed: -1,
      agreedTo: 0,
    };
  }

  #minutesOf(
    { configuration: { metric, queries = [] } }: MetricAlarmRecord,
    { ignoredPercentile }: Plan,
  ): Pick<WatchedAlarm, 'metrics' | 'valueAt'> {
    const metrics: MinuteMetric[] = [];
    const open = (one: AlarmMetric): MinuteValue => {
      const opened = this.#open(one);
      metrics.push(opened);
      return (minute) => opened.at(minute);
    };
    const isAlone = metric?.period === 60 && ignoredPercentile === undefined;
    const valueAt = metric === undefined ? minuteValueOf(queries, open) : isAlone ? open(metric) : undefined;
    return valueAt ? { metrics, valueAt } : { metrics: undefined, valueAt: () => undefined };
  }
}

/**
 * One point often says enough: with a newest one that does not breach an alarm stays OK, since the range has got no more
 * breaching points and no more missing ones; likewise ALARM with a breaching one. Without one it stays OK where what is
 * missing does not breach, and INSUFFICIENT_DATA, which means that the range has none. This is what makes a minute of a
 * thousand alarms cheap.
 */
function confirmedBy(
  { state: { value } }: MetricAlarmRecord,
  { rule: { treatMissingData } }: Plan,
  isScaling: boolean,
): WatchedAlarm['confirmedBy'] {
  const staysWithout = value === 'OK' ? treatMissingData === 'notBreaching' : value === 'INSUFFICIENT_DATA';
  // A scaling policy is told the newest point of the range.
  return { breaching: value === 'ALARM', other: value === 'OK', missing: staysWithout && !isScaling };
}
