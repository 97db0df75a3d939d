import { notModelled } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Table, Tables } from '../../kernel/table.ts';
import { awsManagedPolicy, isAwsManaged, isMisplaced, notHeld } from './aws-managed-policies.ts';
import { noSuchEntity, policyNotFound, roleNotFound, userNotFound } from './errors.ts';

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

/** Somebody with policies of their own, who signs by access keys. */
export interface User {
  readonly name: string;
  readonly path: string;
  readonly id: string;
  readonly arn: string;
  readonly permissionsBoundary?: string;
  readonly created: Instant;
  readonly tags: Tags;
  /** JSON texts by policy name. */
  readonly inlinePolicies: Readonly<Record<string, string>>;
  /** ARNs of managed policies. */
  readonly attachedPolicies: readonly string[];
}

export interface AccessKey {
  readonly id: string;
  /** The user's, which outlives a change of name. */
  readonly userId: string;
  readonly secretAccessKey: string;
  readonly status: 'Active' | 'Inactive';
  readonly created: Instant;
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
  readonly users: Table<User>;
  readonly accessKeys: Table<AccessKey>;
}

export function openIam(tables: Tables): IamState {
  return {
    oidcProviders: tables.table('iam.oidcProviders'),
    roles: tables.table('iam.roles'),
    policies: tables.table('iam.policies'),
    users: tables.table('iam.users'),
    accessKeys: tables.table('iam.accessKeys'),
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

export function findUser(state: IamState, name: string | undefined): User {
  const user = state.users.get((name ?? '').toLowerCase());
  if (!user) throw userNotFound(name ?? '');
  return user;
}

/** User names are unique whatever their letter case. */
export function saveUser(state: IamState, user: User): void {
  state.users.put(user.name.toLowerCase(), user);
}

export function keysOf(state: IamState, user: User): AccessKey[] {
  return state.accessKeys.filter(({ userId }) => userId === user.id);
}

export function findPolicy(state: IamState, arn: string | undefined): ManagedPolicy {
  const policy = state.policies.get(arn ?? '');
  if (arn !== undefined && isAwsManaged(arn)) throw notModelled(`iam AWS managed policy ${arn}`, 'iam');
  if (!policy) throw noSuchEntity(`Policy ${arn ?? ''} was not found.`);
  return policy;
}

/** Of AWS managed policies that are not held it is not known whether AWS has them: that is announced. */
export function checkAttachable(ctx: Context, state: IamState, arn: string): void {
  if (state.policies.has(arn) || awsManagedPolicy(arn) !== undefined) return;
  if (!isAwsManaged(arn) || isMisplaced(arn)) throw policyNotFound(arn);
  ctx.warn('iam-unknown-managed-policy', notHeld(arn));
}

/** Roles and users that a managed policy is attached to. */
export function attachmentsOf(state: IamState, policyArn: string): readonly (Role | User)[] {
  const isAttached = (one: Role | User): boolean => one.attachedPolicies.includes(policyArn);
  return [...state.roles.filter(isAttached), ...state.users.filter(isAttached)];
}

/** Roles and users that a managed policy is the permissions boundary of. */
export function boundedBy(state: IamState, policyArn: string): readonly (Role | User)[] {
  const isBounded = (one: Role | User): boolean => one.permissionsBoundary === policyArn;
  return [...state.roles.filter(isBounded), ...state.users.filter(isBounded)];
}
