import type { AssumeRoleRequest } from '@aws-sdk/client-sts';
import { AwsError } from '../../kernel/aws-error.ts';

/** Confirmed by docs: the session may do what both its role and one of these allow. */
export function sessionPolicies({
  Policy,
  PolicyArns = [],
}: Pick<AssumeRoleRequest, 'Policy' | 'PolicyArns'>): { readonly policies?: readonly string[] } {
  if (Policy !== undefined) checkPolicy(Policy);
  if (PolicyArns.length > 10) throw validationError('At most 10 session policies can be given by ARN.');
  const policies = [...(Policy === undefined ? [] : [Policy]), ...PolicyArns.map(({ arn = '' }) => arn)];
  return policies.length === 0 ? {} : { policies };
}

/** Confirmed by docs: at most 2,048 characters. */
function checkPolicy(policy: string): void {
  if (policy.length > 2048) {
    throw validationError(
      "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048",
    );
  }
  try {
    const document: unknown = JSON.parse(policy);
    if (typeof document === 'object' && document !== null && 'Statement' in document) return;
  } catch {
    // Answered below.
  }
  throw new AwsError('MalformedPolicyDocument', 'This policy contains invalid Json');
}

/** Confirmed by docs: at most 50; their keys are `aws:PrincipalTag/KEY` in policies. */
export function sessionTags({ Tags = [] }: Pick<AssumeRoleRequest, 'Tags'>): {
  readonly tags?: Readonly<Record<string, string>>;
} {
  if (Tags.length > 50) throw validationError('At most 50 session tags can be given.');
  if (Tags.length === 0) return {};
  return { tags: Object.fromEntries(Tags.map(({ Key = '', Value = '' }) => [Key, Value])) };
}

function validationError(message: string): AwsError {
  return new AwsError('ValidationError', message);
}
