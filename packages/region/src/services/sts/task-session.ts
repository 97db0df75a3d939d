import type { Credentials } from '@aws-sdk/client-sts';
import type { Context } from '../../kernel/context.ts';
import { instant } from '../../kernel/instant.ts';
import type { Tables } from '../../kernel/table.ts';
import { openSts } from './state.ts';

/**
 * Credentials of a task. They expire by the machine's clock, not by the region's: the SDK inside the task renews them by
 * the only clock it sees, and would otherwise go on with expired ones after the region's clock was moved.
 */
export function openTaskSession(
  ctx: Context,
  tables: Tables,
  task: { readonly taskArn: string; readonly taskRoleArn: string; readonly machineNow: number },
): Credentials | undefined {
  const { sessions } = openSts(tables);
  for (const old of sessions.filter((s) => s.clock === 'machine' && s.expiration <= task.machineNow)) {
    sessions.delete(old.accessKeyId);
  }
  const RoleSessionName = task.taskArn.slice(task.taskArn.lastIndexOf('/') + 1);
  // Confirmed by docs: the task role must trust ecs-tasks.amazonaws.com.
  const tasks = ctx.as({
    type: 'Service',
    arn: 'ecs-tasks.amazonaws.com',
    accountId: ctx.accountId,
    userId: 'ecs-tasks.amazonaws.com',
    sourceArn: ctx.arn('ecs', '*'),
  });
  const { Credentials } = tasks.call('sts', 'assumeRole', { RoleArn: task.taskRoleArn, RoleSessionName });
  const session = sessions.get(Credentials?.AccessKeyId ?? '');
  if (!session || !Credentials) return undefined;
  const expiration = instant(session.expiration - ctx.now + task.machineNow);
  sessions.put(session.accessKeyId, { ...session, expiration, clock: 'machine' });
  return { ...Credentials, Expiration: new Date(expiration) };
}
