/**
 * The two CloudWatch alarms of a target tracking policy. They are alarms like any other: a user may see, change and
 * delete them, and the policy then acts on what they say, as on AWS; the next PutScalingPolicy makes them anew.
 */
import type {
  CustomizedMetricSpecification,
  PredefinedMetricSpecification,
  TargetTrackingScalingPolicyConfiguration,
} from '@aws-sdk/client-application-auto-scaling';
import type { MetricDataQuery, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import type { Context } from '../../kernel/context.ts';
import { actingFor } from './service-role.ts';
import { type PolicyRecord, serviceKeyOf } from './state.ts';
import { lowThreshold } from './target-tracking.ts';

type MetricPart = Pick<
  PutMetricAlarmInput,
  'Namespace' | 'MetricName' | 'Dimensions' | 'Statistic' | 'Unit' | 'Period' | 'Metrics'
>;

/** Makes or changes the alarms of a policy as its configuration says, and answers their names. */
export function putAlarms(
  ctx: Context,
  policy: Omit<PolicyRecord, 'alarms'>,
  before: PolicyRecord['alarms'],
): PolicyRecord['alarms'] {
  const { tracking, resourceId } = policy;
  if (!tracking) {
    deleteAlarms(ctx, resourceId, before);
    return {};
  }
  const prefix = `TargetTracking-${resourceId}`;
  const high = before.high ?? `${prefix}-AlarmHigh-${ctx.random.uuid()}`;
  put(ctx, policy, tracking, { AlarmName: high, ...highSide(tracking) });
  // Known: a policy that never scales in has no low alarm.
  if (tracking.DisableScaleIn === true) {
    deleteAlarms(ctx, resourceId, before.low === undefined ? {} : { low: before.low });
    return { high };
  }
  const low = before.low ?? `${prefix}-AlarmLow-${ctx.random.uuid()}`;
  put(ctx, policy, tracking, { AlarmName: low, ...lowSide(tracking) });
  return { high, low };
}

export function deleteAlarms(ctx: Context, resourceId: string, alarms: PolicyRecord['alarms']): void {
  const AlarmNames = namesOf(alarms);
  if (AlarmNames.length > 0) actingFor(ctx, resourceId).call('cloudwatch', 'deleteAlarms', { AlarmNames });
}

export function namesOf({ high, low }: PolicyRecord['alarms']): string[] {
  return [high, low].filter((name) => name !== undefined);
}

/** Confirmed by users' reports: 3 of 3 minutes over the target, 15 of 15 under nine tenths of it. */
function highSide({ TargetValue }: TargetTrackingScalingPolicyConfiguration) {
  return {
    ComparisonOperator: 'GreaterThanThreshold',
    Threshold: TargetValue,
    EvaluationPeriods: 3,
  } as const;
}

function lowSide({ TargetValue = 0 }: TargetTrackingScalingPolicyConfiguration) {
  const Threshold = lowThreshold(TargetValue);
  return { ComparisonOperator: 'LessThanThreshold', Threshold, EvaluationPeriods: 15 } as const;
}

function put(
  ctx: Context,
  { arn, resourceId }: Pick<PolicyRecord, 'arn' | 'resourceId'>,
  tracking: TargetTrackingScalingPolicyConfiguration,
  side: Pick<PutMetricAlarmInput, 'AlarmName' | 'ComparisonOperator' | 'Threshold' | 'EvaluationPeriods'>,
): void {
  actingFor(ctx, resourceId).call('cloudwatch', 'putMetricAlarm', {
    AlarmDescription: `DO NOT EDIT OR DELETE. For TargetTrackingScaling policy ${arn}.`,
    ActionsEnabled: true,
    AlarmActions: [arn],
    TreatMissingData: 'missing',
    ...metricOf(tracking, resourceId),
    ...side,
  });
}

function metricOf(tracking: TargetTrackingScalingPolicyConfiguration, resourceId: string): MetricPart {
  const { PredefinedMetricSpecification: predefined, CustomizedMetricSpecification: customized } = tracking;
  if (predefined) return predefinedMetric(predefined, resourceId);
  return customized ? customizedMetric(customized) : {};
}

function predefinedMetric(
  { PredefinedMetricType, ResourceLabel = '' }: PredefinedMetricSpecification,
  resourceId: string,
): MetricPart {
  if (PredefinedMetricType === 'ALBRequestCountPerTarget') return requestCount(ResourceLabel);
  const [ClusterName, ServiceName] = serviceKeyOf(resourceId).split('/');
  const isCpu = PredefinedMetricType === 'ECSServiceAverageCPUUtilization';
  return {
    Namespace: 'AWS/ECS',
    MetricName: isCpu ? 'CPUUtilization' : 'MemoryUtilization',
    Dimensions: [
      { Name: 'ClusterName', Value: ClusterName },
      { Name: 'ServiceName', Value: ServiceName },
    ],
    Statistic: 'Average',
    Period: 60,
  };
}

/** Confirmed by docs: of RequestCountPerTarget the sum is the only valid statistic, and it is the average per target. */
function requestCount(label: string): MetricPart {
  const at = label.indexOf('/targetgroup/');
  return {
    Namespace: 'AWS/ApplicationELB',
    MetricName: 'RequestCountPerTarget',
    Dimensions: [
      { Name: 'TargetGroup', Value: label.slice(at + 1) },
      { Name: 'LoadBalancer', Value: label.slice(0, at) },
    ],
    Statistic: 'Sum',
    Period: 60,
  };
}

function customizedMetric(metric: CustomizedMetricSpecification): MetricPart {
  const { Metrics, MetricName, Namespace, Dimensions = [], Statistic, Unit } = metric;
  if (Metrics) return { Metrics: Metrics.map(toQuery) };
  return {
    Namespace,
    MetricName,
    Dimensions,
    Statistic,
    Period: 60,
    ...(Unit !== undefined && { Unit: Unit as NonNullable<MetricPart['Unit']> }),
  };
}

/** The same query with the minute that the policy is evaluated by. */
function toQuery({
  Id,
  Expression,
  Label,
  MetricStat,
  ReturnData,
}: NonNullable<CustomizedMetricSpecification['Metrics']>[number]): MetricDataQuery {
  const { Metric, Stat, Unit } = MetricStat ?? {};
  return {
    Id,
    ...(Expression !== undefined && { Expression, Period: 60 }),
    ...(Label !== undefined && { Label }),
    // Confirmed by API text: whatever is not told otherwise returns data.
    ReturnData: ReturnData ?? true,
    ...(MetricStat && {
      MetricStat: {
        Metric,
        Stat,
        Period: 60,
        ...(Unit !== undefined && { Unit: Unit as NonNullable<MetricPart['Unit']> }),
      },
    }),
  };
}
