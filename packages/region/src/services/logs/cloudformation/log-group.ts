import type { LogGroupClass as LogGroupClassName } from '@aws-sdk/client-cloudwatch-logs';
import { AwsError } from '../../../kernel/aws-error.ts';
import {
  integer,
  type Properties,
  type ResourceContext,
  type ResourceType,
  replaces,
  tags,
  text,
} from '../../../kernel/resource-type.ts';

interface LogGroupProperties {
  readonly LogGroupName?: string;
  readonly RetentionInDays?: number;
  readonly KmsKeyId?: string;
  readonly LogGroupClass?: string;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-logs-loggroup.html
export const logGroupType: ResourceType = {
  name: 'AWS::Logs::LogGroup',
  properties: {
    LogGroupName: replaces(text),
    RetentionInDays: integer,
    KmsKeyId: replaces(text),
    LogGroupClass: replaces(text),
    Tags: tags,
  },

  create(ctx, properties) {
    const { LogGroupName, KmsKeyId, LogGroupClass } = properties as LogGroupProperties;
    const logGroupName = LogGroupName ?? ctx.generateName(512);
    ctx.call('logs', 'createLogGroup', {
      logGroupName,
      tags: tagsOf(ctx, properties),
      ...(KmsKeyId !== undefined && { kmsKeyId: KmsKeyId }),
      ...(LogGroupClass !== undefined && { logGroupClass: LogGroupClass as LogGroupClassName }),
    });
    setRetention(ctx, logGroupName, properties);
    return { physicalId: logGroupName };
  },

  update(ctx, { physicalId }, properties) {
    setRetention(ctx, physicalId, properties);
    const resourceArn = ctx.arn('logs', `log-group:${physicalId}`);
    const before = ctx.call('logs', 'listTagsForResource', { resourceArn }).tags ?? {};
    ctx.call('logs', 'untagResource', { resourceArn, tagKeys: Object.keys(before) });
    ctx.call('logs', 'tagResource', { resourceArn, tags: tagsOf(ctx, properties) });
  },

  delete(ctx, { physicalId }) {
    try {
      ctx.call('logs', 'deleteLogGroup', { logGroupName: physicalId });
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'ResourceNotFoundException') throw error;
    }
  },

  read(ctx, { physicalId }) {
    const { logGroups = [] } = ctx.call('logs', 'describeLogGroups', { logGroupNamePrefix: physicalId });
    const group = logGroups.find(({ logGroupName }) => logGroupName === physicalId);
    if (!group) return undefined;
    const resourceArn = ctx.arn('logs', `log-group:${physicalId}`);
    const { tags = {} } = ctx.call('logs', 'listTagsForResource', { resourceArn });
    return {
      LogGroupName: physicalId,
      LogGroupClass: group.logGroupClass,
      RetentionInDays: group.retentionInDays,
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    };
  },

  attributes: (ctx, { physicalId }) => ({ Arn: `${ctx.arn('logs', `log-group:${physicalId}`)}:*` }),
};

function setRetention(ctx: ResourceContext, logGroupName: string, properties: Properties): void {
  const { RetentionInDays } = properties as LogGroupProperties;
  if (RetentionInDays === undefined) ctx.call('logs', 'deleteRetentionPolicy', { logGroupName });
  else ctx.call('logs', 'putRetentionPolicy', { logGroupName, retentionInDays: RetentionInDays });
}

function tagsOf(ctx: ResourceContext, properties: Properties): Record<string, string> {
  const own = (properties as LogGroupProperties).Tags ?? [];
  return Object.fromEntries([...ctx.stackTags, ...own].map(({ Key, Value }) => [Key, Value]));
}
