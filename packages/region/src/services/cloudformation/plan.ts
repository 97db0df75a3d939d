/** The steps of each phase, from what the stack has and is to have. */

import type { Deployment } from './deployment.ts';
import { type Graph, inOrder } from './graph.ts';
import type { Phase } from './lifecycle.ts';
import type { DeleteStep, Step } from './operation.ts';
import { copiesOf, type StackResource } from './state.ts';
import type { DeletionPolicy } from './template/template.ts';

export interface PlanInput {
  readonly phase: Phase;
  readonly resources: readonly StackResource[];
  /** Of the template that is deployed. */
  readonly graph: () => Graph;
  /** DeleteStack's RetainResources. */
  readonly retainResources?: readonly string[];
  /** RetainExceptOnCreate of the operation: a rolled back creation keeps nothing. */
  readonly retainExceptOnCreate?: boolean;
}

export function planSteps(input: PlanInput): readonly Step[] {
  switch (input.phase) {
    case 'CREATE_IN_PROGRESS':
    case 'UPDATE_IN_PROGRESS':
      return deploySteps(input.graph());
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
      return cleanupSteps(input);
    case 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS':
      return ordered(input.resources.flatMap((resource) => rollbackCleanup(resource, input)));
  }
}

function deploySteps(graph: Graph): readonly Step[] {
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

/** A deletion to be, and what is deleted; absent where nothing was ever made. */
interface Deletion {
  readonly logicalId: string;
  readonly copy: Deployment | undefined;
  readonly policy: KeptPolicy;
  readonly of: DeleteStep['of'];
}

/** Everything that there is of a resource, or its mere record. */
function removal(resource: StackResource, policyOf: (copy: Deployment) => KeptPolicy): Deletion[] {
  const gone = resource.status === 'DELETE_COMPLETE' || resource.status === 'DELETE_SKIPPED';
  if (gone) return [];
  const copies = copiesOf(resource).map(
    (copy): Deletion =>
      copy === resource.current
        ? { logicalId: resource.logicalId, copy, policy: policyOf(copy), of: 'resource' }
        : { logicalId: resource.logicalId, copy, policy: replaced(resource, copy), of: 'old copy' },
  );
  return resource.current
    ? copies
    : [...copies, { logicalId: resource.logicalId, copy: undefined, policy: 'Delete', of: 'resource' }];
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

function cleanupSteps({ resources, graph }: PlanInput): readonly Step[] {
  const wanted = graph();
  return ordered(resources.flatMap((resource) => cleanup(resource, wanted)));
}

/** After an update: what the template no longer has, and what was replaced. */
function cleanup(resource: StackResource, graph: Graph): Deletion[] {
  const { logicalId, current } = resource;
  if (!graph.has(logicalId)) return removal(resource, (copy) => kept(copy.deletionPolicy));
  return copiesOf(resource)
    .filter((copy) => copy.physicalId !== current?.physicalId)
    .map((copy) => ({ logicalId, copy, policy: replaced(resource, copy), of: 'old copy' }));
}

/** After an update was rolled back: what it had created. */
function rollbackCleanup(resource: StackResource, input: PlanInput): Deletion[] {
  const { logicalId, rollback, oldCopies } = resource;
  if (rollback?.kind === 'delete') return removal(resource, (copy) => onCreateRollback(copy, input));
  return oldCopies.map((copy) => ({ logicalId, copy, policy: 'Delete', of: 'old copy' }));
}

/** Each copy after everything that was built on it. */
function ordered(deletions: readonly Deletion[]): readonly Step[] {
  const builtOn = new Map<string, string[]>();
  for (const deletion of deletions) {
    for (const [logicalId, physicalId] of Object.entries(deletion.copy?.dependsOn ?? {})) {
      const key = idOf(logicalId, physicalId);
      builtOn.set(key, [...(builtOn.get(key) ?? []), idOf(deletion.logicalId, deletion.copy?.physicalId)]);
    }
  }
  return deletions.map(({ logicalId, copy, policy, of }) => {
    const id = idOf(logicalId, copy?.physicalId);
    const copyId = copy === undefined ? {} : { copyId: copy.physicalId };
    return {
      work: 'delete',
      id,
      logicalId,
      after: builtOn.get(id) ?? [],
      state: 'waiting',
      policy,
      of,
      ...copyId,
    };
  });
}

function idOf(logicalId: string, physicalId: string | undefined): string {
  return physicalId === undefined ? logicalId : `${logicalId} ${physicalId}`;
}
