import type { ResourceStatus, StackStatus } from '@aws-sdk/client-cloudformation';
import type { Context } from '../../kernel/context.ts';
import { after } from '../../kernel/instant.ts';
import {
  type CloudFormationState,
  resourceKey,
  type Stack,
  type StackEvent,
  type StackResource,
} from './state.ts';

type NewEvent = Pick<StackEvent, 'logicalId' | 'physicalId' | 'type' | 'status' | 'reason' | 'properties'>;

/** Writes an event of a stack's resource; the operation under way gives it its token. */
export function addEvent(ctx: Context, state: CloudFormationState, stackId: string, event: NewEvent): void {
  const stack = stackWithId(state, stackId);
  const sequence = stack.eventCount + 1;
  state.stacks.put(stackId, { ...stack, eventCount: sequence });
  const isStack = event.physicalId === stackId;
  const token = stack.token?.value || undefined;
  const before = state.events.get(eventKey(stackId, stack.eventCount));
  state.events.put(eventKey(stackId, sequence), {
    ...event,
    stackId,
    stackName: stack.stackName,
    sequence,
    // Known: a stack's own events have a UUID, a resource's say what they are.
    eventId: isStack
      ? ctx.random.uuid()
      : `${event.logicalId}-${event.status}-${new Date(ctx.now).toISOString()}-${sequence}`,
    operationId: stack.operationId,
    // Chosen: no two events of a stack have the same time. Clients, the CDK CLI among them, order events by it alone.
    timestamp: before && before.timestamp >= ctx.now ? after(before.timestamp, 0.001) : ctx.now,
    ...(token === undefined ? {} : { token }),
  });
}

function eventKey(stackId: string, sequence: number): string {
  return `${stackId}\u0000${String(sequence).padStart(8, '0')}`;
}

export function stackWithId(state: CloudFormationState, stackId: string): Stack {
  const stack = state.stacks.get(stackId);
  if (!stack) throw new Error(`no stack ${stackId}`);
  return stack;
}

/** Moves a stack to a status, with its event. */
export function setStackStatus(
  ctx: Context,
  state: CloudFormationState,
  stackId: string,
  status: StackStatus,
  reason?: string,
): void {
  const { statusReason: _, ...stack } = stackWithId(state, stackId);
  state.stacks.put(stackId, { ...stack, status, ...(reason === undefined ? {} : { statusReason: reason }) });
  addEvent(ctx, state, stackId, {
    logicalId: stack.stackName,
    physicalId: stackId,
    type: 'AWS::CloudFormation::Stack',
    status: status as ResourceStatus,
    ...(reason === undefined ? {} : { reason }),
  });
}

/** Moves a resource to a status, with its event. `resource` is the record to be written, status and time aside. */
export function setResourceStatus(
  ctx: Context,
  state: CloudFormationState,
  resource: Omit<StackResource, 'status' | 'statusReason' | 'timestamp'>,
  status: ResourceStatus,
  more: { readonly reason?: string; readonly properties?: string; readonly physicalId?: string } = {},
): void {
  const { reason } = more;
  const { statusReason: _, ...record } = resource as StackResource;
  state.resources.put(resourceKey(resource.stackId, resource.logicalId), {
    ...record,
    status,
    ...(reason === undefined ? {} : { statusReason: reason }),
    timestamp: ctx.now,
  });
  addEvent(ctx, state, resource.stackId, {
    logicalId: resource.logicalId,
    physicalId: more.physicalId ?? resource.current?.physicalId ?? '',
    type: resource.type,
    status,
    ...(reason === undefined ? {} : { reason }),
    ...(more.properties === undefined ? {} : { properties: more.properties }),
  });
}
