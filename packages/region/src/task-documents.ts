import type { Kernel } from './kernel/kernel.ts';
import type { Tables } from './kernel/table.ts';
import type { TaskDocuments } from './planes/processes/task-endpoints.ts';
import { ecsViews } from './services/ecs/views.ts';
import { openTaskSession } from './services/sts/task-session.ts';

/** What a task's metadata and credentials endpoints answer, asked of ECS and STS as steps of the kernel. */
export function taskDocuments(tables: Tables, kernel: () => Kernel): TaskDocuments {
  const views = ecsViews(tables);
  return {
    container: async (containerId) => views.containerMetadata(containerId),
    task: async (taskArn, options) => views.taskMetadata(taskArn, options),
    credentials: (taskArn, taskRoleArn) =>
      kernel().submit('sts credentials of a task', { service: 'sts' }, (ctx) => {
        const session = openTaskSession(ctx, tables, { taskArn, taskRoleArn, machineNow: Date.now() });
        return {
          RoleArn: taskRoleArn,
          AccessKeyId: session?.AccessKeyId ?? '',
          SecretAccessKey: session?.SecretAccessKey ?? '',
          Token: session?.SessionToken ?? '',
          Expiration: session?.Expiration?.toISOString() ?? '',
        };
      }),
  };
}
