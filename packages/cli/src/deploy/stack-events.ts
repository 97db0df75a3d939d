import {
  type CloudFormationClient,
  DescribeStackEventsCommand,
  type StackEvent,
} from '@aws-sdk/client-cloudformation';
import { messageOf } from '../errors.ts';

/**
 * Reads a stack's events once each, oldest first. (Not named `StackEvents`: TypeScript 7.0 then renames the property of that
 * name in a destructuring inside of the class.)
 */
export class StackEventReader {
  readonly #client: CloudFormationClient;
  readonly #stack: string;
  readonly #seen = new Set<string>();

  /** @param stack its id, by which it can be read after it is deleted; or its name */
  constructor(client: CloudFormationClient, stack: string) {
    this.#client = client;
    this.#stack = stack;
  }

  /** The events since the last call. */
  async next(): Promise<readonly StackEvent[]> {
    const fresh: StackEvent[] = [];
    let token: string | undefined;
    do {
      const page = await this.#page(token);
      const unseen = page.events.filter(({ EventId = '' }) => !this.#seen.has(EventId));
      fresh.push(...unseen);
      // Newest come first: a page with known ones is the last that matters.
      token = unseen.length < page.events.length ? undefined : page.token;
    } while (token !== undefined);
    for (const { EventId = '' } of fresh) this.#seen.add(EventId);
    return fresh.reverse();
  }

  async #page(token: string | undefined): Promise<{
    readonly events: readonly StackEvent[];
    readonly token: string | undefined;
  }> {
    try {
      const { StackEvents: events = [], NextToken } = await this.#client.send(
        new DescribeStackEventsCommand({
          StackName: this.#stack,
          ...(token !== undefined && { NextToken: token }),
        }),
      );
      return { events, token: NextToken };
    } catch (error) {
      if (/does not exist/.test(messageOf(error))) return { events: [], token: undefined };
      throw error;
    }
  }
}

/** Whether the event is about the stack itself. */
export function isStackItself({ PhysicalResourceId, StackId, ResourceType }: StackEvent): boolean {
  return ResourceType === 'AWS::CloudFormation::Stack' && PhysicalResourceId === StackId;
}

/** The failure that caused all others: the first that is not a cancellation; else what the stack itself rolled back for. */
export function firstFailure(events: readonly StackEvent[]): StackEvent | undefined {
  const failed = events.filter(({ ResourceStatus = '' }) => ResourceStatus.endsWith('_FAILED'));
  const own = failed.filter(
    (event) => !isStackItself(event) && !/cancelled/i.test(event.ResourceStatusReason ?? ''),
  );
  return own[0] ?? failed[0] ?? events.find(isRollback);
}

/** What fails in the outputs, such as an export that is in use, is told with the rollback of the stack. */
function isRollback(event: StackEvent): boolean {
  const { ResourceStatus = '', ResourceStatusReason } = event;
  return (
    isStackItself(event) &&
    ResourceStatus.endsWith('ROLLBACK_IN_PROGRESS') &&
    ResourceStatusReason !== undefined
  );
}
