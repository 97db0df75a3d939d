import type { PutCompositeAlarmInput, Tag } from '@aws-sdk/client-cloudwatch';
import {
  flag,
  integer,
  listOf,
  type Properties,
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  tags,
  text,
} from '../../../kernel/resource-type.ts';
import { actualMembers, alarmArn, alarmTags, deleteAlarm, retag, tagsOf } from './shared.ts';

interface CompositeAlarmProperties extends Omit<PutCompositeAlarmInput, 'AlarmName' | 'Tags'> {
  readonly AlarmName?: string;
  readonly Tags?: readonly Tag[];
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-compositealarm.html
export const compositeAlarmType: ResourceType = {
  name: 'AWS::CloudWatch::CompositeAlarm',
  properties: {
    AlarmName: replaces(text),
    AlarmDescription: text,
    AlarmRule: required(text),
    ActionsEnabled: flag,
    OKActions: listOf(text),
    AlarmActions: listOf(text),
    InsufficientDataActions: listOf(text),
    ActionsSuppressor: text,
    ActionsSuppressorWaitPeriod: integer,
    ActionsSuppressorExtensionPeriod: integer,
    Tags: tags,
  },

  create(ctx, properties) {
    const { AlarmName = ctx.generateName(255) } = properties as unknown as CompositeAlarmProperties;
    put(ctx, AlarmName, properties);
    return { physicalId: AlarmName };
  },

  update(ctx, { physicalId }, properties) {
    put(ctx, physicalId, properties);
    const { Tags } = properties as unknown as CompositeAlarmProperties;
    retag(ctx, alarmArn(ctx, physicalId), tagsOf(ctx, Tags));
  },

  delete: (ctx, { physicalId }) => deleteAlarm(ctx, physicalId),

  read(ctx, { physicalId }) {
    const { CompositeAlarms: [alarm] = [] } = ctx.call('cloudwatch', 'describeAlarms', {
      AlarmNames: [physicalId],
      AlarmTypes: ['CompositeAlarm'],
    });
    return alarm && { ...actualMembers(compositeAlarmType, alarm), Tags: alarmTags(ctx, physicalId) };
  },

  attributes: (ctx, { physicalId }) => ({ Arn: alarmArn(ctx, physicalId) }),
};

function put(ctx: ResourceContext, AlarmName: string, properties: Properties): void {
  const { Tags, ...alarm } = properties as unknown as CompositeAlarmProperties;
  ctx.call('cloudwatch', 'putCompositeAlarm', { ...alarm, AlarmName, Tags: tagsOf(ctx, Tags) });
}
