import { type Instant, instant } from '../../kernel/instant.ts';
import type { Tables } from '../../kernel/table.ts';
import { openCloudFormation } from './state.ts';

/** A resource that an operation of its stack waits for. */
export interface WaitingResource {
  readonly stackName: string;
  readonly logicalId: string;
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly since: Instant;
  /** In the words of its type: `2 of 3 tasks are running`. */
  readonly waitingOn: string;
}

/** What the operations under way wait for, oldest first. AWS's API has no place for it. */
export function waitingResources(tables: Tables): readonly WaitingResource[] {
  const { operations, stacks } = openCloudFormation(tables);
  return [...operations.values()]
    .flatMap(({ stackId, steps }) =>
      steps
        .filter((step) => step.state === 'running')
        .map((step) => ({
          stackName: stacks.get(stackId)?.stackName ?? '',
          logicalId: step.logicalId,
          operation: step.verb ?? 'CREATE',
          since: instant(step.startedAt ?? 0),
          waitingOn: step.waitingOn ?? '',
        })),
    )
    .sort((a, b) => a.since - b.since);
}
