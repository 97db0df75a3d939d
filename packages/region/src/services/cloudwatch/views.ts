import type { Tables } from '../../kernel/table.ts';
import { type AlarmState, alarmNameOf, alarmsTable, openAlarms } from './alarms/state.ts';

/** Where alarms are kept: another service hears of their changes by this name in `onChanged`. */
export { alarmsTable };

/** The state of an alarm, metric or composite, by its name or ARN; undefined when there is none. */
export function alarmState(tables: Tables, alarm: string): AlarmState | undefined {
  return openAlarms(tables).alarms.get(alarmNameOf(alarm))?.state.value;
}
