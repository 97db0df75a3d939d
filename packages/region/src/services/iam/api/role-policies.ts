import type {
  AttachRolePolicyRequest,
  DeleteRolePolicyRequest,
  DetachRolePolicyRequest,
  GetRolePolicyRequest,
  GetRolePolicyResponse,
  ListAttachedRolePoliciesRequest,
  ListAttachedRolePoliciesResponse,
  ListRolePoliciesRequest,
  ListRolePoliciesResponse,
  PutRolePolicyRequest,
} from '@aws-sdk/client-iam';
import type { Context } from '../../../kernel/context.ts';
import { page } from '../../../kernel/page.ts';
import { checkDocument, checkSize, encodeDocument } from '../documents.ts';
import { invalidMarker, limitExceeded, noSuchEntity } from '../errors.ts';
import { checkName } from '../names.ts';
import { checkAttachable, findRole, type IamState, saveRole } from '../state.ts';

/** Confirmed by docs: quota of managed policies attached to a role, by default. */
const attachedPoliciesPerRole = 10;

export function putRolePolicy(_ctx: Context, state: IamState, input: PutRolePolicyRequest): object {
  const role = findRole(state, input.RoleName);
  const name = checkName('policyName', input.PolicyName);
  const document = checkDocument(input.PolicyDocument ?? '', 'identity');
  const inlinePolicies = { ...role.inlinePolicies, [name]: document };
  checkSize('InlinePolicySizePerRole', Object.values(inlinePolicies), 10_240);
  saveRole(state, { ...role, inlinePolicies });
  return {};
}

export function getRolePolicy(
  _ctx: Context,
  state: IamState,
  input: GetRolePolicyRequest,
): GetRolePolicyResponse {
  const role = findRole(state, input.RoleName);
  const name = input.PolicyName ?? '';
  const document = role.inlinePolicies[name];
  if (document === undefined) throw inlinePolicyNotFound(name);
  return { RoleName: role.name, PolicyName: name, PolicyDocument: encodeDocument(document) };
}

export function deleteRolePolicy(_ctx: Context, state: IamState, input: DeleteRolePolicyRequest): object {
  const role = findRole(state, input.RoleName);
  const { [input.PolicyName ?? '']: gone, ...inlinePolicies } = role.inlinePolicies;
  if (gone === undefined) throw inlinePolicyNotFound(input.PolicyName ?? '');
  saveRole(state, { ...role, inlinePolicies });
  return {};
}

export function listRolePolicies(
  _ctx: Context,
  state: IamState,
  input: ListRolePoliciesRequest,
): ListRolePoliciesResponse {
  const names = Object.keys(findRole(state, input.RoleName).inlinePolicies).sort();
  const { items, nextToken } = page(names, input.Marker, input.MaxItems ?? 100, invalidMarker);
  return {
    PolicyNames: items,
    IsTruncated: nextToken !== undefined,
    ...(nextToken !== undefined && { Marker: nextToken }),
  };
}

export function attachRolePolicy(_ctx: Context, state: IamState, input: AttachRolePolicyRequest): object {
  const role = findRole(state, input.RoleName);
  const arn = input.PolicyArn ?? '';
  checkAttachable(state, arn);
  if (role.attachedPolicies.includes(arn)) return {};
  if (role.attachedPolicies.length >= attachedPoliciesPerRole) {
    throw limitExceeded(`Cannot exceed quota for PoliciesPerRole: ${attachedPoliciesPerRole}`);
  }
  saveRole(state, { ...role, attachedPolicies: [...role.attachedPolicies, arn] });
  return {};
}

export function detachRolePolicy(_ctx: Context, state: IamState, input: DetachRolePolicyRequest): object {
  const role = findRole(state, input.RoleName);
  const arn = input.PolicyArn ?? '';
  if (!role.attachedPolicies.includes(arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
  saveRole(state, {
    ...role,
    attachedPolicies: role.attachedPolicies.filter((attached) => attached !== arn),
  });
  return {};
}

export function listAttachedRolePolicies(
  _ctx: Context,
  state: IamState,
  input: ListAttachedRolePoliciesRequest,
): ListAttachedRolePoliciesResponse {
  const { attachedPolicies } = findRole(state, input.RoleName);
  const { items, nextToken } = page(attachedPolicies, input.Marker, input.MaxItems ?? 100, invalidMarker);
  return {
    AttachedPolicies: items.map((arn) => ({
      PolicyName: arn.slice(arn.lastIndexOf('/') + 1),
      PolicyArn: arn,
    })),
    IsTruncated: nextToken !== undefined,
    ...(nextToken !== undefined && { Marker: nextToken }),
  };
}

function inlinePolicyNotFound(name: string): Error {
  return noSuchEntity(`The role policy with name ${name} cannot be found.`);
}
