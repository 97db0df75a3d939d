import type { LoadBalancer } from '@aws-sdk/client-ecs';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { type EcsState, type TargetRecord, type TaskRecord, tasksOf } from './state.ts';

/** Registers a task in the target groups of its service. A group that refuses is reported as an unhealthy target. */
export function registerTargets(
  ctx: Context,
  task: TaskRecord,
  loadBalancers: readonly LoadBalancer[],
): TargetRecord[] {
  return loadBalancers.map(({ targetGroupArn = '', containerName = '', containerPort = 0 }) => {
    const target = { targetGroupArn, containerName, port: containerPort };
    try {
      ctx.call('elbv2', 'registerTargets', {
        TargetGroupArn: targetGroupArn,
        Targets: [{ Id: task.network.privateIp, Port: containerPort }],
      });
      return { ...target, state: 'initial' };
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      return { ...target, state: 'unhealthy', reason: error.code, description: error.message };
    }
  });
}

/** A target group that is gone has no targets: that is what was wanted. */
export function deregisterTargets(ctx: Context, task: TaskRecord): void {
  for (const { targetGroupArn, port } of task.targets) {
    try {
      ctx.call('elbv2', 'deregisterTargets', {
        TargetGroupArn: targetGroupArn,
        Targets: [{ Id: task.network.privateIp, Port: port }],
      });
    } catch (error) {
      if (!(error instanceof AwsError) || error.code === 'NotModelled') throw error;
    }
  }
}

/** Tasks whose targets are in another state than last seen, with the new one; a target that is not listed is `unused`. */
export function changedTargets(
  ctx: Context,
  state: EcsState,
): { readonly task: TaskRecord; readonly targets: TargetRecord[] }[] {
  const read = new Map<string, Map<string, TargetHealth>>();
  const tasks = [...state.services.values()]
    .filter((service) => service.status !== 'INACTIVE')
    .flatMap((service) => tasksOf(state, service))
    .filter((task) => task.targets.length > 0);
  return tasks.flatMap((task) => {
    const targets = task.targets.map((target) => {
      const group = read.get(target.targetGroupArn) ?? readTargetHealth(ctx, target.targetGroupArn);
      read.set(target.targetGroupArn, group);
      const { targetGroupArn, containerName, port } = target;
      const health = group.get(`${task.network.privateIp}:${port}`) ?? { state: 'unused' };
      return { targetGroupArn, containerName, port, ...health };
    });
    return targets.some((target, i) => !isSame(target, task.targets[i])) ? [{ task, targets }] : [];
  });
}

interface TargetHealth {
  readonly state: string;
  readonly reason?: string;
  readonly description?: string;
}

function readTargetHealth(ctx: Context, targetGroupArn: string): Map<string, TargetHealth> {
  try {
    const { TargetHealthDescriptions = [] } = ctx.call('elbv2', 'describeTargetHealth', {
      TargetGroupArn: targetGroupArn,
    });
    return new Map(
      TargetHealthDescriptions.map(({ Target, TargetHealth: health }) => [
        `${Target?.Id}:${Target?.Port}`,
        {
          state: health?.State ?? 'initial',
          ...(health?.Reason === undefined ? {} : { reason: health.Reason }),
          ...(health?.Description === undefined ? {} : { description: health.Description }),
        },
      ]),
    );
  } catch (error) {
    if (!(error instanceof AwsError) || error.code === 'NotModelled') throw error;
    return new Map();
  }
}

function isSame(a: TargetRecord, b: TargetRecord | undefined): boolean {
  return a.state === b?.state && a.reason === b.reason && a.description === b.description;
}
