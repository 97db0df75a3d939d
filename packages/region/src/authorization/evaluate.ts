/** One decision over policy documents, of requests within one account. */
import { grant, type Policy, type Question, verdict } from './policy-statements.ts';

export type { Policy, Question } from './policy-statements.ts';

/** Everything that has a say. */
export interface Policies {
  readonly identity: readonly Policy[];
  readonly boundary: readonly Policy[];
  /** Absent: the session has none. */
  readonly session?: readonly Policy[];
  readonly resource?: Policy;
}

export type Outcome = 'Allowed' | 'ExplicitlyDenied' | 'ImplicitlyDenied';

/**
 * Identity policies, boundary and resource policy together, as the documentation draws it; a session policy must allow
 * as well. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluate(question: Question, policies: Policies): Outcome {
  const outcome = decide(question, policies);
  if (outcome !== 'Allowed' || policies.session === undefined) return outcome;
  return allowedBy(question, policies.session);
}

/** Whether these policies by themselves allow it, in an account whose resources trust its IAM policies. */
export function allowedBy(question: Question, identity: readonly Policy[]): Outcome {
  const said = verdict(identity, question);
  if (said === 'deny') return 'ExplicitlyDenied';
  return said === 'allow' ? 'Allowed' : 'ImplicitlyDenied';
}

function decide(question: Question, { identity, boundary, resource }: Policies): Outcome {
  const own = verdict(identity, question);
  const limit = verdict(boundary, question);
  const granted = grant(resource, question);
  if (own === 'deny' || limit === 'deny' || granted === 'deny') return 'ExplicitlyDenied';
  const isWithin = boundary.length === 0 || limit === 'allow';
  // Confirmed by docs: what a resource grants to a session or a service by its name, a boundary does not take away. Known: nor
  // what it grants to everybody.
  if (granted === 'itself' || granted === 'everybody') return 'Allowed';
  if (granted === 'role') return isWithin ? 'Allowed' : 'ImplicitlyDenied';
  const isOpen = granted === 'account' || !decidesAlone(question);
  return own === 'allow' && isWithin && isOpen ? 'Allowed' : 'ImplicitlyDenied';
}

/** Confirmed by docs: keys and roles are closed to their own account, too, unless their policy opens them to it. */
function decidesAlone({ action, resource }: Question): boolean {
  return (
    /^arn:aws:kms:[^:]*:[^:]*:key\//.test(resource) ||
    /^sts:(AssumeRole|TagSession|SetSourceIdentity)/.test(action)
  );
}
