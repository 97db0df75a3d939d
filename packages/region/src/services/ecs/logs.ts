import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';

/** Where a container's lines go: Confirmed by docs, the stream is `prefix/container-name/task-id`. */
export function logStreamOf(
  container: ContainerDefinition,
  taskId: string,
): { readonly logGroupName: string; readonly logStreamName: string } | undefined {
  const options = container.logConfiguration?.options;
  if (container.logConfiguration?.logDriver !== 'awslogs' || options === undefined) return undefined;
  return {
    logGroupName: options['awslogs-group'] ?? '',
    logStreamName: `${options['awslogs-stream-prefix'] ?? ''}/${container.name}/${taskId}`,
  };
}

/** Opens the stream before the container starts; the group must exist unless `awslogs-create-group` is true. */
export function openLogStream(ctx: Context, container: ContainerDefinition, taskId: string): void {
  const stream = logStreamOf(container, taskId);
  if (stream === undefined) return;
  if (container.logConfiguration?.options?.['awslogs-create-group'] === 'true') {
    unlessExists(() => ctx.call('logs', 'createLogGroup', { logGroupName: stream.logGroupName }));
  }
  unlessExists(() => ctx.call('logs', 'createLogStream', stream));
}

function unlessExists(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'ResourceAlreadyExistsException') throw error;
  }
}

export interface Line {
  readonly timestamp: number;
  readonly message: string;
}

/** Confirmed by docs: PutLogEvents takes 10,000 events and 1,048,576 bytes, 26 bytes for each event included. */
const batchLimits = { events: 10_000, bytes: 1_048_576, overhead: 26 } as const;

export function writeLines(
  ctx: Context,
  container: ContainerDefinition,
  taskId: string,
  lines: readonly Line[],
): void {
  const stream = logStreamOf(container, taskId);
  if (stream === undefined) return;
  try {
    for (const batch of batches(lines))
      ctx.call('logs', 'putLogEvents', { ...stream, logEvents: [...batch] });
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    // Confirmed by docs: the default mode is non-blocking, so the task goes on and the lines are lost.
    ctx.warn('log-lines-lost', `Lines of ${stream.logStreamName} are lost: ${error.message}`);
  }
}

function batches(lines: readonly Line[]): Line[][] {
  const all: Line[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  // An empty event is refused by PutLogEvents; Docker's driver leaves empty lines out.
  for (const line of lines.filter(({ message }) => message !== '')) {
    const size = line.message.length * 3 + batchLimits.overhead;
    const current = all.at(-1);
    if (current && bytes + size <= batchLimits.bytes && current.length < batchLimits.events) {
      current.push(line);
      bytes += size;
    } else {
      all.push([line]);
      bytes = size;
    }
  }
  return all;
}
