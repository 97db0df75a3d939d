import type { LoadBalancer } from '@aws-sdk/client-ecs';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import type { Written } from '../../kernel/table.ts';
import type { TargetRecord, TaskRecord } from './state.ts';

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

/** A target whose row in elbv2 was written. */
export interface WrittenTarget {
  readonly targetGroupArn: string;
  readonly id: string;
  readonly port: number;
}

/** The targets among what was written, each once: elbv2 keeps them by `<target group> <address>:<port>`. */
export function writtenTargets(written: readonly Written[]): WrittenTarget[] {
  const keys = new Set(written.filter(({ table }) => table === 'elbv2.targets').map(({ key }) => key));
  return [...keys].map((key) => {
    const [, targetGroupArn = '', id = '', port = ''] = /^(\S+) (.*):(\d+)$/.exec(key) ?? [];
    return { targetGroupArn, id, port: Number(port) };
  });
}

/** The task's targets as their groups tell them now; undefined when nothing is other than last seen. */
export function newlyReadTargets(ctx: Context, task: TaskRecord): TargetRecord[] | undefined {
  const targets = task.targets.map(({ targetGroupArn, containerName, port }) => ({
    targetGroupArn,
    containerName,
    port,
    ...readHealth(ctx, { targetGroupArn, id: task.network.privateIp, port }),
  }));
  return targets.some((target, i) => !isSame(target, task.targets[i])) ? targets : undefined;
}

/** A target that is not registered, or whose group is gone, is `unused`. */
function readHealth(
  ctx: Context,
  { targetGroupArn, id, port }: WrittenTarget,
): Pick<TargetRecord, 'state' | 'reason' | 'description'> {
  try {
    const { TargetHealthDescriptions } = ctx.call('elbv2', 'describeTargetHealth', {
      TargetGroupArn: targetGroupArn,
      Targets: [{ Id: id, Port: port }],
    });
    const { State, Reason, Description } = TargetHealthDescriptions?.[0]?.TargetHealth ?? {};
    return {
      state: State ?? 'initial',
      ...(Reason === undefined ? {} : { reason: Reason }),
      ...(Description === undefined ? {} : { description: Description }),
    };
  } catch (error) {
    if (!(error instanceof AwsError) || error.code === 'NotModelled') throw error;
    return { state: 'unused' };
  }
}

function isSame(a: TargetRecord, b: TargetRecord | undefined): boolean {
  return a.state === b?.state && a.reason === b.reason && a.description === b.description;
}
