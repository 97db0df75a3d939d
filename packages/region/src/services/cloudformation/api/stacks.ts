import type {
  CreateStackInput,
  CreateStackOutput,
  DeleteStackInput,
  UpdateStackInput,
  UpdateStackOutput,
} from '@aws-sdk/client-cloudformation';
import type { Context } from '../../../kernel/context.ts';
import { after } from '../../../kernel/instant.ts';
import { startOperation } from '../engine.ts';
import {
  exportInUse,
  noUpdates,
  stackAlreadyExists,
  stackBusy,
  stackDoesNotExist,
  tokenAlreadyExists,
  validationError,
} from '../errors.ts';
import { foreseeUpdate } from '../foreseen.ts';
import { canAsk, type OnFailure } from '../lifecycle.ts';
import { importersOf } from '../outputs.ts';
import { type CloudFormation, newSpec } from '../spec.ts';
import { readPolicy } from '../stack-policy.ts';
import { findStack, resourcesOf, type Spec, type Stack, stackOf } from '../state.ts';
import {
  answer,
  checkDeploymentConfig,
  checkStackCount,
  checkStackName,
  onFailure,
  policyOf,
  tokenOf,
  withRole,
} from './requests.ts';

export function createStack(
  ctx: Context,
  service: CloudFormation,
  input: CreateStackInput,
): CreateStackOutput {
  const { state } = service;
  const name = checkStackName(input.StackName);
  const existing = findStack(state, name);
  const token = input.ClientRequestToken;
  if (existing && token !== undefined && existing.token?.value === token) {
    if (existing.token.operation !== 'CreateStack') throw tokenAlreadyExists(token);
    return answer(existing);
  }
  if (existing) throw stackAlreadyExists(name);
  if (input.DisableRollback !== undefined && input.OnFailure !== undefined) {
    throw validationError('Either DisableRollback or OnFailure can be specified, not both.');
  }
  checkDeploymentConfig(input.DeploymentConfig);
  checkStackCount(service);
  const identity = newIdentity(ctx, name);
  const { spec } = newSpec(ctx, service, identity, input);
  const stack: Stack = {
    ...newStack(ctx, identity, spec),
    onFailure: input.OnFailure ?? onFailure(input),
    terminationProtection: input.EnableTerminationProtection ?? false,
    ...policyOf(input),
    ...(input.TimeoutInMinutes === undefined ? {} : { timeoutInMinutes: input.TimeoutInMinutes }),
    ...(input.RetainExceptOnCreate === undefined ? {} : { retainExceptOnCreate: input.RetainExceptOnCreate }),
    ...tokenOf(token, 'CreateStack'),
  };
  state.stacks.put(stack.stackId, stack);
  startCreation(ctx, service, stack);
  return answer(stack);
}

export function newIdentity(ctx: Context, stackName: string) {
  return { stackName, stackId: ctx.arn('cloudformation', `stack/${stackName}/${ctx.random.uuid()}`) };
}

export function newStack(ctx: Context, identity: { stackName: string; stackId: string }, spec: Spec): Stack {
  return {
    ...identity,
    status: 'REVIEW_IN_PROGRESS',
    creationTime: ctx.now,
    spec,
    outputs: [],
    onFailure: 'ROLLBACK',
    terminationProtection: false,
    operationId: ctx.random.uuid(),
    eventCount: 0,
  };
}

export function startCreation(
  ctx: Context,
  service: CloudFormation,
  stack: Stack,
  changeSetId?: string,
): void {
  startOperation(service, ctx, stack.stackId, 'CREATE_IN_PROGRESS', {
    onFailure: stack.onFailure,
    ...(changeSetId === undefined ? {} : { changeSetId }),
  });
  if (stack.timeoutInMinutes !== undefined) {
    ctx.timers.set(stack.stackId, 'timeout', after(ctx.now, stack.timeoutInMinutes * 60));
  }
}

export function updateStack(
  ctx: Context,
  service: CloudFormation,
  input: UpdateStackInput,
): UpdateStackOutput {
  const { state } = service;
  const stack = stackOf(state, input.StackName);
  const token = input.ClientRequestToken;
  if (token !== undefined && stack.token?.value === token) {
    if (stack.token.operation !== 'UpdateStack') throw tokenAlreadyExists(token);
    return answer(stack);
  }
  checkUpdatable(stack);
  checkDeploymentConfig(input.DeploymentConfig);
  if (input.StackPolicyDuringUpdateBody !== undefined) readPolicy(input.StackPolicyDuringUpdateBody);
  const { spec } = newSpec(ctx, service, stack, input, stack);
  const isRetry = stack.status.endsWith('_FAILED');
  if (!isRetry && !foreseeUpdate(ctx, service, stack, spec).hasChanges) throw noUpdates();
  const updated: Stack = { ...stack, ...policyOf(input), ...tokenOf(token, 'UpdateStack') };
  startUpdate(ctx, service, updated, spec, {
    onFailure: onFailure(input),
    ...(input.StackPolicyDuringUpdateBody === undefined
      ? {}
      : { policyDuringUpdate: input.StackPolicyDuringUpdateBody }),
    ...(input.RetainExceptOnCreate === undefined ? {} : { retainExceptOnCreate: input.RetainExceptOnCreate }),
  });
  return answer(stack);
}

export function checkUpdatable(stack: Stack): void {
  if (stack.status === 'REVIEW_IN_PROGRESS') throw stackDoesNotExist(stack.stackName);
  if (!canAsk('update', stack.status)) throw stackBusy(stack.stackId, stack.status, 'updated');
}

export function startUpdate(
  ctx: Context,
  service: CloudFormation,
  stack: Stack,
  spec: Spec,
  options: {
    readonly onFailure: OnFailure;
    readonly policyDuringUpdate?: string;
    readonly retainExceptOnCreate?: boolean;
    readonly changeSetId?: string;
  },
): void {
  const { state } = service;
  const { retainExceptOnCreate, ...operation } = options;
  const { retainExceptOnCreate: _, ...rest } = stack;
  state.stacks.put(stack.stackId, {
    ...rest,
    spec,
    lastUpdatedTime: ctx.now,
    operationId: ctx.random.uuid(),
    ...(retainExceptOnCreate === undefined ? {} : { retainExceptOnCreate }),
  });
  for (const changeSet of state.changeSets.filter((c) => c.stackId === stack.stackId)) {
    if (changeSet.changeSetId === options.changeSetId || changeSet.executionStatus !== 'AVAILABLE') continue;
    // Confirmed by API text: OBSOLETE once the stack was updated by other means.
    state.changeSets.put(changeSet.changeSetId, { ...changeSet, executionStatus: 'OBSOLETE' });
  }
  startOperation(service, ctx, stack.stackId, 'UPDATE_IN_PROGRESS', operation);
}

export function deleteStack(ctx: Context, service: CloudFormation, input: DeleteStackInput): object {
  const { state } = service;
  const stack = findStack(state, input.StackName);
  // Known: deleting what is not there succeeds.
  if (!stack || stack.status === 'DELETE_COMPLETE') return {};
  checkDeploymentConfig(input.DeploymentConfig);
  if (stack.terminationProtection) {
    throw validationError(
      `Stack [${stack.stackName}] cannot be deleted while TerminationProtection is enabled`,
    );
  }
  if (stack.status === 'DELETE_IN_PROGRESS') return {};
  if (!canAsk('delete', stack.status)) {
    throw validationError(`Stack [${stack.stackName}] cannot be deleted while in status ${stack.status}`);
  }
  checkExportsUnused(service, stack);
  if (input.DeletionMode === 'FORCE_DELETE_STACK' && stack.status !== 'DELETE_FAILED') {
    throw validationError(
      'Invalid operation on stack. Specify DeletionMode FORCE_DELETE_STACK only when the stack is in the DELETE_FAILED state.',
    );
  }
  checkRetained(service, stack, input.RetainResources ?? []);
  state.stacks.put(stack.stackId, {
    ...withRole(stack, input.RoleARN),
    operationId: ctx.random.uuid(),
    ...(input.DeletionMode === undefined ? {} : { deletionMode: input.DeletionMode }),
    ...tokenOf(input.ClientRequestToken, 'DeleteStack'),
  });
  startOperation(service, ctx, stack.stackId, 'DELETE_IN_PROGRESS', {
    onFailure: 'ROLLBACK',
    ...(input.RetainResources?.length ? { retainResources: input.RetainResources } : {}),
    ...(input.DeletionMode === 'FORCE_DELETE_STACK' ? { force: true } : {}),
  });
  return {};
}

function checkExportsUnused({ state }: CloudFormation, stack: Stack): void {
  for (const { exportName } of stack.outputs) {
    if (exportName === undefined) continue;
    const users = importersOf(state, exportName).filter((name) => name !== stack.stackName);
    if (users.length > 0) throw exportInUse(exportName, 'deleted', users);
  }
}

function checkRetained({ state }: CloudFormation, stack: Stack, retained: readonly string[]): void {
  if (retained.length === 0) return;
  if (stack.status !== 'DELETE_FAILED') {
    throw validationError(
      'Invalid operation on stack. Specify RetainResources only when the stack is in the DELETE_FAILED state.',
    );
  }
  const known = resourcesOf(state, stack.stackId).map((resource) => resource.logicalId);
  const strangers = retained.filter((logicalId) => !known.includes(logicalId));
  if (strangers.length > 0) {
    throw validationError(`Resource(s) [${strangers.join(', ')}] does not exist in stack ${stack.stackName}`);
  }
}
