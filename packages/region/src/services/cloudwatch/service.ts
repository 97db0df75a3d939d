import type { ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import { alarmsPart } from './alarms/part.ts';
import { openAlarms } from './alarms/state.ts';
import { alarmType } from './cloudformation/alarm.ts';
import { compositeAlarmType } from './cloudformation/composite-alarm.ts';
import { dashboardType } from './cloudformation/dashboard.ts';
import { dashboardOperations } from './dashboards/operations.ts';
import { openDashboards } from './dashboards/state.ts';
import type { ClearedRange } from './metrics/blocks.ts';
import { metricOperations } from './metrics/operations.ts';
import { checkpointTimer } from './metrics/put.ts';
import { type MetricData, MetricStore } from './metrics/store.ts';
import { widgetOperations } from './widgets/image.ts';

export interface CloudWatchDependencies {
  readonly tables: Tables;
  /** Already loaded. Default: one that keeps nothing but what is in memory. */
  readonly metrics?: MetricStore;
}

/** What a checkpoint made superfluous. */
interface ClearMetricData {
  readonly kind: 'clearMetricData';
  readonly ranges: readonly ClearedRange[];
}

/** Amazon CloudWatch: metrics, alarms and dashboards. */
export function cloudwatch({
  tables,
  metrics = new MetricStore(tables),
}: CloudWatchDependencies): ServiceModule {
  const alarms = alarmsPart(tables, metrics);
  return {
    name: 'cloudwatch',
    resourceTypes: [alarmType, compositeAlarmType, dashboardType],
    operations: {
      ...metricOperations(metrics),
      ...alarms.operations,
      ...dashboardOperations(openDashboards(tables)),
      ...widgetOperations(openAlarms(tables), metrics),
    },
    onStart: alarms.onStart,
    onTimer: (ctx, timer) => {
      if (timer.name !== checkpointTimer) return alarms.onTimer(ctx, timer);
      ctx.perform({ kind: 'clearMetricData', ranges: metrics.checkpoint(ctx.now) } satisfies ClearMetricData);
    },
    onEvent: (_ctx, event: MetricData) => metrics.apply(event),
    perform: async (action: ClearMetricData) => {
      await metrics.clear(action.ranges);
      return undefined;
    },
  };
}
