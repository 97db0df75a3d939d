import type { ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import { metricOperations } from './metrics/operations.ts';
import { checkpointTimer } from './metrics/put.ts';
import { type MetricData, MetricStore } from './metrics/store.ts';
import type { ColdRange } from './ports.ts';

export interface CloudWatchDependencies {
  readonly tables: Tables;
  /** Already loaded. Default: one that keeps nothing but what is in memory. */
  readonly metrics?: MetricStore;
}

/** What a checkpoint made superfluous. */
interface ClearMetricData {
  readonly kind: 'clearMetricData';
  readonly ranges: readonly { readonly table: string; readonly range: ColdRange }[];
}

/** Amazon CloudWatch: metrics. */
export function cloudwatch({
  tables,
  metrics = new MetricStore(tables),
}: CloudWatchDependencies): ServiceModule {
  return {
    name: 'cloudwatch',
    operations: { ...metricOperations(metrics) },
    onTimer: (ctx, timer) => {
      if (timer.name !== checkpointTimer) return;
      ctx.perform({ kind: 'clearMetricData', ranges: metrics.checkpoint(ctx.now) } satisfies ClearMetricData);
    },
    onEvent: (ctx, event: MetricData) => metrics.apply(event, ctx.now),
    perform: async (action: ClearMetricData) => {
      await metrics.clear(action.ranges);
      return undefined;
    },
  };
}
