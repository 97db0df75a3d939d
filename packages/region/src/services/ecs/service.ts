import type { ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import { clusterCapacityProviderAssociationsType, clusterType } from './cloudformation/cluster.ts';
import { serviceType } from './cloudformation/service.ts';
import { taskDefinitionType } from './cloudformation/task-definition.ts';
import { onContainerEvent } from './container-events.ts';
import { onStart, onTargetsWritten, onTimer, onWritten, type TargetsWritten } from './lifetime.ts';
import { ecsOperations } from './operations.ts';
import type { TaskRunner } from './ports.ts';
import { type EcsEvent, runAction } from './runtime.ts';
import { openEcs } from './state.ts';

/** Amazon Elastic Container Service: clusters, task definitions, and tasks on Fargate, alone or in services. */
export function ecs(dependencies: {
  readonly tables: Tables;
  readonly taskRunner: TaskRunner;
}): ServiceModule {
  const { tables, taskRunner } = dependencies;
  const state = openEcs(tables);
  return {
    name: 'ecs',
    operations: ecsOperations(state),
    resourceTypes: [clusterType, clusterCapacityProviderAssociationsType, taskDefinitionType, serviceType],
    onStart: (ctx) => onStart(ctx, state),
    onTimer: (ctx, timer) => onTimer(ctx, state, timer),
    onEvent: (ctx, event: EcsEvent | TargetsWritten) =>
      event.kind === 'targetsWritten'
        ? onTargetsWritten(ctx, state, event)
        : onContainerEvent(ctx, state, event),
    onChanged: (ctx, services, written) => {
      if (services.has('elbv2')) onWritten(ctx, written);
    },
    perform: (action) => runAction(taskRunner, action),
    connect: (deliver) => taskRunner.connect(deliver),
  };
}
