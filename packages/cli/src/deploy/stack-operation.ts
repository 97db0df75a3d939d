import type { StackEvent } from '@aws-sdk/client-cloudformation';
import { Interrupted } from '../errors.ts';
import { cancelledText, Interruption } from './interruption.ts';
import type { Operation } from './operation.ts';
import { throughOutage } from './outage.ts';
import { ServiceWatch } from './service-watch.ts';
import { isStackItself, StackEventReader } from './stack-events.ts';
import { isSettled } from './stack-status.ts';

/** How an operation on a stack ended. */
export interface OperationResult {
  /** The stack's last status, such as `UPDATE_ROLLBACK_COMPLETE`. */
  readonly status: string;
  /** Everything that happened in it, oldest first. */
  readonly events: readonly StackEvent[];
  /** What was seen of services in it while they were still there. */
  readonly serviceNotes: readonly string[];
}

/** The events of a stack before an operation, so that only those of the operation are shown. */
export async function eventsFromNow(operation: Operation, stackId: string): Promise<StackEventReader> {
  const events = new StackEventReader(await operation.target.clients.cloudformation(), stackId);
  await events.next();
  return events;
}

/**
 * Shows what happens in a stack until its operation has ended.
 * @param earlier events of the operation that were read already
 * @throws Interrupted, saying that the operation goes on, or how it ended after it was cancelled
 */
export async function followOperation(
  operation: Operation,
  stack: string,
  events: StackEventReader,
  earlier: readonly StackEvent[] = [],
  cancel?: () => Promise<boolean>,
): Promise<OperationResult> {
  const { target, report } = operation;
  const interruption = new Interruption(operation, stack, cancel);
  const watch = new ServiceWatch(target, report);
  const all: StackEvent[] = [];
  let fresh = earlier;
  for (;;) {
    for (const event of fresh) {
      report({ kind: 'stack-event', stack, event });
      watch.see(event);
    }
    all.push(...fresh);
    await throughOutage(operation, stack, () => watch.poll());
    const status = finalStatus(fresh);
    if (status !== undefined) {
      report({ kind: 'stack-ended', stack, status });
      watch.tellTraffic();
      if (interruption.hasCancelled) throw new Interrupted(cancelledText(stack, status));
      return { status, events: all, serviceNotes: watch.notes };
    }
    await interruption.pause(target.pollMs);
    fresh = await throughOutage(operation, stack, () => events.next());
  }
}

/** Shows an operation that was under way already. */
export async function followRunning(
  operation: Operation,
  stack: string,
  stackId: string,
): Promise<OperationResult> {
  const events = new StackEventReader(await operation.target.clients.cloudformation(), stackId);
  return followOperation(operation, stack, events, currentOperation(await events.next()));
}

const beginnings: ReadonlySet<string> = new Set([
  'CREATE_IN_PROGRESS',
  'UPDATE_IN_PROGRESS',
  'DELETE_IN_PROGRESS',
  'IMPORT_IN_PROGRESS',
]);

/** The events of the last operation among all of a stack's. */
export function currentOperation(events: readonly StackEvent[]): readonly StackEvent[] {
  const start = events.findLastIndex(
    (event) => isStackItself(event) && beginnings.has(event.ResourceStatus ?? ''),
  );
  return start === -1 ? events : events.slice(start);
}

function finalStatus(events: readonly StackEvent[]): string | undefined {
  const last = events.findLast(isStackItself)?.ResourceStatus;
  return last !== undefined && isSettled(last) ? last : undefined;
}
