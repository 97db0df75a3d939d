import type * as CloudWatch from '@aws-sdk/client-cloudwatch';
import { operation, type ServiceModule } from '../../../kernel/service.ts';
import * as changes from './changes.ts';
import * as describe from './describe.ts';
import { putCompositeAlarm } from './put-composite-alarm.ts';
import { putMetricAlarm } from './put-metric-alarm.ts';
import type { AlarmsState } from './state.ts';
import * as tags from './tags.ts';

/** The operations on alarms. */
export function alarmOperations(state: AlarmsState): ServiceModule['operations'] {
  return { ...putOperations(state), ...readOperations(state), ...changeOperations(state) };
}

function putOperations(state: AlarmsState): ServiceModule['operations'] {
  const common = [
    'AlarmName',
    'AlarmDescription',
    'ActionsEnabled',
    'OKActions',
    'AlarmActions',
    'InsufficientDataActions',
    'Tags',
  ] as const;
  return {
    PutMetricAlarm: operation<CloudWatch.PutMetricAlarmInput, object>({
      accepts: [
        ...common,
        'MetricName',
        'Namespace',
        'Statistic',
        'ExtendedStatistic',
        'Dimensions',
        'Period',
        'Unit',
        'EvaluationPeriods',
        'DatapointsToAlarm',
        'Threshold',
        'ComparisonOperator',
        'TreatMissingData',
        'EvaluateLowSampleCountPercentile',
        'Metrics',
        'ThresholdMetricId',
        'EvaluationWindow',
      ],
      handler: (ctx, input) => putMetricAlarm(ctx, state, input),
    }),
    PutCompositeAlarm: operation<CloudWatch.PutCompositeAlarmInput, object>({
      accepts: [
        ...common,
        'AlarmRule',
        'ActionsSuppressor',
        'ActionsSuppressorWaitPeriod',
        'ActionsSuppressorExtensionPeriod',
      ],
      handler: (ctx, input) => putCompositeAlarm(ctx, state, input),
    }),
  };
}

function readOperations(state: AlarmsState): ServiceModule['operations'] {
  return {
    DescribeAlarms: operation<CloudWatch.DescribeAlarmsInput, CloudWatch.DescribeAlarmsOutput>({
      accepts: [
        'AlarmNames',
        'AlarmNamePrefix',
        'AlarmTypes',
        'ChildrenOfAlarmName',
        'ParentsOfAlarmName',
        'StateValue',
        'ActionPrefix',
        'MaxRecords',
        'NextToken',
      ],
      handler: (_ctx, input) => describe.describeAlarms(state, input),
    }),
    DescribeAlarmsForMetric: operation<
      CloudWatch.DescribeAlarmsForMetricInput,
      CloudWatch.DescribeAlarmsForMetricOutput
    >({
      accepts: ['MetricName', 'Namespace', 'Statistic', 'ExtendedStatistic', 'Dimensions', 'Period', 'Unit'],
      handler: (_ctx, input) => describe.describeAlarmsForMetric(state, input),
    }),
    DescribeAlarmHistory: operation<
      CloudWatch.DescribeAlarmHistoryInput,
      CloudWatch.DescribeAlarmHistoryOutput
    >({
      accepts: [
        'AlarmName',
        'AlarmTypes',
        'HistoryItemType',
        'StartDate',
        'EndDate',
        'MaxRecords',
        'NextToken',
        'ScanBy',
      ],
      handler: (_ctx, input) => describe.describeAlarmHistory(state, input),
    }),
    ListTagsForResource: operation<CloudWatch.ListTagsForResourceInput, CloudWatch.ListTagsForResourceOutput>(
      {
        accepts: ['ResourceARN'],
        handler: (_ctx, input) => tags.listTagsForResource(state, input),
      },
    ),
  };
}

function changeOperations(state: AlarmsState): ServiceModule['operations'] {
  return {
    SetAlarmState: operation<CloudWatch.SetAlarmStateInput, object>({
      accepts: ['AlarmName', 'StateValue', 'StateReason', 'StateReasonData'],
      handler: (ctx, input) => changes.setAlarmState(ctx, state, input),
    }),
    DeleteAlarms: operation<CloudWatch.DeleteAlarmsInput, object>({
      accepts: ['AlarmNames'],
      handler: (ctx, input) => changes.deleteAlarms(ctx, state, input),
    }),
    EnableAlarmActions: operation<CloudWatch.EnableAlarmActionsInput, object>({
      accepts: ['AlarmNames'],
      handler: (ctx, input) => changes.enableAlarmActions(ctx, state, input),
    }),
    DisableAlarmActions: operation<CloudWatch.DisableAlarmActionsInput, object>({
      accepts: ['AlarmNames'],
      handler: (ctx, input) => changes.disableAlarmActions(ctx, state, input),
    }),
    TagResource: operation<CloudWatch.TagResourceInput, object>({
      accepts: ['ResourceARN', 'Tags'],
      handler: (_ctx, input) => tags.tagResource(state, input),
    }),
    UntagResource: operation<CloudWatch.UntagResourceInput, object>({
      accepts: ['ResourceARN', 'TagKeys'],
      handler: (_ctx, input) => tags.untagResource(state, input),
    }),
  };
}
