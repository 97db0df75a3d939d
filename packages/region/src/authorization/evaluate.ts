/**
 * One decision over policy documents. The library that makes it is behind this file and nowhere else: see
 * docs/decisions/0023-iam-decides.md.
 */
import { createRequire } from 'node:module';

export interface Question {
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly accountId: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

export interface Policy {
  readonly name: string;
  /** JSON text. */
  readonly document: string;
}

/** Everything that has a say. */
export interface Policies {
  readonly identity: readonly Policy[];
  readonly boundary: readonly Policy[];
  /** Absent: the session has none. */
  readonly session?: readonly Policy[];
  readonly resource?: Policy;
}

export type Outcome = 'Allowed' | 'ExplicitlyDenied' | 'ImplicitlyDenied';

type Simulate = typeof import('@cloud-copilot/iam-simulate')['runUnsafeSimulation'];

const require = createRequire(import.meta.url);
let loaded: Simulate | undefined;

/** The library takes 0.1 s to load: a region whose only caller is root never needs it. */
function simulate(): Simulate {
  loaded ??= (require('@cloud-copilot/iam-simulate') as typeof import('@cloud-copilot/iam-simulate'))
    .runUnsafeSimulation;
  return loaded;
}

/**
 * Identity policies, boundary and resource policy together, as the documentation draws it; a session policy must allow
 * as well. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluate(question: Question, policies: Policies): Outcome {
  const outcome = run(question, policies);
  if (outcome !== 'Allowed' || policies.session === undefined) return outcome;
  return allowedBy(question, policies.session);
}

/** Whether these policies by themselves allow it, in an account whose resources trust its IAM policies. */
export function allowedBy(question: Question, identity: readonly Policy[]): Outcome {
  return run(question, { identity, boundary: [], resource: trustingAccount(question.accountId) });
}

function run(question: Question, { identity, boundary, resource }: Policies): Outcome {
  return simulate()(
    {
      request: {
        principal: question.principal,
        action: question.action,
        resource: { resource: question.resource, accountId: question.accountId },
        contextVariables: question.context as Record<string, string | string[]>,
      },
      identityPolicies: identity.map(parsed),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
      ...(boundary.length > 0 && { permissionBoundaryPolicies: boundary.map(parsed) }),
      ...(resource && { resourcePolicy: validated(resource) }),
    },
    {},
  );
}

function parsed({ name, document }: Policy): { name: string; policy: unknown } {
  return { name, policy: statementsOf(document) };
}

/** The library wants a resource policy's name, and takes it only in this form (`createValidatedPolicy` of iam-policy). */
function validated({ name, document }: Policy): object {
  return { __validated: true, policyDocument: statementsOf(document), metadata: { name }, errors: [] };
}

/** Services take policies that say nothing, such as `{}`: those allow and deny nothing. */
function statementsOf(document: string): object {
  const { Version, Statement } = JSON.parse(document) as { Version?: string; Statement?: unknown };
  const statements = [Statement].flat().filter((one) => typeof one === 'object' && one !== null);
  return { Version: Version ?? '2008-10-17', Statement: statements };
}

function trustingAccount(accountId: string): Policy {
  const Principal = { AWS: `arn:aws:iam::${accountId}:root` };
  const statement = { Effect: 'Allow', Principal, Action: '*', Resource: '*' };
  return { name: 'account', document: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }) };
}
