import type { Context } from '../../../kernel/context.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { type Json, rawJson, writeJson } from './json.ts';
import type { AlarmRecord, AlarmStatus, AlarmsState, HistoryRecord } from './state.ts';

// Confirmed by docs: "Alarm history is saved for 30 days" (two weeks in older editions of the guide).
const keptMs = 30 * 86_400_000;

export function noteConfiguration(
  ctx: Context,
  state: AlarmsState,
  alarm: AlarmRecord,
  type: 'Create' | 'Update' | 'Delete',
): void {
  const verb = `${type.toLowerCase()}d`;
  note(ctx, state, alarm, {
    type: 'ConfigurationUpdate',
    summary: `Alarm "${alarm.name}" ${verb}`,
    // Known: the members' names; AWS shows the alarm as its API has it.
    data: { version: '1.0', type, [`${verb}Alarm`]: { alarmName: alarm.name, alarmArn: alarm.arn } },
  });
}

export function noteStateUpdate(
  ctx: Context,
  state: AlarmsState,
  alarm: AlarmRecord,
  from: AlarmStatus,
): void {
  note(ctx, state, alarm, {
    type: 'StateUpdate',
    summary: `Alarm updated from ${from.value} to ${alarm.state.value}`,
    data: { version: '1.0', oldState: stateDocument(from), newState: stateDocument(alarm.state) },
  });
}

/** @param failure what the action's service answered, where it refused */
export function noteAction(
  ctx: Context,
  state: AlarmsState,
  alarm: AlarmRecord,
  { action, message, failure }: { action: string; message?: string; failure?: string },
): void {
  note(ctx, state, alarm, {
    type: 'Action',
    summary:
      failure === undefined
        ? `Successfully executed action ${action}`
        : `Failed to execute action ${action}. Received error: "${failure}"`,
    data: {
      actionState: failure === undefined ? 'Succeeded' : 'Failed',
      stateUpdateTimestamp: alarm.state.updated,
      notificationResource: action,
      publishedMessage: message,
      error: failure ?? null,
    },
  });
}

function note(
  ctx: Context,
  state: AlarmsState,
  alarm: AlarmRecord,
  { type, summary, data }: { type: HistoryRecord['type']; summary: string; data: Json },
): void {
  const previous = state.historyCount.get('last') ?? 0;
  state.historyCount.put('last', previous + 1);
  state.history.put(historyKey(ctx.now, previous + 1), {
    alarmName: alarm.name,
    alarmType: alarm.configuration.kind,
    timestamp: ctx.now,
    type,
    summary,
    data: writeJson(data),
  });
}

function historyKey(at: Instant, order: number): string {
  return `${digits(at, 15)}-${digits(order, 9)}`;
}

/** Lets go what is past its time. Items lie in order of their time, so it stops at the first that is not. */
export function expireHistory(now: Instant, state: AlarmsState): void {
  for (const [key, { timestamp }] of state.history.entries()) {
    if (timestamp > now - keptMs) return;
    state.history.delete(key);
  }
}

function stateDocument({ value, reason, reasonData }: AlarmStatus): Json {
  return { stateValue: value, stateReason: reason, stateReasonData: embedded(reasonData) };
}

function embedded(reasonData: string | undefined): Json | undefined {
  if (reasonData === undefined) return undefined;
  try {
    JSON.parse(reasonData);
    return rawJson(reasonData);
  } catch {
    return reasonData;
  }
}

const digits = (value: number, width: number): string => String(value).padStart(width, '0');
