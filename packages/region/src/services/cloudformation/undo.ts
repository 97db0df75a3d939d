/** Taking back: to what a resource was before the update, or altogether. */

import type { Deployment } from './deployment.ts';
import { templateError } from './errors.ts';
import { setResourceStatus } from './events.ts';
import type { DeleteStep, Step } from './operation.ts';
import { handlerFailure, resourceContext } from './resource-context.ts';
import type { Rollback, StackResource } from './state.ts';
import { sameValue } from './values.ts';
import {
  callUpdate,
  copyOf,
  deletionEvent,
  failed,
  gone,
  putRecord,
  recordOf,
  running,
  typeOf,
  type Work,
} from './work.ts';

/** Starts bringing a resource back to what it was when the stack was last complete. */
export function restore(work: Work, step: Step): Step {
  const { ctx, state } = work;
  const resource = recordOf(work, step.logicalId);
  const { current, rollback } = resource;
  if (rollback?.kind !== 'restore' || !current) return { ...step, state: 'done' };
  const { to } = rollback;
  if (sameCalls(current, to) && !sameValue(current, to)) {
    // Only its policies, metadata or dependencies changed: no call was made for it, none takes it back.
    putRecord(work, restored(resource, to));
    return { ...step, state: 'done' };
  }
  const updating = { ...step, verb: 'UPDATE' as const };
  const back = current.physicalId === to.physicalId ? resource : pointedBack(resource, current, rollback);
  setResourceStatus(ctx, state, back, 'UPDATE_IN_PROGRESS');
  const actual = back.current ?? to;
  const type = typeOf(work, to.type);
  const refusal = sameCalls(actual, to) ? undefined : callUpdate(work, step.logicalId, type, actual, to);
  if (refusal !== undefined) return failed(work, updating, refusal);
  putRecord(work, { ...recordOf(work, step.logicalId), current: to });
  return running(ctx, updating);
}

/** A replaced resource is its old copy again; the new one goes in the cleanup. */
function pointedBack(
  resource: StackResource,
  current: Deployment,
  rollback: Extract<Rollback, { kind: 'restore' }>,
): StackResource {
  const { to, from = to } = rollback;
  return {
    ...resource,
    current: from,
    oldCopies: [...resource.oldCopies, current],
    rollback: { kind: 'restore', to },
  };
}

/** Whether both came from the same calls of the type: then there is nothing to call. */
function sameCalls(a: Deployment, b: Deployment): boolean {
  return (
    a.physicalId === b.physicalId &&
    sameValue(a.properties, b.properties) &&
    sameValue(a.stackTags, b.stackTags)
  );
}

/** The record of a resource that is what it was: a rollback is through with it. */
export function restored({ rollback: _, ...resource }: StackResource, current: Deployment): StackResource {
  return { ...resource, current };
}

/** Starts deleting one copy, or leaves it behind. */
export function remove(work: Work, step: DeleteStep): Step {
  const { ctx, stack } = work;
  const copy = copyOf(work, step);
  if (!copy) return gone(work, step, 'DELETE_COMPLETE');
  if (step.policy === 'Retain') return gone(work, step, 'DELETE_SKIPPED');
  deletionEvent(work, step, 'DELETE_IN_PROGRESS');
  const type = typeOf(work, copy.type);
  try {
    ctx.attempt(() => {
      const resources = resourceContext(ctx, stack, step.logicalId, copy.stackTags);
      if (step.policy !== 'Snapshot') type.delete(resources, copy);
      else if (type.deleteWithSnapshot) type.deleteWithSnapshot(resources, copy);
      else throw templateError(`resource type ${type.name} does not support deletion policy Snapshot`);
    });
  } catch (error) {
    return failed(work, step, handlerFailure(ctx, error));
  }
  return { ...running(ctx, step), verb: 'DELETE' };
}
