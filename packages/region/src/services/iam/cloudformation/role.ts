import {
  type DeployedResource,
  deployedTagKeys,
  integer,
  json,
  listOf,
  object,
  type ReadContext,
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
    const { PolicyNames = [] } = ctx.call('iam', 'listRolePolicies', { RoleName });
    const { ManagedPolicyArns = [], Policies = [] } = properties as unknown as RoleProperties;
    const given = Policies.map(({ PolicyName }) => PolicyName);
    const inline = attachedTo(ctx, 'AWS::IAM::Policy', RoleName).map(
      (policy) => policy.properties['PolicyName'],
    );
    const managed = attachedTo(ctx, 'AWS::IAM::ManagedPolicy', RoleName).map((policy) => policy.physicalId);
    return {
      RoleName,
      Path: role?.Path,
      AssumeRolePolicyDocument: decodeURIComponent(role?.AssumeRolePolicyDocument ?? '{}'),
      Description: role?.Description,
      MaxSessionDuration: role?.MaxSessionDuration,
      PermissionsBoundary: role?.PermissionsBoundary?.PermissionsBoundaryArn,
      ManagedPolicyArns: AttachedPolicies.map(({ PolicyArn = '' }) => PolicyArn).filter(
        (arn) => ManagedPolicyArns.includes(arn) || !managed.includes(arn),
      ),
      Policies: PolicyNames.filter((name) => given.includes(name) || !inline.includes(name)).map(
        (PolicyName) => ({ PolicyName, PolicyDocument: documentOf(ctx, RoleName, PolicyName) }),
      ),
      Tags: role?.Tags,
    };
  },

  attributes(ctx: ResourceContext, { physicalId: RoleName }: DeployedResource) {
    const { Role } = ctx.call('iam', 'getRole', { RoleName });
    return { Arn: Role?.Arn, RoleId: Role?.RoleId };
  },
};

/** Policies of stacks that attach themselves to the role. */
function attachedTo(ctx: ReadContext, type: string, role: string): readonly DeployedResource[] {
  return ctx
    .deployed(type)
    .filter(({ properties }) => ((properties['Roles'] ?? []) as readonly unknown[]).includes(role));
}

function documentOf(ctx: ResourceContext, RoleName: string, PolicyName: string): string {
  const { PolicyDocument = '{}' } = ctx.call('iam', 'getRolePolicy', { RoleName, PolicyName });
  return decodeURIComponent(PolicyDocument);
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
