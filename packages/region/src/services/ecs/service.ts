import { awaitMinute, endedMinute } from '../../kernel/metric-minutes.ts';
import type { ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import { clusterCapacityProviderAssociationsType, clusterType } from './cloudformation/cluster.ts';
import { serviceType } from './cloudformation/service.ts';
import { taskDefinitionType } from './cloudformation/task-definition.ts';
import { onContainerEvent } from './container-events.ts';
import {
  onAlarmsWritten,
  onStart,
  onTargetsWritten,
  onTimer,
  onWritten,
  type TargetsWritten,
} from './lifetime.ts';
import { EcsMetrics, type MeasureAction, type Measured, publishMetrics } from './metrics-publishing.ts';
import { ecsOperations } from './operations.ts';
import type { TaskRunner } from './ports.ts';
import { type EcsEvent, runAction } from './runtime.ts';
import { openEcs } from './state.ts';

/** Amazon Elastic Container Service: clusters, task definitions, and tasks on Fargate, alone or in services. */
export function ecs(dependencies: {
  readonly tables: Tables;
  readonly taskRunner: TaskRunner;
  /** Whether CloudWatch is told each minute; the region needs that service then. Default false. */
  readonly publishesMetrics?: boolean;
}): ServiceModule {
  const { tables, taskRunner, publishesMetrics = false } = dependencies;
  const state = openEcs(tables);
  const metrics = new EcsMetrics();
  return {
    name: 'ecs',
    operations: ecsOperations(state),
    resourceTypes: [clusterType, clusterCapacityProviderAssociationsType, taskDefinitionType, serviceType],
    onStart: (ctx) => {
      onStart(ctx, state);
      if (publishesMetrics) awaitMinute(ctx);
    },
    onTimer: (ctx, timer) => {
      const minute = endedMinute(timer);
      if (minute === undefined) {
        onTimer(ctx, state, timer);
        return;
      }
      awaitMinute(ctx);
      ctx.perform({ kind: 'measure', minute } satisfies MeasureAction);
    },
    onEvent: (ctx, event: EcsEvent | TargetsWritten | Measured) => {
      if (event.kind === 'targetsWritten') onTargetsWritten(ctx, state, event);
      else if (event.kind === 'measured') publishMetrics(ctx, state, metrics, event);
      else onContainerEvent(ctx, state, event);
    },
    onChanged: (ctx, services, written) => {
      if (services.has('elbv2')) onWritten(ctx, written);
      if (services.has('cloudwatch')) onAlarmsWritten(ctx, state, written);
    },
    perform: (action) => runAction(taskRunner, action),
    connect: (deliver) => taskRunner.connect(deliver),
  };
}
