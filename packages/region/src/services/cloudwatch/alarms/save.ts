import type { PutCompositeAlarmInput, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import type { Context } from '../../../kernel/context.ts';
import { validationError } from '../errors.ts';
import { checkedName, tagRecord } from './common-input.ts';
import { noteConfiguration } from './history.ts';
import { initialReason } from './reason.ts';
import type { AlarmConfiguration, AlarmRecord, AlarmsState } from './state.ts';

/**
 * Makes an alarm or replaces the whole configuration of one. Confirmed by API text: an update keeps the state, and tags
 * are only for new alarms.
 */
export function saveAlarm<C extends AlarmConfiguration>(
  ctx: Context,
  state: AlarmsState,
  input: PutMetricAlarmInput | PutCompositeAlarmInput,
  configuration: C,
): { readonly alarm: AlarmRecord<C>; readonly isNew: boolean } {
  const name = checkedName(input.AlarmName);
  const known = state.alarms.get(name);
  if (known !== undefined && known.configuration.kind !== configuration.kind)
    throw validationError(
      `An alarm of another type exists with the name ${name}: names of metric and composite alarms are shared.`,
    );
  const alarm: AlarmRecord<C> = {
    ...(known ?? {
      name,
      arn: ctx.arn('cloudwatch', `alarm:${name}`),
      state: {
        value: 'INSUFFICIENT_DATA',
        reason: initialReason,
        updated: ctx.now,
        transitioned: ctx.now,
      },
      tags: tagRecord(input.Tags),
    }),
    configuration,
    configurationUpdated: ctx.now,
  };
  state.alarms.put(name, alarm);
  noteConfiguration(ctx, state, alarm, known ? 'Update' : 'Create');
  return { alarm, isNew: known === undefined };
}
