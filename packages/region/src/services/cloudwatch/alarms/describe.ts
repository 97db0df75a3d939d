import {
  type AlarmType,
  AlarmType as AlarmTypes,
  type CompositeAlarm,
  type DescribeAlarmHistoryInput,
  type DescribeAlarmHistoryOutput,
  type DescribeAlarmsForMetricInput,
  type DescribeAlarmsForMetricOutput,
  type DescribeAlarmsInput,
  type DescribeAlarmsOutput,
  type Dimension,
  HistoryItemType as HistoryItemTypes,
  type MetricAlarm,
  ScanBy,
  StateValue,
} from '@aws-sdk/client-cloudwatch';
import { toDate } from '../../../kernel/instant.ts';
import { page } from '../../../kernel/page.ts';
import { invalidParameterCombination, missingParameter, validationError } from '../errors.ts';
import { ruleOf } from './composite.ts';
import { alarmNotFound, checkOneOf, invalidNextToken } from './errors.ts';
import {
  type AlarmRecord,
  type AlarmsState,
  alarmNameOf,
  type CompositeAlarmRecord,
  isCompositeAlarm,
  isMetricAlarm,
  type MetricAlarmRecord,
} from './state.ts';

/** Confirmed by API text: without `AlarmTypes` only metric alarms are returned. */
export function describeAlarms(state: AlarmsState, input: DescribeAlarmsInput): DescribeAlarmsOutput {
  const types = checkedTypes(input.AlarmTypes) ?? ['MetricAlarm'];
  checkOneOf(input.StateValue, 'stateValue', Object.values(StateValue));
  const found = candidates(state, input)
    .filter((alarm) => types.includes(alarm.configuration.kind))
    .filter((alarm) => input.StateValue === undefined || alarm.state.value === input.StateValue)
    .filter((alarm) => hasActionPrefix(alarm, input.ActionPrefix));
  const { items, nextToken } = page(found, input.NextToken, pageSize(input.MaxRecords), invalidNextToken);
  return {
    CompositeAlarms: items.filter(isCompositeAlarm).map(compositeAlarmOutput),
    MetricAlarms: items.filter(isMetricAlarm).map(metricAlarmOutput),
    ...(nextToken !== undefined && { NextToken: nextToken }),
  };
}

function checkedTypes(types: readonly AlarmType[] | undefined): readonly AlarmType[] | undefined {
  for (const type of types ?? []) checkOneOf(type, 'alarmTypes', Object.values(AlarmTypes));
  return types;
}

function candidates(state: AlarmsState, input: DescribeAlarmsInput): AlarmRecord[] {
  const { AlarmNames, AlarmNamePrefix, ChildrenOfAlarmName, ParentsOfAlarmName } = input;
  const given = Object.entries({ AlarmNames, AlarmNamePrefix, ChildrenOfAlarmName, ParentsOfAlarmName });
  const ways = given.filter(([, value]) => value !== undefined && value.length > 0).map(([name]) => name);
  if (ways.length > 1) throw validationError(`${ways.join(' and ')} cannot be specified together`);
  if (ChildrenOfAlarmName !== undefined) return childrenNamed(state, ChildrenOfAlarmName);
  if (ParentsOfAlarmName !== undefined) return parentsNamed(state, ParentsOfAlarmName);
  const all = [...state.alarms.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  if (AlarmNames !== undefined && AlarmNames.length > 0)
    return all.filter(({ name }) => AlarmNames.includes(name));
  return all.filter(({ name }) => name.startsWith(AlarmNamePrefix ?? ''));
}

function childrenNamed(state: AlarmsState, reference: string): AlarmRecord[] {
  const parent = state.alarms.get(alarmNameOf(reference));
  if (!parent) throw alarmNotFound();
  if (!isCompositeAlarm(parent)) return [];
  return ruleOf(parent.configuration).children.flatMap((name) => state.alarms.get(name) ?? []);
}

function parentsNamed(state: AlarmsState, reference: string): AlarmRecord[] {
  return parentsOf(state, alarmNameOf(reference));
}

/** The composite alarms whose rule names this one. */
export function parentsOf(state: AlarmsState, child: string): CompositeAlarmRecord[] {
  return [...state.alarms.values()]
    .filter(isCompositeAlarm)
    .filter(({ configuration }) => ruleOf(configuration).children.includes(child));
}

function hasActionPrefix({ configuration }: AlarmRecord, prefix: string | undefined): boolean {
  if (prefix === undefined) return true;
  const { okActions, alarmActions, insufficientDataActions } = configuration;
  return [...okActions, ...alarmActions, ...insufficientDataActions].some((action) =>
    action.startsWith(prefix),
  );
}

function pageSize(given: number | undefined): number {
  if (given !== undefined && (given < 1 || given > 100))
    throw validationError('MaxRecords must be between 1 and 100');
  return given ?? 100;
}

/** Confirmed by docs: alarms on metric math are not found by their metrics. */
export function describeAlarmsForMetric(
  state: AlarmsState,
  input: DescribeAlarmsForMetricInput,
): DescribeAlarmsForMetricOutput {
  const { MetricName, Namespace, Statistic, ExtendedStatistic, Period, Unit } = input;
  if (MetricName === undefined) throw missingParameter('MetricName');
  if (Namespace === undefined) throw missingParameter('Namespace');
  if (Statistic !== undefined && ExtendedStatistic !== undefined)
    throw invalidParameterCombination('Both Statistic and ExtendedStatistic must not be specified');
  const dimensions = dimensionKey(input.Dimensions ?? []);
  const isSame = <T>(wanted: T | undefined, value: T | undefined): boolean =>
    wanted === undefined || wanted === value;
  const matching = [...state.alarms.values()]
    .filter(isMetricAlarm)
    .filter(({ configuration: { metric } }) => {
      return (
        metric !== undefined &&
        metric.metricName === MetricName &&
        metric.namespace === Namespace &&
        dimensionKey(metric.dimensions) === dimensions &&
        isSame(Statistic, metric.statistic) &&
        isSame(ExtendedStatistic, metric.extendedStatistic) &&
        isSame(Period, metric.period) &&
        isSame(Unit, metric.unit)
      );
    });
  return { MetricAlarms: matching.map(metricAlarmOutput) };
}

function dimensionKey(dimensions: readonly Dimension[]): string {
  return dimensions
    .map(({ Name, Value }) => `${Name}\u0001${Value}`)
    .sort()
    .join('\u0000');
}

export function describeAlarmHistory(
  state: AlarmsState,
  input: DescribeAlarmHistoryInput,
): DescribeAlarmHistoryOutput {
  const { AlarmName, HistoryItemType, StartDate, EndDate } = input;
  checkOneOf(HistoryItemType, 'historyItemType', Object.values(HistoryItemTypes));
  checkOneOf(input.ScanBy, 'scanBy', Object.values(ScanBy));
  const types = checkedTypes(input.AlarmTypes) ?? ['MetricAlarm', 'CompositeAlarm'];
  const found = state.history.filter(
    (item) =>
      (AlarmName === undefined || item.alarmName === AlarmName) &&
      types.includes(item.alarmType) &&
      (HistoryItemType === undefined || item.type === HistoryItemType) &&
      (StartDate === undefined || item.timestamp >= StartDate.getTime()) &&
      (EndDate === undefined || item.timestamp <= EndDate.getTime()),
  );
  // Known: newest first unless asked otherwise.
  if (input.ScanBy !== 'TimestampAscending') found.reverse();
  const { items, nextToken } = page(found, input.NextToken, pageSize(input.MaxRecords), invalidNextToken);
  return {
    AlarmHistoryItems: items.map((item) => ({
      AlarmName: item.alarmName,
      AlarmType: item.alarmType,
      Timestamp: toDate(item.timestamp),
      HistoryItemType: item.type,
      HistorySummary: item.summary,
      HistoryData: item.data,
    })),
    ...(nextToken !== undefined && { NextToken: nextToken }),
  };
}

function commonOutput({ name, arn, configuration, configurationUpdated, state }: AlarmRecord) {
  return {
    AlarmName: name,
    AlarmArn: arn,
    ...(configuration.description !== undefined && { AlarmDescription: configuration.description }),
    AlarmConfigurationUpdatedTimestamp: toDate(configurationUpdated),
    ActionsEnabled: configuration.actionsEnabled,
    OKActions: [...configuration.okActions],
    AlarmActions: [...configuration.alarmActions],
    InsufficientDataActions: [...configuration.insufficientDataActions],
    StateValue: state.value,
    StateReason: state.reason,
    ...(state.reasonData !== undefined && { StateReasonData: state.reasonData }),
    StateUpdatedTimestamp: toDate(state.updated),
    StateTransitionedTimestamp: toDate(state.transitioned),
  };
}

function metricAlarmOutput(alarm: MetricAlarmRecord): MetricAlarm {
  const { configuration } = alarm;
  const { metric, queries, datapointsToAlarm, treatMissingData, lowSamples } = configuration;
  return {
    ...commonOutput(alarm),
    ...(metric && {
      MetricName: metric.metricName,
      Namespace: metric.namespace,
      ...(metric.statistic !== undefined && { Statistic: metric.statistic }),
      ...(metric.extendedStatistic !== undefined && { ExtendedStatistic: metric.extendedStatistic }),
      Dimensions: [...metric.dimensions],
      Period: metric.period,
      ...(metric.unit !== undefined && { Unit: metric.unit }),
    }),
    ...(queries && { Metrics: [...queries] }),
    EvaluationPeriods: configuration.evaluationPeriods,
    ...(datapointsToAlarm !== undefined && { DatapointsToAlarm: datapointsToAlarm }),
    Threshold: configuration.threshold,
    ComparisonOperator: configuration.comparison,
    ...(treatMissingData !== undefined && { TreatMissingData: treatMissingData }),
    ...(lowSamples !== undefined && { EvaluateLowSampleCountPercentile: lowSamples }),
  };
}

function compositeAlarmOutput(alarm: CompositeAlarmRecord): CompositeAlarm {
  const { rule, suppressor } = alarm.configuration;
  return {
    ...commonOutput(alarm),
    AlarmRule: rule,
    ...(suppressor && {
      ActionsSuppressor: suppressor.given,
      ActionsSuppressorWaitPeriod: suppressor.waitPeriodSeconds,
      ActionsSuppressorExtensionPeriod: suppressor.extensionPeriodSeconds,
    }),
    ...(alarm.suppression && {
      ActionsSuppressedBy: alarm.suppression.by,
      ActionsSuppressedReason: `Actions suppressed by ${alarm.suppression.by}`,
    }),
  };
}
