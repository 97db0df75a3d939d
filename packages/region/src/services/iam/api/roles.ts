import type {
  CreateRoleRequest,
  CreateRoleResponse,
  CreateServiceLinkedRoleRequest,
  CreateServiceLinkedRoleResponse,
  DeleteRoleRequest,
  GetRoleRequest,
  GetRoleResponse,
  ListRolesRequest,
  ListRolesResponse,
  ListRoleTagsRequest,
  ListRoleTagsResponse,
  Role as RoleShape,
  TagRoleRequest,
  UntagRoleRequest,
  UpdateAssumeRolePolicyRequest,
  UpdateRoleRequest,
} from '@aws-sdk/client-iam';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import { page } from '../../../kernel/page.ts';
import { checkDocument, checkSize, encodeDocument } from '../documents.ts';
import { deleteConflict, entityAlreadyExists, invalidMarker, validationError } from '../errors.ts';
import { checkName, checkPath, toList, toRecord, uniqueId } from '../names.ts';
import { checkAttachable, findRole, type IamState, type Role, saveRole } from '../state.ts';

export function createRole(ctx: Context, state: IamState, input: CreateRoleRequest): CreateRoleResponse {
  const name = checkName('roleName', input.RoleName);
  const path = checkPath(input.Path);
  if (state.roles.has(name.toLowerCase()))
    throw entityAlreadyExists(`Role with name ${name} already exists.`);
  if (input.PermissionsBoundary !== undefined) checkAttachable(ctx, state, input.PermissionsBoundary);
  const role: Role = {
    name,
    path,
    id: uniqueId(ctx, 'AROA'),
    arn: ctx.arn('iam', `role${path}${name}`, ''),
    assumeRolePolicyDocument: checkTrust(input.AssumeRolePolicyDocument ?? ''),
    ...(input.Description !== undefined && { description: input.Description }),
    maxSessionDurationSeconds: checkSession(input.MaxSessionDuration ?? 3600),
    ...(input.PermissionsBoundary !== undefined && { permissionsBoundary: input.PermissionsBoundary }),
    created: ctx.now,
    tags: toRecord(input.Tags),
    inlinePolicies: {},
    attachedPolicies: [],
  };
  saveRole(state, role);
  return { Role: shape(role) };
}

/** A role that a service makes for itself: `AWSServiceRoleFor…` under its reserved path. */
export function createServiceLinkedRole(
  ctx: Context,
  state: IamState,
  input: CreateServiceLinkedRoleRequest,
): CreateServiceLinkedRoleResponse {
  const service = input.AWSServiceName ?? '';
  const known: Readonly<Record<string, string>> = {
    'ecs.amazonaws.com': 'AWSServiceRoleForECS',
    'ecs.application-autoscaling.amazonaws.com': 'AWSServiceRoleForApplicationAutoScaling_ECSService',
    'elasticloadbalancing.amazonaws.com': 'AWSServiceRoleForElasticLoadBalancing',
    'rds.amazonaws.com': 'AWSServiceRoleForRDS',
  };
  const name = known[service];
  if (name === undefined)
    throw validationError(`Service principal ${service} is not modelled by this local region.`);
  const principal = { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' };
  const trust = JSON.stringify({ Version: '2012-10-17', Statement: [principal] });
  return createRole(ctx, state, {
    RoleName: name,
    Path: `/aws-service-role/${service}/`,
    AssumeRolePolicyDocument: trust,
    ...(input.Description !== undefined && { Description: input.Description }),
  });
}

export function getRole(_ctx: Context, state: IamState, input: GetRoleRequest): GetRoleResponse {
  return { Role: shape(findRole(state, input.RoleName)) };
}

export function listRoles(_ctx: Context, state: IamState, input: ListRolesRequest): ListRolesResponse {
  const prefix = input.PathPrefix ?? '/';
  const roles = state.roles
    .filter((role) => role.path.startsWith(prefix))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const { items, nextToken } = page(roles, input.Marker, input.MaxItems ?? 100, invalidMarker);
  return {
    Roles: items.map((role) => {
      const { Tags: _tags, PermissionsBoundary: _boundary, ...listed } = shape(role);
      return listed;
    }),
    IsTruncated: nextToken !== undefined,
    ...(nextToken !== undefined && { Marker: nextToken }),
  };
}

export function updateRole(_ctx: Context, state: IamState, input: UpdateRoleRequest): object {
  const role = findRole(state, input.RoleName);
  saveRole(state, {
    ...role,
    ...(input.Description !== undefined && { description: input.Description }),
    maxSessionDurationSeconds: checkSession(input.MaxSessionDuration ?? role.maxSessionDurationSeconds),
  });
  return {};
}

export function updateAssumeRolePolicy(
  _ctx: Context,
  state: IamState,
  input: UpdateAssumeRolePolicyRequest,
): object {
  const role = findRole(state, input.RoleName);
  saveRole(state, { ...role, assumeRolePolicyDocument: checkTrust(input.PolicyDocument ?? '') });
  return {};
}

export function setPermissionsBoundary(
  ctx: Context,
  state: IamState,
  roleName: string | undefined,
  arn: string | undefined,
): object {
  const { permissionsBoundary: _, ...role } = findRole(state, roleName);
  if (arn !== undefined) checkAttachable(ctx, state, arn);
  saveRole(state, { ...role, ...(arn !== undefined && { permissionsBoundary: arn }) });
  return {};
}

export function deleteRole(_ctx: Context, state: IamState, input: DeleteRoleRequest): object {
  const role = findRole(state, input.RoleName);
  if (role.attachedPolicies.length > 0)
    throw deleteConflict('Cannot delete entity, must detach all policies first.');
  if (Object.keys(role.inlinePolicies).length > 0) {
    throw deleteConflict('Cannot delete entity, must delete policies first.');
  }
  state.roles.delete(role.name.toLowerCase());
  return {};
}

export function tagRole(_ctx: Context, state: IamState, input: TagRoleRequest): object {
  const role = findRole(state, input.RoleName);
  saveRole(state, { ...role, tags: { ...role.tags, ...toRecord(input.Tags) } });
  return {};
}

export function untagRole(_ctx: Context, state: IamState, input: UntagRoleRequest): object {
  const role = findRole(state, input.RoleName);
  const kept = toList(role.tags).filter((tag) => !(input.TagKeys ?? []).includes(tag.Key));
  saveRole(state, { ...role, tags: toRecord(kept) });
  return {};
}

export function listRoleTags(
  _ctx: Context,
  state: IamState,
  input: ListRoleTagsRequest,
): ListRoleTagsResponse {
  return { Tags: toList(findRole(state, input.RoleName).tags), IsTruncated: false };
}

function shape(role: Role): RoleShape {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.id,
    Arn: role.arn,
    CreateDate: toDate(role.created),
    AssumeRolePolicyDocument: encodeDocument(role.assumeRolePolicyDocument),
    ...(role.description !== undefined && { Description: role.description }),
    MaxSessionDuration: role.maxSessionDurationSeconds,
    ...(role.permissionsBoundary !== undefined && {
      PermissionsBoundary: {
        PermissionsBoundaryType: 'PermissionsBoundaryPolicy',
        PermissionsBoundaryArn: role.permissionsBoundary,
      },
    }),
    Tags: toList(role.tags),
  };
}

function checkTrust(document: string): string {
  checkDocument(document, 'trust');
  checkSize('ACLSizePerRole', [document], 2048);
  return document;
}

function checkSession(seconds: number): number {
  if (seconds >= 3600 && seconds <= 43_200) return seconds;
  throw validationError(
    `1 validation error detected: Value '${seconds}' at 'maxSessionDuration' failed to satisfy constraint: Member must have value between 3600 and 43200`,
  );
}
