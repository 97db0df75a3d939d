import type {
  DeleteAlarmsInput,
  DisableAlarmActionsInput,
  EnableAlarmActionsInput,
  SetAlarmStateInput,
} from '@aws-sdk/client-cloudwatch';
import type { Context } from '../../../kernel/context.ts';
import { missingParameter, validationError } from '../errors.ts';
import { hasScalingActions } from './actions.ts';
import { move, settleComposites, timerSubject } from './composite.ts';
import { parentsOf } from './describe.ts';
import { alarmNotFound, constraint } from './errors.ts';
import { noteConfiguration } from './history.ts';
import { scheduleEvaluation } from './schedule.ts';
import { type AlarmState, type AlarmsState, isCompositeAlarm } from './state.ts';
import { transition } from './transition.ts';

/**
 * Confirmed by API text: the state lasts until the next evaluation; an alarm that scales needs the reason's data, where
 * its step policies find the metric's value.
 */
export function setAlarmState(ctx: Context, state: AlarmsState, input: SetAlarmStateInput): object {
  const { AlarmName, StateReason: reason, StateReasonData: reasonData } = input;
  const value = stateValueOf(input.StateValue);
  if (reason === undefined) throw missingParameter('StateReason');
  const alarm = state.alarms.get(AlarmName ?? '');
  if (!alarm) throw alarmNotFound();
  checkReasonData(reasonData);
  if (alarm.state.value === value) return {};
  const to = { value, reason, ...(reasonData !== undefined && { reasonData }) };
  if (isCompositeAlarm(alarm)) move(ctx, state, alarm, to);
  else transition(ctx, state, alarm, to, hasScalingActions(alarm) ? newestDatapoint(reasonData) : undefined);
  settleComposites(ctx, state, new Set([alarm.name]));
  return {};
}

function stateValueOf(value: string | undefined): AlarmState {
  if (value === 'OK' || value === 'ALARM' || value === 'INSUFFICIENT_DATA') return value;
  if (value === undefined) throw missingParameter('StateValue');
  throw constraint(value, 'stateValue', 'Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]');
}

function checkReasonData(reasonData: string | undefined): void {
  if (reasonData === undefined) return;
  try {
    JSON.parse(reasonData);
  } catch {
    throw validationError('StateReasonData was not valid JSON.');
  }
}

function newestDatapoint(reasonData: string | undefined): number | undefined {
  if (reasonData === undefined) return undefined;
  const { recentDatapoints } = (JSON.parse(reasonData) ?? {}) as { recentDatapoints?: unknown };
  const newest: unknown = Array.isArray(recentDatapoints) ? recentDatapoints.at(-1) : undefined;
  return typeof newest === 'number' ? newest : undefined;
}

/** Confirmed by API text: no more than one composite alarm in a call, and none on which another depends. */
export function deleteAlarms(
  ctx: Context,
  state: AlarmsState,
  { AlarmNames = [] }: DeleteAlarmsInput,
): object {
  const alarms = AlarmNames.map((name) => {
    const alarm = state.alarms.get(name);
    if (!alarm) throw alarmNotFound();
    return alarm;
  });
  if (alarms.length > 100) throw validationError('At most 100 alarms can be deleted in one operation.');
  if (alarms.length > 1 && alarms.filter(isCompositeAlarm).length > 1)
    throw validationError('You can delete only one composite alarm in one operation.');
  for (const { name } of alarms) {
    if (parentsOf(state, name).some((parent) => !AlarmNames.includes(parent.name)))
      throw validationError(`Cannot delete ${name} as there are composite alarm(s) depending on it.`);
  }
  for (const alarm of alarms) {
    state.alarms.delete(alarm.name);
    ctx.timers.drop(timerSubject(alarm.name));
    noteConfiguration(ctx, state, alarm, 'Delete');
  }
  scheduleEvaluation(ctx, state);
  return {};
}

export function enableAlarmActions(ctx: Context, state: AlarmsState, input: EnableAlarmActionsInput): object {
  return setActionsEnabled(ctx, state, input.AlarmNames ?? [], true);
}

export function disableAlarmActions(
  ctx: Context,
  state: AlarmsState,
  input: DisableAlarmActionsInput,
): object {
  return setActionsEnabled(ctx, state, input.AlarmNames ?? [], false);
}

/** Known: names of alarms that there are not are passed over. */
function setActionsEnabled(
  ctx: Context,
  state: AlarmsState,
  names: readonly string[],
  actionsEnabled: boolean,
): object {
  for (const name of names) {
    const alarm = state.alarms.get(name);
    if (!alarm || alarm.configuration.actionsEnabled === actionsEnabled) continue;
    const changed = {
      ...alarm,
      configuration: { ...alarm.configuration, actionsEnabled },
      configurationUpdated: ctx.now,
    };
    state.alarms.put(name, changed);
    noteConfiguration(ctx, state, changed, 'Update');
  }
  return {};
}
