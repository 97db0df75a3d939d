/** What the statements of a policy say of a question. Pure but for what `policy-conditions.ts` needs. */
import { type Conditions, conditionsHold, listOf } from './policy-conditions.ts';
import { type Lookup, matchesArn, matchesPattern, withVariables } from './policy-patterns.ts';

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

interface Statement {
  readonly Effect?: string;
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
  readonly Action?: unknown;
  readonly NotAction?: unknown;
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Condition?: Conditions;
}

interface Document {
  readonly hasVariables: boolean;
  readonly statements: readonly Statement[];
}

/** How a resource policy names who asks, the nearest first. */
export type Named =
  /** The session, the user or the service itself. */
  | 'itself'
  | 'role'
  | 'everybody'
  /** The account: its own policies decide. */
  | 'account';

const nearest: readonly Named[] = ['itself', 'role', 'everybody', 'account'];

/** Texts are never changed in place: each is read once. */
const read = new Map<string, Document>();
const mostRead = 2_000;

/** Whether the policies of one kind deny it, allow it, or say nothing. */
export function verdict(policies: readonly Policy[], question: Question): 'deny' | 'allow' | undefined {
  const lookup = lookupOf(question);
  let isAllowed = false;
  for (const { document } of policies) {
    const { statements, hasVariables } = documentOf(document);
    for (const statement of statements) {
      if (!applies(statement, question, lookup, hasVariables)) continue;
      if (statement.Effect === 'Deny') return 'deny';
      if (statement.Effect === 'Allow') isAllowed = true;
    }
  }
  return isAllowed ? 'allow' : undefined;
}

/**
 * Whether a resource's policy denies it, or as whom it allows it.
 * @param asked whether who asks has a permissions boundary
 */
export function grant(
  policy: Policy | undefined,
  question: Question,
  asked: { readonly hasBoundary: boolean },
): 'deny' | Named | undefined {
  if (policy === undefined) return undefined;
  const lookup = lookupOf(question);
  const { statements, hasVariables } = documentOf(policy.document);
  const found = new Set<Named>();
  for (const statement of statements) {
    const named = namedBy(statement, question, asked);
    if (named === undefined || !applies(statement, question, lookup, hasVariables)) continue;
    if (statement.Effect === 'Deny') return 'deny';
    if (statement.Effect === 'Allow') found.add(named);
  }
  return nearest.find((named) => found.has(named));
}

function documentOf(text: string): Document {
  const known = read.get(text);
  if (known) return known;
  const { Version, Statement } = JSON.parse(text) as { Version?: string; Statement?: unknown };
  // Services take policies that say nothing, such as `{}`: those allow and deny nothing.
  const statements = [Statement]
    .flat()
    .filter((one) => typeof one === 'object' && one !== null) as Statement[];
  // Confirmed by docs: variables are read as text in policies of the version before.
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
  const document = { statements, hasVariables: Version === '2012-10-17' };
  if (read.size >= mostRead) read.clear();
  read.set(text, document);
  return document;
}

function lookupOf({ context }: Question): Lookup {
  const byName = new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), listOf(value)]));
  return (key) => byName.get(key.toLowerCase());
}

function applies(statement: Statement, question: Question, lookup: Lookup, hasVariables: boolean): boolean {
  const { Action, NotAction, Resource, NotResource, Condition, Effect } = statement;
  const action = question.action.toLowerCase();
  // Confirmed by docs: the letter case of actions does not count.
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html
  const isAction = (pattern: string): boolean => matchesPattern(pattern.toLowerCase(), action);
  if (NotAction === undefined ? !listOf(Action ?? []).some(isAction) : listOf(NotAction).some(isAction))
    return false;
  const { resource } = question;
  const isResource = (pattern: string): boolean | undefined => {
    const filled = hasVariables ? withVariables(pattern, lookup, true) : pattern;
    return filled === undefined ? undefined : filled === '*' || matchesArn(filled, resource);
  };
  if (NotResource === undefined) {
    // Trust policies have no resource: it is the role they belong to.
    if (Resource !== undefined && !listOf(Resource).some(isResource)) return false;
  } else {
    const excepted = listOf(NotResource).map(isResource);
    // Chosen: an exception whose variable has no value allows nothing.
    if (excepted.includes(true) || (Effect === 'Allow' && excepted.includes(undefined))) return false;
  }
  return conditionsHold(Condition ?? {}, lookup, { hasVariables, unknown: Effect === 'Deny' });
}

function namedBy(
  { Effect, Principal, NotPrincipal }: Statement,
  question: Question,
  { hasBoundary }: { readonly hasBoundary: boolean },
): Named | undefined {
  if (NotPrincipal !== undefined) {
    // Confirmed by docs: such a denial denies whoever has a boundary, whatever its values.
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
    if (Effect === 'Deny' && hasBoundary) return 'everybody';
    const named = nameIn(NotPrincipal, question);
    return named === undefined || named === 'account' ? 'everybody' : undefined;
  }
  return nameIn(Principal, question);
}

function nameIn(principal: unknown, question: Question): Named | undefined {
  if (principal === '*') return 'everybody';
  const { AWS, ...others } = (principal ?? {}) as Readonly<Record<string, unknown>>;
  const found = new Set<Named | undefined>([
    ...listOf(AWS ?? []).map((value) => nameOfAws(value, question)),
    ...Object.values(others)
      .flatMap(listOf)
      .map((value) => (value === question.principal ? 'itself' : undefined)),
  ]);
  return nearest.find((named) => found.has(named));
}

function nameOfAws(value: string, { principal, accountId }: Question): Named | undefined {
  if (value === '*') return 'everybody';
  if (value === principal) return 'itself';
  const role = /^arn:aws:sts::\d{12}:assumed-role\/([^/]+)\//.exec(principal)?.[1];
  if (role === undefined && !/^arn:aws:iam::\d{12}:user\//.test(principal)) return undefined;
  if (value === accountId || value === `arn:aws:iam::${accountId}:root`) return 'account';
  if (role === undefined) return undefined;
  const isRole = value.startsWith(`arn:aws:iam::${accountId}:role/`) && value.endsWith(`/${role}`);
  return isRole ? 'role' : undefined;
}
