import type {
  CreateChangeSetInput,
  CreateChangeSetOutput,
  DeleteChangeSetInput,
  DescribeChangeSetInput,
  DescribeChangeSetOutput,
  ExecuteChangeSetInput,
  ListChangeSetsInput,
  ListChangeSetsOutput,
  ResourceChange,
} from '@aws-sdk/client-cloudformation';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import {
  changeSetAlreadyExists,
  changeSetNotExecutable,
  notModelledHere,
  stackDoesNotExist,
  tokenAlreadyExists,
  validationError,
} from '../errors.ts';
import { setStackStatus, stackWithId } from '../events.ts';
import { foreseeUpdate } from '../foreseen.ts';
import { type CloudFormation, newSpec } from '../spec.ts';
import {
  type ChangeSet,
  changeSetOf,
  changeSetsOf,
  findChangeSet,
  findStack,
  type Stack,
  stackOf,
} from '../state.ts';
import { page } from './paging.ts';
import { shownParameters } from './queries.ts';
import { checkDeploymentConfig, checkStackCount, checkStackName, tokenOf } from './requests.ts';
import { checkUpdatable, newIdentity, newStack, startCreation, startUpdate } from './stacks.ts';

export function createChangeSet(
  ctx: Context,
  service: CloudFormation,
  input: CreateChangeSetInput,
): CreateChangeSetOutput {
  const { state } = service;
  const name = checkChangeSetName(input.ChangeSetName);
  refuseOptions(ctx, input);
  const existing = findStack(state, input.StackName);
  const type = input.ChangeSetType === 'CREATE' ? 'CREATE' : 'UPDATE';
  checkType(type, existing, input, name);
  const twin = existing && findChangeSet(state, name, existing.stackId);
  if (twin && input.ClientToken !== undefined && twin.token === input.ClientToken) return answer(twin);
  if (twin) throw changeSetAlreadyExists(name);
  if (!existing) checkStackCount(service);
  const identity = existing ?? newIdentity(ctx, checkStackName(input.StackName));
  const { spec } = newSpec(ctx, service, identity, input, type === 'UPDATE' ? existing : undefined);
  const stack = existing ?? reviewStack(ctx, service, newStack(ctx, identity, spec));
  const foreseen = foreseeUpdate(ctx, service, stack, spec);
  const isEmpty = !foreseen.hasChanges && !stack.status.endsWith('_FAILED');
  const changeSet: ChangeSet = {
    changeSetId: ctx.arn('cloudformation', `changeSet/${name}/${ctx.random.uuid()}`),
    name,
    stackId: stack.stackId,
    stackName: stack.stackName,
    type,
    ...(isEmpty ? emptyChangeSet : ({ status: 'CREATE_COMPLETE', executionStatus: 'AVAILABLE' } as const)),
    creationTime: ctx.now,
    spec,
    changes: foreseen.changes,
    includeNestedStacks: input.IncludeNestedStacks ?? false,
    ...(input.Description === undefined ? {} : { description: input.Description }),
    ...(input.ImportExistingResources === undefined
      ? {}
      : { importExistingResources: input.ImportExistingResources }),
    ...(input.OnStackFailure === undefined ? {} : { onStackFailure: input.OnStackFailure }),
    ...(input.ClientToken === undefined ? {} : { token: input.ClientToken }),
  };
  state.changeSets.put(changeSet.changeSetId, changeSet);
  return answer(changeSet);
}

// Confirmed by CDK stack-diagnoser.ts: clients look for the beginning of this text.
const emptyChangeSet = {
  status: 'FAILED',
  statusReason:
    "The submitted information didn't contain changes. Submit different information to create a change set.",
  executionStatus: 'UNAVAILABLE',
} as const;

function refuseOptions(ctx: Context, input: CreateChangeSetInput): void {
  if (input.ChangeSetType === 'IMPORT' || input.ResourcesToImport?.length) {
    throw notModelledHere('ChangeSetType IMPORT');
  }
  // `cdk bootstrap` always asks for it. Where nothing of the same name exists it changes nothing.
  if (input.ImportExistingResources === true) {
    ctx.warn(
      'import-existing-resources',
      'cloudformation: ImportExistingResources imports nothing: a resource whose name is taken fails to be created',
    );
  }
  if (input.DeploymentMode !== undefined) throw notModelledHere(`DeploymentMode ${input.DeploymentMode}`);
  checkDeploymentConfig(input.DeploymentConfig);
}

function checkType(
  type: 'CREATE' | 'UPDATE',
  stack: Stack | undefined,
  input: CreateChangeSetInput,
  name: string,
): void {
  if (type === 'CREATE') {
    if (!stack || stack.status === 'REVIEW_IN_PROGRESS') return;
    throw validationError(
      `Stack [${stack.stackName}] already exists and cannot be created again with the changeSet [${name}].`,
    );
  }
  if (!stack || stack.status === 'DELETE_COMPLETE') throw stackDoesNotExist(input.StackName ?? '');
  checkUpdatable(stack);
}

function reviewStack(ctx: Context, { state }: CloudFormation, stack: Stack): Stack {
  state.stacks.put(stack.stackId, stack);
  setStackStatus(ctx, state, stack.stackId, 'REVIEW_IN_PROGRESS', 'User Initiated');
  return stackWithId(state, stack.stackId);
}

export function describeChangeSet(
  service: CloudFormation,
  input: DescribeChangeSetInput,
): DescribeChangeSetOutput {
  const changeSet = changeSetOf(service.state, input.ChangeSetName, input.StackName);
  const { items, nextToken } = page(changeSet.changes, 100, input.NextToken);
  const withValues = input.IncludePropertyValues === true;
  return {
    ...summary(changeSet),
    Parameters: shownParameters(changeSet.spec.parameters),
    NotificationARNs: [],
    RollbackConfiguration: {},
    Capabilities: [...changeSet.spec.capabilities],
    Tags: [...changeSet.spec.tags],
    OnStackFailure: changeSet.onStackFailure,
    Changes: items.map((change) => ({
      Type: 'Resource',
      ResourceChange: withValues ? change : withoutValues(change),
    })),
    NextToken: nextToken,
  };
}

function withoutValues({ BeforeContext: _, AfterContext: __, ...change }: ResourceChange): ResourceChange {
  return change;
}

function summary(changeSet: ChangeSet) {
  return {
    ChangeSetName: changeSet.name,
    ChangeSetId: changeSet.changeSetId,
    StackId: changeSet.stackId,
    StackName: changeSet.stackName,
    Status: changeSet.status,
    StatusReason: changeSet.statusReason,
    ExecutionStatus: changeSet.executionStatus,
    CreationTime: toDate(changeSet.creationTime),
    Description: changeSet.description,
    IncludeNestedStacks: changeSet.includeNestedStacks,
    ImportExistingResources: changeSet.importExistingResources,
  };
}

export function listChangeSets(service: CloudFormation, input: ListChangeSetsInput): ListChangeSetsOutput {
  const stack = stackOf(service.state, input.StackName);
  const { items, nextToken } = page(changeSetsOf(service.state, stack.stackId), 100, input.NextToken);
  return { Summaries: items.map(summary), NextToken: nextToken };
}

/** Confirmed by CDK: also a name that does not exist is deleted without a word, where the stack exists. */
export function deleteChangeSet(service: CloudFormation, input: DeleteChangeSetInput): object {
  const { state } = service;
  const changeSet = findChangeSet(state, input.ChangeSetName, input.StackName);
  if (!changeSet) return {};
  if (changeSet.executionStatus === 'EXECUTE_IN_PROGRESS') {
    throw validationError(`ChangeSet [${changeSet.changeSetId}] cannot be deleted while it is executed`);
  }
  state.changeSets.delete(changeSet.changeSetId);
  const { spec, stableSpec } = stackWithId(state, changeSet.stackId);
  const key = changeSet.spec.templateKey;
  if (spec.templateKey !== key && stableSpec?.templateKey !== key) state.templates.delete(key);
  return {};
}

export function executeChangeSet(
  ctx: Context,
  service: CloudFormation,
  input: ExecuteChangeSetInput,
): object {
  const { state } = service;
  const changeSet = changeSetOf(state, input.ChangeSetName, input.StackName);
  const stack = stackWithId(state, changeSet.stackId);
  const token = input.ClientRequestToken;
  if (token !== undefined && stack.token?.value === token) {
    if (stack.token.operation !== 'ExecuteChangeSet') throw tokenAlreadyExists(token);
    return {};
  }
  if (changeSet.executionStatus !== 'AVAILABLE') {
    const isFailed = changeSet.status !== 'CREATE_COMPLETE';
    throw changeSetNotExecutable(
      changeSet.changeSetId,
      isFailed ? changeSet.status : changeSet.executionStatus,
    );
  }
  if (changeSet.onStackFailure !== undefined && input.DisableRollback !== undefined) {
    throw validationError('DisableRollback cannot be given for a change set with OnStackFailure.');
  }
  if (changeSet.type === 'UPDATE') checkUpdatable(stack);
  dropOthers(service, changeSet);
  state.changeSets.put(changeSet.changeSetId, { ...changeSet, executionStatus: 'EXECUTE_IN_PROGRESS' });
  const onFailure = changeSet.onStackFailure ?? (input.DisableRollback === true ? 'DO_NOTHING' : 'ROLLBACK');
  const executed: Stack = {
    ...stack,
    spec: changeSet.spec,
    changeSetId: changeSet.changeSetId,
    onFailure,
    operationId: ctx.random.uuid(),
    ...(input.RetainExceptOnCreate === undefined ? {} : { retainExceptOnCreate: input.RetainExceptOnCreate }),
    ...tokenOf(token, 'ExecuteChangeSet'),
  };
  if (changeSet.type === 'UPDATE') {
    startUpdate(ctx, service, executed, changeSet.spec, {
      onFailure: onFailure === 'DELETE' ? 'ROLLBACK' : onFailure,
      changeSetId: changeSet.changeSetId,
      ...(input.RetainExceptOnCreate === undefined
        ? {}
        : { retainExceptOnCreate: input.RetainExceptOnCreate }),
    });
  } else {
    state.stacks.put(stack.stackId, executed);
    startCreation(ctx, service, executed, changeSet.changeSetId);
  }
  return {};
}

/** Confirmed by API text: executing one deletes all other change sets of the stack, also when the update then fails. */
function dropOthers({ state }: CloudFormation, executed: ChangeSet): void {
  for (const other of changeSetsOf(state, executed.stackId)) {
    if (other.changeSetId !== executed.changeSetId) state.changeSets.delete(other.changeSetId);
  }
}

function checkChangeSetName(name: string | undefined): string {
  if (name !== undefined && /^[a-zA-Z][-a-zA-Z0-9]*$/.test(name) && name.length <= 128) return name;
  throw validationError(
    `1 validation error detected: Value '${name ?? ''}' at 'changeSetName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*`,
  );
}

function answer(changeSet: ChangeSet): CreateChangeSetOutput {
  return { Id: changeSet.changeSetId, StackId: changeSet.stackId };
}
