import type { CreateFlowLogsRequest } from '@aws-sdk/client-ec2';
import { integer, type ResourceType, replaces, required, tags, text } from '../../../kernel/resource-type.ts';
import { ignoreMissing, tagSpecifications, updateTags } from './common.ts';

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ec2-flowlog.html
export const flowLogType: ResourceType = {
  name: 'AWS::EC2::FlowLog',
  properties: {
    ResourceId: replaces(required(text)),
    ResourceType: replaces(required(text)),
    TrafficType: replaces(text),
    LogDestinationType: replaces(text),
    LogDestination: replaces(text),
    LogGroupName: replaces(text),
    LogFormat: replaces(text),
    DeliverLogsPermissionArn: replaces(text),
    MaxAggregationInterval: replaces(integer),
    Tags: tags,
  },

  create(ctx, properties) {
    const { ResourceId, Tags: _, ...log } = properties as { ResourceId: string; Tags?: unknown };
    const { FlowLogIds: [physicalId = ''] = [] } = ctx.call('ec2', 'createFlowLogs', {
      ...(log as unknown as CreateFlowLogsRequest),
      ResourceIds: [ResourceId],
      TagSpecifications: tagSpecifications(ctx, 'vpc-flow-log', properties),
    });
    return { physicalId };
  },

  update(ctx, resource, properties) {
    updateTags(ctx, resource.physicalId, resource, properties);
  },

  delete(ctx, { physicalId }) {
    ignoreMissing(() => ctx.call('ec2', 'deleteFlowLogs', { FlowLogIds: [physicalId] }));
  },

  read(ctx, { physicalId }) {
    const { FlowLogs: [log] = [] } = ctx.call('ec2', 'describeFlowLogs', { FlowLogIds: [physicalId] });
    if (!log) return undefined;
    const { ResourceId, TrafficType, LogDestinationType, LogDestination, LogGroupName, LogFormat } = log;
    const { DeliverLogsPermissionArn, MaxAggregationInterval, Tags } = log;
    return {
      ResourceId,
      TrafficType,
      LogDestinationType,
      LogDestination,
      LogGroupName,
      LogFormat,
      DeliverLogsPermissionArn,
      MaxAggregationInterval,
      Tags,
    };
  },

  attributes: (_ctx, { physicalId }) => ({ Id: physicalId }),
};
