/** The steps of each phase, from what the stack has and is to have. */

import type { Deployment } from './deployment.ts';
import { inOrder } from './graph.ts';
import type { Phase } from './lifecycle.ts';
import type { DeleteStep, Step } from './operation.ts';
import type { Instance } from './scope.ts';
import { copiesOf, type StackResource } from './state.ts';
import type { DeletionPolicy } from './template/template.ts';

export interface PlanInput {
  readonly phase: Phase;
  readonly resources: readonly StackResource[];
  /** Of the template that is deployed; absent where only what exists matters. */
  readonly instance?: Pick<Instance, 'graph'>;
  /** DeleteStack's RetainResources. */
  readonly retainResources?: readonly string[];
  /** RetainExceptOnCreate of the operation: a rolled back creation keeps nothing. */
  readonly retainExceptOnCreate?: boolean;
}

export function planSteps(input: PlanInput): readonly Step[] {
  switch (input.phase) {
    case 'CREATE_IN_PROGRESS':
    case 'UPDATE_IN_PROGRESS':
      return deploySteps(input);
    case 'UPDATE_ROLLBACK_IN_PROGRESS':
      return restoreSteps(input.resources);
    case 'ROLLBACK_IN_PROGRESS':
      return ordered(
        input.resources.flatMap((resource) => removal(resource, (copy) => onCreateRollback(copy, input))),
      );
    case 'DELETE_IN_PROGRESS':
      return ordered(
        input.resources.flatMap((resource) => removal(resource, (copy) => onDelete(resource, copy, input))),
      );
    case 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS':
      return ordered(input.resources.flatMap((resource) => cleanup(resource, input)));
    case 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS':
      return ordered(input.resources.flatMap((resource) => rollbackCleanup(resource, input)));
  }
}

function deploySteps({ instance }: PlanInput): readonly Step[] {
  const graph = instance?.graph ?? new Map<string, readonly string[]>();
  return inOrder(graph).map((logicalId) => ({
    work: 'deploy',
    id: logicalId,
    logicalId,
    after: graph.get(logicalId) ?? [],
    state: 'waiting',
  }));
}

function restoreSteps(resources: readonly StackResource[]): readonly Step[] {
  const touched = resources.filter(({ rollback }) => rollback?.kind === 'restore').map((r) => r.logicalId);
  const byId = new Map(resources.map((resource) => [resource.logicalId, resource]));
  const known = new Map<string, readonly string[]>();
  /** What must be back first; through resources that the update left alone, since these hold on to what they need. */
  const needs = (logicalId: string): readonly string[] => {
    const resource = byId.get(logicalId);
    const copy = resource?.rollback?.kind === 'restore' ? resource.rollback.to : resource?.current;
    const found =
      known.get(logicalId) ??
      Object.keys(copy?.dependsOn ?? {}).flatMap((needed) =>
        touched.includes(needed) ? [needed] : needs(needed),
      );
    known.set(logicalId, [...new Set(found)]);
    return found;
  };
  return touched.map((logicalId) => ({
    work: 'restore',
    id: logicalId,
    logicalId,
    after: [...new Set(needs(logicalId))],
    state: 'waiting',
  }));
}

type KeptPolicy = DeleteStep['policy'];

function deleteStep(
  logicalId: string,
  copy: Deployment | undefined,
  policy: KeptPolicy,
  of: DeleteStep['of'],
): DeleteStep {
  const id = copy ? `${logicalId} ${copy.physicalId}` : logicalId;
  return {
    work: 'delete',
    id,
    logicalId,
    after: [],
    state: 'waiting',
    policy,
    of,
    ...(copy ? { copy } : {}),
  };
}

/** Everything that there is of a resource, or its mere record. */
function removal(resource: StackResource, policyOf: (copy: Deployment) => KeptPolicy): DeleteStep[] {
  const gone = resource.status === 'DELETE_COMPLETE' || resource.status === 'DELETE_SKIPPED';
  if (gone) return [];
  const copies = copiesOf(resource).map((copy) =>
    copy === resource.current
      ? deleteStep(resource.logicalId, copy, policyOf(copy), 'resource')
      : deleteStep(resource.logicalId, copy, replaced(resource, copy), 'old copy'),
  );
  return resource.current
    ? copies
    : [...copies, deleteStep(resource.logicalId, undefined, 'Delete', 'resource')];
}

/** A copy that a rollback would have returned to is the user's; one between two failed updates is not. */
function replaced(resource: StackResource, copy: Deployment): KeptPolicy {
  const { rollback } = resource;
  const isStable = rollback?.kind === 'restore' && rollback.to.physicalId === copy.physicalId;
  return isStable ? (resource.current?.updateReplacePolicy ?? copy.updateReplacePolicy) : 'Delete';
}

function kept(policy: DeletionPolicy): KeptPolicy {
  return policy === 'RetainExceptOnCreate' ? 'Retain' : policy;
}

// Confirmed by docs: Retain keeps a resource also when its creation is rolled back, RetainExceptOnCreate does not.
// Chosen: no snapshot of what was only just created.
function onCreateRollback(copy: Deployment, input: PlanInput): KeptPolicy {
  return copy.deletionPolicy === 'Retain' && input.retainExceptOnCreate !== true ? 'Retain' : 'Delete';
}

function onDelete(resource: StackResource, copy: Deployment, input: PlanInput): KeptPolicy {
  return input.retainResources?.includes(resource.logicalId) === true ? 'Retain' : kept(copy.deletionPolicy);
}

/** After an update: what the template no longer has, and what was replaced. */
function cleanup(resource: StackResource, { instance }: PlanInput): DeleteStep[] {
  const { logicalId, current } = resource;
  if (instance?.graph.has(logicalId) !== true) return removal(resource, (copy) => kept(copy.deletionPolicy));
  return copiesOf(resource)
    .filter((copy) => copy.physicalId !== current?.physicalId)
    .map((copy) => deleteStep(logicalId, copy, replaced(resource, copy), 'old copy'));
}

/** After an update was rolled back: what it had created. */
function rollbackCleanup(resource: StackResource, input: PlanInput): DeleteStep[] {
  const { logicalId, rollback, oldCopies } = resource;
  if (rollback?.kind === 'delete') return removal(resource, (copy) => onCreateRollback(copy, input));
  return oldCopies.map((copy) => deleteStep(logicalId, copy, 'Delete', 'old copy'));
}

/** Each copy after everything that was built on it. */
function ordered(steps: readonly DeleteStep[]): readonly Step[] {
  const isBuiltOn = (other: DeleteStep, step: DeleteStep) =>
    step.copy !== undefined && other.copy?.dependsOn[step.logicalId] === step.copy.physicalId;
  return steps.map((step) => ({
    ...step,
    after: steps.filter((other) => other !== step && isBuiltOn(other, step)).map((other) => other.id),
  }));
}
