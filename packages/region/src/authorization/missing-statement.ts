import type { Question } from './evaluate.ts';
import { type Grounds, isUser } from './grounds.ts';

interface Missing {
  readonly missing?: { readonly to: string; readonly statement: object };
}

/** The statement that would allow it, and where it belongs. There is none where a policy denies. */
export function missingStatement(question: Question, grounds: Grounds, reason: string): Missing {
  if (reason.startsWith('with an explicit deny')) return {};
  const { action, resource, principal } = question;
  if (reason.startsWith('because no resource-based policy')) {
    const statement = {
      Effect: 'Allow',
      Principal: principalElement(principal, grounds),
      Action: action,
      ...(!action.startsWith('sts:') && { Resource: resource }),
      ...conditionOnToken(question),
    };
    return { missing: { to: `the policy of ${resource}`, statement } };
  }
  return { missing: { to: placeOf(grounds, reason), statement: allowing(question) } };
}

function principalElement(principal: string, { holder }: Grounds): object {
  if (/^[\w-]+(?:\.[\w-]+)*\.amazonaws\.com$/.test(principal)) return { Service: principal };
  if (principal.includes(':oidc-provider/')) return { Federated: principal };
  return { AWS: holder?.arn ?? principal };
}

/** A role that trusts a provider without a condition on the subject trusts everybody whom that vouches for. */
function conditionOnToken({ principal, context }: Question): object {
  if (!principal.includes(':oidc-provider/')) return {};
  const told = Object.entries(context).filter(([key]) => /:(?:aud|sub)$/.test(key));
  return { Condition: { StringEquals: Object.fromEntries(told) } };
}

function placeOf({ holder, boundary }: Grounds, reason: string): string {
  if (reason.includes('permissions boundary')) return `the permissions boundary ${boundary[0]?.name ?? ''}`;
  if (reason.includes('session policy')) return 'the session policy that AssumeRole was given';
  if (holder === undefined) return 'a role: the one that is assumed is gone';
  return `a policy of the ${isUser(holder) ? 'user' : 'role'} ${holder.name}`;
}

function allowing({ action, resource, context }: Question): object {
  const passedTo = context['iam:PassedToService'];
  return {
    Effect: 'Allow',
    Action: action,
    Resource: resource,
    ...(passedTo !== undefined && { Condition: { StringEquals: { 'iam:PassedToService': passedTo } } }),
  };
}
