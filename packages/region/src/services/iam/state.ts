import { notModelled } from '../../kernel/aws-error.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Table, Tables } from '../../kernel/table.ts';
import { noSuchEntity, policyNotFound, roleNotFound } from './errors.ts';

type Tags = Readonly<Record<string, string>>;

export interface Role {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  /** JSON text as it was given. */
  readonly assumeRolePolicyDocument: string;
  readonly description?: string;
  readonly maxSessionDurationSeconds: number;
  readonly permissionsBoundary?: string;
  readonly created: Instant;
  readonly tags: Tags;
  /** JSON texts by policy name. */
  readonly inlinePolicies: Readonly<Record<string, string>>;
  /** ARNs of managed policies. */
  readonly attachedPolicies: readonly string[];
}

export interface PolicyVersion {
  readonly id: string;
  readonly document: string;
  readonly created: Instant;
}

/** A customer managed policy. AWS's own are known by ARN only. */
export interface ManagedPolicy {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly description?: string;
  readonly versions: readonly PolicyVersion[];
  readonly defaultVersionId: string;
  readonly created: Instant;
  readonly updated: Instant;
  readonly tags: Tags;
}

/** Whose tokens `AssumeRoleWithWebIdentity` takes. */
export interface OidcProvider {
  readonly arn: string;
  /** With its scheme, without a slash at the end: the `iss` of its tokens. */
  readonly url: string;
  /** Audiences that its tokens may be made for. */
  readonly clientIds: readonly string[];
  readonly thumbprints: readonly string[];
  readonly created: Instant;
  readonly tags: Tags;
}

export interface IamState {
  readonly oidcProviders: Table<OidcProvider>;
  readonly roles: Table<Role>;
  readonly policies: Table<ManagedPolicy>;
}

export function openIam(tables: Tables): IamState {
  return {
    oidcProviders: tables.table('iam.oidcProviders'),
    roles: tables.table('iam.roles'),
    policies: tables.table('iam.policies'),
  };
}

export function findRole(state: IamState, name: string | undefined): Role {
  const role = state.roles.get((name ?? '').toLowerCase());
  if (!role) throw roleNotFound(name ?? '');
  return role;
}

/** Role names are unique whatever their letter case. */
export function saveRole(state: IamState, role: Role): void {
  state.roles.put(role.name.toLowerCase(), role);
}

export function findPolicy(state: IamState, arn: string | undefined): ManagedPolicy {
  const policy = state.policies.get(arn ?? '');
  if (arn?.startsWith('arn:aws:iam::aws:policy/'))
    throw notModelled(`iam AWS managed policy ${arn}: its document`, 'iam');
  if (!policy) throw noSuchEntity(`Policy ${arn ?? ''} was not found.`);
  return policy;
}

/** AWS managed policies exist by their ARN; their documents are not in the region. */
export function checkAttachable(state: IamState, arn: string): void {
  if (/^arn:aws:iam::aws:policy\/[\w+=,.@/-]+$/.test(arn) || state.policies.has(arn)) return;
  throw policyNotFound(arn);
}

export function rolesAttachedTo(state: IamState, policyArn: string): Role[] {
  return state.roles.filter((role) => role.attachedPolicies.includes(policyArn));
}
