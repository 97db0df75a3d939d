/** What the steps of an operation are done with, and how they end. */
import type { Context } from '../../kernel/context.ts';
import type { Properties, ResourceType } from '../../kernel/resource-type.ts';
import type { Deployment } from './deployment.ts';
import { resolveSecrets } from './dynamic-values.ts';
import { addEvent, setResourceStatus } from './events.ts';
import type { DeleteStep, Step } from './operation.ts';
import { handlerFailure, resourceContext } from './resource-context.ts';
import type { Evaluation } from './scope.ts';
import {
  type CloudFormationState,
  copiesOf,
  type Operation,
  resourceKey,
  type Stack,
  type StackResource,
} from './state.ts';
import { checkProperties } from './template/shapes.ts';

export type ResourceTypes = () => ReadonlyMap<string, ResourceType>;

/** What a step is done with: the context is the caller's. */
export interface Work {
  readonly ctx: Context;
  readonly state: CloudFormationState;
  readonly types: ResourceTypes;
  readonly stack: Stack;
  readonly operation: Operation;
  /** Of the deployed template. */
  readonly evaluation: Evaluation;
}

/** A step that ended badly, with its event. */
export function failed(work: Work, step: Step, reason: string, properties?: string): Step {
  if (step.work === 'delete') {
    deletionEvent(work, step, 'DELETE_FAILED', reason);
    if (work.operation.force === true) return gone(work, step, 'DELETE_SKIPPED');
  } else {
    const resource = recordOf(work, step.logicalId);
    setResourceStatus(
      work.ctx,
      work.state,
      resource,
      `${step.verb === 'CREATE' ? 'CREATE' : 'UPDATE'}_FAILED`,
      {
        reason,
        ...(properties === undefined ? {} : { properties }),
      },
    );
  }
  return { ...step, state: 'failed' };
}

/** A copy is deleted or left behind: it is no longer the stack's. */
export function gone(work: Work, step: DeleteStep, status: 'DELETE_COMPLETE' | 'DELETE_SKIPPED'): Step {
  const { state, stack } = work;
  deletionEvent(work, step, status);
  const resource = recordOf(work, step.logicalId);
  const key = resourceKey(stack.stackId, step.logicalId);
  const isOther = (copy: Deployment) => copy.physicalId !== step.copyId;
  if (step.of === 'old copy') {
    const { rollback, ...rest } = resource;
    const returnsToIt = rollback?.kind === 'restore' && !isOther(rollback.to);
    state.resources.put(key, {
      ...rest,
      ...(rollback && !returnsToIt ? { rollback } : {}),
      oldCopies: resource.oldCopies.filter(isOther),
    });
  } else {
    const { current: _, rollback, ...rest } = resource;
    const returnsToOther = rollback?.kind === 'restore' && isOther(rollback.to);
    state.resources.put(key, {
      ...rest,
      ...(returnsToOther ? { rollback } : {}),
      ...(step.copyId === undefined ? {} : { lastPhysicalId: step.copyId }),
    });
  }
  return { ...step, state: 'done' };
}

/** An old copy has events of its own; the resource's own status stays what it is. */
export function deletionEvent(
  work: Work,
  step: DeleteStep,
  status: 'DELETE_IN_PROGRESS' | 'DELETE_COMPLETE' | 'DELETE_SKIPPED' | 'DELETE_FAILED',
  reason?: string,
): void {
  const { ctx, state, stack } = work;
  const resource = recordOf(work, step.logicalId);
  const physicalId = step.copyId ?? '';
  const more = reason === undefined ? {} : { reason };
  if (step.of === 'resource') {
    setResourceStatus(ctx, state, resource, status, { physicalId, ...more });
  } else {
    addEvent(ctx, state, stack.stackId, {
      logicalId: step.logicalId,
      physicalId,
      type: resource.type,
      status,
      ...more,
    });
  }
}

export function running(ctx: Context, step: Step): Step {
  return { ...step, state: 'running', startedAt: ctx.now };
}

export function record(work: Work, logicalId: string): StackResource | undefined {
  return work.state.resources.get(resourceKey(work.stack.stackId, logicalId));
}

/** The copy that a step is about: of a deletion its own, otherwise the one in use. */
export function copyOf(work: Work, step: Step): Deployment | undefined {
  const resource = record(work, step.logicalId);
  if (step.work !== 'delete') return resource?.current;
  return resource && copiesOf(resource).find((copy) => copy.physicalId === step.copyId);
}

export function recordOf(work: Work, logicalId: string): StackResource {
  const resource = record(work, logicalId);
  if (!resource) throw new Error(`no resource ${logicalId} in ${work.stack.stackName}`);
  return resource;
}

/** Writes a resource's record without an event. */
export function putRecord({ state }: Work, resource: StackResource): void {
  state.resources.put(resourceKey(resource.stackId, resource.logicalId), resource);
}

export function typeOf(work: Work, name: string): ResourceType {
  const type = work.types().get(name);
  if (!type) throw new Error(`resource type ${name} was there and is no longer`);
  return type;
}

/** Properties as a type gets them: references to secrets resolved, then once more made of the declared types. */
export function callProperties(
  ctx: Context,
  type: ResourceType,
  deployment: Pick<Deployment, 'properties'>,
): Properties {
  return checkProperties(type, resolveSecrets(ctx, deployment.properties) as Properties).properties;
}

/** Calls the type's update. Gives the reason when it refuses. */
export function callUpdate(
  work: Work,
  logicalId: string,
  type: ResourceType,
  from: Deployment,
  to: Deployment,
): string | undefined {
  const { ctx, stack } = work;
  try {
    ctx.attempt(() => {
      const resources = resourceContext(ctx, stack, logicalId, to.stackTags);
      type.update?.(resources, from, callProperties(ctx, type, to));
    });
    return undefined;
  } catch (error) {
    return handlerFailure(ctx, error);
  }
}
