import type { Service, Task } from '@aws-sdk/client-ecs';
import type { ServiceTraffic } from './traffic.ts';

/** A service as it is at a moment of a release. */
export interface ServiceState {
  /** The new one first. */
  readonly deployments: readonly DeploymentState[];
  /** Since the release began; absent while nothing is known. */
  readonly traffic?: ServiceTraffic;
}

export interface DeploymentState {
  /** `PRIMARY`, or `ACTIVE` for what is replaced. */
  readonly status: string;
  /** `family:revision` */
  readonly taskDefinition: string;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  readonly failedTasks: number;
  readonly tasks: readonly TaskState[];
}

export interface TaskState {
  readonly id: string;
  readonly lastStatus: string;
  /** As the load balancer sees it, with its reason; absent if it is no target. */
  readonly targetHealth?: string;
}

/** @param health by private address, as the load balancer sees it */
export function serviceState(
  service: Service,
  tasks: readonly Task[],
  health: ReadonlyMap<string, string>,
  traffic?: ServiceTraffic,
): ServiceState {
  return {
    ...(traffic && { traffic }),
    deployments: (service.deployments ?? []).map((deployment) => ({
      status: deployment.status ?? '',
      taskDefinition: deployment.taskDefinition?.split('/').at(-1) ?? '',
      desiredCount: deployment.desiredCount ?? 0,
      runningCount: deployment.runningCount ?? 0,
      pendingCount: deployment.pendingCount ?? 0,
      failedTasks: deployment.failedTasks ?? 0,
      // ECS says by `startedBy` which deployment a task belongs to.
      tasks: tasks
        .filter(({ startedBy }) => startedBy === deployment.id)
        .map((task) => taskState(task, health)),
    })),
  };
}

function taskState(task: Task, health: ReadonlyMap<string, string>): TaskState {
  const address = task.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address ?? '';
  const targetHealth = health.get(address);
  return {
    id: task.taskArn?.split('/').at(-1)?.slice(0, 8) ?? '',
    lastStatus: task.lastStatus ?? '',
    ...(targetHealth !== undefined && { targetHealth }),
  };
}
