import type * as Iam from '@aws-sdk/client-iam';
import { operation, type ServiceModule } from '../../kernel/service.ts';
import * as keys from './api/access-keys.ts';
import * as users from './api/users.ts';
import type { KeyUses } from './ports.ts';
import type { IamState } from './state.ts';

export function userOperations(state: IamState, uses: KeyUses): ServiceModule['operations'] {
  return {
    CreateUser: operation<Iam.CreateUserRequest, Iam.CreateUserResponse>({
      accepts: ['UserName', 'Path', 'PermissionsBoundary', 'Tags'],
      handler: (ctx, input) => users.createUser(ctx, state, input),
    }),
    GetUser: operation<Iam.GetUserRequest, Iam.GetUserResponse>({
      accepts: ['UserName'],
      handler: (ctx, input) => users.getUser(ctx, state, input),
    }),
    ListUsers: operation<Iam.ListUsersRequest, Iam.ListUsersResponse>({
      accepts: ['PathPrefix', 'Marker', 'MaxItems'],
      handler: (ctx, input) => users.listUsers(ctx, state, input),
    }),
    UpdateUser: operation<Iam.UpdateUserRequest, object>({
      accepts: ['UserName', 'NewUserName', 'NewPath'],
      handler: (ctx, input) => users.updateUser(ctx, state, input),
    }),
    DeleteUser: operation<Iam.DeleteUserRequest, object>({
      accepts: ['UserName'],
      handler: (ctx, input) => users.deleteUser(ctx, state, input),
    }),
    PutUserPermissionsBoundary: operation<Iam.PutUserPermissionsBoundaryRequest, object>({
      accepts: ['UserName', 'PermissionsBoundary'],
      handler: (ctx, input) =>
        users.setPermissionsBoundary(ctx, state, input.UserName, input.PermissionsBoundary),
    }),
    DeleteUserPermissionsBoundary: operation<Iam.DeleteUserPermissionsBoundaryRequest, object>({
      accepts: ['UserName'],
      handler: (ctx, input) => users.setPermissionsBoundary(ctx, state, input.UserName, undefined),
    }),
    TagUser: operation<Iam.TagUserRequest, object>({
      accepts: ['UserName', 'Tags'],
      handler: (ctx, input) => users.tagUser(ctx, state, input),
    }),
    UntagUser: operation<Iam.UntagUserRequest, object>({
      accepts: ['UserName', 'TagKeys'],
      handler: (ctx, input) => users.untagUser(ctx, state, input),
    }),
    ListUserTags: operation<Iam.ListUserTagsRequest, Iam.ListUserTagsResponse>({
      accepts: ['UserName', 'Marker', 'MaxItems'],
      handler: (ctx, input) => users.listUserTags(ctx, state, input),
    }),
    ...accessKeyOperations(state, uses),
  };
}

function accessKeyOperations(state: IamState, uses: KeyUses): ServiceModule['operations'] {
  return {
    CreateAccessKey: operation<Iam.CreateAccessKeyRequest, Iam.CreateAccessKeyResponse>({
      accepts: ['UserName'],
      handler: (ctx, input) => keys.createAccessKey(ctx, state, input),
    }),
    ListAccessKeys: operation<Iam.ListAccessKeysRequest, Iam.ListAccessKeysResponse>({
      accepts: ['UserName', 'Marker', 'MaxItems'],
      handler: (ctx, input) => keys.listAccessKeys(ctx, state, input),
    }),
    UpdateAccessKey: operation<Iam.UpdateAccessKeyRequest, object>({
      accepts: ['UserName', 'AccessKeyId', 'Status'],
      handler: (ctx, input) => keys.updateAccessKey(ctx, state, input),
    }),
    DeleteAccessKey: operation<Iam.DeleteAccessKeyRequest, object>({
      accepts: ['UserName', 'AccessKeyId'],
      handler: (ctx, input) => keys.deleteAccessKey(ctx, state, input),
    }),
    GetAccessKeyLastUsed: operation<Iam.GetAccessKeyLastUsedRequest, Iam.GetAccessKeyLastUsedResponse>({
      accepts: ['AccessKeyId'],
      handler: (_ctx, input) => keys.getAccessKeyLastUsed(state, uses, input),
    }),
  };
}
