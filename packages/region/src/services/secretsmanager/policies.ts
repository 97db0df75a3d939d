import type * as Api from '@aws-sdk/client-secrets-manager';
import type { Context } from '../../kernel/context.ts';
import { malformedPolicy } from './errors.ts';
import { lookUpChangeable, lookUpUsable, type SecretsManagerState } from './state.ts';

export function putResourcePolicy(
  ctx: Context,
  state: SecretsManagerState,
  input: Api.PutResourcePolicyRequest,
): Api.PutResourcePolicyResponse {
  const secret = lookUpChangeable(ctx, state, input.SecretId);
  const resourcePolicy = checkedPolicy(input.ResourcePolicy);
  state.secrets.put(secret.name, { ...secret, resourcePolicy });
  return { ARN: secret.arn, Name: secret.name };
}

export function getResourcePolicy(
  _ctx: Context,
  state: SecretsManagerState,
  input: Api.GetResourcePolicyRequest,
): Api.GetResourcePolicyResponse {
  const { arn, name, resourcePolicy } = lookUpUsable(state, input.SecretId);
  return { ARN: arn, Name: name, ...(resourcePolicy !== undefined && { ResourcePolicy: resourcePolicy }) };
}

export function deleteResourcePolicy(
  ctx: Context,
  state: SecretsManagerState,
  input: Api.DeleteResourcePolicyRequest,
): Api.DeleteResourcePolicyResponse {
  const { resourcePolicy: _, ...secret } = lookUpChangeable(ctx, state, input.SecretId);
  state.secrets.put(secret.name, secret);
  return { ARN: secret.arn, Name: secret.name };
}

function checkedPolicy(text = ''): string {
  try {
    const policy: unknown = JSON.parse(text);
    if (typeof policy === 'object' && policy !== null && 'Statement' in policy) return text;
  } catch {
    // Answered below, as any other text that is no policy.
  }
  throw malformedPolicy();
}
