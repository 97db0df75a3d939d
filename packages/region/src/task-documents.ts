import type { Kernel } from './kernel/kernel.ts';
import type { TaskDocuments } from './planes/processes/task-endpoints.ts';

/** What a task's metadata and credentials endpoints answer, asked of ECS and STS as steps of the kernel. */
export function taskDocuments(kernel: () => Kernel): TaskDocuments {
  return {
    container: async () => undefined,
    task: async () => undefined,
    credentials: (taskArn, taskRoleArn) =>
      kernel().submit('sts credentials of a task', { service: 'sts' }, (ctx) => {
        const RoleSessionName = taskArn.slice(taskArn.lastIndexOf('/') + 1);
        const { Credentials } = ctx.call('sts', 'assumeRole', { RoleArn: taskRoleArn, RoleSessionName });
        return {
          RoleArn: taskRoleArn,
          AccessKeyId: Credentials?.AccessKeyId ?? '',
          SecretAccessKey: Credentials?.SecretAccessKey ?? '',
          Token: Credentials?.SessionToken ?? '',
          Expiration: Credentials?.Expiration?.toISOString() ?? '',
        };
      }),
  };
}
