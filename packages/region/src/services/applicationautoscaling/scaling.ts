/**
 * What a policy does when one of its alarms calls. The alarm calls again each minute while it stays in its state, so
 * nothing has to be remembered to try again: after a cooldown, a deployment or a suspension the next call decides anew.
 */
import type { Context } from '../../kernel/context.ts';
import type { Instant } from '../../kernel/instant.ts';
import { alarmState } from '../cloudwatch/views.ts';
import { serviceCapacity } from '../ecs/views.ts';
import { noteNotScaled, texts } from './activities.ts';
import { runningCount, setDesired } from './capacity.ts';
import { type Asked, type Decision, decideIn, decideOut, type View } from './decision.ts';
import {
  keyOf,
  type Move,
  type PolicyRecord,
  policiesOf,
  policyOfArn,
  type ScalingState,
  serviceKeyOf,
  type TargetRecord,
} from './state.ts';
import { type Adjustment, type Step, stepFor, steppedCapacity } from './step-scaling.ts';
import { capacityIn, capacityOut } from './target-tracking.ts';

/** What CloudWatch tells when an alarm enters a state with this policy among its actions, and each minute that it stays. */
export interface AlarmAction {
  readonly kind: 'alarmAction';
  readonly policyArn: string;
  readonly alarmName: string;
  readonly state: 'OK' | 'ALARM' | 'INSUFFICIENT_DATA';
  /** The newest data point; absent when there is none. */
  readonly metricValue?: number;
  readonly at: Instant;
}

interface Called {
  readonly ctx: Context;
  readonly state: ScalingState;
  readonly policy: PolicyRecord;
  readonly view: View;
  readonly alarm: AlarmAction;
}

export function onAlarm(ctx: Context, state: ScalingState, alarm: AlarmAction): void {
  const policy = policyOfArn(state, alarm.policyArn);
  const target = policy && state.targets.get(policy.resourceId);
  const view = target && viewOf(ctx, state, target);
  if (!policy || !target || !view) return;
  const called: Called = { ctx, state, policy, view, alarm };
  const decision = policy.tracking ? decideTracking(called) : decideStep(called);
  const cause = texts.alarmCause(alarm.alarmName, alarm.state, policy.name);
  switch (decision.kind) {
    case 'scale':
      scale(called, decision, cause);
      return;
    case 'notScaled':
      noteNotScaled(ctx, state, target, { cause, reason: decision.reason });
      return;
    case 'nothing':
      return;
  }
}

function viewOf(ctx: Context, state: ScalingState, target: TargetRecord): View | undefined {
  const service = serviceCapacity(state.tables, serviceKeyOf(target.resourceId));
  if (service?.status !== 'ACTIVE') return undefined;
  return {
    min: target.min,
    max: target.max,
    desired: service.desiredCount,
    // Counted only when the decision asks: most calls come from services that rest at their minimum.
    get running() {
      return runningCount(state, target.resourceId);
    },
    isDeploying: service.isDeploying,
    isOutSuspended: target.suspended.DynamicScalingOutSuspended,
    isInSuspended: target.suspended.DynamicScalingInSuspended,
    ...(isCooling(target.scaledOut, ctx.now) && { scaleOutBase: target.scaledOut.base }),
    isScaleInCooling: isCooling(target.scaledIn, ctx.now),
  };
}

function isCooling(move: Move | undefined, now: Instant): move is Move {
  if (!move) return false;
  return move.completedAt === undefined || now < move.completedAt + move.cooldownSeconds * 1000;
}

/** Confirmed by docs: without data there is no scaling either way; alarms call from ALARM only. */
function decideTracking(called: Called): Decision {
  const { policy, view, alarm } = called;
  const { TargetValue = 0 } = policy.tracking ?? {};
  const metric = alarm.metricValue;
  if (alarm.state !== 'ALARM' || metric === undefined) return { kind: 'nothing', waitingOn: 'data' };
  if (alarm.alarmName === policy.alarms.high) {
    return decideOut(view, (base) => capacityOut(base, metric, TargetValue));
  }
  if (alarm.alarmName !== policy.alarms.low) return { kind: 'nothing', waitingOn: 'its own alarms' };
  if (view.desired <= view.min) return decideIn(view, (base) => base, 'tracking');
  return decideTrackingIn(called, metric);
}

/** Confirmed by docs: in only if all target tracking policies with scale-in enabled want it; the largest capacity wins. */
function decideTrackingIn({ ctx, state, policy, view }: Called, metric: number): Decision {
  const all = policiesOf(state, policy.resourceId).filter(
    ({ tracking }) => tracking && tracking.DisableScaleIn !== true,
  );
  if (all.length > 1) {
    state.policies.put(keyOf(policy.resourceId, policy.name), { ...policy, low: { metric, at: ctx.now } });
  }
  const asked: Asked[] = [];
  for (const one of all) {
    const low = one.name === policy.name ? { metric, at: ctx.now } : one.low;
    if (!low || !isAskingIn(state, one, low.at, ctx.now)) {
      return { kind: 'nothing', waitingOn: `policy ${one.name}, which does not ask to scale in` };
    }
    asked.push((base) => capacityIn(base, low.metric, one.tracking?.TargetValue ?? 0));
  }
  return decideIn(view, (base) => Math.max(...asked.map((ask) => ask(base))), 'tracking');
}

/** Its low alarm is in ALARM and has called within the last two minutes. */
function isAskingIn(state: ScalingState, { alarms }: PolicyRecord, at: Instant, now: Instant): boolean {
  return now - at <= 120_000 && alarms.low !== undefined && alarmState(state.tables, alarms.low) === 'ALARM';
}

function decideStep({ ctx, policy, view, alarm }: Called): Decision {
  const { step } = policy;
  const { MetricAlarms } = ctx.call('cloudwatch', 'describeAlarms', { AlarmNames: [alarm.alarmName] });
  const { Threshold, ComparisonOperator = '', Statistic } = MetricAlarms?.[0] ?? {};
  if (!step || Threshold === undefined || alarm.metricValue === undefined) {
    return { kind: 'nothing', waitingOn: 'a metric to compare with the threshold' };
  }
  warnOfAggregation(ctx, policy, Statistic);
  const isAbove = ComparisonOperator.startsWith('GreaterThan');
  const found = stepFor(stepsOf(step), alarm.metricValue - Threshold, isAbove);
  if (!found) return { kind: 'nothing', waitingOn: 'a breach that one of its steps covers' };
  const type = (step.AdjustmentType ?? 'ChangeInCapacity') as Adjustment;
  const minimumMagnitude = step.MinAdjustmentMagnitude ?? 0;
  const asked: Asked = (base) => steppedCapacity(base, found, { type, minimumMagnitude });
  const isOut = type === 'ExactCapacity' ? found.adjustment >= view.desired : found.adjustment >= 0;
  return isOut ? decideOut(view, asked) : decideIn(view, asked, 'step');
}

/** AWS does not say over what it aggregates; where the alarm has the same statistic there is no difference. */
function warnOfAggregation(ctx: Context, { name, step }: PolicyRecord, statistic: string | undefined): void {
  const { MetricAggregationType: type = 'Average' } = step ?? {};
  if (statistic === undefined || statistic === type) return;
  ctx.warn(
    'ignored-member',
    `applicationautoscaling: MetricAggregationType ${type} of policy ${name} is without effect: its step is chosen by the data point of its alarm, which is of statistic ${statistic}`,
  );
}

export function stepsOf({ StepAdjustments = [] }: NonNullable<PolicyRecord['step']>): Step[] {
  return StepAdjustments.map(({ MetricIntervalLowerBound, MetricIntervalUpperBound, ScalingAdjustment }) => ({
    ...(MetricIntervalLowerBound !== undefined && { lower: MetricIntervalLowerBound }),
    ...(MetricIntervalUpperBound !== undefined && { upper: MetricIntervalUpperBound }),
    adjustment: ScalingAdjustment ?? 0,
  }));
}

/** Confirmed by docs: a scale-out ends the cooldown of a scale-in. */
function scale(
  { ctx, state, policy, view }: Called,
  { to, direction, base }: Extract<Decision, { kind: 'scale' }>,
  cause: string,
): void {
  const { resourceId } = policy;
  const activity = setDesired(ctx, state, resourceId, { from: view.desired, to, cause });
  const target = state.targets.get(resourceId);
  if (!target || activity === undefined) return;
  const { scaledOut: _out, scaledIn: _in, notScaled: _told, ...rest } = target;
  const move: Move = { activity, base, cooldownSeconds: cooldownOf(policy, direction) };
  state.targets.put(resourceId, {
    ...rest,
    ...(direction === 'out' ? { scaledOut: move } : { scaledIn: move }),
  });
}

/** Confirmed by API text: 300 seconds for ECS unless given. */
function cooldownOf({ tracking, step }: PolicyRecord, direction: 'out' | 'in'): number {
  const given = direction === 'out' ? tracking?.ScaleOutCooldown : tracking?.ScaleInCooldown;
  return (tracking ? given : step?.Cooldown) ?? 300;
}
