import type {
  AddTagsToResourceRequest,
  DescribeParametersRequest,
  DescribeParametersResult,
  GetParameterHistoryRequest,
  GetParameterHistoryResult,
  ListTagsForResourceRequest,
  ListTagsForResourceResult,
  ParameterMetadata,
  RemoveTagsFromResourceRequest,
} from '@aws-sdk/client-ssm';
import { notModelled } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { toDate } from '../../kernel/instant.ts';
import { page } from '../../kernel/page.ts';
import { invalidFilterKey, invalidNextToken, invalidResourceId, parameterNotFound } from './errors.ts';
import { parameterArn } from './parameters.ts';
import type { Parameter, ParameterVersion, SsmState } from './state.ts';

export function describeParameters(
  ctx: Context,
  state: SsmState,
  input: DescribeParametersRequest,
): DescribeParametersResult {
  const filters = input.ParameterFilters ?? [];
  const matching = state.parameters.filter((parameter) =>
    filters.every(({ Key = '', Option = 'Equals', Values = [] }) => matches(parameter, Key, Option, Values)),
  );
  const { items, nextToken } = page(
    matching,
    input.NextToken,
    Math.min(input.MaxResults ?? 10, 50),
    invalidNextToken,
  );
  return {
    Parameters: items.flatMap((parameter) =>
      parameter.versions.slice(-1).map((v) => metadata(ctx, parameter, v)),
    ),
    ...(nextToken !== undefined && { NextToken: nextToken }),
  };
}

function matches(parameter: Parameter, key: string, option: string, values: readonly string[]): boolean {
  if (key.startsWith('tag:')) {
    const value = parameter.tags[key.slice(4)];
    return value !== undefined && (values.length === 0 || values.includes(value));
  }
  switch (key) {
    case 'Name':
      return values.some((value) => byOption(parameter.name, option, value));
    case 'Type':
      return values.includes(parameter.versions.at(-1)?.type ?? '');
    case 'Path':
      return values.some((path) => underPath(parameter.name, path, option));
    default:
      throw invalidFilterKey(key);
  }
}

function byOption(name: string, option: string, value: string): boolean {
  if (option === 'BeginsWith') return name.startsWith(value);
  if (option === 'Contains') return name.includes(value);
  return name === value;
}

function underPath(name: string, path: string, option: string): boolean {
  const prefix = path.endsWith('/') ? path : `${path}/`;
  return name.startsWith(prefix) && (option === 'Recursive' || !name.slice(prefix.length).includes('/'));
}

export function getParameterHistory(
  ctx: Context,
  state: SsmState,
  input: GetParameterHistoryRequest,
): GetParameterHistoryResult {
  const parameter = state.parameters.get(input.Name ?? '');
  if (!parameter) throw parameterNotFound(input.Name ?? '');
  if (input.WithDecryption && parameter.versions.some((v) => v.type === 'SecureString')) {
    throw notModelled('ssm GetParameterHistory: WithDecryption of a SecureString', 'ssm');
  }
  const { items, nextToken } = page(
    parameter.versions,
    input.NextToken,
    Math.min(input.MaxResults ?? 50, 50),
    invalidNextToken,
  );
  return {
    Parameters: items.map((version) => ({
      ...metadata(ctx, parameter, version),
      Value: version.value,
      Labels: [...version.labels],
    })),
    ...(nextToken !== undefined && { NextToken: nextToken }),
  };
}

function metadata(ctx: Context, parameter: Parameter, version: ParameterVersion): ParameterMetadata {
  return {
    Name: parameter.name,
    ARN: parameterArn(ctx, parameter.name),
    Type: version.type,
    ...(version.keyId !== undefined && { KeyId: version.keyId }),
    LastModifiedDate: toDate(version.modified),
    LastModifiedUser: version.modifiedBy,
    ...(version.description !== undefined && { Description: version.description }),
    ...(version.allowedPattern !== undefined && { AllowedPattern: version.allowedPattern }),
    Version: version.version,
    Tier: version.tier,
    Policies: [],
    DataType: version.dataType,
  };
}

export function addTagsToResource(_ctx: Context, state: SsmState, input: AddTagsToResourceRequest): object {
  const parameter = tagged(state, input);
  const tags = Object.fromEntries((input.Tags ?? []).map((tag) => [tag.Key ?? '', tag.Value ?? '']));
  state.parameters.put(parameter.name, { ...parameter, tags: { ...parameter.tags, ...tags } });
  return {};
}

export function removeTagsFromResource(
  _ctx: Context,
  state: SsmState,
  input: RemoveTagsFromResourceRequest,
): object {
  const parameter = tagged(state, input);
  const kept = Object.entries(parameter.tags).filter(([key]) => !(input.TagKeys ?? []).includes(key));
  state.parameters.put(parameter.name, { ...parameter, tags: Object.fromEntries(kept) });
  return {};
}

export function listTagsForResource(
  _ctx: Context,
  state: SsmState,
  input: ListTagsForResourceRequest,
): ListTagsForResourceResult {
  return { TagList: Object.entries(tagged(state, input).tags).map(([Key, Value]) => ({ Key, Value })) };
}

function tagged(
  state: SsmState,
  input: { readonly ResourceType: string | undefined; readonly ResourceId: string | undefined },
): Parameter {
  if (input.ResourceType !== 'Parameter') {
    throw notModelled(`ssm tags of resource type ${input.ResourceType}`, 'ssm');
  }
  const parameter = state.parameters.get(input.ResourceId ?? '');
  if (!parameter) throw invalidResourceId();
  return parameter;
}
