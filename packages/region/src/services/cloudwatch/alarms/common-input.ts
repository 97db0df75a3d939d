import type { PutCompositeAlarmInput, PutMetricAlarmInput, Tag } from '@aws-sdk/client-cloudwatch';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { missingParameter, validationError } from '../errors.ts';
import { isScalingPolicy, isTopic } from './actions.ts';
import { constraint } from './errors.ts';

type PutAlarmInput = PutMetricAlarmInput | PutCompositeAlarmInput;

/** What metric and composite alarms are both given. */
export function commonConfiguration(ctx: Context, input: PutAlarmInput) {
  const { AlarmDescription: description } = input;
  if (description !== undefined && description.length > 1024)
    throw constraint(description, 'alarmDescription', 'Member must have length less than or equal to 1024');
  return {
    ...(description !== undefined && { description }),
    actionsEnabled: input.ActionsEnabled ?? true,
    okActions: checkedActions(ctx, input, 'OKActions'),
    alarmActions: checkedActions(ctx, input, 'AlarmActions'),
    insufficientDataActions: checkedActions(ctx, input, 'InsufficientDataActions'),
  };
}

export function checkedName(name: string | undefined): string {
  if (name === undefined || name === '') throw missingParameter('AlarmName');
  if (name.length > 255)
    throw constraint(name, 'alarmName', 'Member must have length less than or equal to 255');
  return name;
}

/** Confirmed by docs: whether a target exists is not asked. */
function checkedActions(
  ctx: Context,
  input: PutAlarmInput,
  member: 'OKActions' | 'AlarmActions' | 'InsufficientDataActions',
): readonly string[] {
  const actions = input[member] ?? [];
  if (actions.length > 5)
    throw constraint(
      `[${actions.join(', ')}]`,
      `${member.charAt(0).toLowerCase()}${member.slice(1)}`,
      'Member must have length less than or equal to 5',
    );
  for (const action of actions) checkAction(ctx, action, 'AlarmRule' in input);
  return actions;
}

function checkAction(ctx: Context, action: string, isComposite: boolean): void {
  const [arn, , , region] = action.split(':');
  if (arn !== 'arn') throw validationError(`Invalid arn syntax: ${action}`);
  if (region !== undefined && region !== '' && region !== ctx.region)
    throw validationError(`Invalid region ${region} specified. Only ${ctx.region} is supported.`);
  if (isTopic(action)) return;
  if (!isScalingPolicy(action)) throw notModelled(`cloudwatch alarm action ${action}`, 'cloudwatch');
  if (isComposite) throw validationError('Composite alarms do not support Auto Scaling actions.');
}

export function tagRecord(tags: readonly Tag[] | undefined): Readonly<Record<string, string>> {
  if ((tags?.length ?? 0) > 50) throw validationError('A resource can have at most 50 tags.');
  return Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}
