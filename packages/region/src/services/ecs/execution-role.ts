import type { Context, Principal } from '../../kernel/context.ts';

/**
 * ECS acting with a task's execution role: to pull images, read secrets and open log streams. The role must trust it.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
 */
export function executionPrincipal(ctx: Context, roleArn: string, taskId: string): Principal {
  const role = roleArn.slice(roleArn.lastIndexOf('/') + 1);
  return {
    type: 'AssumedRole',
    arn: ctx.arn('sts', `assumed-role/${role}/${taskId}`, ''),
    accountId: ctx.accountId,
    userId: `${role}:${taskId}`,
    assumedBy: 'ecs-tasks.amazonaws.com',
    sourceArn: ctx.arn('ecs', '*'),
  };
}

/** Tasks without an execution role need nothing that takes one. */
export function asExecutionRole(ctx: Context, roleArn: string | undefined, taskId: string): Context {
  return roleArn === undefined ? ctx : ctx.as(executionPrincipal(ctx, roleArn, taskId));
}
