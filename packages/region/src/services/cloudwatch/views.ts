import type { Tables } from '../../kernel/table.ts';
import {
  type AlarmRecord,
  type AlarmState,
  alarmNameOf,
  alarmsTable,
  isMetricAlarm,
  openAlarms,
} from './alarms/state.ts';

/** Where alarms are kept: another service hears of their changes by this name in `onChanged`. */
export { alarmsTable };

/** The state of an alarm, metric or composite, by its name or ARN; undefined when there is none. */
export function alarmState(tables: Tables, alarm: string): AlarmState | undefined {
  return openAlarms(tables).alarms.get(alarmNameOf(alarm))?.state.value;
}

/** An alarm as those see it who wait for it. */
export interface WatchedAlarm {
  readonly state: AlarmState;
  /** How long it looks back. A composite alarm has no window of its own: 0. */
  readonly windowSeconds: number;
}

export function watchedAlarm(tables: Tables, alarm: string): WatchedAlarm | undefined {
  const found = openAlarms(tables).alarms.get(alarmNameOf(alarm));
  return found && { state: found.state.value, windowSeconds: windowOf(found) };
}

function windowOf(alarm: AlarmRecord): number {
  if (!isMetricAlarm(alarm)) return 0;
  const { metric, queries = [], evaluationPeriods } = alarm.configuration;
  const periods = queries.map(({ MetricStat, Period }) => MetricStat?.Period ?? Period ?? 60);
  return evaluationPeriods * (metric?.period ?? Math.max(60, ...periods));
}
