import { AwsError } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { noteAction } from './history.ts';
import { notification } from './notification.ts';
import {
  type AlarmRecord,
  type AlarmState,
  type AlarmStatus,
  type AlarmsState,
  isMetricAlarm,
} from './state.ts';

const scalingPolicy = /^arn:[^:]*:autoscaling:[^:]*:\d{12}:scalingPolicy:.+/;

/** What Application Auto Scaling is told; with a step policy it needs the metric's value. */
interface AlarmAction {
  readonly kind: 'alarmAction';
  readonly policyArn: string;
  readonly alarmArn: string;
  readonly alarmName: string;
  readonly state: AlarmState;
  /** The newest data point that was evaluated. */
  readonly metricValue?: number;
  readonly at: number;
}

export function isTopic(action: string): boolean {
  return /^arn:[^:]*:sns:[^:]*:\d{12}:[^:]+$/.test(action);
}

export function isScalingPolicy(action: string): boolean {
  return scalingPolicy.test(action);
}

/** Performs the actions of the state that an alarm has entered, and notes each in the history. */
export function performActions(
  ctx: Context,
  state: AlarmsState,
  alarm: AlarmRecord,
  from: AlarmStatus,
  metricValue?: number,
): void {
  if (!alarm.configuration.actionsEnabled) return;
  for (const action of actionsOf(alarm)) {
    if (isScalingPolicy(action)) {
      tellScaling(ctx, alarm, action, metricValue);
      noteAction(ctx, state, alarm, { action });
    } else publish(ctx, state, alarm, from, action);
  }
}

/**
 * Confirmed by docs: while an alarm stays in a state, an Auto Scaling action is invoked again every minute; others run
 * on transitions only. Chosen: the repetitions are not in the history.
 */
export function repeatScalingActions(ctx: Context, alarm: AlarmRecord, metricValue?: number): void {
  if (!alarm.configuration.actionsEnabled) return;
  for (const action of actionsOf(alarm)) {
    if (isScalingPolicy(action)) tellScaling(ctx, alarm, action, metricValue);
  }
}

/** By the list of a record: thousands are asked each minute. */
const scaling = new WeakMap<readonly string[], boolean>();

export function hasScalingActions(alarm: AlarmRecord): boolean {
  if (!isMetricAlarm(alarm)) return false;
  const actions = actionsOf(alarm);
  const known = scaling.get(actions) ?? actions.some(isScalingPolicy);
  scaling.set(actions, known);
  return known;
}

function actionsOf({ configuration, state }: AlarmRecord): readonly string[] {
  switch (state.value) {
    case 'OK':
      return configuration.okActions;
    case 'ALARM':
      return configuration.alarmActions;
    case 'INSUFFICIENT_DATA':
      return configuration.insufficientDataActions;
  }
}

function tellScaling(
  ctx: Context,
  alarm: AlarmRecord,
  policyArn: string,
  metricValue: number | undefined,
): void {
  const action: AlarmAction = {
    kind: 'alarmAction',
    policyArn,
    alarmArn: alarm.arn,
    alarmName: alarm.name,
    state: alarm.state.value,
    ...(metricValue !== undefined && { metricValue }),
    at: ctx.now,
  };
  ctx.tell('applicationautoscaling', action);
}

/** As CloudWatch itself: the topic's policy has to let it in, whoever moved the alarm. */
function publish(
  ctx: Context,
  state: AlarmsState,
  alarm: AlarmRecord,
  from: AlarmStatus,
  TopicArn: string,
): void {
  const message = notification(ctx, alarm, from);
  const told = { action: TopicArn, message: message.Message };
  try {
    ctx.as(cloudWatchPrincipal(ctx)).call('sns', 'publish', { TopicArn, ...message });
    noteAction(ctx, state, alarm, told);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    noteAction(ctx, state, alarm, { ...told, failure: error.message });
  }
}

function cloudWatchPrincipal({ accountId }: Context) {
  return {
    type: 'Service',
    arn: `arn:aws:iam::${accountId}:role/aws-service-role/cloudwatch.amazonaws.com/region`,
    accountId,
    userId: 'cloudwatch.amazonaws.com',
  } as const;
}
