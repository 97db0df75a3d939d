import type { ParameterType } from '@aws-sdk/client-ssm';
import { AwsError } from '../../../kernel/aws-error.ts';
import {
  mapOf,
  type Properties,
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  text,
} from '../../../kernel/resource-type.ts';

interface ParameterProperties {
  readonly Name?: string;
  readonly Type: ParameterType;
  readonly Value: string;
  readonly Description?: string;
  readonly AllowedPattern?: string;
  readonly Tier?: 'Standard' | 'Advanced';
  readonly DataType?: string;
  readonly Tags?: Readonly<Record<string, string>>;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ssm-parameter.html
export const parameterType: ResourceType = {
  name: 'AWS::SSM::Parameter',
  properties: {
    Name: replaces(text),
    Type: required(text),
    Value: required(text),
    Description: text,
    AllowedPattern: text,
    Tier: text,
    DataType: text,
    Tags: mapOf(text),
  },

  create(ctx, properties) {
    const { Tags: _, ...parameter } = properties as unknown as ParameterProperties;
    const name = parameter.Name ?? ctx.generateName(1011);
    refuseSecureString(parameter.Type);
    ctx.call('ssm', 'putParameter', { ...parameter, Name: name, Tags: tagsOf(ctx, properties) });
    return { physicalId: name };
  },

  update(ctx, { physicalId }, properties) {
    const { Tags: _, ...parameter } = properties as unknown as ParameterProperties;
    refuseSecureString(parameter.Type);
    ctx.call('ssm', 'putParameter', { ...parameter, Name: physicalId, Overwrite: true });
    setTags(ctx, physicalId, tagsOf(ctx, properties));
  },

  delete(ctx, { physicalId }) {
    ctx.call('ssm', 'deleteParameters', { Names: [physicalId] });
  },

  read(ctx, { physicalId: Name }) {
    const { Parameter } = ctx.call('ssm', 'getParameter', { Name });
    const { Parameters: [metadata] = [] } = ctx.call('ssm', 'describeParameters', {
      ParameterFilters: [{ Key: 'Name', Values: [Name] }],
    });
    const { TagList = [] } = ctx.call('ssm', 'listTagsForResource', {
      ResourceType: 'Parameter',
      ResourceId: Name,
    });
    return {
      Name,
      Type: Parameter?.Type,
      Value: Parameter?.Value,
      DataType: Parameter?.DataType,
      Description: metadata?.Description,
      AllowedPattern: metadata?.AllowedPattern,
      Tier: metadata?.Tier,
      Tags: Object.fromEntries(TagList.map(({ Key = '', Value }) => [Key, Value])),
    };
  },

  attributes: (_ctx, { properties }) => ({ Type: properties['Type'], Value: properties['Value'] }),
};

type Tags = { readonly Key: string; readonly Value: string }[];

function tagsOf(ctx: ResourceContext, properties: Properties): Tags {
  const own = (properties as unknown as ParameterProperties).Tags ?? {};
  return [...ctx.stackTags, ...Object.entries(own).map(([Key, Value]) => ({ Key, Value }))];
}

function setTags(ctx: ResourceContext, name: string, wanted: Tags): void {
  const parameter = { ResourceType: 'Parameter', ResourceId: name } as const;
  const { TagList = [] } = ctx.call('ssm', 'listTagsForResource', parameter);
  const gone = TagList.map((tag) => tag.Key ?? '').filter((key) => !wanted.some((tag) => tag.Key === key));
  ctx.call('ssm', 'removeTagsFromResource', { ...parameter, TagKeys: gone });
  ctx.call('ssm', 'addTagsToResource', { ...parameter, Tags: wanted });
}

/** Confirmed by docs: CloudFormation does not create SecureString parameters. */
function refuseSecureString(type: string): void {
  if (type !== 'SecureString') return;
  throw new AwsError(
    'ValidationException',
    'AWS CloudFormation does not support the SecureString parameter type.',
  );
}
