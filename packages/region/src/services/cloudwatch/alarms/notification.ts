import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch';
import type { Context } from '../../../kernel/context.ts';
import { double, type Json, writeJson } from './json.ts';
import { mailText } from './mail.ts';
import { regionName } from './region-names.ts';
import {
  type AlarmRecord,
  type AlarmStatus,
  isCompositeAlarm,
  isMetricAlarm,
  type MetricAlarmRecord,
} from './state.ts';
import { awsTime } from './times.ts';

/** What an alarm publishes to a topic. */
export interface Notification {
  readonly Subject: string;
  /** One text for each kind of endpoint: `MessageStructure` is `json`. */
  readonly Message: string;
  readonly MessageStructure: 'json';
}

/** Subscribers get AWS's JSON document; by e-mail, a text for people. */
export function notification(ctx: Context, alarm: AlarmRecord, from: AlarmStatus): Notification {
  return {
    Subject: subject(ctx, alarm),
    Message: JSON.stringify({
      default: writeJson(document(ctx, alarm, from)),
      email: mailText(ctx, alarm, from),
    }),
    MessageStructure: 'json',
  };
}

/** Confirmed by public record: a name that would make it longer than SNS allows is cut, with three dots. */
function subject(ctx: Context, { name, state }: AlarmRecord): string {
  const make = (shown: string): string => `${state.value}: "${shown}" in ${regionName(ctx.region)}`;
  const surplus = make(name).length - 100;
  // SNS takes ASCII only in a subject.
  const shown = surplus > 0 ? `${name.slice(0, name.length - surplus - 3)}...` : name;
  return make(shown).replace(/[^\x20-\x7e]/g, '?');
}

/** Confirmed by captured messages; their order of members is kept. */
function document(ctx: Context, alarm: AlarmRecord, from: AlarmStatus): Json {
  const { configuration, state } = alarm;
  return {
    AlarmName: alarm.name,
    AlarmDescription: configuration.description ?? null,
    AWSAccountId: ctx.accountId,
    AlarmConfigurationUpdatedTimestamp: awsTime(alarm.configurationUpdated),
    NewStateValue: state.value,
    NewStateReason: state.reason,
    StateChangeTime: awsTime(state.transitioned),
    Region: regionName(ctx.region),
    AlarmArn: alarm.arn,
    OldStateValue: from.value,
    OKActions: configuration.okActions,
    AlarmActions: configuration.alarmActions,
    InsufficientDataActions: configuration.insufficientDataActions,
    ...(isMetricAlarm(alarm) && { Trigger: trigger(alarm) }),
    ...(isCompositeAlarm(alarm) && {
      AlarmRule: alarm.configuration.rule,
      TriggeringChildren: triggeringChildren(state),
    }),
  };
}

function trigger({ configuration }: MetricAlarmRecord): Json {
  const { metric, queries } = configuration;
  return {
    ...(metric && metricTrigger(metric)),
    ...(queries && { Metrics: queries.map(queryDocument) }),
    ...(metric && { Period: metric.period }),
    EvaluationPeriods: configuration.evaluationPeriods,
    DatapointsToAlarm: configuration.datapointsToAlarm,
    ComparisonOperator: configuration.comparison,
    Threshold: double(configuration.threshold),
    TreatMissingData: configuration.treatMissingData ?? '',
    EvaluateLowSampleCountPercentile: configuration.lowSamples ?? '',
  };
}

function metricTrigger(metric: NonNullable<MetricAlarmRecord['configuration']['metric']>) {
  return {
    MetricName: metric.metricName,
    Namespace: metric.namespace,
    StatisticType: metric.statistic === undefined ? 'ExtendedStatistic' : 'Statistic',
    ...(metric.statistic === undefined
      ? { ExtendedStatistic: metric.extendedStatistic }
      : { Statistic: statisticNames[metric.statistic] }),
    Unit: metric.unit ?? null,
    Dimensions: metric.dimensions.map(({ Name, Value }) => ({ value: Value ?? '', name: Name ?? '' })),
  };
}

const statisticNames = {
  Average: 'AVERAGE',
  Maximum: 'MAXIMUM',
  Minimum: 'MINIMUM',
  SampleCount: 'SAMPLE_COUNT',
  Sum: 'SUM',
} as const;

function queryDocument({ Id, Expression, Label, MetricStat, Period, ReturnData }: MetricDataQuery): Json {
  const { Metric } = MetricStat ?? {};
  return {
    Expression,
    Id: Id ?? '',
    Label,
    MetricStat: MetricStat && {
      Metric: {
        Dimensions: (Metric?.Dimensions ?? []).map(({ Name, Value }) => ({
          value: Value ?? '',
          name: Name ?? '',
        })),
        MetricName: Metric?.MetricName,
        Namespace: Metric?.Namespace,
      },
      Period: MetricStat.Period,
      Stat: MetricStat.Stat,
      Unit: MetricStat.Unit,
    },
    Period,
    ReturnData: ReturnData ?? true,
  };
}

interface TriggeringAlarm {
  readonly arn: string;
  readonly state: { readonly value: string; readonly timestamp: string };
}

function triggeringChildren({ reasonData }: AlarmStatus): Json {
  if (reasonData === undefined) return [];
  try {
    const { triggeringAlarms = [] } = JSON.parse(reasonData) as {
      triggeringAlarms?: readonly TriggeringAlarm[];
    };
    return triggeringAlarms.map(({ arn, state }) => ({
      Arn: arn,
      State: { Value: state.value, Timestamp: state.timestamp },
    }));
  } catch {
    // The reason of `SetAlarmState` is whatever its caller gave.
    return [];
  }
}
