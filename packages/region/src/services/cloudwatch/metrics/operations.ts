import type { PutMetricDataInput } from '@aws-sdk/client-cloudwatch';
import { operation, type ServiceModule } from '../../../kernel/service.ts';
import { putMetricData } from './put.ts';
import type { MetricStore } from './store.ts';

export function metricOperations(store: MetricStore): ServiceModule['operations'] {
  return {
    PutMetricData: operation<PutMetricDataInput, object>({
      accepts: ['Namespace', 'MetricData'],
      handler: (ctx, input) => putMetricData(ctx, store, input),
    }),
  };
}
