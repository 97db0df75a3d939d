import type { Principal } from '../kernel/context.ts';
import type { IamViews, Role, User } from '../services/iam/views.ts';
import type { Policies, Policy } from './evaluate.ts';

/** Whose policies decide: what the two have in common. */
export type Holder = Role | User;

/** What a principal is allowed by: its role or user, and every policy that has a say, as texts. */
export interface Grounds extends Policies {
  readonly holder?: Holder;
  /** ARNs of attached AWS policies whose documents are not in the region. */
  readonly unknown: readonly string[];
}

/** `arn:aws:sts::123456789012:assumed-role/ROLE/SESSION` */
export function roleNameOf(principal: Principal): string | undefined {
  return /^arn:aws:sts::\d{12}:assumed-role\/([^/]+)\//.exec(principal.arn)?.[1];
}

export function isUser(holder: Holder): boolean {
  return holder.arn.includes(':user/');
}

function holderOf(iam: IamViews, principal: Principal): Holder | undefined {
  return principal.type === 'User' ? iam.user(principal.userId) : iam.role(roleNameOf(principal) ?? '');
}

export function groundsOf(iam: IamViews, principal: Principal, resource: Policy | undefined): Grounds {
  const holder = holderOf(iam, principal);
  const managed = (arn: string): Policy[] => managedPolicy(iam, arn);
  const given = (policy: string): Policy[] =>
    policy.startsWith('arn:') ? managed(policy) : [{ name: 'session policy', document: policy }];
  const session = principal.sessionPolicies?.flatMap(given);
  return {
    ...(holder && { holder }),
    identity: holder ? identityPolicies(iam, holder) : [],
    boundary: holder?.permissionsBoundary === undefined ? [] : boundaryOf(iam, holder.permissionsBoundary),
    ...(session && { session }),
    ...(resource && { resource }),
    unknown: (holder?.attachedPolicies ?? []).filter((arn) => iam.policyDocument(arn) === undefined),
  };
}

/** Inline and attached. */
export function identityPolicies(iam: IamViews, holder: Holder): readonly Policy[] {
  return [
    ...Object.entries(holder.inlinePolicies).map(([name, document]) => ({ name, document })),
    ...holder.attachedPolicies.flatMap((arn) => managedPolicy(iam, arn)),
  ];
}

function managedPolicy(iam: IamViews, arn: string): Policy[] {
  const document = iam.policyDocument(arn);
  return document === undefined ? [] : [{ name: arn, document }];
}

/** A boundary that is gone allows nothing. */
function boundaryOf(iam: IamViews, arn: string): readonly Policy[] {
  const document = iam.policyDocument(arn) ?? JSON.stringify({ Version: '2012-10-17', Statement: [] });
  return [{ name: arn, document }];
}

/** Texts are never changed in place, so the same texts are the same grounds. */
export function isSameGrounds(a: Grounds, b: Grounds): boolean {
  return (
    a.holder?.id === b.holder?.id &&
    a.holder?.tags === b.holder?.tags &&
    a.resource?.document === b.resource?.document &&
    sameTexts(a.identity, b.identity) &&
    sameTexts(a.boundary, b.boundary) &&
    (a.session === undefined) === (b.session === undefined) &&
    sameTexts(a.session ?? [], b.session ?? [])
  );
}

function sameTexts(a: readonly Policy[], b: readonly Policy[]): boolean {
  return a.length === b.length && a.every(({ document }, index) => document === b[index]?.document);
}

/** Whether the answer may be another one a moment later. */
export function dependsOnTime({ identity, boundary, session = [], resource }: Grounds): boolean {
  const all = [...identity, ...boundary, ...session, ...(resource ? [resource] : [])];
  return all.some(({ document }) => /aws:(?:CurrentTime|EpochTime)/i.test(document));
}
