import type {
  Dimension,
  MetricDataQuery,
  StandardUnit,
  StateValue,
  Statistic,
} from '@aws-sdk/client-cloudwatch';
import type { Instant } from '../../../kernel/instant.ts';
import type { Table, Tables } from '../../../kernel/table.ts';

/** A write here is a change of an alarm: of its configuration or its state, never a mere evaluation. */
export const alarmsTable = 'cloudwatch.alarms';

export type AlarmState = StateValue;

export interface AlarmStatus {
  readonly value: AlarmState;
  readonly reason: string;
  readonly reasonData?: string;
  readonly updated: Instant;
  /** When `value` last changed. */
  readonly transitioned: Instant;
}

interface CommonConfiguration {
  readonly description?: string;
  readonly actionsEnabled: boolean;
  readonly okActions: readonly string[];
  readonly alarmActions: readonly string[];
  readonly insufficientDataActions: readonly string[];
}

/** One metric and its statistic; what an alarm of a single metric has in place of queries. */
export interface AlarmMetric {
  readonly namespace: string;
  readonly metricName: string;
  readonly dimensions: readonly Dimension[];
  readonly statistic?: Statistic;
  readonly extendedStatistic?: string;
  /** In seconds. */
  readonly period: number;
  readonly unit?: StandardUnit;
}

export type MissingData = 'breaching' | 'notBreaching' | 'ignore' | 'missing';

export type ThresholdComparison =
  | 'GreaterThanOrEqualToThreshold'
  | 'GreaterThanThreshold'
  | 'LessThanThreshold'
  | 'LessThanOrEqualToThreshold';

export interface MetricAlarmConfiguration extends CommonConfiguration {
  readonly kind: 'MetricAlarm';
  /** Absent: the alarm is on `queries`. */
  readonly metric?: AlarmMetric;
  readonly queries?: readonly MetricDataQuery[];
  readonly evaluationPeriods: number;
  /** As given; absent, all periods must breach. */
  readonly datapointsToAlarm?: number;
  readonly threshold: number;
  readonly comparison: ThresholdComparison;
  /** As given; absent, `missing`. */
  readonly treatMissingData?: MissingData;
  readonly lowSamples?: 'evaluate' | 'ignore';
}

export interface CompositeAlarmConfiguration extends CommonConfiguration {
  readonly kind: 'CompositeAlarm';
  readonly rule: string;
  readonly suppressor?: {
    /** The alarm's name. */
    readonly alarm: string;
    /** As it was given: a name or an ARN. */
    readonly given: string;
    readonly waitPeriodSeconds: number;
    readonly extensionPeriodSeconds: number;
  };
}

export type AlarmConfiguration = MetricAlarmConfiguration | CompositeAlarmConfiguration;

/** A composite alarm's actions are held back. */
export interface Suppression {
  readonly by: 'WaitPeriod' | 'ExtensionPeriod' | 'Alarm';
  /** The state for which actions were performed last: only another one has actions to make up for. */
  readonly acted: AlarmStatus;
}

export interface AlarmRecord<C extends AlarmConfiguration = AlarmConfiguration> {
  readonly name: string;
  readonly arn: string;
  readonly configuration: C;
  readonly configurationUpdated: Instant;
  readonly state: AlarmStatus;
  readonly suppression?: Suppression;
  readonly tags: Readonly<Record<string, string>>;
}

export type MetricAlarmRecord = AlarmRecord<MetricAlarmConfiguration>;
export type CompositeAlarmRecord = AlarmRecord<CompositeAlarmConfiguration>;

export interface HistoryRecord {
  readonly alarmName: string;
  readonly alarmType: 'MetricAlarm' | 'CompositeAlarm';
  readonly timestamp: Instant;
  readonly type: 'ConfigurationUpdate' | 'StateUpdate' | 'Action';
  readonly summary: string;
  readonly data: string;
}

export interface AlarmsState {
  /** By name: metric and composite alarms share one space of names. */
  readonly alarms: Table<AlarmRecord>;
  /** By time and order, so that they lie in the order in which they happened. */
  readonly history: Table<HistoryRecord>;
  /** Under `last`, how many items there have ever been: orders those of the same millisecond. */
  readonly historyCount: Table<number>;
}

export function openAlarms(tables: Tables): AlarmsState {
  return {
    alarms: tables.table(alarmsTable),
    history: tables.table('cloudwatch.alarmHistory'),
    historyCount: tables.table('cloudwatch.alarmHistoryCount'),
  };
}

export function isMetricAlarm(alarm: AlarmRecord | undefined): alarm is MetricAlarmRecord {
  return alarm?.configuration.kind === 'MetricAlarm';
}

export function isCompositeAlarm(alarm: AlarmRecord | undefined): alarm is CompositeAlarmRecord {
  return alarm?.configuration.kind === 'CompositeAlarm';
}

/** The name in an alarm's ARN, or the name itself. */
export function alarmNameOf(nameOrArn: string): string {
  return nameOrArn.replace(/^arn:[^:]*:cloudwatch:[^:]*:[^:]*:alarm:/, '');
}
