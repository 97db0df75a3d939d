import type * as Api from '@aws-sdk/client-rds';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { applyDynamicParameters } from '../actions.ts';
import {
  dbParameterGroupAlreadyExists,
  invalidDbParameterGroupState,
  invalidParameterValue,
} from '../errors.ts';
import {
  ignoredParameters,
  isDynamic,
  isValueOf,
  lookUpParameterGroup,
  parameterDefinitions,
} from '../parameters.ts';
import type { DbParameterGroup, RdsState } from '../state.ts';
import { checkedIdentifier, page } from './input.ts';

export function createDBParameterGroup(
  ctx: Context,
  state: RdsState,
  input: Api.CreateDBParameterGroupMessage,
): Api.CreateDBParameterGroupResult {
  const name = checkedIdentifier('DBParameterGroupName', input.DBParameterGroupName);
  if (state.parameterGroups.has(name)) throw dbParameterGroupAlreadyExists(name);
  const family = input.DBParameterGroupFamily ?? '';
  if (!/^postgres\d+$/.test(family)) {
    throw notModelled(`rds CreateDBParameterGroup: DBParameterGroupFamily ${family}`, 'rds');
  }
  const group: DbParameterGroup = {
    name,
    arn: ctx.arn('rds', `pg:${name}`),
    family,
    description: input.Description ?? '',
    parameters: {},
    tags: input.Tags ?? [],
  };
  state.parameterGroups.put(name, group);
  return { DBParameterGroup: describedGroup(ctx, group) };
}

export function modifyDBParameterGroup(
  ctx: Context,
  state: RdsState,
  input: Api.ModifyDBParameterGroupMessage,
): Api.DBParameterGroupNameMessage {
  const group = changeable(state, input.DBParameterGroupName);
  const parameters = { ...group.parameters };
  for (const { ParameterName: name = '', ParameterValue: value = '', ApplyMethod } of input.Parameters ??
    []) {
    checkParameter(ctx, name, value, ApplyMethod);
    parameters[name] = value;
  }
  state.parameterGroups.put(group.name, { ...group, parameters });
  if (input.Parameters?.some(({ ApplyMethod }) => ApplyMethod === 'immediate')) {
    applyDynamicParameters(ctx, state, group.name);
  }
  return { DBParameterGroupName: group.name };
}

export function resetDBParameterGroup(
  ctx: Context,
  state: RdsState,
  input: Api.ResetDBParameterGroupMessage,
): Api.DBParameterGroupNameMessage {
  const group = changeable(state, input.DBParameterGroupName);
  const reset = new Set((input.Parameters ?? []).map(({ ParameterName }) => ParameterName));
  const kept = Object.entries(group.parameters).filter(
    ([name]) => !input.ResetAllParameters && !reset.has(name),
  );
  state.parameterGroups.put(group.name, { ...group, parameters: Object.fromEntries(kept) });
  // Confirmed by API: a reset takes effect at once for dynamic parameters.
  applyDynamicParameters(ctx, state, group.name);
  return { DBParameterGroupName: group.name };
}

export function describeDBParameterGroups(
  ctx: Context,
  state: RdsState,
  input: Api.DescribeDBParameterGroupsMessage,
): Api.DBParameterGroupsMessage {
  const found = input.DBParameterGroupName
    ? [lookUpParameterGroup(state, input.DBParameterGroupName)]
    : [lookUpParameterGroup(state, 'default.postgres17'), ...state.parameterGroups.values()];
  const { records, Marker } = page(found, input);
  return {
    DBParameterGroups: records.map((group) => describedGroup(ctx, group)),
    ...(Marker !== undefined && { Marker }),
  };
}

/** The parameters that this region sets; RDS lists some hundred more. */
export function describeDBParameters(
  _ctx: Context,
  state: RdsState,
  input: Api.DescribeDBParametersMessage,
): Api.DBParameterGroupDetails {
  const group = lookUpParameterGroup(state, input.DBParameterGroupName);
  const all = Object.entries(parameterDefinitions).map(([name, definition]): Api.Parameter => {
    const value = group.parameters[name];
    return {
      ParameterName: name,
      ...(value !== undefined && { ParameterValue: value }),
      Description: definition.description,
      Source: value === undefined ? 'engine-default' : 'user',
      ApplyType: definition.applyType,
      DataType: definition.dataType,
      IsModifiable: true,
      ApplyMethod: isDynamic(name) ? 'immediate' : 'pending-reboot',
    };
  });
  const { records, Marker } = page(
    all.filter(({ Source }) => input.Source === undefined || input.Source === Source),
    input,
  );
  return { Parameters: [...records], ...(Marker !== undefined && { Marker }) };
}

export function deleteDBParameterGroup(
  _ctx: Context,
  state: RdsState,
  input: Api.DeleteDBParameterGroupMessage,
): object {
  const { name } = changeable(state, input.DBParameterGroupName);
  const user = state.instances.find(({ parameterGroupName }) => parameterGroupName === name);
  if (user) {
    throw invalidDbParameterGroupState(
      'One or more database instances are still members of this parameter group.',
    );
  }
  state.parameterGroups.delete(name);
  return {};
}

function changeable(state: RdsState, name: string | undefined): DbParameterGroup {
  if (/^default\./.test(name ?? '')) {
    throw invalidParameterValue(
      `The parameter DBParameterGroupName is not valid: default groups cannot be changed.`,
    );
  }
  return lookUpParameterGroup(state, name);
}

/** Confirmed by docs: only dynamic parameters take `immediate`. */
function checkParameter(ctx: Context, name: string, value: string, method: string | undefined): void {
  const ignored = ignoredParameters[name];
  if (ignored !== undefined) {
    ctx.warn('rds-parameter', `Parameter ${name} is kept but has no effect: ${ignored}.`);
    return;
  }
  const definition = parameterDefinitions[name];
  if (!definition) throw notModelled(`rds: parameter ${name}`, 'rds');
  if (method === 'immediate' && definition.applyType === 'static') {
    throw invalidParameterValue(`cannot use immediate apply method for static parameter: ${name}`);
  }
  if (!isValueOf(definition, value)) {
    throw invalidParameterValue(`Invalid parameter value: ${value} for: ${name}`);
  }
}

function describedGroup(ctx: Context, group: DbParameterGroup): Api.DBParameterGroup {
  return {
    DBParameterGroupName: group.name,
    DBParameterGroupFamily: group.family,
    Description: group.description,
    DBParameterGroupArn: group.arn || ctx.arn('rds', `pg:${group.name}`),
  };
}
