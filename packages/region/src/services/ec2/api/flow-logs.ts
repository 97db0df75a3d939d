import type * as Ec2 from '@aws-sdk/client-ec2';
import { AwsError } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import type { ServiceModule } from '../../../kernel/service.ts';
import { once } from '../client-tokens.ts';
import { invalidParameterValue, missingParameter } from '../errors.ts';
import { ec2Operation, type Filters, list } from '../operation.ts';
import { type Ec2State, type FlowLog, find } from '../state.ts';
import { newId, tagNew, tagsOf } from '../tags.ts';

export function flowLogOperations(state: Ec2State): ServiceModule['operations'] {
  return {
    CreateFlowLogs: ec2Operation<Ec2.CreateFlowLogsRequest, Ec2.CreateFlowLogsResult>(
      [
        'ResourceIds',
        'ResourceType',
        'TrafficType',
        'LogDestinationType',
        'LogDestination',
        'LogGroupName',
        'LogFormat',
        'DeliverLogsPermissionArn',
        'MaxAggregationInterval',
        'TagSpecifications',
        'ClientToken',
      ],
      (ctx, input) => {
        const ids = once(ctx, state, 'CreateFlowLogs', input, () => createFlowLogs(ctx, state, input));
        return { FlowLogIds: [...ids], Unsuccessful: [], ClientToken: input.ClientToken };
      },
    ),
    DescribeFlowLogs: ec2Operation<Ec2.DescribeFlowLogsRequest, Ec2.DescribeFlowLogsResult>(
      ['FlowLogIds', 'Filter', 'MaxResults', 'NextToken'],
      (_ctx, input) => {
        const query = { ...input, Filters: input.Filter };
        const { items, next } = list(state, 'vpc-flow-log', input.FlowLogIds, query, filters);
        return { FlowLogs: items.map((log) => shape(state, log)), ...next };
      },
    ),
    DeleteFlowLogs: ec2Operation<Ec2.DeleteFlowLogsRequest, Ec2.DeleteFlowLogsResult>(
      ['FlowLogIds'],
      (_ctx, input) => {
        for (const { flowLogId } of (input.FlowLogIds ?? []).map((id) => find(state, 'vpc-flow-log', id))) {
          state.flowLogs.delete(flowLogId);
          state.tags.delete(flowLogId);
        }
        return { Unsuccessful: [] };
      },
    ),
  };
}

const kinds: { readonly [type: string]: 'vpc' | 'subnet' | 'network-interface' } = {
  VPC: 'vpc',
  Subnet: 'subnet',
  NetworkInterface: 'network-interface',
};

/** Confirmed by docs: the default format. */
const defaultFormat =
  '${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}';

function createFlowLogs(ctx: Context, state: Ec2State, input: Ec2.CreateFlowLogsRequest): string[] {
  if (!input.ResourceIds?.length) throw missingParameter('ResourceIds');
  const kind = kinds[input.ResourceType ?? ''];
  if (!kind)
    throw invalidParameterValue(`Value (${input.ResourceType}) for parameter resourceType is invalid.`);
  const settings = checkSettings(input);
  const flowLogIds = input.ResourceIds.map((resourceId) => {
    find(state, kind, resourceId);
    const log: FlowLog = { flowLogId: newId(ctx, 'fl'), resourceId, created: ctx.now, ...settings };
    if (state.flowLogs.find((other) => isSameLog(other, log))) throw alreadyExists();
    state.flowLogs.put(log.flowLogId, log);
    tagNew(state, 'vpc-flow-log', log.flowLogId, input.TagSpecifications);
    return log.flowLogId;
  });
  ctx.warn(
    'flow-log-writes-nothing',
    'Flow logs are kept but no records are written: traffic of the region does not pass a network of its own.',
  );
  return flowLogIds;
}

function checkSettings(
  input: Ec2.CreateFlowLogsRequest,
): Omit<FlowLog, 'flowLogId' | 'resourceId' | 'created'> {
  const { TrafficType, LogDestination, LogGroupName, DeliverLogsPermissionArn } = input;
  const logDestinationType = input.LogDestinationType ?? 'cloud-watch-logs';
  if (TrafficType === undefined) throw missingParameter('TrafficType');
  if (logDestinationType === 'cloud-watch-logs') {
    if (!LogGroupName && !LogDestination) throw missingParameter('LogGroupName');
    if (!DeliverLogsPermissionArn) throw missingParameter('DeliverLogsPermissionArn');
  } else if (!LogDestination) {
    throw missingParameter('LogDestination');
  }
  const maxAggregationInterval = input.MaxAggregationInterval ?? 600;
  if (![60, 600].includes(maxAggregationInterval)) {
    throw invalidParameterValue('Invalid Flow Log Max Aggregation Interval');
  }
  return {
    trafficType: TrafficType,
    logDestinationType,
    logFormat: input.LogFormat ?? defaultFormat,
    maxAggregationInterval,
    ...(LogDestination !== undefined && { logDestination: LogDestination }),
    ...(LogGroupName !== undefined && { logGroupName: LogGroupName }),
    ...(DeliverLogsPermissionArn !== undefined && { deliverLogsPermissionArn: DeliverLogsPermissionArn }),
  };
}

function isSameLog(a: FlowLog, b: FlowLog): boolean {
  return (
    a.resourceId === b.resourceId &&
    a.logDestination === b.logDestination &&
    a.logGroupName === b.logGroupName
  );
}

function alreadyExists(): AwsError {
  return new AwsError(
    'FlowLogAlreadyExists',
    'Error. There is an existing Flow Log with the same configuration and log destination.',
  );
}

const filters: Filters<FlowLog> = {
  'deliver-log-status': () => 'SUCCESS',
  'flow-log-id': (log) => log.flowLogId,
  'log-destination-type': (log) => log.logDestinationType,
  'log-group-name': (log) => log.logGroupName,
  'resource-id': (log) => log.resourceId,
  'traffic-type': (log) => log.trafficType,
};

function shape(state: Ec2State, log: FlowLog): Ec2.FlowLog {
  return {
    FlowLogId: log.flowLogId,
    FlowLogStatus: 'ACTIVE',
    ResourceId: log.resourceId,
    TrafficType: log.trafficType as Ec2.TrafficType,
    LogDestinationType: log.logDestinationType as Ec2.LogDestinationType,
    LogDestination: log.logDestination,
    LogGroupName: log.logGroupName,
    LogFormat: log.logFormat,
    DeliverLogsPermissionArn: log.deliverLogsPermissionArn,
    DeliverLogsStatus: 'SUCCESS',
    MaxAggregationInterval: log.maxAggregationInterval,
    CreationTime: toDate(log.created),
    Tags: tagsOf(state, log.flowLogId),
  };
}
