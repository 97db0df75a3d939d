import { type Ask, arnIn, arnOf, on, onAnything, type ServiceAccess, textOf } from '../../kernel/access.ts';
import type { Tables } from '../../kernel/table.ts';
import { openIam } from './state.ts';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html */
export function iamAccess(tables: Tables): ServiceAccess {
  const state = openIam(tables);
  const role = (ask: Ask): string => {
    const name = textOf(ask, 'RoleName');
    return state.roles.get(name.toLowerCase())?.arn ?? arnOf(ask, 'iam', `role${path(ask)}${name}`, '');
  };
  const aboutRole = on(role);
  const user = (ask: Ask): string => {
    const name = textOf(ask, 'UserName');
    if (name === '' && ask.callerArn?.includes(':user/')) return ask.callerArn;
    return state.users.get(name.toLowerCase())?.arn ?? arnOf(ask, 'iam', `user${path(ask)}${name}`, '');
  };
  const aboutUser = on(user);
  const userOfKey = (ask: Ask): string => {
    const key = state.accessKeys.get(textOf(ask, 'AccessKeyId'));
    return state.users.find(({ id }) => id === key?.userId)?.arn ?? arnOf(ask, 'iam', 'user/*', '');
  };
  const aboutProvider = on(arnIn('OpenIDConnectProviderArn'));
  const aboutPolicy = on((ask) => textOf(ask, 'PolicyArn'));
  const boundaryKey = (ask: Ask): Record<string, string> => {
    const given = textOf(ask, 'PermissionsBoundary');
    const holder =
      state.roles.get(textOf(ask, 'RoleName').toLowerCase()) ??
      state.users.get(textOf(ask, 'UserName').toLowerCase());
    const boundary = given === '' ? holder?.permissionsBoundary : given;
    return boundary === undefined ? {} : { 'iam:PermissionsBoundary': boundary };
  };
  const attachedKeys = (ask: Ask): Record<string, string> => ({
    'iam:PolicyARN': textOf(ask, 'PolicyArn'),
    ...boundaryKey(ask),
  });
  const withBoundary = on(role, { context: boundaryKey });
  const attached = on(role, { context: attachedKeys });
  const userWithBoundary = on(user, { context: boundaryKey });
  const userAttached = on(user, { context: attachedKeys });
  const roleWithArn = (arn: string) => state.roles.find((one) => one.arn === arn);
  const withArn = (arn: string) => {
    if (arn.includes(':role/')) return roleWithArn(arn);
    return arn.includes(':user/') ? state.users.find((one) => one.arn === arn) : state.policies.get(arn);
  };
  return {
    prefix: 'iam',
    policyOf: (arn) => (arn.includes(':role/') ? roleWithArn(arn)?.assumeRolePolicyDocument : undefined),
    tagsOf: (arn) => withArn(arn)?.tags,
    operations: {
      CreateRole: withBoundary,
      CreateServiceLinkedRole: on(
        (ask) => arnOf(ask, 'iam', `role/aws-service-role/${textOf(ask, 'AWSServiceName')}/*`, ''),
        { context: (ask) => ({ 'iam:AWSServiceName': textOf(ask, 'AWSServiceName') }) },
      ),
      GetRole: aboutRole,
      ListRoles: on((ask) => arnOf(ask, 'iam', `role${textOf(ask, 'PathPrefix') || '/'}`, '')),
      UpdateRole: aboutRole,
      UpdateAssumeRolePolicy: aboutRole,
      PutRolePermissionsBoundary: withBoundary,
      DeleteRolePermissionsBoundary: withBoundary,
      DeleteRole: aboutRole,
      TagRole: aboutRole,
      UntagRole: aboutRole,
      ListRoleTags: aboutRole,
      PutRolePolicy: withBoundary,
      GetRolePolicy: aboutRole,
      DeleteRolePolicy: withBoundary,
      ListRolePolicies: aboutRole,
      AttachRolePolicy: attached,
      DetachRolePolicy: attached,
      ListAttachedRolePolicies: aboutRole,
      CreateUser: userWithBoundary,
      GetUser: aboutUser,
      ListUsers: on((ask) => arnOf(ask, 'iam', `user${textOf(ask, 'PathPrefix') || '/'}`, '')),
      // Confirmed by docs: a change of name or path needs to be allowed of what it is and what it becomes.
      UpdateUser: on((ask) => {
        const renamed = arnOf(
          ask,
          'iam',
          `user${textOf(ask, 'NewPath') || '/'}${textOf(ask, 'NewUserName') || textOf(ask, 'UserName')}`,
          '',
        );
        return [user(ask), renamed];
      }),
      DeleteUser: aboutUser,
      PutUserPermissionsBoundary: userWithBoundary,
      DeleteUserPermissionsBoundary: userWithBoundary,
      TagUser: aboutUser,
      UntagUser: aboutUser,
      ListUserTags: aboutUser,
      PutUserPolicy: userWithBoundary,
      GetUserPolicy: aboutUser,
      DeleteUserPolicy: userWithBoundary,
      ListUserPolicies: aboutUser,
      AttachUserPolicy: userAttached,
      DetachUserPolicy: userAttached,
      ListAttachedUserPolicies: aboutUser,
      CreateAccessKey: aboutUser,
      ListAccessKeys: aboutUser,
      UpdateAccessKey: aboutUser,
      DeleteAccessKey: aboutUser,
      GetAccessKeyLastUsed: on(userOfKey),
      CreateOpenIDConnectProvider: on((ask) =>
        arnOf(ask, 'iam', `oidc-provider/${textOf(ask, 'Url').replace(/^https:\/\//, '')}`, ''),
      ),
      ListOpenIDConnectProviders: onAnything,
      GetOpenIDConnectProvider: aboutProvider,
      DeleteOpenIDConnectProvider: aboutProvider,
      AddClientIDToOpenIDConnectProvider: aboutProvider,
      RemoveClientIDFromOpenIDConnectProvider: aboutProvider,
      UpdateOpenIDConnectProviderThumbprint: aboutProvider,
      TagOpenIDConnectProvider: aboutProvider,
      UntagOpenIDConnectProvider: aboutProvider,
      ListOpenIDConnectProviderTags: aboutProvider,
      CreatePolicy: on((ask) => arnOf(ask, 'iam', `policy${path(ask)}${textOf(ask, 'PolicyName')}`, '')),
      GetPolicy: aboutPolicy,
      ListPolicies: onAnything,
      DeletePolicy: aboutPolicy,
      CreatePolicyVersion: aboutPolicy,
      GetPolicyVersion: aboutPolicy,
      ListPolicyVersions: aboutPolicy,
      DeletePolicyVersion: aboutPolicy,
    },
  };
}

function path(ask: Ask): string {
  return textOf(ask, 'Path') || '/';
}
