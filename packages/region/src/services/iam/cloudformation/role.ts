import {
  type DeployedResource,
  deployedTagKeys,
  integer,
  json,
  listOf,
  object,
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  tags,
  text,
} from '../../../kernel/resource-type.ts';
import { ignoreMissing } from './missing.ts';

interface RoleProperties {
  readonly RoleName?: string;
  readonly Path?: string;
  readonly AssumeRolePolicyDocument: unknown;
  readonly Description?: string;
  readonly MaxSessionDuration?: number;
  readonly PermissionsBoundary?: string;
  readonly ManagedPolicyArns?: readonly string[];
  readonly Policies?: readonly { readonly PolicyName: string; readonly PolicyDocument: unknown }[];
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-role.html
export const roleType: ResourceType = {
  name: 'AWS::IAM::Role',
  properties: {
    RoleName: replaces(text),
    Path: replaces(text),
    AssumeRolePolicyDocument: required(json),
    Description: text,
    MaxSessionDuration: integer,
    PermissionsBoundary: text,
    ManagedPolicyArns: listOf(text),
    Policies: listOf(object({ PolicyName: text, PolicyDocument: json })),
    Tags: tags,
  },

  create(ctx, properties) {
    const role = properties as unknown as RoleProperties;
    const RoleName = role.RoleName ?? ctx.generateName(64);
    ctx.call('iam', 'createRole', {
      RoleName,
      AssumeRolePolicyDocument: JSON.stringify(role.AssumeRolePolicyDocument),
      ...(role.Path !== undefined && { Path: role.Path }),
      ...(role.Description !== undefined && { Description: role.Description }),
      ...(role.MaxSessionDuration !== undefined && { MaxSessionDuration: role.MaxSessionDuration }),
      ...(role.PermissionsBoundary !== undefined && { PermissionsBoundary: role.PermissionsBoundary }),
      Tags: [...ctx.stackTags, ...(role.Tags ?? [])],
    });
    attachPolicies(ctx, RoleName, role);
    return { physicalId: RoleName };
  },

  update(ctx, resource, next) {
    const { physicalId: RoleName, properties } = resource;
    const before = properties as unknown as RoleProperties;
    const role = next as unknown as RoleProperties;
    ctx.call('iam', 'updateAssumeRolePolicy', {
      RoleName,
      PolicyDocument: JSON.stringify(role.AssumeRolePolicyDocument),
    });
    ctx.call('iam', 'updateRole', {
      RoleName,
      Description: role.Description ?? '',
      MaxSessionDuration: role.MaxSessionDuration ?? 3600,
    });
    if (role.PermissionsBoundary !== before.PermissionsBoundary)
      setBoundary(ctx, RoleName, role.PermissionsBoundary);
    detachPolicies(ctx, RoleName, before);
    attachPolicies(ctx, RoleName, role);
    ctx.call('iam', 'untagRole', { RoleName, TagKeys: [...deployedTagKeys(resource)] });
    ctx.call('iam', 'tagRole', { RoleName, Tags: [...ctx.stackTags, ...(role.Tags ?? [])] });
  },

  delete(ctx, { physicalId: RoleName, properties }) {
    detachPolicies(ctx, RoleName, properties as unknown as RoleProperties);
    ignoreMissing(() => ctx.call('iam', 'deleteRole', { RoleName }));
  },

  read(ctx, { physicalId: RoleName, properties }) {
    const { Role: role } = ctx.call('iam', 'getRole', { RoleName });
    const { AttachedPolicies = [] } = ctx.call('iam', 'listAttachedRolePolicies', { RoleName });
    const { ManagedPolicyArns = [], Policies = [] } = properties as unknown as RoleProperties;
    const attached = AttachedPolicies.map(({ PolicyArn = '' }) => PolicyArn);
    return {
      RoleName,
      Path: role?.Path,
      AssumeRolePolicyDocument: decodeURIComponent(role?.AssumeRolePolicyDocument ?? '{}'),
      Description: role?.Description,
      MaxSessionDuration: role?.MaxSessionDuration,
      PermissionsBoundary: role?.PermissionsBoundary?.PermissionsBoundaryArn,
      // A stack's policy may attach itself.
      ManagedPolicyArns: attached.filter((arn) => ManagedPolicyArns.includes(arn) || !ctx.isOfStack(arn)),
      Policies: Policies.flatMap(({ PolicyName }) => inlinePolicy(ctx, RoleName, PolicyName)),
      Tags: role?.Tags,
    };
  },

  attributes(ctx: ResourceContext, { physicalId: RoleName }: DeployedResource) {
    const { Role } = ctx.call('iam', 'getRole', { RoleName });
    return { Arn: Role?.Arn, RoleId: Role?.RoleId };
  },
};

/** The inline policy as it is now: none or one. */
function inlinePolicy(
  ctx: ResourceContext,
  RoleName: string,
  PolicyName: string,
): readonly { readonly PolicyName: string; readonly PolicyDocument: unknown }[] {
  const { PolicyNames = [] } = ctx.call('iam', 'listRolePolicies', { RoleName });
  if (!PolicyNames.includes(PolicyName)) return [];
  const { PolicyDocument = '{}' } = ctx.call('iam', 'getRolePolicy', { RoleName, PolicyName });
  return [{ PolicyName, PolicyDocument: JSON.parse(decodeURIComponent(PolicyDocument)) }];
}

function attachPolicies(ctx: ResourceContext, RoleName: string, role: RoleProperties): void {
  for (const PolicyArn of role.ManagedPolicyArns ?? [])
    ctx.call('iam', 'attachRolePolicy', { RoleName, PolicyArn });
  for (const { PolicyName, PolicyDocument } of role.Policies ?? []) {
    ctx.call('iam', 'putRolePolicy', {
      RoleName,
      PolicyName,
      PolicyDocument: JSON.stringify(PolicyDocument),
    });
  }
}

function detachPolicies(ctx: ResourceContext, RoleName: string, role: RoleProperties): void {
  for (const PolicyArn of role.ManagedPolicyArns ?? []) {
    ignoreMissing(() => ctx.call('iam', 'detachRolePolicy', { RoleName, PolicyArn }));
  }
  for (const { PolicyName } of role.Policies ?? []) {
    ignoreMissing(() => ctx.call('iam', 'deleteRolePolicy', { RoleName, PolicyName }));
  }
}

function setBoundary(ctx: ResourceContext, RoleName: string, boundary: string | undefined): void {
  if (boundary === undefined) ctx.call('iam', 'deleteRolePermissionsBoundary', { RoleName });
  else ctx.call('iam', 'putRolePermissionsBoundary', { RoleName, PermissionsBoundary: boundary });
}
