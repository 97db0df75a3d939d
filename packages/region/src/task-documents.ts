import type { Kernel } from './kernel/kernel.ts';
import type { Tables } from './kernel/table.ts';
import type { TaskDocuments } from './planes/processes/task-endpoints.ts';
import { ecsViews } from './services/ecs/views.ts';

/** What a task's metadata and credentials endpoints answer, asked of ECS and STS as steps of the kernel. */
export function taskDocuments(tables: Tables, kernel: () => Kernel): TaskDocuments {
  const views = ecsViews(tables);
  return {
    container: async (containerId) => views.containerMetadata(containerId),
    task: async (taskArn, options) => views.taskMetadata(taskArn, options),
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
