/** What requests of several operations have in common. */
import type { DeploymentConfig } from '@aws-sdk/client-cloudformation';
import { notModelledHere, validationError } from '../errors.ts';
import type { OnFailure } from '../lifecycle.ts';
import type { CloudFormation } from '../spec.ts';
import { readPolicy } from '../stack-policy.ts';
import type { Stack } from '../state.ts';
import { limits } from '../template/limits.ts';

export function policyOf(input: { readonly StackPolicyBody?: string | undefined }): Pick<Stack, 'policy'> {
  if (input.StackPolicyBody === undefined) return {};
  readPolicy(input.StackPolicyBody);
  return { policy: input.StackPolicyBody };
}

export function onFailure(input: {
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

export function withRole(stack: Stack, roleArn: string | undefined): Stack {
  return roleArn === undefined ? stack : { ...stack, spec: { ...stack.spec, roleArn } };
}

export function answer(stack: Stack) {
  return { StackId: stack.stackId };
}
