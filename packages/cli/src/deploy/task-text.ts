import type { Task } from '@aws-sdk/client-ecs';

/** Why a task stopped, in one line: ECS's reason, then each container's exit code and reason. */
export function stopText(task: Task): string {
  const id = task.taskArn?.split('/').at(-1)?.slice(0, 8) ?? '?';
  const containers = (task.containers ?? []).flatMap(({ name, exitCode, reason }) => {
    const facts = [...(exitCode === undefined ? [] : [`exit code ${exitCode}`]), ...(reason ? [reason] : [])];
    return facts.length === 0 ? [] : [`${name}: ${facts.join(', ')}`];
  });
  const reason = task.stoppedReason ?? task.stopCode ?? 'no reason given';
  return `task ${id} stopped: ${[reason, ...containers].join('; ')}`;
}
