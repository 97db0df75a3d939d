import type { PutMetricAlarmInput, Tag } from '@aws-sdk/client-cloudwatch';
import {
  decimal,
  flag,
  integer,
  listOf,
  object,
  type Properties,
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  tags,
  text,
} from '../../../kernel/resource-type.ts';
import { actualMembers, alarmArn, alarmTags, deleteAlarm, retag, tagsOf } from './shared.ts';

interface AlarmProperties extends Omit<PutMetricAlarmInput, 'AlarmName' | 'Tags'> {
  readonly AlarmName?: string;
  readonly Tags?: readonly Tag[];
}

const dimensions = listOf(object({ Name: text, Value: text }));

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-cloudwatch-alarm.html
export const alarmType: ResourceType = {
  name: 'AWS::CloudWatch::Alarm',
  properties: {
    AlarmName: replaces(text),
    AlarmDescription: text,
    ActionsEnabled: flag,
    OKActions: listOf(text),
    AlarmActions: listOf(text),
    InsufficientDataActions: listOf(text),
    MetricName: text,
    Namespace: text,
    Statistic: text,
    ExtendedStatistic: text,
    Dimensions: dimensions,
    Period: integer,
    Unit: text,
    EvaluationPeriods: integer,
    DatapointsToAlarm: integer,
    Threshold: decimal,
    ComparisonOperator: required(text),
    TreatMissingData: text,
    EvaluateLowSampleCountPercentile: text,
    Metrics: listOf(
      object({
        Id: text,
        Expression: text,
        Label: text,
        MetricStat: object({
          Metric: object({ Namespace: text, MetricName: text, Dimensions: dimensions }),
          Period: integer,
          Stat: text,
          Unit: text,
        }),
        Period: integer,
        ReturnData: flag,
      }),
    ),
    Tags: tags,
  },

  create(ctx, properties) {
    const { AlarmName = ctx.generateName(255) } = properties as unknown as AlarmProperties;
    put(ctx, AlarmName, properties);
    return { physicalId: AlarmName };
  },

  update(ctx, { physicalId }, properties) {
    put(ctx, physicalId, properties);
    retag(ctx, alarmArn(ctx, physicalId), tagsOf(ctx, (properties as unknown as AlarmProperties).Tags));
  },

  delete: (ctx, { physicalId }) => deleteAlarm(ctx, physicalId),

  read(ctx, { physicalId }) {
    const { MetricAlarms: [alarm] = [] } = ctx.call('cloudwatch', 'describeAlarms', {
      AlarmNames: [physicalId],
    });
    return alarm && { ...actualMembers(alarmType, alarm), Tags: alarmTags(ctx, physicalId) };
  },

  attributes: (ctx, { physicalId }) => ({ Arn: alarmArn(ctx, physicalId) }),
};

function put(ctx: ResourceContext, AlarmName: string, properties: Properties): void {
  const { Tags, ...alarm } = properties as unknown as AlarmProperties;
  ctx.call('cloudwatch', 'putMetricAlarm', { ...alarm, AlarmName, Tags: tagsOf(ctx, Tags) });
}
