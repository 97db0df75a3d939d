import type { ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import { alarmsPart } from './alarms/part.ts';
import { openAlarms } from './alarms/state.ts';
import { alarmType } from './cloudformation/alarm.ts';
import { compositeAlarmType } from './cloudformation/composite-alarm.ts';
import { dashboardType } from './cloudformation/dashboard.ts';
import { dashboardOperations } from './dashboards/operations.ts';
import { openDashboards } from './dashboards/state.ts';
import {
  afterCheckpoint,
  beginCheckpoint,
  type CheckpointStep,
  checkpointTimer,
  continueCheckpoint,
  planCheckpoint,
  type StoredCheckpoint,
} from './metrics/checkpointing.ts';
import { metricOperations } from './metrics/operations.ts';
import { type MetricData, MetricStore } from './metrics/store.ts';
import { widgetOperations } from './widgets/image.ts';

export interface CloudWatchDependencies {
  readonly tables: Tables;
  /** Already loaded. Default: one that keeps nothing but what is in memory. */
  readonly metrics?: MetricStore;
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
    onStart: (ctx) => {
      alarms.onStart(ctx);
      // Data that came before the region was killed in the middle of a checkpoint, which took its timer.
      if (metrics.hasLog) planCheckpoint(ctx, metrics);
    },
    onTimer: (ctx, timer) => {
      if (timer.name === checkpointTimer) beginCheckpoint(ctx, metrics);
      else alarms.onTimer(ctx, timer);
    },
    onEvent: (ctx, event: MetricData | CheckpointStep) => {
      if (event.kind === 'metricData') metrics.apply(event);
      else continueCheckpoint(ctx, metrics, event);
    },
    perform: (action: StoredCheckpoint) => afterCheckpoint(metrics, action),
  };
}
