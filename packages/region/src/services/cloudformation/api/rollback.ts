import type {
  CancelUpdateStackInput,
  ContinueUpdateRollbackInput,
  RollbackStackInput,
  RollbackStackOutput,
} from '@aws-sdk/client-cloudformation';
import type { Context } from '../../../kernel/context.ts';
import { interrupt, startOperation } from '../engine.ts';
import { validationError } from '../errors.ts';
import { setResourceStatus } from '../events.ts';
import { canAsk } from '../lifecycle.ts';
import type { CloudFormation } from '../spec.ts';
import { resourceKey, type Stack, skippedByUser, stackOf } from '../state.ts';
import { answer, checkDeploymentConfig, tokenOf, withRole } from './requests.ts';

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
  setResourceStatus(ctx, state, skipped, 'UPDATE_COMPLETE', { reason: skippedByUser });
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
