import { firstFailure } from './stack-events.ts';
import type { OperationResult } from './stack-operation.ts';

/**
 * What a person needs to know about a failed operation: what failed first and why, where the stack is now, what to do.
 * @param byPlan a plan was applied: what to do is told with where the whole of it stands
 */
export function failureText(
  stack: string,
  { status, events, serviceNotes }: OperationResult,
  { byPlan = false } = {},
): string {
  const failure = firstFailure(events);
  const what = failure?.LogicalResourceId ?? stack;
  const type = failure?.ResourceType === undefined ? '' : ` (${failure.ResourceType})`;
  const reason = failure?.ResourceStatusReason ?? 'no reason given';
  return [
    `The stack ${stack} failed at ${what}${type}:`,
    `  ${reason}`,
    ...notes(serviceNotes),
    ending(stack, status, byPlan),
  ].join('\n');
}

/** Of everything that the service said, what went wrong, and what the failed tasks wrote; the first of it is the cause. */
function notes(serviceNotes: readonly string[]): readonly string[] {
  const telling = serviceNotes.filter((note) =>
    /^ |fail|unable|unhealthy|stopped: (?!Scaling activity)/i.test(note),
  );
  if (telling.length === 0) return [];
  return ['What the service said:', ...telling.slice(0, 10).map((note) => `  ${note}`)];
}

function ending(stack: string, status: string, byPlan: boolean): string {
  switch (status) {
    case 'ROLLBACK_COMPLETE':
      return `What it had created is removed again.${byPlan ? '' : ' Correct the cause, then `plimsoll deploy`: the stack is made anew.'}`;
    case 'UPDATE_ROLLBACK_COMPLETE':
      return `The stack is back at what ran before.${byPlan ? '' : ' Correct the cause, then `plimsoll deploy`.'}`;
    case 'DELETE_FAILED':
      return `The stack could not be deleted whole. Remove what holds the resource, then delete ${stack} again.`;
    default:
      return `The stack is ${status}. What happened, and the way out: plimsoll doctor --stack ${stack}`;
  }
}
