import { notModelled } from '../../../kernel/aws-error.ts';
import type { Properties, ResourceContext } from '../../../kernel/resource-type.ts';
import { ignoreMissing } from './missing.ts';

/** A role or a user that a policy of a template is put into. */
export type PolicyHolder = { readonly RoleName: string } | { readonly UserName: string };

export function holdersOf(properties: Properties): readonly PolicyHolder[] {
  const { Roles = [], Users = [] } = properties as { Roles?: readonly string[]; Users?: readonly string[] };
  return [...Roles.map((RoleName) => ({ RoleName })), ...Users.map((UserName) => ({ UserName }))];
}

/** `Roles` and `Users` of a template, of those that are left. */
export function namesOf(holders: readonly PolicyHolder[]): {
  readonly Roles: readonly string[];
  readonly Users: readonly string[];
} {
  return {
    Roles: holders.flatMap((one) => ('RoleName' in one ? [one.RoleName] : [])),
    Users: holders.flatMap((one) => ('UserName' in one ? [one.UserName] : [])),
  };
}

export function isSameHolder(a: PolicyHolder, b: PolicyHolder): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

interface InlinePolicy {
  readonly PolicyName: string;
  readonly PolicyDocument?: unknown;
}

export function putInline(
  ctx: ResourceContext,
  holders: readonly PolicyHolder[],
  { PolicyName, PolicyDocument }: InlinePolicy,
): void {
  if (holders.length === 0) throw notModelled('AWS::IAM::Policy without Roles or Users', 'iam');
  for (const holder of holders) {
    const policy = { PolicyName, PolicyDocument: JSON.stringify(PolicyDocument) };
    if ('RoleName' in holder) ctx.call('iam', 'putRolePolicy', { ...holder, ...policy });
    else ctx.call('iam', 'putUserPolicy', { ...holder, ...policy });
  }
}

export function removeInline(
  ctx: ResourceContext,
  holders: readonly PolicyHolder[],
  { PolicyName }: InlinePolicy,
): void {
  for (const holder of holders)
    ignoreMissing(() =>
      'RoleName' in holder
        ? ctx.call('iam', 'deleteRolePolicy', { ...holder, PolicyName })
        : ctx.call('iam', 'deleteUserPolicy', { ...holder, PolicyName }),
    );
}

/** The document that a holder has under this name. */
export function inlineOf(ctx: ResourceContext, holder: PolicyHolder, PolicyName: string): string | undefined {
  const { PolicyNames = [] } =
    'RoleName' in holder
      ? ctx.call('iam', 'listRolePolicies', holder)
      : ctx.call('iam', 'listUserPolicies', holder);
  if (!PolicyNames.includes(PolicyName)) return undefined;
  const { PolicyDocument = '{}' } =
    'RoleName' in holder
      ? ctx.call('iam', 'getRolePolicy', { ...holder, PolicyName })
      : ctx.call('iam', 'getUserPolicy', { ...holder, PolicyName });
  return decodeURIComponent(PolicyDocument);
}

export function attachTo(ctx: ResourceContext, holders: readonly PolicyHolder[], PolicyArn: string): void {
  for (const holder of holders) {
    if ('RoleName' in holder) ctx.call('iam', 'attachRolePolicy', { ...holder, PolicyArn });
    else ctx.call('iam', 'attachUserPolicy', { ...holder, PolicyArn });
  }
}

export function detachFrom(ctx: ResourceContext, holders: readonly PolicyHolder[], PolicyArn: string): void {
  for (const holder of holders)
    ignoreMissing(() =>
      'RoleName' in holder
        ? ctx.call('iam', 'detachRolePolicy', { ...holder, PolicyArn })
        : ctx.call('iam', 'detachUserPolicy', { ...holder, PolicyArn }),
    );
}

export function isAttachedTo(ctx: ResourceContext, holder: PolicyHolder, arn: string): boolean {
  const { AttachedPolicies = [] } =
    'RoleName' in holder
      ? ctx.call('iam', 'listAttachedRolePolicies', holder)
      : ctx.call('iam', 'listAttachedUserPolicies', holder);
  return AttachedPolicies.some(({ PolicyArn }) => PolicyArn === arn);
}
