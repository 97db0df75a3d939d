import type { PutScalingPolicyRequest } from '@aws-sdk/client-application-auto-scaling';
import {
  decimal,
  flag,
  integer,
  json,
  listOf,
  object,
  type Properties,
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  text,
} from '../../../kernel/resource-type.ts';
import { ignoreMissing } from './missing.ts';

type PolicyProperties = Omit<
  PutScalingPolicyRequest,
  'ServiceNamespace' | 'ResourceId' | 'ScalableDimension'
> & {
  readonly ScalingTargetId?: string;
  readonly ServiceNamespace?: PutScalingPolicyRequest['ServiceNamespace'];
  readonly ResourceId?: string;
  readonly ScalableDimension?: PutScalingPolicyRequest['ScalableDimension'];
};

const dimensions = listOf(object({ Name: text, Value: text }));

const trackedQueries = listOf(
  object({
    Id: text,
    Expression: text,
    Label: text,
    ReturnData: flag,
    MetricStat: object({
      Metric: object({ Namespace: text, MetricName: text, Dimensions: dimensions }),
      Stat: text,
      Unit: text,
    }),
  }),
);

/**
 * AWS::ApplicationAutoScaling::ScalingPolicy. `Ref` gives its ARN.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-applicationautoscaling-scalingpolicy.html
 */
export const scalingPolicyType: ResourceType = {
  name: 'AWS::ApplicationAutoScaling::ScalingPolicy',
  properties: {
    PolicyName: required(replaces(text)),
    PolicyType: required(text),
    // Refused by name with its policy type.
    PredictiveScalingPolicyConfiguration: json,
    ResourceId: replaces(text),
    ScalableDimension: replaces(text),
    ScalingTargetId: replaces(text),
    ServiceNamespace: replaces(text),
    StepScalingPolicyConfiguration: object({
      AdjustmentType: text,
      Cooldown: integer,
      MetricAggregationType: text,
      MinAdjustmentMagnitude: integer,
      StepAdjustments: listOf(
        object({
          MetricIntervalLowerBound: decimal,
          MetricIntervalUpperBound: decimal,
          ScalingAdjustment: integer,
        }),
      ),
    }),
    TargetTrackingScalingPolicyConfiguration: object({
      CustomizedMetricSpecification: object({
        Dimensions: dimensions,
        MetricName: text,
        Metrics: trackedQueries,
        Namespace: text,
        Statistic: text,
        Unit: text,
      }),
      DisableScaleIn: flag,
      PredefinedMetricSpecification: object({ PredefinedMetricType: text, ResourceLabel: text }),
      ScaleInCooldown: integer,
      ScaleOutCooldown: integer,
      TargetValue: decimal,
    }),
  },

  create: (ctx, properties) => ({ physicalId: put(ctx, properties) }),
  update: (ctx, _resource, properties) => {
    put(ctx, properties);
  },
  delete: (ctx, { properties }) => {
    const { PolicyName } = properties as unknown as PolicyProperties;
    ignoreMissing(() =>
      ctx.call('applicationautoscaling', 'deleteScalingPolicy', { ...resourceOf(properties), PolicyName }),
    );
  },
  read: (ctx, { physicalId, properties }) => {
    const { ScalingPolicies: [policy] = [] } = ctx.call('applicationautoscaling', 'describeScalingPolicies', {
      ...resourceOf(properties),
      ServiceNamespace: resourceOf(properties).ServiceNamespace,
      PolicyNames: [physicalId],
    });
    if (!policy) return undefined;
    const { PolicyType, StepScalingPolicyConfiguration, TargetTrackingScalingPolicyConfiguration } = policy;
    return { PolicyType, StepScalingPolicyConfiguration, TargetTrackingScalingPolicyConfiguration };
  },
  attributes: (_ctx, { physicalId }) => ({ Arn: physicalId }),
};

function put(ctx: ResourceContext, properties: Properties): string {
  const { ScalingTargetId: _target, ...rest } = properties as unknown as PolicyProperties;
  const request = { ...rest, ...resourceOf(properties) };
  return ctx.call('applicationautoscaling', 'putScalingPolicy', request).PolicyARN ?? '';
}

type Resource = Pick<PutScalingPolicyRequest, 'ServiceNamespace' | 'ResourceId' | 'ScalableDimension'>;

/** Either all three, or the `Ref` of a scalable target, which holds all three. */
function resourceOf(properties: Properties): Resource {
  const { ScalingTargetId, ServiceNamespace, ResourceId, ScalableDimension } =
    properties as unknown as PolicyProperties;
  if (ScalingTargetId === undefined) return { ServiceNamespace, ResourceId, ScalableDimension };
  const [resource, dimension, namespace] = ScalingTargetId.split('|');
  return {
    ResourceId: resource,
    ScalableDimension: dimension as Resource['ScalableDimension'],
    ServiceNamespace: namespace as Resource['ServiceNamespace'],
  };
}
