import type * as Iam from '@aws-sdk/client-iam';
import { operation, type ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import * as roles from './api/roles.ts';
import { accessKeyType } from './cloudformation/access-key.ts';
import { managedPolicyType } from './cloudformation/managed-policy.ts';
import { oidcProviderType } from './cloudformation/oidc-provider.ts';
import { policyType } from './cloudformation/policy.ts';
import { roleType } from './cloudformation/role.ts';
import { userType } from './cloudformation/user.ts';
import { userPolicyType } from './cloudformation/user-policy.ts';
import { oidcOperations } from './oidc-operations.ts';
import { managedPolicyOperations, rolePolicyOperations, userPolicyOperations } from './policy-operations.ts';
import type { KeyUses } from './ports.ts';
import { type IamState, openIam } from './state.ts';
import { userOperations } from './user-operations.ts';

/**
 * AWS Identity and Access Management: users, roles and policies. They are kept and checked here; `authorization/` decides
 * by them. When access keys were last used is told where there is something that sees requests.
 */
export function iam(dependencies: { readonly tables: Tables; readonly keyUses?: KeyUses }): ServiceModule {
  const state = openIam(dependencies.tables);
  return {
    name: 'iam',
    resourceTypes: [
      roleType,
      policyType,
      managedPolicyType,
      oidcProviderType,
      userType,
      userPolicyType,
      accessKeyType,
    ],
    operations: {
      ...roleOperations(state),
      ...rolePolicyOperations(state),
      ...userOperations(state, dependencies.keyUses ?? { lastUse: () => undefined }),
      ...userPolicyOperations(state),
      ...managedPolicyOperations(state),
      ...oidcOperations(state),
    },
  };
}

function roleOperations(state: IamState): ServiceModule['operations'] {
  return {
    CreateRole: operation<Iam.CreateRoleRequest, Iam.CreateRoleResponse>({
      accepts: [
        'RoleName',
        'Path',
        'AssumeRolePolicyDocument',
        'Description',
        'MaxSessionDuration',
        'PermissionsBoundary',
        'Tags',
      ],
      handler: (ctx, input) => roles.createRole(ctx, state, input),
    }),
    CreateServiceLinkedRole: operation<
      Iam.CreateServiceLinkedRoleRequest,
      Iam.CreateServiceLinkedRoleResponse
    >({
      accepts: ['AWSServiceName', 'Description'],
      handler: (ctx, input) => roles.createServiceLinkedRole(ctx, state, input),
    }),
    GetRole: operation<Iam.GetRoleRequest, Iam.GetRoleResponse>({
      accepts: ['RoleName'],
      handler: (ctx, input) => roles.getRole(ctx, state, input),
    }),
    ListRoles: operation<Iam.ListRolesRequest, Iam.ListRolesResponse>({
      accepts: ['PathPrefix', 'Marker', 'MaxItems'],
      handler: (ctx, input) => roles.listRoles(ctx, state, input),
    }),
    UpdateRole: operation<Iam.UpdateRoleRequest, object>({
      accepts: ['RoleName', 'Description', 'MaxSessionDuration'],
      handler: (ctx, input) => roles.updateRole(ctx, state, input),
    }),
    UpdateAssumeRolePolicy: operation<Iam.UpdateAssumeRolePolicyRequest, object>({
      accepts: ['RoleName', 'PolicyDocument'],
      handler: (ctx, input) => roles.updateAssumeRolePolicy(ctx, state, input),
    }),
    PutRolePermissionsBoundary: operation<Iam.PutRolePermissionsBoundaryRequest, object>({
      accepts: ['RoleName', 'PermissionsBoundary'],
      handler: (ctx, input) =>
        roles.setPermissionsBoundary(ctx, state, input.RoleName, input.PermissionsBoundary),
    }),
    DeleteRolePermissionsBoundary: operation<Iam.DeleteRolePermissionsBoundaryRequest, object>({
      accepts: ['RoleName'],
      handler: (ctx, input) => roles.setPermissionsBoundary(ctx, state, input.RoleName, undefined),
    }),
    DeleteRole: operation<Iam.DeleteRoleRequest, object>({
      accepts: ['RoleName'],
      handler: (ctx, input) => roles.deleteRole(ctx, state, input),
    }),
    TagRole: operation<Iam.TagRoleRequest, object>({
      accepts: ['RoleName', 'Tags'],
      handler: (ctx, input) => roles.tagRole(ctx, state, input),
    }),
    UntagRole: operation<Iam.UntagRoleRequest, object>({
      accepts: ['RoleName', 'TagKeys'],
      handler: (ctx, input) => roles.untagRole(ctx, state, input),
    }),
    ListRoleTags: operation<Iam.ListRoleTagsRequest, Iam.ListRoleTagsResponse>({
      accepts: ['RoleName', 'Marker', 'MaxItems'],
      handler: (ctx, input) => roles.listRoleTags(ctx, state, input),
    }),
  };
}
