/** Bringing a resource to what the template says: create it, change it in place, replace it, or leave it. */
import type { Properties, ResourceType } from '../../kernel/resource-type.ts';
import type { Deployment } from './deployment.ts';
import { resolveSsm } from './dynamic-values.ts';
import { setResourceStatus } from './events.ts';
import type { Step } from './operation.ts';
import { handlerFailure, resourceContext } from './resource-context.ts';
import { masked, stackScope } from './scope.ts';
import { policyDenial } from './stack-policy.ts';
import type { StackResource } from './state.ts';
import { evaluate } from './template/evaluate.ts';
import { checkProperties, propertyProblems } from './template/shapes.ts';
import type { ResourceDeclaration } from './template/template.ts';
import { sameValue } from './values.ts';
import {
  callProperties,
  callUpdate,
  failed,
  putRecord,
  record,
  recordOf,
  running,
  typeOf,
  type Work,
} from './work.ts';

/** Starts the step: what it gives runs, is done, or has failed. */
export function deploy(work: Work, step: Step): Step {
  const { ctx, state, stack } = work;
  const declaration = work.evaluation.template.Resources[step.logicalId];
  if (!declaration) throw new Error(`${step.logicalId} is not in the template`);
  const type = typeOf(work, declaration.Type);
  const resource: Unmade = record(work, step.logicalId) ?? {
    stackId: stack.stackId,
    logicalId: step.logicalId,
    type: type.name,
    oldCopies: [],
  };
  const verb = resource.current ? 'UPDATE' : 'CREATE';
  const refuse = (reason: string) => {
    setResourceStatus(ctx, state, touched(resource), `${verb}_IN_PROGRESS`);
    return failed(work, { ...step, verb }, reason);
  };
  let target: Target;
  try {
    target = targetOf(work, step, declaration, type);
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
  const before = resource.current;
  if (!before) return create(work, { ...step, verb }, target, resource);
  const deployed = { ...recordOf(work, step.logicalId), current: before };
  const change = changeOf(type, before, target.deployment);
  if (change === 'none') return leave(work, step, target, deployed);
  const denial = policyDenial(work, step.logicalId, before.type, change);
  if (denial !== undefined) return refuse(denial);
  return change === 'replace'
    ? replace(work, { ...step, verb }, target, deployed)
    : update(work, { ...step, verb }, target, deployed);
}

type Unmade = Omit<StackResource, 'status' | 'timestamp'>;
type Deployed = StackResource & { readonly current: Deployment };

/** The record with what a rollback must do, unless an earlier update already said. */
function touched<R extends Unmade>(resource: R): R {
  const { current } = resource;
  const rollback = resource.rollback ?? (current ? { kind: 'restore', to: current } : { kind: 'delete' });
  return { ...resource, rollback };
}

/** What the template makes of a resource, evaluated. */
interface Target {
  readonly type: ResourceType;
  readonly deployment: Omit<Deployment, 'physicalId' | 'attributes'>;
  /** JSON for the events, nothing secret in it. */
  readonly shown: string;
}

function targetOf(work: Work, step: Step, declaration: ResourceDeclaration, type: ResourceType): Target {
  const { ctx, state, stack, evaluation } = work;
  const evaluated = resolveSsm(ctx, evaluate(declaration.Properties, evaluation.scope)) as Properties;
  const checked = checkProperties(type, evaluated);
  if (checked.problems.length > 0) throw new Error(propertyProblems(step.logicalId, checked.problems));
  const hidden = stackScope(
    ctx,
    state,
    stack,
    evaluation.template,
    masked(stack.spec.parameters),
    evaluation.scope,
  );
  const deletionPolicy =
    declaration.DeletionPolicy ?? type.defaultDeletionPolicy?.(checked.properties) ?? 'Delete';
  return {
    type,
    shown: JSON.stringify(evaluate(declaration.Properties, hidden)),
    deployment: {
      type: type.name,
      properties: checked.properties,
      dependsOn: dependencies(work, step.after),
      deletionPolicy,
      updateReplacePolicy: declaration.UpdateReplacePolicy ?? 'Delete',
      ...(declaration.Metadata === undefined ? {} : { metadata: declaration.Metadata }),
      stackTags: stack.spec.tags,
    },
  };
}

/** The copies that a resource is built on. */
function dependencies(work: Work, needed: readonly string[]): Deployment['dependsOn'] {
  const copies = needed.map((logicalId) => [logicalId, record(work, logicalId)?.current?.physicalId ?? '']);
  return Object.fromEntries(copies) as Deployment['dependsOn'];
}

/** What an update does to a resource: the decision, from its type, what is deployed and what is wanted. */
export function changeOf(
  type: ResourceType,
  before: Compared,
  after: Compared,
): 'none' | 'update' | 'replace' {
  const names = [...new Set([...Object.keys(before.properties), ...Object.keys(after.properties)])];
  const changed = names.filter((name) => !sameValue(before.properties[name], after.properties[name]));
  if (changed.length > 0) {
    const replaces = !type.update || changed.some((name) => type.properties[name]?.replaces === true);
    return replaces ? 'replace' : 'update';
  }
  const isRetagged = !sameValue(before.stackTags, after.stackTags) && takesTags(type);
  return isRetagged && type.update ? 'update' : 'none';
}

type Compared = Pick<Deployment, 'properties' | 'stackTags'>;

/** Whether a change of the stack's tags reaches resources of the type. */
export function takesTags(type: ResourceType): boolean {
  return 'Tags' in type.properties;
}

function create(work: Work, step: Step, target: Target, resource: Unmade): Step {
  const { ctx, state } = work;
  const properties = target.shown;
  const blank = { ...touched(resource), type: target.type.name };
  setResourceStatus(ctx, state, blank, 'CREATE_IN_PROGRESS', { properties });
  const made = make(work, step, target);
  if (typeof made === 'string') return failed(work, step, made, properties);
  const reason = 'Resource creation Initiated';
  setResourceStatus(ctx, state, { ...blank, current: made }, 'CREATE_IN_PROGRESS', { reason, properties });
  return running(ctx, step);
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

function update(work: Work, step: Step, target: Target, resource: Deployed): Step {
  const { ctx, state } = work;
  const before = resource.current;
  setResourceStatus(ctx, state, touched(resource), 'UPDATE_IN_PROGRESS', { properties: target.shown });
  const after = { ...target.deployment, physicalId: before.physicalId, attributes: before.attributes };
  const refusal = callUpdate(work, step.logicalId, target.type, before, after);
  if (refusal !== undefined) return failed(work, step, refusal, target.shown);
  putRecord(work, { ...recordOf(work, step.logicalId), current: after });
  return running(ctx, step);
}

/** New first; what refers to it moves on; the old copy goes in the cleanup. */
function replace(work: Work, step: Step, target: Target, resource: Deployed): Step {
  const { ctx, state } = work;
  const properties = target.shown;
  const before = touched(resource);
  setResourceStatus(ctx, state, before, 'UPDATE_IN_PROGRESS', {
    reason: 'Requested update requires the creation of a new physical resource; hence creating one.',
    properties,
  });
  const made = make(work, step, target);
  if (typeof made === 'string') return failed(work, step, made, properties);
  setResourceStatus(ctx, state, { ...replaced(before), current: made }, 'UPDATE_IN_PROGRESS', {
    reason: 'Resource creation Initiated',
    properties,
  });
  return running(ctx, step);
}

/** The copy in use becomes the one a rollback returns to, or one more to be deleted. */
function replaced(resource: Deployed): StackResource {
  const { current, rollback } = resource;
  if (rollback?.kind !== 'restore' || rollback.to.physicalId !== current.physicalId) {
    return { ...resource, oldCopies: [...resource.oldCopies, current] };
  }
  return { ...resource, rollback: { ...rollback, from: current } };
}

/** Nothing to call: policies, metadata and dependencies are the new template's from now on. */
function leave(work: Work, step: Step, target: Target, resource: Deployed): Step {
  const after = { ...resource.current, ...target.deployment };
  // A resource that failed in an earlier update is looked at again.
  if (resource.status.endsWith('_FAILED')) {
    const again = { ...touched(resource), current: after };
    setResourceStatus(work.ctx, work.state, again, 'UPDATE_IN_PROGRESS', { properties: target.shown });
    return running(work.ctx, { ...step, verb: 'UPDATE' });
  }
  if (!sameValue(resource.current, after)) putRecord(work, { ...touched(resource), current: after });
  return { ...step, state: 'done' };
}
