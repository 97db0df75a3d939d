import type * as Iam from '@aws-sdk/client-iam';
import { operation, type ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import * as managed from './api/managed-policies.ts';
import * as policies from './api/role-policies.ts';
import * as roles from './api/roles.ts';
import { managedPolicyType } from './cloudformation/managed-policy.ts';
import { oidcProviderType } from './cloudformation/oidc-provider.ts';
import { policyType } from './cloudformation/policy.ts';
import { roleType } from './cloudformation/role.ts';
import { oidcOperations } from './oidc-operations.ts';
import { type IamState, openIam } from './state.ts';

/** AWS Identity and Access Management: roles and policies. They are kept and checked; deciding by them comes later. */
export function iam(dependencies: { readonly tables: Tables }): ServiceModule {
  const state = openIam(dependencies.tables);
  return {
    name: 'iam',
    resourceTypes: [roleType, policyType, managedPolicyType, oidcProviderType],
    operations: {
      ...roleOperations(state),
      ...rolePolicyOperations(state),
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
      handler: (_ctx, input) =>
        roles.setPermissionsBoundary(state, input.RoleName, input.PermissionsBoundary),
    }),
    DeleteRolePermissionsBoundary: operation<Iam.DeleteRolePermissionsBoundaryRequest, object>({
      accepts: ['RoleName'],
      handler: (_ctx, input) => roles.setPermissionsBoundary(state, input.RoleName, undefined),
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

function rolePolicyOperations(state: IamState): ServiceModule['operations'] {
  return {
    PutRolePolicy: operation<Iam.PutRolePolicyRequest, object>({
      accepts: ['RoleName', 'PolicyName', 'PolicyDocument'],
      handler: (ctx, input) => policies.putRolePolicy(ctx, state, input),
    }),
    GetRolePolicy: operation<Iam.GetRolePolicyRequest, Iam.GetRolePolicyResponse>({
      accepts: ['RoleName', 'PolicyName'],
      handler: (ctx, input) => policies.getRolePolicy(ctx, state, input),
    }),
    DeleteRolePolicy: operation<Iam.DeleteRolePolicyRequest, object>({
      accepts: ['RoleName', 'PolicyName'],
      handler: (ctx, input) => policies.deleteRolePolicy(ctx, state, input),
    }),
    ListRolePolicies: operation<Iam.ListRolePoliciesRequest, Iam.ListRolePoliciesResponse>({
      accepts: ['RoleName', 'Marker', 'MaxItems'],
      handler: (ctx, input) => policies.listRolePolicies(ctx, state, input),
    }),
    AttachRolePolicy: operation<Iam.AttachRolePolicyRequest, object>({
      accepts: ['RoleName', 'PolicyArn'],
      handler: (ctx, input) => policies.attachRolePolicy(ctx, state, input),
    }),
    DetachRolePolicy: operation<Iam.DetachRolePolicyRequest, object>({
      accepts: ['RoleName', 'PolicyArn'],
      handler: (ctx, input) => policies.detachRolePolicy(ctx, state, input),
    }),
    ListAttachedRolePolicies: operation<
      Iam.ListAttachedRolePoliciesRequest,
      Iam.ListAttachedRolePoliciesResponse
    >({
      accepts: ['RoleName', 'Marker', 'MaxItems'],
      handler: (ctx, input) => policies.listAttachedRolePolicies(ctx, state, input),
    }),
  };
}

function managedPolicyOperations(state: IamState): ServiceModule['operations'] {
  return {
    CreatePolicy: operation<Iam.CreatePolicyRequest, Iam.CreatePolicyResponse>({
      accepts: ['PolicyName', 'Path', 'PolicyDocument', 'Description', 'Tags'],
      handler: (ctx, input) => managed.createPolicy(ctx, state, input),
    }),
    GetPolicy: operation<Iam.GetPolicyRequest, Iam.GetPolicyResponse>({
      accepts: ['PolicyArn'],
      handler: (ctx, input) => managed.getPolicy(ctx, state, input),
    }),
    ListPolicies: operation<Iam.ListPoliciesRequest, Iam.ListPoliciesResponse>({
      accepts: ['Scope', 'OnlyAttached', 'PathPrefix', 'Marker', 'MaxItems'],
      handler: (ctx, input) => managed.listPolicies(ctx, state, input),
    }),
    DeletePolicy: operation<Iam.DeletePolicyRequest, object>({
      accepts: ['PolicyArn'],
      handler: (ctx, input) => managed.deletePolicy(ctx, state, input),
    }),
    CreatePolicyVersion: operation<Iam.CreatePolicyVersionRequest, Iam.CreatePolicyVersionResponse>({
      accepts: ['PolicyArn', 'PolicyDocument', 'SetAsDefault'],
      handler: (ctx, input) => managed.createPolicyVersion(ctx, state, input),
    }),
    GetPolicyVersion: operation<Iam.GetPolicyVersionRequest, Iam.GetPolicyVersionResponse>({
      accepts: ['PolicyArn', 'VersionId'],
      handler: (ctx, input) => managed.getPolicyVersion(ctx, state, input),
    }),
    ListPolicyVersions: operation<Iam.ListPolicyVersionsRequest, Iam.ListPolicyVersionsResponse>({
      accepts: ['PolicyArn', 'Marker', 'MaxItems'],
      handler: (ctx, input) => managed.listPolicyVersions(ctx, state, input),
    }),
    DeletePolicyVersion: operation<Iam.DeletePolicyVersionRequest, object>({
      accepts: ['PolicyArn', 'VersionId'],
      handler: (ctx, input) => managed.deletePolicyVersion(ctx, state, input),
    }),
  };
}
