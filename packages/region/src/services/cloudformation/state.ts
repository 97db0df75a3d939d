import type {
  Capability,
  ChangeSetStatus,
  ExecutionStatus,
  OnStackFailure,
  PropertyDifference,
  ResourceChange,
  ResourceStatus,
  StackStatus,
  Tag,
} from '@aws-sdk/client-cloudformation';
import type { Principal } from '../../kernel/context.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Table, Tables } from '../../kernel/table.ts';
import type { Deployment } from './deployment.ts';
import { changeSetNotFound, stackDoesNotExist } from './errors.ts';
import type { OnFailure } from './lifecycle.ts';
import type { Step } from './operation.ts';
import type { ParameterValue } from './template/parameters.ts';
import type { Template } from './template/template.ts';

/** What a stack is to become: a template and everything that gives it values. */
export interface Spec {
  /** Key of the template's text in `templates`. */
  readonly templateKey: string;
  readonly parameters: readonly ParameterValue[];
  readonly tags: readonly Tag[];
  readonly capabilities: readonly Capability[];
  /** Names of other stacks' exports that the template imports. */
  readonly imports: readonly string[];
  readonly roleArn?: string;
}

export interface StackOutput {
  readonly key: string;
  readonly value: string;
  readonly description?: string;
  readonly exportName?: string;
}

export interface Stack {
  readonly stackId: string;
  readonly stackName: string;
  readonly status: StackStatus;
  readonly statusReason?: string;
  readonly creationTime: Instant;
  readonly lastUpdatedTime?: Instant;
  readonly deletionTime?: Instant;
  /** What is deployed, or being deployed. */
  readonly spec: Spec;
  /** What was deployed when the stack was last complete: where a rollback leads. */
  readonly stableSpec?: Spec;
  readonly outputs: readonly StackOutput[];
  readonly onFailure: OnFailure;
  readonly terminationProtection: boolean;
  readonly policy?: string;
  readonly timeoutInMinutes?: number;
  readonly changeSetId?: string;
  readonly deletionMode?: 'STANDARD' | 'FORCE_DELETE_STACK';
  readonly retainExceptOnCreate?: boolean;
  /** Token of the last operation, and which it was. */
  readonly token?: { readonly value: string; readonly operation: string };
  readonly operationId: string;
  /** Number of events so far: their order. */
  readonly eventCount: number;
}

export interface StackResource {
  readonly stackId: string;
  readonly logicalId: string;
  readonly type: string;
  readonly status: ResourceStatus;
  readonly statusReason?: string;
  readonly timestamp: Instant;
  /** What the logical id stands for now. Absent: nothing was made yet, or it is deleted. */
  readonly current?: Deployment;
  /** What a rollback does with it. Absent: untouched since the stack was last complete. */
  readonly rollback?: Rollback;
  /** Copies that were replaced, still to be deleted. */
  readonly oldCopies: readonly Deployment[];
  /** Kept when the resource is deleted, for DescribeStackResources. */
  readonly lastPhysicalId?: string;
}

/** Why a resource is UPDATE_COMPLETE that a continued rollback passed over. */
export const skippedByUser = 'Resource was skipped by user';

export type Rollback =
  | { readonly kind: 'delete' }
  /** `from`: how that copy really is, where an update had changed it before another one replaced it. */
  | { readonly kind: 'restore'; readonly to: Deployment; readonly from?: Deployment };

/** An operation under way. Its phase is the stack's status. */
export interface Operation {
  readonly stackId: string;
  readonly steps: readonly Step[];
  readonly onFailure: OnFailure;
  /** The stack's role, or who asked; every call is made in that name. */
  readonly caller: Principal;
  readonly token?: string;
  readonly startedAt: Instant;
  /** Why it does not go on: cancelled by a user, or out of time. */
  readonly interruption?: string;
  readonly policyDuringUpdate?: string;
  readonly retainResources?: readonly string[];
  /** Resources that cannot be deleted are left behind, and the stack is gone all the same. */
  readonly force?: boolean;
  readonly changeSetId?: string;
}

export interface StackEvent {
  readonly stackId: string;
  readonly stackName: string;
  readonly sequence: number;
  readonly eventId: string;
  readonly operationId: string;
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly timestamp: Instant;
  readonly status: ResourceStatus;
  readonly reason?: string;
  /** JSON, without anything secret. */
  readonly properties?: string;
  readonly token?: string;
}

export interface ChangeSet {
  readonly changeSetId: string;
  readonly name: string;
  readonly stackId: string;
  readonly stackName: string;
  readonly type: 'CREATE' | 'UPDATE';
  readonly status: ChangeSetStatus;
  readonly statusReason?: string;
  readonly executionStatus: ExecutionStatus;
  readonly creationTime: Instant;
  readonly description?: string;
  readonly spec: Spec;
  readonly changes: readonly ResourceChange[];
  readonly includeNestedStacks: boolean;
  readonly importExistingResources?: boolean;
  readonly onStackFailure?: OnStackFailure;
  readonly token?: string;
}

/** What the looks at a stack's resources found since it was last changed. */
export interface StackDrift {
  readonly stackId: string;
  readonly at: Instant;
  /** The newest of each resource whose type can be read. */
  readonly resources: readonly ResourceDrift[];
  /** The last look at the whole stack. */
  readonly detection?: DriftDetection;
}

export interface DriftDetection {
  readonly id: string;
  readonly at: Instant;
  readonly status: 'DRIFTED' | 'IN_SYNC' | 'UNKNOWN';
  readonly drifted: number;
  /** Why some resources could not be looked at. */
  readonly failure?: string;
}

export interface ResourceDrift {
  readonly logicalId: string;
  readonly physicalId: string;
  readonly type: string;
  readonly at: Instant;
  readonly status: 'IN_SYNC' | 'MODIFIED' | 'DELETED';
  readonly differences: readonly PropertyDifference[];
  /** JSON of the properties that were compared; nothing secret is in it. */
  readonly expected?: string;
  readonly actual?: string;
}

export interface CloudFormationState {
  readonly drifts: Table<StackDrift>;
  readonly stacks: Table<Stack>;
  readonly resources: Table<StackResource>;
  readonly operations: Table<Operation>;
  readonly events: Table<StackEvent>;
  readonly changeSets: Table<ChangeSet>;
  /** Templates as they were given, by `Spec.templateKey`. */
  readonly templates: Table<string>;
  /** Parsed templates by their key; a memory of what can be parsed again. */
  readonly parsed: Map<string, Template>;
}

export function openCloudFormation(tables: Tables): CloudFormationState {
  return {
    drifts: tables.table('cloudformation.stackDrifts'),
    stacks: tables.table('cloudformation.stacks'),
    resources: tables.table('cloudformation.resources'),
    operations: tables.table('cloudformation.operations'),
    events: tables.table('cloudformation.events'),
    changeSets: tables.table('cloudformation.changeSets'),
    templates: tables.table('cloudformation.templates'),
    parsed: new Map(),
  };
}

/** By name (only a stack that is not deleted) or by id (also a deleted one). */
export function findStack(state: CloudFormationState, nameOrId: string | undefined): Stack | undefined {
  if (nameOrId?.startsWith('arn:')) return state.stacks.get(nameOrId);
  return state.stacks.find((stack) => stack.stackName === nameOrId && stack.status !== 'DELETE_COMPLETE');
}

/** A stack that an operation is to change. */
export function stackOf(state: CloudFormationState, nameOrId: string | undefined): Stack {
  const stack = findStack(state, nameOrId);
  if (!stack || stack.status === 'DELETE_COMPLETE') throw stackDoesNotExist(nameOrId ?? '');
  return stack;
}

export function resourcesOf(state: CloudFormationState, stackId: string): StackResource[] {
  return state.resources
    .filter((resource) => resource.stackId === stackId)
    .sort((a, b) => (a.logicalId < b.logicalId ? -1 : 1));
}

export function resourceKey(stackId: string, logicalId: string): string {
  return `${stackId}\u0000${logicalId}`;
}

export function changeSetsOf(state: CloudFormationState, stackId: string): ChangeSet[] {
  return state.changeSets
    .filter((changeSet) => changeSet.stackId === stackId)
    .sort((a, b) => a.creationTime - b.creationTime || (a.name < b.name ? -1 : 1));
}

export function changeSetOf(
  state: CloudFormationState,
  name: string | undefined,
  stackName: string | undefined,
): ChangeSet {
  const found = findChangeSet(state, name, stackName);
  if (!found) throw changeSetNotFound(name ?? '');
  return found;
}

export function findChangeSet(
  state: CloudFormationState,
  name: string | undefined,
  stackName: string | undefined,
): ChangeSet | undefined {
  if (name?.startsWith('arn:')) return state.changeSets.get(name);
  const stack = stackOf(state, stackName);
  return state.changeSets.find((changeSet) => changeSet.stackId === stack.stackId && changeSet.name === name);
}

/** Everything that remains of a resource: what it stands for now, what a rollback would return to, replaced copies. */
export function copiesOf(resource: StackResource): readonly Deployment[] {
  const returnTo =
    resource.rollback?.kind === 'restore' ? [resource.rollback.from ?? resource.rollback.to] : [];
  const copies = [...(resource.current ? [resource.current] : []), ...returnTo, ...resource.oldCopies];
  return copies.filter((copy, index) => copies.findIndex((c) => c.physicalId === copy.physicalId) === index);
}
