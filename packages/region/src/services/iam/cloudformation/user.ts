import {
  deployedTagKeys,
  json,
  listOf,
  object,
  type ResourceContext,
  type ResourceType,
  replaces,
  tags,
  text,
} from '../../../kernel/resource-type.ts';
import { ignoreMissing } from './missing.ts';

interface UserProperties {
  readonly UserName?: string;
  readonly Path?: string;
  readonly PermissionsBoundary?: string;
  readonly ManagedPolicyArns?: readonly string[];
  readonly Policies?: readonly { readonly PolicyName: string; readonly PolicyDocument: unknown }[];
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-user.html
// Groups and LoginProfile are not modelled, so they are no properties here.
export const userType: ResourceType = {
  name: 'AWS::IAM::User',
  properties: {
    UserName: replaces(text),
    Path: text,
    PermissionsBoundary: text,
    ManagedPolicyArns: listOf(text),
    Policies: listOf(object({ PolicyName: text, PolicyDocument: json })),
    Tags: tags,
  },

  create(ctx, properties) {
    const user = properties as unknown as UserProperties;
    const UserName = user.UserName ?? ctx.generateName(64);
    ctx.call('iam', 'createUser', {
      UserName,
      ...(user.Path !== undefined && { Path: user.Path }),
      ...(user.PermissionsBoundary !== undefined && { PermissionsBoundary: user.PermissionsBoundary }),
      Tags: [...ctx.stackTags, ...(user.Tags ?? [])],
    });
    attachPolicies(ctx, UserName, user);
    return { physicalId: UserName };
  },

  update(ctx, resource, next) {
    const { physicalId: UserName, properties } = resource;
    const before = properties as unknown as UserProperties;
    const user = next as unknown as UserProperties;
    if (user.Path !== before.Path) ctx.call('iam', 'updateUser', { UserName, NewPath: user.Path ?? '/' });
    if (user.PermissionsBoundary !== before.PermissionsBoundary)
      setBoundary(ctx, UserName, user.PermissionsBoundary);
    detachPolicies(ctx, UserName, before);
    attachPolicies(ctx, UserName, user);
    ctx.call('iam', 'untagUser', { UserName, TagKeys: [...deployedTagKeys(resource)] });
    ctx.call('iam', 'tagUser', { UserName, Tags: [...ctx.stackTags, ...(user.Tags ?? [])] });
  },

  delete(ctx, { physicalId: UserName, properties }) {
    detachPolicies(ctx, UserName, properties as unknown as UserProperties);
    ignoreMissing(() => ctx.call('iam', 'deleteUser', { UserName }));
  },

  read(ctx, { physicalId: UserName, properties }) {
    const { User: user } = ctx.call('iam', 'getUser', { UserName });
    const { AttachedPolicies = [] } = ctx.call('iam', 'listAttachedUserPolicies', { UserName });
    const { PolicyNames = [] } = ctx.call('iam', 'listUserPolicies', { UserName });
    const { Policies = [] } = properties as unknown as UserProperties;
    return {
      Path: user?.Path,
      PermissionsBoundary: user?.PermissionsBoundary?.PermissionsBoundaryArn,
      ManagedPolicyArns: AttachedPolicies.map(({ PolicyArn }) => PolicyArn),
      Policies: Policies.filter(({ PolicyName }) => PolicyNames.includes(PolicyName)).map(
        ({ PolicyName }) => ({ PolicyName, PolicyDocument: documentOf(ctx, UserName, PolicyName) }),
      ),
      Tags: user?.Tags,
    };
  },

  attributes(ctx, { physicalId: UserName }) {
    return { Arn: ctx.call('iam', 'getUser', { UserName }).User?.Arn };
  },
};

function documentOf(ctx: ResourceContext, UserName: string, PolicyName: string): unknown {
  const { PolicyDocument = '{}' } = ctx.call('iam', 'getUserPolicy', { UserName, PolicyName });
  return JSON.parse(decodeURIComponent(PolicyDocument));
}

function attachPolicies(ctx: ResourceContext, UserName: string, user: UserProperties): void {
  for (const PolicyArn of user.ManagedPolicyArns ?? [])
    ctx.call('iam', 'attachUserPolicy', { UserName, PolicyArn });
  for (const { PolicyName, PolicyDocument } of user.Policies ?? []) {
    ctx.call('iam', 'putUserPolicy', {
      UserName,
      PolicyName,
      PolicyDocument: JSON.stringify(PolicyDocument),
    });
  }
}

function detachPolicies(ctx: ResourceContext, UserName: string, user: UserProperties): void {
  for (const PolicyArn of user.ManagedPolicyArns ?? [])
    ignoreMissing(() => ctx.call('iam', 'detachUserPolicy', { UserName, PolicyArn }));
  for (const { PolicyName } of user.Policies ?? [])
    ignoreMissing(() => ctx.call('iam', 'deleteUserPolicy', { UserName, PolicyName }));
}

function setBoundary(ctx: ResourceContext, UserName: string, boundary: string | undefined): void {
  if (boundary === undefined) ctx.call('iam', 'deleteUserPermissionsBoundary', { UserName });
  else ctx.call('iam', 'putUserPermissionsBoundary', { UserName, PermissionsBoundary: boundary });
}
