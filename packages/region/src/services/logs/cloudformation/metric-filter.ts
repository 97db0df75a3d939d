import type { MetricTransformation, StandardUnit } from '@aws-sdk/client-cloudwatch-logs';
import { AwsError } from '../../../kernel/aws-error.ts';
import {
  decimal,
  listOf,
  object,
  type Properties,
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  text,
} from '../../../kernel/resource-type.ts';

interface MetricFilterProperties {
  readonly FilterName?: string;
  readonly FilterPattern: string;
  readonly LogGroupName: string;
  readonly MetricTransformations: readonly {
    readonly MetricName: string;
    readonly MetricNamespace: string;
    readonly MetricValue: string;
    readonly DefaultValue?: number;
    readonly Unit?: StandardUnit;
    readonly Dimensions?: readonly { readonly Key: string; readonly Value: string }[];
  }[];
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-logs-metricfilter.html
export const metricFilterType: ResourceType = {
  name: 'AWS::Logs::MetricFilter',
  properties: {
    FilterName: replaces(text),
    FilterPattern: required(text),
    LogGroupName: replaces(required(text)),
    MetricTransformations: required(
      listOf(
        object({
          MetricName: text,
          MetricNamespace: text,
          MetricValue: text,
          DefaultValue: decimal,
          Unit: text,
          Dimensions: listOf(object({ Key: text, Value: text })),
        }),
      ),
    ),
  },

  create(ctx, properties) {
    const filterName = (properties as unknown as MetricFilterProperties).FilterName ?? ctx.generateName(512);
    put(ctx, filterName, properties);
    return { physicalId: filterName };
  },

  update: (ctx, { physicalId }, properties) => put(ctx, physicalId, properties),

  read(ctx, { physicalId, properties }) {
    const { metricFilters = [] } = ctx.call('logs', 'describeMetricFilters', {
      logGroupName: String(properties['LogGroupName']),
      filterNamePrefix: physicalId,
    });
    const found = metricFilters.find(({ filterName }) => filterName === physicalId);
    return (
      found && {
        FilterName: physicalId,
        FilterPattern: found.filterPattern,
        LogGroupName: found.logGroupName,
        MetricTransformations: found.metricTransformations?.map((transformation) => ({
          MetricName: transformation.metricName,
          MetricNamespace: transformation.metricNamespace,
          MetricValue: transformation.metricValue,
          DefaultValue: transformation.defaultValue,
          Unit: transformation.unit,
          Dimensions: Object.entries(transformation.dimensions ?? {}).map(([Key, Value]) => ({ Key, Value })),
        })),
      }
    );
  },

  delete(ctx, { physicalId, properties }) {
    const logGroupName = String(properties['LogGroupName']);
    try {
      ctx.call('logs', 'deleteMetricFilter', { filterName: physicalId, logGroupName });
    } catch (error) {
      if (!(error instanceof AwsError) || error.code !== 'ResourceNotFoundException') throw error;
    }
  },
};

function put(ctx: ResourceContext, filterName: string, properties: Properties): void {
  const { FilterPattern, LogGroupName, MetricTransformations } =
    properties as unknown as MetricFilterProperties;
  ctx.call('logs', 'putMetricFilter', {
    filterName,
    filterPattern: FilterPattern,
    logGroupName: LogGroupName,
    metricTransformations: MetricTransformations.map(
      ({
        MetricName,
        MetricNamespace,
        MetricValue,
        DefaultValue,
        Unit,
        Dimensions,
      }): MetricTransformation => ({
        metricName: MetricName,
        metricNamespace: MetricNamespace,
        metricValue: MetricValue,
        ...(DefaultValue !== undefined && { defaultValue: DefaultValue }),
        ...(Unit !== undefined && { unit: Unit }),
        ...(Dimensions && {
          dimensions: Object.fromEntries(Dimensions.map(({ Key, Value }) => [Key, Value])),
        }),
      }),
    ),
  });
}
