import type * as Iam from '@aws-sdk/client-iam';
import { operation, type ServiceModule } from '../../kernel/service.ts';
import * as policies from './api/identity-policies.ts';
import * as managed from './api/managed-policies.ts';
import type { IamState } from './state.ts';

const pages = ['Marker', 'MaxItems'] as const;

export function rolePolicyOperations(state: IamState): ServiceModule['operations'] {
  const role = ({ RoleName }: { readonly RoleName?: string | undefined }) =>
    policies.roleHandle(state, RoleName);
  return {
    PutRolePolicy: operation<Iam.PutRolePolicyRequest, object>({
      accepts: ['RoleName', 'PolicyName', 'PolicyDocument'],
      handler: (_ctx, input) => policies.putPolicy(role(input), input),
    }),
    GetRolePolicy: operation<Iam.GetRolePolicyRequest, Iam.GetRolePolicyResponse>({
      accepts: ['RoleName', 'PolicyName'],
      handler: (_ctx, input) => ({
        RoleName: role(input).identity.name,
        ...policies.getPolicy(role(input), input),
      }),
    }),
    DeleteRolePolicy: operation<Iam.DeleteRolePolicyRequest, object>({
      accepts: ['RoleName', 'PolicyName'],
      handler: (_ctx, input) => policies.deletePolicy(role(input), input),
    }),
    ListRolePolicies: operation<Iam.ListRolePoliciesRequest, Iam.ListRolePoliciesResponse>({
      accepts: ['RoleName', ...pages],
      handler: (_ctx, input) => policies.listPolicies(role(input), input),
    }),
    AttachRolePolicy: operation<Iam.AttachRolePolicyRequest, object>({
      accepts: ['RoleName', 'PolicyArn'],
      handler: (ctx, input) => policies.attachPolicy(ctx, state, role(input), input.PolicyArn),
    }),
    DetachRolePolicy: operation<Iam.DetachRolePolicyRequest, object>({
      accepts: ['RoleName', 'PolicyArn'],
      handler: (_ctx, input) => policies.detachPolicy(role(input), input.PolicyArn),
    }),
    ListAttachedRolePolicies: operation<
      Iam.ListAttachedRolePoliciesRequest,
      Iam.ListAttachedRolePoliciesResponse
    >({
      accepts: ['RoleName', ...pages],
      handler: (_ctx, input) => policies.listAttachedPolicies(role(input), input),
    }),
  };
}

export function userPolicyOperations(state: IamState): ServiceModule['operations'] {
  const user = ({ UserName }: { readonly UserName?: string | undefined }) =>
    policies.userHandle(state, UserName);
  return {
    PutUserPolicy: operation<Iam.PutUserPolicyRequest, object>({
      accepts: ['UserName', 'PolicyName', 'PolicyDocument'],
      handler: (_ctx, input) => policies.putPolicy(user(input), input),
    }),
    GetUserPolicy: operation<Iam.GetUserPolicyRequest, Iam.GetUserPolicyResponse>({
      accepts: ['UserName', 'PolicyName'],
      handler: (_ctx, input) => ({
        UserName: user(input).identity.name,
        ...policies.getPolicy(user(input), input),
      }),
    }),
    DeleteUserPolicy: operation<Iam.DeleteUserPolicyRequest, object>({
      accepts: ['UserName', 'PolicyName'],
      handler: (_ctx, input) => policies.deletePolicy(user(input), input),
    }),
    ListUserPolicies: operation<Iam.ListUserPoliciesRequest, Iam.ListUserPoliciesResponse>({
      accepts: ['UserName', ...pages],
      handler: (_ctx, input) => policies.listPolicies(user(input), input),
    }),
    AttachUserPolicy: operation<Iam.AttachUserPolicyRequest, object>({
      accepts: ['UserName', 'PolicyArn'],
      handler: (ctx, input) => policies.attachPolicy(ctx, state, user(input), input.PolicyArn),
    }),
    DetachUserPolicy: operation<Iam.DetachUserPolicyRequest, object>({
      accepts: ['UserName', 'PolicyArn'],
      handler: (_ctx, input) => policies.detachPolicy(user(input), input.PolicyArn),
    }),
    ListAttachedUserPolicies: operation<
      Iam.ListAttachedUserPoliciesRequest,
      Iam.ListAttachedUserPoliciesResponse
    >({
      accepts: ['UserName', ...pages],
      handler: (_ctx, input) => policies.listAttachedPolicies(user(input), input),
    }),
  };
}

export function managedPolicyOperations(state: IamState): ServiceModule['operations'] {
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
