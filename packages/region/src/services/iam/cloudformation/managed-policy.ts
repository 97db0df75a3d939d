import {
  json,
  listOf,
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  text,
} from '../../../kernel/resource-type.ts';
import { ignoreMissing } from './missing.ts';

interface ManagedPolicyProperties {
  readonly ManagedPolicyName?: string;
  readonly Path?: string;
  readonly Description?: string;
  readonly PolicyDocument: unknown;
  readonly Roles?: readonly string[];
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-managedpolicy.html
export const managedPolicyType: ResourceType = {
  name: 'AWS::IAM::ManagedPolicy',
  properties: {
    ManagedPolicyName: replaces(text),
    Path: replaces(text),
    Description: replaces(text),
    PolicyDocument: required(json),
    Roles: listOf(text),
  },

  create(ctx, properties) {
    const policy = properties as unknown as ManagedPolicyProperties;
    const { Policy } = ctx.call('iam', 'createPolicy', {
      PolicyName: policy.ManagedPolicyName ?? ctx.generateName(128),
      PolicyDocument: JSON.stringify(policy.PolicyDocument),
      ...(policy.Path !== undefined && { Path: policy.Path }),
      ...(policy.Description !== undefined && { Description: policy.Description }),
    });
    const PolicyArn = Policy?.Arn ?? '';
    for (const RoleName of policy.Roles ?? []) ctx.call('iam', 'attachRolePolicy', { RoleName, PolicyArn });
    return { physicalId: PolicyArn };
  },

  update(ctx, { physicalId: PolicyArn, properties: before }, properties) {
    const policy = properties as unknown as ManagedPolicyProperties;
    dropOldestVersion(ctx, PolicyArn);
    ctx.call('iam', 'createPolicyVersion', {
      PolicyArn,
      PolicyDocument: JSON.stringify(policy.PolicyDocument),
      SetAsDefault: true,
    });
    detach(ctx, PolicyArn, (before as unknown as ManagedPolicyProperties).Roles ?? []);
    for (const RoleName of policy.Roles ?? []) ctx.call('iam', 'attachRolePolicy', { RoleName, PolicyArn });
  },

  delete(ctx, { physicalId: PolicyArn, properties }) {
    detach(ctx, PolicyArn, (properties as unknown as ManagedPolicyProperties).Roles ?? []);
    ignoreMissing(() => {
      for (const { VersionId, IsDefaultVersion } of versions(ctx, PolicyArn)) {
        if (!IsDefaultVersion) ctx.call('iam', 'deletePolicyVersion', { PolicyArn, VersionId });
      }
      ctx.call('iam', 'deletePolicy', { PolicyArn });
    });
  },

  read(ctx, { physicalId: PolicyArn, properties }) {
    const { Policy } = ctx.call('iam', 'getPolicy', { PolicyArn });
    const { PolicyVersion } = ctx.call('iam', 'getPolicyVersion', {
      PolicyArn,
      VersionId: Policy?.DefaultVersionId,
    });
    const { Roles = [] } = properties as unknown as ManagedPolicyProperties;
    return {
      ManagedPolicyName: Policy?.PolicyName,
      Path: Policy?.Path,
      Description: Policy?.Description,
      PolicyDocument: decodeURIComponent(PolicyVersion?.Document ?? '{}'),
      Roles: Roles.filter((role) => isAttached(ctx, role, PolicyArn)),
    };
  },

  attributes: (_ctx, { physicalId }) => ({ PolicyArn: physicalId }),
};

function isAttached(ctx: ResourceContext, RoleName: string, arn: string): boolean {
  const { AttachedPolicies = [] } = ctx.call('iam', 'listAttachedRolePolicies', { RoleName });
  return AttachedPolicies.some(({ PolicyArn }) => PolicyArn === arn);
}

function detach(ctx: ResourceContext, PolicyArn: string, roles: readonly string[]): void {
  for (const RoleName of roles)
    ignoreMissing(() => ctx.call('iam', 'detachRolePolicy', { RoleName, PolicyArn }));
}

/** Five versions is the most that IAM keeps; CloudFormation makes room by the oldest that is not in force. */
function dropOldestVersion(ctx: ResourceContext, PolicyArn: string): void {
  const all = versions(ctx, PolicyArn);
  const oldest = all.find((version) => !version.IsDefaultVersion);
  if (all.length < 5 || oldest === undefined) return;
  ctx.call('iam', 'deletePolicyVersion', { PolicyArn, VersionId: oldest.VersionId });
}

function versions(ctx: ResourceContext, PolicyArn: string) {
  return ctx.call('iam', 'listPolicyVersions', { PolicyArn }).Versions ?? [];
}
