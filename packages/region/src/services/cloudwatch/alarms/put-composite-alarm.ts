import type { PutCompositeAlarmInput } from '@aws-sdk/client-cloudwatch';
import type { Context } from '../../../kernel/context.ts';
import { missingParameter, validationError } from '../errors.ts';
import { commonConfiguration } from './common-input.ts';
import { evaluateComposite, followSuppressor, ruleOf, settleComposites } from './composite.ts';
import { saveAlarm } from './save.ts';
import { type AlarmsState, alarmNameOf, type CompositeAlarmConfiguration } from './state.ts';

export function putCompositeAlarm(ctx: Context, state: AlarmsState, input: PutCompositeAlarmInput): object {
  const configuration = configurationOf(ctx, input);
  checkChildren(state, configuration);
  const { alarm, isNew } = saveAlarm(ctx, state, input, configuration);
  followSuppressor(ctx, state, alarm.name);
  const current = { ...alarm, ...state.alarms.get(alarm.name), configuration };
  if (evaluateComposite(ctx, state, current, { kind: isNew ? 'created' : 'updated' }))
    settleComposites(ctx, state, new Set([alarm.name]));
  return {};
}

function configurationOf(ctx: Context, input: PutCompositeAlarmInput): CompositeAlarmConfiguration {
  const { AlarmRule: rule, ActionsSuppressor: given } = input;
  const { ActionsSuppressorWaitPeriod: wait, ActionsSuppressorExtensionPeriod: extension } = input;
  if (rule === undefined || rule === '') throw missingParameter('AlarmRule');
  if (rule.length > 10_240) throw validationError('AlarmRule must not be longer than 10240 characters.');
  if (given === undefined && (wait !== undefined || extension !== undefined))
    throw validationError(
      'ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod need an ActionsSuppressor.',
    );
  // Confirmed by API text: both periods are required when a suppressor is given.
  if (given !== undefined && (wait === undefined || extension === undefined))
    throw validationError(
      'ActionsSuppressorWaitPeriod and ActionsSuppressorExtensionPeriod are required with an ActionsSuppressor.',
    );
  return {
    kind: 'CompositeAlarm',
    ...commonConfiguration(ctx, input),
    rule,
    ...(given !== undefined && {
      suppressor: {
        alarm: alarmNameOf(given),
        given,
        waitPeriodSeconds: wait ?? 0,
        extensionPeriodSeconds: extension ?? 0,
      },
    }),
  };
}

/** Confirmed by API text: at most 100 children. */
function checkChildren(state: AlarmsState, configuration: CompositeAlarmConfiguration): void {
  const { children } = ruleOf(configuration);
  if (children.length > 100)
    throw validationError(`AlarmRule must not reference more than 100 alarms, it has ${children.length}.`);
  const missing = children.filter((child) => !state.alarms.has(child));
  if (missing.length > 0)
    throw validationError(
      `Could not save the composite alarm as alarms [${missing.join(', ')}] in the alarm rule do not exist`,
    );
  const suppressor = configuration.suppressor?.alarm;
  if (suppressor !== undefined && !state.alarms.has(suppressor))
    throw validationError(
      `Could not save the composite alarm as actions suppressor [${suppressor}] does not exist`,
    );
}
