import type {
  ListAccountSettingsRequest,
  ListAccountSettingsResponse,
  PutAccountSettingDefaultRequest,
  PutAccountSettingDefaultResponse,
  PutAccountSettingRequest,
  PutAccountSettingResponse,
  SettingName,
} from '@aws-sdk/client-ecs';
import type { Context } from '../../../kernel/context.ts';
import { invalidParameter } from '../errors.ts';
import type { EcsState } from '../state.ts';

/** The settings that describe what this region does anyway. Confirmed by docs: the long ARN formats are always on. */
const defaults: { readonly [name in SettingName]?: string } = {
  serviceLongArnFormat: 'enabled',
  taskLongArnFormat: 'enabled',
  containerInstanceLongArnFormat: 'enabled',
  awsvpcTrunking: 'disabled',
  containerInsights: 'disabled',
  fargateFIPSMode: 'disabled',
  tagResourceAuthorization: 'on',
  fargateTaskRetirementWaitPeriod: '7',
  guardDutyActivate: 'off',
  defaultLogDriverMode: 'non-blocking',
};

/** Confirmed by docs: the long ARN formats and the authorization of tags can no longer be switched off. */
const allowed: { readonly [name in SettingName]?: readonly string[] } = {
  serviceLongArnFormat: ['enabled'],
  taskLongArnFormat: ['enabled'],
  containerInstanceLongArnFormat: ['enabled'],
  awsvpcTrunking: ['enabled', 'disabled'],
  containerInsights: ['enabled', 'enhanced', 'disabled'],
  fargateFIPSMode: ['enabled', 'disabled'],
  tagResourceAuthorization: ['on'],
  fargateTaskRetirementWaitPeriod: ['0', '7', '14'],
  guardDutyActivate: ['on', 'off'],
  defaultLogDriverMode: ['blocking', 'non-blocking'],
};

/** What is kept, so that scripts go on, and changes nothing here. */
const withoutEffect: readonly SettingName[] = [
  'awsvpcTrunking',
  'fargateFIPSMode',
  'fargateTaskRetirementWaitPeriod',
  'guardDutyActivate',
  'defaultLogDriverMode',
];

/** What a new cluster has if it does not say itself. */
export function defaultContainerInsights(state: EcsState): string {
  return state.accountSettings.get('containerInsights') ?? defaults.containerInsights ?? 'disabled';
}

export function listAccountSettings(
  ctx: Context,
  state: EcsState,
  input: ListAccountSettingsRequest,
): ListAccountSettingsResponse {
  const names = (Object.keys(defaults) as SettingName[])
    .filter((name) => (input.name ?? name) === name)
    .filter((name) => input.effectiveSettings === true || state.accountSettings.has(name));
  return {
    settings: names.map((name) => ({
      name,
      value: state.accountSettings.get(name) ?? defaults[name] ?? '',
      principalArn: ctx.arn('iam', 'root', ''),
      type: 'user',
    })),
  };
}

export function putAccountSetting(
  ctx: Context,
  state: EcsState,
  input: PutAccountSettingRequest,
): PutAccountSettingResponse {
  const { name, value } = input;
  if (name === undefined || defaults[name] === undefined)
    throw invalidParameter(`Invalid setting name: ${name}`);
  if (!value) throw invalidParameter('The setting value must be specified.');
  const values = allowed[name] ?? [];
  if (!values.includes(value))
    throw invalidParameter(`Invalid setting value: ${value}. Allowed: ${values.join(', ')}.`);
  if (withoutEffect.includes(name) && value !== defaults[name])
    ctx.warn(`ecs-setting-${name}`, `ecs: the account setting ${name} is kept but has no effect.`);
  state.accountSettings.put(name, value);
  return {
    setting: { name, value, principalArn: input.principalArn ?? ctx.arn('iam', 'root', ''), type: 'user' },
  };
}

export function putAccountSettingDefault(
  ctx: Context,
  state: EcsState,
  input: PutAccountSettingDefaultRequest,
): PutAccountSettingDefaultResponse {
  return putAccountSetting(ctx, state, input);
}
