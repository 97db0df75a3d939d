import type {
  GetStackPolicyInput,
  GetStackPolicyOutput,
  SetStackPolicyInput,
  UpdateTerminationProtectionInput,
  UpdateTerminationProtectionOutput,
} from '@aws-sdk/client-cloudformation';
import type { CloudFormation } from '../spec.ts';
import { stackOf } from '../state.ts';
import { policyOf } from './requests.ts';

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
