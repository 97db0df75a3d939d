import type {
  CustomizedMetricSpecification,
  PredefinedMetricSpecification,
  StepScalingPolicyConfiguration,
  TargetTrackingScalingPolicyConfiguration,
} from '@aws-sdk/client-application-auto-scaling';
import { notModelled } from '../../../kernel/aws-error.ts';
import { validationException } from '../errors.ts';
import { stepsOf } from '../scaling.ts';
import { faultOfSteps } from '../step-scaling.ts';
import { checkGiven } from './resource.ts';

/** Chosen: the texts, where nothing else is said. */
export function checkTracking(
  given: TargetTrackingScalingPolicyConfiguration | undefined,
): TargetTrackingScalingPolicyConfiguration {
  const tracking = checkGiven('targetTrackingScalingPolicyConfiguration', given);
  const { PredefinedMetricSpecification, CustomizedMetricSpecification } = tracking;
  const target = checkGiven('targetTrackingScalingPolicyConfiguration.targetValue', tracking.TargetValue);
  // Confirmed by API text: the range.
  if (Math.abs(target) > 2 ** 360) throw validationException('TargetValue must be between -2^360 and 2^360');
  checkNotNegative('ScaleOutCooldown', tracking.ScaleOutCooldown);
  checkNotNegative('ScaleInCooldown', tracking.ScaleInCooldown);
  if ((PredefinedMetricSpecification === undefined) === (CustomizedMetricSpecification === undefined)) {
    throw validationException(
      'Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified',
    );
  }
  if (PredefinedMetricSpecification) checkPredefined(PredefinedMetricSpecification);
  if (CustomizedMetricSpecification) checkCustomized(CustomizedMetricSpecification);
  return tracking;
}

function checkPredefined({
  PredefinedMetricType: type,
  ResourceLabel: label,
}: PredefinedMetricSpecification): void {
  switch (type) {
    case 'ECSServiceAverageCPUUtilization':
    case 'ECSServiceAverageMemoryUtilization':
      // Confirmed by API text: a label belongs to ALBRequestCountPerTarget alone.
      if (label === undefined) return;
      throw validationException(`ResourceLabel cannot be specified for predefined metric type ${type}`);
    case 'ALBRequestCountPerTarget':
      if (/^app\/[^/]+\/[^/]+\/targetgroup\/[^/]+\/[^/]+$/.test(label ?? '')) return;
      throw validationException(
        `ResourceLabel must have the form app/LOAD-BALANCER-NAME/ID/targetgroup/TARGET-GROUP-NAME/ID for predefined metric type ${type}`,
      );
    case 'ECSServiceAverageCPUUtilizationHighResolution':
    case 'ECSServiceAverageMemoryUtilizationHighResolution':
      throw notModelled(`applicationautoscaling predefined metric type ${type}`, 'applicationautoscaling');
    default:
      throw validationException(`Predefined metric type ${type} cannot be used with service namespace ecs`);
  }
}

/** Confirmed by API text: either one metric with its statistic, or queries of which exactly one returns data. */
function checkCustomized({ Metrics, MetricName, Namespace, Statistic }: CustomizedMetricSpecification): void {
  if (Metrics === undefined) {
    if (MetricName === undefined || Namespace === undefined || Statistic === undefined) {
      throw validationException('A customized metric needs MetricName, Namespace and Statistic, or Metrics');
    }
    checkStatistic(Statistic);
    return;
  }
  if (MetricName !== undefined || Namespace !== undefined || Statistic !== undefined) {
    throw validationException('Metrics cannot be specified together with MetricName, Namespace or Statistic');
  }
  const ids = Metrics.map(({ Id }) => checkGiven('metrics.id', Id));
  if (new Set(ids).size < ids.length) throw validationException('The Ids of Metrics must be unique');
  if (
    Metrics.some(({ Expression, MetricStat }) => (Expression === undefined) === (MetricStat === undefined))
  ) {
    throw validationException('Each of Metrics must have either Expression or MetricStat');
  }
  if (Metrics.filter(({ ReturnData }) => ReturnData !== false).length !== 1) {
    throw validationException('Exactly one of Metrics must return data');
  }
}

/** Confirmed by API text: the values. A percentile takes Metrics. */
function checkStatistic(statistic: string): void {
  const statistics = ['Average', 'Minimum', 'Maximum', 'SampleCount', 'Sum'];
  if (statistics.includes(statistic)) return;
  throw validationException(
    `1 validation error detected: Value '${statistic}' at 'targetTrackingScalingPolicyConfiguration.customizedMetricSpecification.statistic' failed to satisfy constraint: Member must satisfy enum value set: [${statistics.join(', ')}]`,
  );
}

export function checkStep(given: StepScalingPolicyConfiguration | undefined): StepScalingPolicyConfiguration {
  const step = checkGiven('stepScalingPolicyConfiguration', given);
  const { AdjustmentType, MinAdjustmentMagnitude, MetricAggregationType = 'Average' } = step;
  if (!['ChangeInCapacity', 'ExactCapacity', 'PercentChangeInCapacity'].includes(AdjustmentType ?? '')) {
    throw validationException(
      'AdjustmentType must be one of ChangeInCapacity, ExactCapacity and PercentChangeInCapacity',
    );
  }
  if (!['Average', 'Minimum', 'Maximum'].includes(MetricAggregationType)) {
    throw validationException('MetricAggregationType must be one of Average, Minimum and Maximum');
  }
  checkNotNegative('Cooldown', step.Cooldown);
  const steps = stepsOf(step);
  if (steps.length === 0) throw validationException('At least one StepAdjustment must be specified');
  if (AdjustmentType === 'ExactCapacity' && steps.some(({ adjustment }) => adjustment < 0)) {
    throw validationException('ScalingAdjustment must not be negative for AdjustmentType ExactCapacity');
  }
  if (MinAdjustmentMagnitude !== undefined && AdjustmentType !== 'PercentChangeInCapacity') {
    throw validationException(
      'MinAdjustmentMagnitude can only be specified for AdjustmentType PercentChangeInCapacity',
    );
  }
  const fault = faultOfSteps(steps);
  if (fault !== undefined) throw validationException(fault);
  return { ...step, MetricAggregationType };
}

function checkNotNegative(member: string, seconds: number | undefined): void {
  if (seconds !== undefined && seconds < 0) throw validationException(`${member} must not be negative`);
}
