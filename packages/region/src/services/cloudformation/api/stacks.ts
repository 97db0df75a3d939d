import type {
  CancelUpdateStackInput,
  ContinueUpdateRollbackInput,
  CreateStackInput,
  CreateStackOutput,
  DeleteStackInput,
  DeploymentConfig,
  GetStackPolicyInput,
  GetStackPolicyOutput,
  RollbackStackInput,
  RollbackStackOutput,
  SetStackPolicyInput,
  UpdateStackInput,
  UpdateStackOutput,
  UpdateTerminationProtectionInput,
  UpdateTerminationProtectionOutput,
} from '@aws-sdk/client-cloudformation';
import type { Context } from '../../../kernel/context.ts';
import { after } from '../../../kernel/instant.ts';
import { interrupt, startOperation } from '../engine.ts';
import {
  exportInUse,
  notModelledHere,
  noUpdates,
  stackAlreadyExists,
  stackBusy,
  stackDoesNotExist,
  tokenAlreadyExists,
  validationError,
} from '../errors.ts';
import { setResourceStatus } from '../events.ts';
import { foreseeUpdate } from '../foreseen.ts';
import { canAsk, type OnFailure } from '../lifecycle.ts';
import { importersOf } from '../outputs.ts';
import { type CloudFormation, newSpec } from '../spec.ts';
import { readPolicy } from '../stack-policy.ts';
import { findStack, resourceKey, resourcesOf, type Spec, type Stack, stackOf } from '../state.ts';
import { limits } from '../template/limits.ts';

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

export function cancelUpdateStack(
  ctx: Context,
  service: CloudFormation,
  input: CancelUpdateStackInput,
): object {
  const stack = stackOf(service.state, input.StackName);
  if (!canAsk('cancelUpdate', stack.status)) {
    throw validationError(`CancelUpdateStack cannot be called from current stack status ${stack.status}`);
  }
  if (input.ClientRequestToken !== undefined) {
    const token = tokenOf(input.ClientRequestToken, 'CancelUpdateStack');
    service.state.stacks.put(stack.stackId, { ...stack, ...token });
  }
  interrupt(service, ctx, stack.stackId, 'User Initiated');
  return {};
}

export function continueUpdateRollback(
  ctx: Context,
  service: CloudFormation,
  input: ContinueUpdateRollbackInput,
): object {
  const { state } = service;
  const stack = stackOf(state, input.StackName);
  if (!canAsk('continueUpdateRollback', stack.status)) {
    throw validationError(
      `Stack:${stack.stackId} is in ${stack.status} state and can not continue update rollback`,
    );
  }
  for (const logicalId of input.ResourcesToSkip ?? []) skip(ctx, service, stack, logicalId);
  renew(ctx, service, stack, 'ContinueUpdateRollback', input);
  startOperation(service, ctx, stack.stackId, 'UPDATE_ROLLBACK_IN_PROGRESS', { onFailure: 'ROLLBACK' });
  return {};
}

/** Confirmed by API text: a skipped resource is set to UPDATE_COMPLETE as it is, whatever it really is. */
function skip(ctx: Context, { state }: CloudFormation, stack: Stack, logicalId: string): void {
  const resource = state.resources.get(resourceKey(stack.stackId, logicalId));
  if (resource?.status !== 'UPDATE_FAILED' || resource.rollback?.kind !== 'restore') {
    throw validationError(
      `ResourcesToSkip: ${logicalId} must be a resource in UPDATE_FAILED because the rollback failed`,
    );
  }
  const { rollback, ...rest } = resource;
  const skipped = { ...rest, current: rollback.to };
  setResourceStatus(ctx, state, skipped, 'UPDATE_COMPLETE', { reason: 'Resource was skipped by user' });
}

export function rollbackStack(
  ctx: Context,
  service: CloudFormation,
  input: RollbackStackInput,
): RollbackStackOutput {
  const { state } = service;
  const stack = stackOf(state, input.StackName);
  checkDeploymentConfig(input.DeploymentConfig);
  if (!canAsk('rollback', stack.status)) {
    throw validationError(
      `Stack [${stack.stackName}] is in [${stack.status}] state. Only stacks in a failed state can be rolled back.`,
    );
  }
  const kept =
    input.RetainExceptOnCreate === undefined ? {} : { retainExceptOnCreate: input.RetainExceptOnCreate };
  renew(ctx, service, { ...stack, ...kept }, 'RollbackStack', input);
  // Confirmed by API text: without an earlier complete state the stack is deleted.
  const phase = stack.stableSpec ? 'UPDATE_ROLLBACK_IN_PROGRESS' : 'DELETE_IN_PROGRESS';
  startOperation(service, ctx, stack.stackId, phase, { onFailure: 'ROLLBACK' });
  return answer(stack);
}

/** A further operation of the same stack: its token, its role. */
function renew(
  ctx: Context,
  { state }: CloudFormation,
  stack: Stack,
  operation: string,
  input: { readonly ClientRequestToken?: string | undefined; readonly RoleARN?: string | undefined },
): void {
  state.stacks.put(stack.stackId, {
    ...withRole(stack, input.RoleARN),
    operationId: ctx.random.uuid(),
    ...tokenOf(input.ClientRequestToken, operation),
  });
}

function withRole(stack: Stack, roleArn: string | undefined): Stack {
  return roleArn === undefined ? stack : { ...stack, spec: { ...stack.spec, roleArn } };
}

export function updateTerminationProtection(
  service: CloudFormation,
  input: UpdateTerminationProtectionInput,
): UpdateTerminationProtectionOutput {
  const stack = stackOf(service.state, input.StackName);
  service.state.stacks.put(stack.stackId, {
    ...stack,
    terminationProtection: input.EnableTerminationProtection ?? false,
  });
  return { StackId: stack.stackId };
}

export function setStackPolicy(service: CloudFormation, input: SetStackPolicyInput): object {
  const stack = stackOf(service.state, input.StackName);
  service.state.stacks.put(stack.stackId, { ...stack, ...policyOf(input) });
  return {};
}

export function getStackPolicy(service: CloudFormation, input: GetStackPolicyInput): GetStackPolicyOutput {
  const { policy } = stackOf(service.state, input.StackName);
  return policy === undefined ? {} : { StackPolicyBody: policy };
}

function policyOf(input: { readonly StackPolicyBody?: string | undefined }): Pick<Stack, 'policy'> {
  if (input.StackPolicyBody === undefined) return {};
  readPolicy(input.StackPolicyBody);
  return { policy: input.StackPolicyBody };
}

function onFailure(input: {
  readonly DisableRollback?: boolean | undefined;
  readonly DeploymentConfig?: DeploymentConfig | undefined;
}): OnFailure {
  return (input.DisableRollback ?? input.DeploymentConfig?.DisableRollback) === true
    ? 'DO_NOTHING'
    : 'ROLLBACK';
}

/** Express mode ends a resource before it is stable: not here, where stable is the point. */
export function checkDeploymentConfig(config: DeploymentConfig | undefined): void {
  if (config?.Mode === 'EXPRESS') throw notModelledHere('DeploymentConfig Mode EXPRESS');
}

export function checkStackName(name: string | undefined): string {
  if (name === undefined || !/^[a-zA-Z][-a-zA-Z0-9]*$/.test(name) || name.length > 128) {
    const constraint =
      (name?.length ?? 0) > 128
        ? 'Member must have length less than or equal to 128'
        : 'Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*';
    throw validationError(
      `1 validation error detected: Value '${name ?? ''}' at 'stackName' failed to satisfy constraint: ${constraint}`,
    );
  }
  return name;
}

export function checkStackCount({ state }: CloudFormation): void {
  const count = state.stacks.filter((stack) => stack.status !== 'DELETE_COMPLETE').length;
  if (count >= limits.stacks) throw validationError(`Limit for stack has been exceeded (${limits.stacks})`);
}

export function tokenOf(value: string | undefined, operation: string): Pick<Stack, 'token'> {
  return value === undefined ? { token: { value: '', operation } } : { token: { value, operation } };
}

function answer(stack: Stack) {
  return { StackId: stack.stackId };
}
