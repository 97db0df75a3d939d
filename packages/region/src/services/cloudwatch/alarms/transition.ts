import type { Context } from '../../../kernel/context.ts';
import { performActions } from './actions.ts';
import { noteStateUpdate } from './history.ts';
import type { AlarmRecord, AlarmState, AlarmsState } from './state.ts';

export interface NewState {
  readonly value: AlarmState;
  readonly reason: string;
  readonly reasonData?: string;
}

/** Moves an alarm into another state and notes it; its actions are the caller's. */
export function enterState<A extends AlarmRecord>(
  ctx: Context,
  state: AlarmsState,
  alarm: A,
  to: NewState,
): A {
  const moved = { ...alarm, state: { ...to, updated: ctx.now, transitioned: ctx.now } };
  state.alarms.put(alarm.name, moved);
  noteStateUpdate(ctx, state, moved, alarm.state);
  return moved;
}

/** A metric alarm's transition: the state, its history and its actions. */
export function transition(
  ctx: Context,
  state: AlarmsState,
  alarm: AlarmRecord,
  to: NewState,
  metricValue?: number,
): void {
  const moved = enterState(ctx, state, alarm, to);
  performActions(ctx, state, moved, alarm.state, metricValue);
}
