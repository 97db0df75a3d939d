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
  const within = allowedBy(question, policies.session);
  // Confirmed by docs, the same page: what a resource grants to the session by its own ARN, a session policy does not take away.
  if (within === 'ImplicitlyDenied' && granted(question, policies) === 'itself') return 'Allowed';
  return within;
}

/** Whether these policies by themselves allow it, in an account whose resources trust its IAM policies. */
export function allowedBy(question: Question, identity: readonly Policy[]): Outcome {
  const said = verdict(identity, question);
  if (said === 'deny') return 'ExplicitlyDenied';
  return said === 'allow' ? 'Allowed' : 'ImplicitlyDenied';
}

function decide(question: Question, policies: Policies): Outcome {
  const { identity, boundary } = policies;
  const own = verdict(identity, question);
  const limit = verdict(boundary, question);
  const given = granted(question, policies);
  if (own === 'deny' || limit === 'deny' || given === 'deny') return 'ExplicitlyDenied';
  const isWithin = boundary.length === 0 || limit === 'allow';
  // Confirmed by docs, the same page: what a resource grants to a session, a user or a service by its name, a boundary does not
  // take away. Known: nor what it grants to everybody.
  if (given === 'itself' || given === 'everybody') return 'Allowed';
  if (given === 'role') return isWithin ? 'Allowed' : 'ImplicitlyDenied';
  const isOpen = given === 'account' || !decidesAlone(question);
  return own === 'allow' && isWithin && isOpen ? 'Allowed' : 'ImplicitlyDenied';
}

function granted(question: Question, { boundary, resource }: Policies): ReturnType<typeof grant> {
  return grant(resource, question, { hasBoundary: boundary.length > 0 });
}

/** Confirmed by docs, the same page: keys and roles are closed to their own account, too, unless their policy opens them to it. */
function decidesAlone({ action, resource }: Question): boolean {
  return (
    /^arn:aws:kms:[^:]*:[^:]*:key\//.test(resource) ||
    /^sts:(AssumeRole|TagSession|SetSourceIdentity)/.test(action)
  );
}
