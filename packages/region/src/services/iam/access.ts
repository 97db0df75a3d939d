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
  const aboutProvider = on(arnIn('OpenIDConnectProviderArn'));
  const aboutPolicy = on((ask) => textOf(ask, 'PolicyArn'));
  const withBoundary = on(role, {
    context: (ask): Record<string, string> => {
      const given = textOf(ask, 'PermissionsBoundary');
      const kept = state.roles.get(textOf(ask, 'RoleName').toLowerCase())?.permissionsBoundary;
      const boundary = given === '' ? kept : given;
      return boundary === undefined ? {} : { 'iam:PermissionsBoundary': boundary };
    },
  });
  const attached = on(role, {
    context: (ask) => {
      const boundary = state.roles.get(textOf(ask, 'RoleName').toLowerCase())?.permissionsBoundary;
      return {
        'iam:PolicyARN': textOf(ask, 'PolicyArn'),
        ...(boundary !== undefined && { 'iam:PermissionsBoundary': boundary }),
      };
    },
  });
  const roleWithArn = (arn: string) => state.roles.find((one) => one.arn === arn);
  return {
    prefix: 'iam',
    policyOf: (arn) => (arn.includes(':role/') ? roleWithArn(arn)?.assumeRolePolicyDocument : undefined),
    tagsOf: (arn) => (arn.includes(':role/') ? roleWithArn(arn) : state.policies.get(arn))?.tags,
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
