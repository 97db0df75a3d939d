/** Doing a step: calls of resource types, and what they mean for the stack's records and events. */
import type { Context } from '../../kernel/context.ts';
import type { DeployedResource, Properties, ResourceType, Stability } from '../../kernel/resource-type.ts';
import { resolveSecrets, resolveSsm } from './dynamic-values.ts';
import { addEvent, setResourceStatus, stackWithId } from './events.ts';
import type { DeleteStep, Step } from './operation.ts';
import { handlerFailure, handlerMessage, resourceContext } from './resource-context.ts';
import { type Instance, masked, stackScope } from './scope.ts';
import { isAllowedByPolicy } from './stack-policy.ts';
import {
  type CloudFormationState,
  type Deployment,
  type Operation,
  resourceKey,
  type Stack,
  type StackResource,
} from './state.ts';
import { evaluate } from './template/evaluate.ts';
import { checkProperties } from './template/shapes.ts';
import type { ResourceDeclaration } from './template/template.ts';
import { sameValue } from './values.ts';

export type ResourceTypes = () => ReadonlyMap<string, ResourceType>;

/** What a step is done with: the context is the caller's. */
export interface Work {
  readonly ctx: Context;
  readonly state: CloudFormationState;
  readonly types: ResourceTypes;
  readonly stack: Stack;
  readonly operation: Operation;
  /** Of the deployed template; only while deploying. */
  readonly instance?: Instance;
}

// Chosen: AWS gives up on each type at its own time and publishes few of them; an ECS service has three hours.
const stabilizationLimitMs = 3 * 3600 * 1000;

/** A step that may start, as it is after its start. */
export function begin(work: Work, step: Step): Step {
  switch (step.work) {
    case 'deploy':
      return deploy(work, step);
    case 'restore':
      return restore(work, step);
    case 'delete':
      return remove(work, step);
  }
}

/** A running step, as it is now. */
export function poll(work: Work, step: Step): Step {
  const { ctx, stack } = work;
  const copy = step.work === 'delete' ? step.copy : record(work, step.logicalId)?.current;
  if (!copy) throw new Error(`${step.logicalId} runs without a resource`);
  const type = typeOf(work, copy.type);
  const question = step.work === 'delete' ? type.deleted : type.stable;
  const resources = resourceContext(ctx, stack, step.logicalId, copy.stackTags);
  let answer: Stability;
  try {
    answer = question ? ask(ctx, () => question.call(type, resources, copy)) : { kind: 'stable' };
  } catch (error) {
    return failed(work, step, handlerFailure(ctx, error));
  }
  if (answer.kind === 'failed') {
    return failed(work, step, handlerMessage(ctx, answer.reason, 'NotStabilized'));
  }
  if (answer.kind === 'stable') return completed(work, step, type, copy);
  if (ctx.now - (step.startedAt ?? ctx.now) < stabilizationLimitMs) return step;
  const text = `Exceeded attempts to wait: ${answer.on}`;
  return failed(work, step, handlerMessage(ctx, text, 'NotStabilized'));
}

class Answer<T> {
  readonly value: T;
  constructor(value: T) {
    this.value = value;
  }
}

/** Asks and undoes whatever asking wrote: a question that changed something would make itself be asked again at once. */
function ask<T>(ctx: Context, question: () => T): T {
  try {
    return ctx.attempt(() => {
      throw new Answer(question());
    });
  } catch (thrown) {
    if (thrown instanceof Answer) return thrown.value as T;
    throw thrown;
  }
}

/** Ends a step that nobody waits for any longer. */
export function cancel(work: Work, step: Step): Step {
  const resource = record(work, step.logicalId);
  const verb = step.verb ?? 'CREATE';
  if (resource && step.work !== 'delete') {
    const reason = verb === 'CREATE' ? 'Resource creation cancelled' : 'Resource update cancelled';
    setResourceStatus(work.ctx, work.state, resource, `${verb}_FAILED`, { reason });
  }
  return { ...step, state: 'cancelled' };
}

function deploy(work: Work, step: Step): Step {
  const { ctx, stack } = work;
  const declaration = work.instance?.resources.get(step.logicalId);
  if (!declaration || !work.instance) throw new Error(`${step.logicalId} is not in the template`);
  const type = typeOf(work, declaration.Type);
  const resource = record(work, step.logicalId);
  const before = resource?.current;
  const verb = before ? 'UPDATE' : 'CREATE';
  let target: Target;
  try {
    target = targetOf(work, step.logicalId, declaration, type);
  } catch (error) {
    const blank = resource ?? {
      ...newRecord(stack.stackId, step.logicalId, declaration.Type),
      rollback: { kind: 'delete' } as const,
    };
    setResourceStatus(ctx, work.state, blank, `${verb}_IN_PROGRESS`);
    return failed(work, { ...step, verb }, messageOf(error));
  }
  if (!before || !resource) return create(work, { ...step, verb: 'CREATE' }, target, resource);
  const change = changeOf(type, before, target);
  if (change === 'none') {
    keep(work, resource, before, target);
    return { ...step, state: 'done' };
  }
  const denial = isAllowedByPolicy(work, step.logicalId, before.type, change);
  if (denial !== undefined) {
    setResourceStatus(ctx, work.state, resource, 'UPDATE_IN_PROGRESS');
    return failed(work, { ...step, verb: 'UPDATE' }, denial);
  }
  return change === 'replace'
    ? replace(work, { ...step, verb: 'UPDATE' }, target, resource, before)
    : update(work, { ...step, verb: 'UPDATE' }, target, resource, before);
}

/** What the template makes of a resource, evaluated. */
interface Target {
  readonly type: ResourceType;
  readonly deployment: Omit<Deployment, 'physicalId' | 'attributes'>;
  /** JSON for the events, nothing secret in it. */
  readonly shown: string;
}

function targetOf(
  work: Work,
  logicalId: string,
  declaration: ResourceDeclaration,
  type: ResourceType,
): Target {
  const { ctx, state, stack, instance } = work;
  if (!instance) throw new Error('no template');
  const evaluated = resolveSsm(ctx, evaluate(declaration.Properties, instance.scope)) as Properties;
  const checked = checkProperties(type, evaluated);
  if (checked.problems.length > 0) throw new Error(propertyProblems(logicalId, checked.problems));
  const hidden = stackScope(
    ctx,
    state,
    stack,
    instance.template,
    masked(stack.spec.parameters),
    instance.scope,
  );
  const deletionPolicy =
    declaration.DeletionPolicy ?? type.defaultDeletionPolicy?.(checked.properties) ?? 'Delete';
  return {
    type,
    shown: JSON.stringify(evaluate(declaration.Properties, hidden)),
    deployment: {
      type: type.name,
      properties: checked.properties,
      dependsOn: instance.graph.get(logicalId) ?? [],
      deletionPolicy,
      updateReplacePolicy: declaration.UpdateReplacePolicy ?? 'Delete',
      ...(declaration.Metadata === undefined ? {} : { metadata: declaration.Metadata }),
      stackTags: stack.spec.tags,
    },
  };
}

/** AWS's words for properties that do not fit the type. */
export function propertyProblems(logicalId: string, problems: readonly string[]): string {
  return `Properties validation failed for resource ${logicalId} with message:\n${problems.join('\n')}`;
}

/** What an update does to a resource: the decision, from its type, what is deployed and what is wanted. */
export function changeOf(
  type: ResourceType,
  before: Pick<Deployment, 'properties' | 'stackTags'>,
  target: { readonly deployment: Pick<Deployment, 'properties' | 'stackTags'> },
): 'none' | 'update' | 'replace' {
  const after = target.deployment;
  const changed = changedProperties(before.properties, after.properties);
  const retagged = !sameValue(before.stackTags, after.stackTags) && takesTags(type);
  if (changed.length === 0) return retagged && type.update ? 'update' : 'none';
  const replaces = !type.update || changed.some((name) => type.properties[name]?.replaces === true);
  return replaces ? 'replace' : 'update';
}

export function changedProperties(before: Properties, after: Properties): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  return names.filter((name) => !sameValue(before[name], after[name]));
}

export function takesTags(type: ResourceType): boolean {
  return Object.values(type.properties).some((property) => property.kind === 'tags');
}

function create(work: Work, step: Step, target: Target, existing: StackResource | undefined): Step {
  const { ctx, state, stack } = work;
  const blank = {
    ...(existing ?? newRecord(stack.stackId, step.logicalId, target.type.name)),
    type: target.type.name,
    rollback: { kind: 'delete' } as const,
  };
  setResourceStatus(ctx, state, blank, 'CREATE_IN_PROGRESS', { properties: target.shown });
  const made = make(work, step, target);
  if (typeof made === 'string') return failed(work, step, made, target.shown);
  const resource = { ...blank, current: made };
  setResourceStatus(ctx, state, resource, 'CREATE_IN_PROGRESS', {
    reason: 'Resource creation Initiated',
    properties: target.shown,
  });
  return poll(work, running(ctx, step));
}

/** The new copy, or why there is none. */
function make(work: Work, step: Step, target: Target): Deployment | string {
  const { ctx, stack } = work;
  try {
    return ctx.attempt(() => {
      const resources = resourceContext(ctx, stack, step.logicalId, target.deployment.stackTags);
      const { physicalId } = target.type.create(
        resources,
        callProperties(ctx, target.type, target.deployment),
      );
      return { ...target.deployment, physicalId, attributes: {} };
    });
  } catch (error) {
    return handlerFailure(ctx, error);
  }
}

/** Properties as a type gets them: references to secrets resolved, then once more made of the declared types. */
function callProperties(
  ctx: Context,
  type: ResourceType,
  deployment: Pick<Deployment, 'properties'>,
): Properties {
  return checkProperties(type, resolveSecrets(ctx, deployment.properties) as Properties).properties;
}

function update(work: Work, step: Step, target: Target, resource: StackResource, before: Deployment): Step {
  const { ctx, state } = work;
  const touched = { ...resource, rollback: resource.rollback ?? { kind: 'restore' as const, to: before } };
  setResourceStatus(ctx, state, touched, 'UPDATE_IN_PROGRESS', { properties: target.shown });
  const after = { ...target.deployment, physicalId: before.physicalId, attributes: before.attributes };
  const refusal = change(work, step.logicalId, target.type, before, after);
  if (refusal !== undefined) return failed(work, step, refusal, target.shown);
  state.resources.put(resourceKey(work.stack.stackId, step.logicalId), {
    ...recordOf(work, step.logicalId),
    current: after,
  });
  return poll(work, running(ctx, step));
}

/** Calls the type's update. Gives the reason when it refuses. */
function change(
  work: Work,
  logicalId: string,
  type: ResourceType,
  from: Deployment,
  to: Deployment,
): string | undefined {
  const { ctx, stack } = work;
  try {
    ctx.attempt(() => {
      const resource: DeployedResource = { physicalId: from.physicalId, properties: from.properties };
      const resources = resourceContext(ctx, stack, logicalId, to.stackTags);
      type.update?.(resources, resource, callProperties(ctx, type, to));
    });
    return undefined;
  } catch (error) {
    return handlerFailure(ctx, error);
  }
}

function replace(work: Work, step: Step, target: Target, resource: StackResource, before: Deployment): Step {
  const { ctx, state } = work;
  const isStable = resource.rollback === undefined;
  const touched: StackResource = {
    ...resource,
    rollback: resource.rollback ?? { kind: 'restore', to: before },
    oldCopies:
      isStable || isReturnTo(resource, before) ? resource.oldCopies : [...resource.oldCopies, before],
  };
  setResourceStatus(ctx, state, resource, 'UPDATE_IN_PROGRESS', {
    reason: 'Requested update requires the creation of a new physical resource; hence creating one.',
    properties: target.shown,
  });
  const made = make(work, step, target);
  if (typeof made === 'string') {
    state.resources.put(resourceKey(work.stack.stackId, step.logicalId), {
      ...recordOf(work, step.logicalId),
      rollback: resource.rollback ?? { kind: 'restore', to: before },
    });
    return failed(work, step, made, target.shown);
  }
  setResourceStatus(ctx, state, { ...touched, current: made }, 'UPDATE_IN_PROGRESS', {
    reason: 'Resource creation Initiated',
    properties: target.shown,
  });
  return poll(work, running(ctx, step));
}

function isReturnTo(resource: StackResource, copy: Deployment): boolean {
  return resource.rollback?.kind === 'restore' && resource.rollback.to.physicalId === copy.physicalId;
}

/** Nothing to call; policies, metadata and dependencies are the new template's from now on. */
function keep(work: Work, resource: StackResource, before: Deployment, target: Target): void {
  const after = { ...before, ...target.deployment };
  if (sameValue(before, after)) return;
  work.state.resources.put(resourceKey(work.stack.stackId, resource.logicalId), {
    ...resource,
    current: after,
    rollback: resource.rollback ?? { kind: 'restore', to: before },
  });
}

function restore(work: Work, step: Step): Step {
  const { ctx, state } = work;
  const resource = recordOf(work, step.logicalId);
  const { current, rollback } = resource;
  if (rollback?.kind !== 'restore' || !current) return { ...step, state: 'done' };
  const { to } = rollback;
  const same = sameCalls(current, to);
  if (same && !sameValue(current, to)) {
    // Only its policies, metadata or dependencies changed: no call was made for it, none takes it back.
    state.resources.put(resourceKey(work.stack.stackId, step.logicalId), restored(resource, to));
    return { ...step, state: 'done' };
  }
  const updating = { ...step, verb: 'UPDATE' as const };
  if (current.physicalId !== to.physicalId) {
    const back = { ...resource, current: to, oldCopies: [...resource.oldCopies, current] };
    setResourceStatus(ctx, state, back, 'UPDATE_IN_PROGRESS');
    return poll(work, running(ctx, updating));
  }
  setResourceStatus(ctx, state, resource, 'UPDATE_IN_PROGRESS');
  const refusal = same ? undefined : change(work, step.logicalId, typeOf(work, to.type), current, to);
  if (refusal !== undefined) return failed(work, updating, refusal);
  state.resources.put(resourceKey(work.stack.stackId, step.logicalId), {
    ...recordOf(work, step.logicalId),
    current: to,
  });
  return poll(work, running(ctx, updating));
}

/** Whether both came from the same calls of the type: then there is nothing to call. */
function sameCalls(a: Deployment, b: Deployment): boolean {
  return (
    a.physicalId === b.physicalId &&
    sameValue(a.properties, b.properties) &&
    sameValue(a.stackTags, b.stackTags)
  );
}

function restored({ rollback: _, ...resource }: StackResource, current: Deployment): StackResource {
  return { ...resource, current };
}

function remove(work: Work, step: DeleteStep): Step {
  const { ctx, stack } = work;
  const { copy } = step;
  if (!copy) return gone(work, step, 'DELETE_COMPLETE');
  if (step.policy === 'Retain') return gone(work, step, 'DELETE_SKIPPED');
  deletionEvent(work, step, 'DELETE_IN_PROGRESS');
  const type = typeOf(work, copy.type);
  try {
    ctx.attempt(() => {
      const resources = resourceContext(ctx, stack, step.logicalId, copy.stackTags);
      if (step.policy === 'Snapshot' && type.deleteWithSnapshot) type.deleteWithSnapshot(resources, copy);
      else type.delete(resources, copy);
    });
  } catch (error) {
    return failed(work, step, handlerFailure(ctx, error));
  }
  return poll(work, { ...running(ctx, step), verb: 'DELETE' });
}

function completed(work: Work, step: Step, type: ResourceType, copy: Deployment): Step {
  if (step.work === 'delete') return gone(work, step, 'DELETE_COMPLETE');
  const { ctx, state, stack } = work;
  const resource = recordOf(work, step.logicalId);
  let attributes: Deployment['attributes'];
  try {
    attributes = type.attributes?.(resourceContext(ctx, stack, step.logicalId, copy.stackTags), copy) ?? {};
  } catch (error) {
    return failed(work, step, handlerFailure(ctx, error));
  }
  const current = { ...copy, attributes };
  setResourceStatus(
    ctx,
    state,
    step.work === 'restore' ? restored(resource, current) : { ...resource, current },
    `${step.verb === 'CREATE' ? 'CREATE' : 'UPDATE'}_COMPLETE`,
  );
  return { ...step, state: 'done' };
}

function failed(work: Work, step: Step, reason: string, properties?: string): Step {
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
function gone(work: Work, step: DeleteStep, status: 'DELETE_COMPLETE' | 'DELETE_SKIPPED'): Step {
  const { state, stack } = work;
  deletionEvent(work, step, status);
  const resource = recordOf(work, step.logicalId);
  const key = resourceKey(stack.stackId, step.logicalId);
  const isOther = (copy: Deployment) => copy.physicalId !== step.copy?.physicalId;
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
      ...(step.copy ? { lastPhysicalId: step.copy.physicalId } : {}),
    });
  }
  return { ...step, state: 'done' };
}

/** An old copy has events of its own; the resource's own status stays what it is. */
function deletionEvent(
  work: Work,
  step: DeleteStep,
  status: 'DELETE_IN_PROGRESS' | 'DELETE_COMPLETE' | 'DELETE_SKIPPED' | 'DELETE_FAILED',
  reason?: string,
): void {
  const { ctx, state, stack } = work;
  const resource = recordOf(work, step.logicalId);
  const physicalId = step.copy?.physicalId ?? '';
  const more = reason === undefined ? {} : { reason };
  if (step.of === 'resource') {
    setResourceStatus(ctx, state, resource, status, { physicalId, ...more });
  } else {
    const type = step.copy?.type ?? resource.type;
    addEvent(ctx, state, stack.stackId, { logicalId: step.logicalId, physicalId, type, status, ...more });
  }
}

function running(ctx: Context, step: Step): Step {
  return { ...step, state: 'running', startedAt: ctx.now };
}

function newRecord(stackId: string, logicalId: string, type: string) {
  return { stackId, logicalId, type, oldCopies: [] };
}

function record(work: Work, logicalId: string): StackResource | undefined {
  return work.state.resources.get(resourceKey(work.stack.stackId, logicalId));
}

function recordOf(work: Work, logicalId: string): StackResource {
  const resource = record(work, logicalId);
  if (!resource)
    throw new Error(`no resource ${logicalId} in ${stackWithId(work.state, work.stack.stackId).stackName}`);
  return resource;
}

function typeOf(work: Work, name: string): ResourceType {
  const type = work.types().get(name);
  if (!type) throw new Error(`resource type ${name} was there and is no longer`);
  return type;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
