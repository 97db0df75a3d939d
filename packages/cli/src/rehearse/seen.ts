/** What the region tells of a rehearsal afterwards. */
import { paginateDescribeAlarmHistory } from '@aws-sdk/client-cloudwatch';
import type { Target } from '../deploy/clients.ts';
import type { FiredAlarm } from './rehearsal.ts';

/** The alarms that came into ALARM, oldest first. */
export async function firedAlarms({ clients }: Target): Promise<readonly FiredAlarm[]> {
  const client = await clients.cloudwatch();
  const fired: FiredAlarm[] = [];
  const query = { HistoryItemType: 'StateUpdate', ScanBy: 'TimestampAscending' } as const;
  for await (const { AlarmHistoryItems = [] } of paginateDescribeAlarmHistory({ client }, query)) {
    for (const { AlarmName: name = '', Timestamp, HistoryData } of AlarmHistoryItems) {
      const { newState } = JSON.parse(HistoryData ?? '{}') as StateUpdate;
      // Those of target tracking say that there is little to do, or much.
      if (newState?.stateValue !== 'ALARM' || name.startsWith('TargetTracking-')) continue;
      fired.push({ name, at: Timestamp?.toISOString() ?? '', reason: newState.stateReason });
    }
  }
  return fired;
}

interface StateUpdate {
  readonly newState?: { readonly stateValue: string; readonly stateReason: string };
}
