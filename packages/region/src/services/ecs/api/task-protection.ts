import type {
  GetTaskProtectionRequest,
  GetTaskProtectionResponse,
  ProtectedTask,
  UpdateTaskProtectionRequest,
  UpdateTaskProtectionResponse,
} from '@aws-sdk/client-ecs';
import type { Context } from '../../../kernel/context.ts';
import { after, toDate } from '../../../kernel/instant.ts';
import { requestReview } from '../deployments.ts';
import { invalidParameter } from '../errors.ts';
import { activeCluster, findTask } from '../lookups.ts';
import type { EcsState, TaskRecord } from '../state.ts';

/** Confirmed by API text: 1 to 2880 minutes, default 120; only tasks of services; holds against scale-in and deployments. */
export function updateTaskProtection(
  ctx: Context,
  state: EcsState,
  input: UpdateTaskProtectionRequest,
): UpdateTaskProtectionResponse {
  const { name } = activeCluster(state, input.cluster);
  const minutes = input.expiresInMinutes ?? 120;
  if (minutes < 1 || minutes > 2880) throw invalidParameter('expiresInMinutes must be between 1 and 2880.');
  return eachTask(state, name, input.tasks ?? [], (task) => {
    const { protectedUntil: _, ...rest } = task;
    const isProtected = input.protectionEnabled === true;
    const changed: TaskRecord = isProtected
      ? { ...rest, protectedUntil: after(ctx.now, minutes * 60) }
      : rest;
    state.tasks.put(task.id, changed);
    if (changed.protectedUntil) ctx.timers.set(task.id, 'unprotect', changed.protectedUntil);
    else ctx.timers.cancel(task.id, 'unprotect');
    if (task.serviceKey !== undefined) requestReview(ctx, task.serviceKey);
    return described(changed);
  });
}

export function getTaskProtection(
  _ctx: Context,
  state: EcsState,
  input: GetTaskProtectionRequest,
): GetTaskProtectionResponse {
  const { name } = activeCluster(state, input.cluster);
  return eachTask(state, name, input.tasks ?? [], described);
}

function eachTask(
  state: EcsState,
  cluster: string,
  references: readonly string[],
  work: (task: TaskRecord) => ProtectedTask,
): UpdateTaskProtectionResponse {
  const protectedTasks: ProtectedTask[] = [];
  const failures: NonNullable<UpdateTaskProtectionResponse['failures']> = [];
  for (const reference of references) {
    const task = findTask(state, cluster, reference);
    if (task?.lastStatus === undefined || task.desiredStatus === 'STOPPED') {
      failures.push({ arn: reference, reason: 'MISSING' });
    } else if (task.serviceKey === undefined) {
      failures.push({ arn: task.arn, reason: 'TASK_NOT_VALID' });
    } else protectedTasks.push(work(task));
  }
  return { protectedTasks, failures };
}

function described(task: TaskRecord): ProtectedTask {
  return {
    taskArn: task.arn,
    protectionEnabled: task.protectedUntil !== undefined,
    ...(task.protectedUntil === undefined ? {} : { expirationDate: toDate(task.protectedUntil) }),
  };
}
