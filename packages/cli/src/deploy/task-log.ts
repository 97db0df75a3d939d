import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTaskDefinitionCommand, type Task, type TaskDefinition } from '@aws-sdk/client-ecs';
import type { Target } from './clients.ts';

/** Where a container of a task writes, by the `awslogs` options of its definition. */
export interface LogStream {
  readonly logGroupName: string;
  readonly logStreamName: string;
}

/** `prefix/container/task id`: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/specify-log-config.html */
export function logStreamsOf(definition: TaskDefinition, taskArn: string): readonly LogStream[] {
  const id = taskArn.split('/').at(-1) ?? '';
  return (definition.containerDefinitions ?? []).flatMap(({ name = '', logConfiguration }) => {
    const options = logConfiguration?.options ?? {};
    const { 'awslogs-group': logGroupName, 'awslogs-stream-prefix': prefix } = options;
    if (logGroupName === undefined || prefix === undefined) return [];
    return [{ logGroupName, logStreamName: `${prefix}/${name}/${id}` }];
  });
}

/** The last lines that a task wrote; none if it wrote nothing. */
export async function lastLines(target: Target, task: Task, limit: number): Promise<readonly string[]> {
  const { taskArn = '', taskDefinitionArn } = task;
  const ecs = await target.clients.ecs();
  const { taskDefinition = {} } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: taskDefinitionArn }),
  );
  const logs = await target.clients.logs();
  const lines: string[] = [];
  for (const stream of logStreamsOf(taskDefinition, taskArn)) {
    const { events = [] } = await logs
      .send(new GetLogEventsCommand({ ...stream, limit, startFromHead: false }))
      .catch(() => ({ events: [] }));
    lines.push(...events.map(({ message = '' }) => message.trimEnd()));
  }
  return lines.slice(-limit);
}
