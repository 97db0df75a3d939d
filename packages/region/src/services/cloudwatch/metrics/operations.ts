import type {
  GetMetricDataInput,
  GetMetricDataOutput,
  GetMetricStatisticsInput,
  GetMetricStatisticsOutput,
  ListMetricsInput,
  ListMetricsOutput,
  PutMetricDataInput,
} from '@aws-sdk/client-cloudwatch';
import { operation, type ServiceModule } from '../../../kernel/service.ts';
import { getMetricData } from './get-data.ts';
import { getMetricStatistics } from './get-statistics.ts';
import { listMetrics } from './list.ts';
import { putMetricData } from './put.ts';
import type { MetricStore } from './store.ts';

export function metricOperations(store: MetricStore): ServiceModule['operations'] {
  return {
    PutMetricData: operation<PutMetricDataInput, object>({
      accepts: ['Namespace', 'MetricData'],
      handler: (ctx, input) => putMetricData(ctx, store, input),
    }),
    GetMetricData: operation<GetMetricDataInput, GetMetricDataOutput>({
      accepts: [
        'MetricDataQueries',
        'StartTime',
        'EndTime',
        'NextToken',
        'ScanBy',
        'MaxDatapoints',
        'LabelOptions',
      ],
      handler: (ctx, input) => getMetricData(ctx, store, input),
    }),
    GetMetricStatistics: operation<GetMetricStatisticsInput, GetMetricStatisticsOutput>({
      accepts: [
        'Namespace',
        'MetricName',
        'Dimensions',
        'StartTime',
        'EndTime',
        'Period',
        'Statistics',
        'ExtendedStatistics',
        'Unit',
      ],
      handler: (ctx, input) => getMetricStatistics(ctx, store, input),
    }),
    ListMetrics: operation<ListMetricsInput, ListMetricsOutput>({
      accepts: ['Namespace', 'MetricName', 'Dimensions', 'NextToken', 'RecentlyActive'],
      handler: (ctx, input) => listMetrics(ctx, store, input),
    }),
  };
}
