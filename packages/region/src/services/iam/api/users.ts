import type {
  CreateUserRequest,
  CreateUserResponse,
  DeleteUserRequest,
  GetUserRequest,
  GetUserResponse,
  ListUsersRequest,
  ListUsersResponse,
  ListUserTagsRequest,
  ListUserTagsResponse,
  TagUserRequest,
  UntagUserRequest,
  UpdateUserRequest,
  User as UserShape,
} from '@aws-sdk/client-iam';
import type { Context } from '../../../kernel/context.ts';
import { instant, toDate } from '../../../kernel/instant.ts';
import { page } from '../../../kernel/page.ts';
import { deleteConflict, entityAlreadyExists, invalidMarker } from '../errors.ts';
import { checkName, checkPath, toList, toRecord, uniqueId } from '../names.ts';
import { checkAttachable, findUser, type IamState, keysOf, saveUser, type User } from '../state.ts';
import { callerOr } from './caller.ts';

export function createUser(ctx: Context, state: IamState, input: CreateUserRequest): CreateUserResponse {
  const name = checkName('userName', input.UserName);
  const path = checkPath(input.Path);
  checkFree(state, name);
  if (input.PermissionsBoundary !== undefined) checkAttachable(ctx, state, input.PermissionsBoundary);
  const user: User = {
    name,
    path,
    id: uniqueId(ctx, 'AIDA'),
    arn: ctx.arn('iam', `user${path}${name}`, ''),
    ...(input.PermissionsBoundary !== undefined && { permissionsBoundary: input.PermissionsBoundary }),
    created: ctx.now,
    tags: toRecord(input.Tags),
    inlinePolicies: {},
    attachedPolicies: [],
  };
  saveUser(state, user);
  return { User: shape(user) };
}

export function getUser(ctx: Context, state: IamState, input: GetUserRequest): GetUserResponse {
  if (input.UserName === undefined && ctx.caller.type === 'Root') return { User: rootUser(ctx) };
  return { User: shape(findUser(state, callerOr(ctx, state, input.UserName))) };
}

/** Chosen: the account is as old as time: the region does not know since when it is there. */
function rootUser({ caller }: Context): UserShape {
  return {
    Path: '/',
    UserName: 'root',
    UserId: caller.accountId,
    Arn: caller.arn,
    CreateDate: toDate(instant(0)),
  };
}

export function listUsers(_ctx: Context, state: IamState, input: ListUsersRequest): ListUsersResponse {
  const users = state.users
    .filter((user) => user.path.startsWith(input.PathPrefix ?? '/'))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { items, nextToken } = page(users, input.Marker, input.MaxItems ?? 100, invalidMarker);
  return {
    Users: items.map((user) => {
      const { Tags: _tags, PermissionsBoundary: _boundary, ...listed } = shape(user);
      return listed;
    }),
    IsTruncated: nextToken !== undefined,
    ...(nextToken !== undefined && { Marker: nextToken }),
  };
}

/** Another name or path is another ARN; keys and policies stay with the user. */
export function updateUser(ctx: Context, state: IamState, input: UpdateUserRequest): object {
  const user = findUser(state, input.UserName);
  const name = input.NewUserName === undefined ? user.name : checkName('newUserName', input.NewUserName);
  const path = input.NewPath === undefined ? user.path : checkPath(input.NewPath);
  if (name.toLowerCase() !== user.name.toLowerCase()) checkFree(state, name);
  state.users.delete(user.name.toLowerCase());
  saveUser(state, { ...user, name, path, arn: ctx.arn('iam', `user${path}${name}`, '') });
  return {};
}

export function setPermissionsBoundary(
  ctx: Context,
  state: IamState,
  userName: string | undefined,
  arn: string | undefined,
): object {
  const { permissionsBoundary: _, ...user } = findUser(state, userName);
  if (arn !== undefined) checkAttachable(ctx, state, arn);
  saveUser(state, { ...user, ...(arn !== undefined && { permissionsBoundary: arn }) });
  return {};
}

export function deleteUser(_ctx: Context, state: IamState, input: DeleteUserRequest): object {
  const user = findUser(state, input.UserName);
  const conflict = (what: string) => deleteConflict(`Cannot delete entity, must ${what} first.`);
  if (keysOf(state, user).length > 0) throw conflict('delete access keys');
  if (user.attachedPolicies.length > 0) throw conflict('detach all policies');
  if (Object.keys(user.inlinePolicies).length > 0) throw conflict('delete policies');
  state.users.delete(user.name.toLowerCase());
  return {};
}

export function tagUser(_ctx: Context, state: IamState, input: TagUserRequest): object {
  const user = findUser(state, input.UserName);
  saveUser(state, { ...user, tags: { ...user.tags, ...toRecord(input.Tags) } });
  return {};
}

export function untagUser(_ctx: Context, state: IamState, input: UntagUserRequest): object {
  const user = findUser(state, input.UserName);
  const kept = toList(user.tags).filter((tag) => !(input.TagKeys ?? []).includes(tag.Key));
  saveUser(state, { ...user, tags: toRecord(kept) });
  return {};
}

export function listUserTags(
  _ctx: Context,
  state: IamState,
  input: ListUserTagsRequest,
): ListUserTagsResponse {
  return { Tags: toList(findUser(state, input.UserName).tags), IsTruncated: false };
}

function checkFree(state: IamState, name: string): void {
  if (state.users.has(name.toLowerCase()))
    throw entityAlreadyExists(`User with name ${name} already exists.`);
}

function shape(user: User): UserShape {
  return {
    Path: user.path,
    UserName: user.name,
    UserId: user.id,
    Arn: user.arn,
    CreateDate: toDate(user.created),
    ...(user.permissionsBoundary !== undefined && {
      PermissionsBoundary: {
        PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
        PermissionsBoundaryArn: user.permissionsBoundary,
      },
    }),
    Tags: toList(user.tags),
  };
}
