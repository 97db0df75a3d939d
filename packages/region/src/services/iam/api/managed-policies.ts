import type {
  CreatePolicyRequest,
  CreatePolicyResponse,
  CreatePolicyVersionRequest,
  CreatePolicyVersionResponse,
  DeletePolicyRequest,
  DeletePolicyVersionRequest,
  GetPolicyRequest,
  GetPolicyResponse,
  GetPolicyVersionRequest,
  GetPolicyVersionResponse,
  ListPoliciesRequest,
  ListPoliciesResponse,
  ListPolicyVersionsRequest,
  ListPolicyVersionsResponse,
  Policy,
  PolicyVersion as PolicyVersionShape,
} from '@aws-sdk/client-iam';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import { page } from '../../../kernel/page.ts';
import { type AwsManagedPolicy, awsManagedPolicy } from '../aws-managed-policies.ts';
import { checkDocument, checkSize, encodeDocument } from '../documents.ts';
import {
  deleteConflict,
  entityAlreadyExists,
  invalidMarker,
  limitExceeded,
  noSuchEntity,
} from '../errors.ts';
import { checkName, checkPath, toList, toRecord, uniqueId } from '../names.ts';
import {
  attachmentsOf,
  boundedBy,
  findPolicy,
  type IamState,
  type ManagedPolicy,
  type PolicyVersion,
} from '../state.ts';

export function createPolicy(
  ctx: Context,
  state: IamState,
  input: CreatePolicyRequest,
): CreatePolicyResponse {
  const name = checkName('policyName', input.PolicyName);
  const path = checkPath(input.Path);
  const arn = ctx.arn('iam', `policy${path}${name}`, '');
  if (state.policies.has(arn))
    throw entityAlreadyExists(`A policy called ${name} already exists. Duplicate names are not allowed.`);
  const policy: ManagedPolicy = {
    name,
    path,
    id: uniqueId(ctx, 'ANPA'),
    arn,
    ...(input.Description !== undefined && { description: input.Description }),
    versions: [{ id: 'v1', document: checkManaged(input.PolicyDocument ?? ''), created: ctx.now }],
    defaultVersionId: 'v1',
    created: ctx.now,
    updated: ctx.now,
    tags: toRecord(input.Tags),
  };
  state.policies.put(arn, policy);
  return { Policy: shape(state, policy) };
}

export function getPolicy(_ctx: Context, state: IamState, input: GetPolicyRequest): GetPolicyResponse {
  const aws = awsManagedPolicy(input.PolicyArn ?? '');
  return { Policy: aws ? awsShape(state, aws) : shape(state, findPolicy(state, input.PolicyArn)) };
}

export function listPolicies(
  ctx: Context,
  state: IamState,
  input: ListPoliciesRequest,
): ListPoliciesResponse {
  if (input.Scope === 'AWS') throw notModelled('iam ListPolicies: Scope AWS', 'iam');
  if (input.Scope !== 'Local')
    ctx.warn('iam-list-policies', 'ListPolicies lists the policies of the account only, none of AWS.');
  const wanted = state.policies
    .filter((policy) => policy.path.startsWith(input.PathPrefix ?? '/'))
    .filter((policy) => !input.OnlyAttached || attachmentsOf(state, policy.arn).length > 0);
  const { items, nextToken } = page(wanted, input.Marker, input.MaxItems ?? 100, invalidMarker);
  return {
    Policies: items.map((policy) => shape(state, policy)),
    IsTruncated: nextToken !== undefined,
    ...(nextToken !== undefined && { Marker: nextToken }),
  };
}

export function deletePolicy(_ctx: Context, state: IamState, input: DeletePolicyRequest): object {
  const policy = findPolicy(state, input.PolicyArn);
  if (attachmentsOf(state, policy.arn).length > 0) {
    throw deleteConflict('Cannot delete a policy attached to entities.');
  }
  if (policy.versions.length > 1) {
    throw deleteConflict(
      "This policy has more than one version. Before you delete a policy, you must delete the policy's versions. The default version is deleted with the policy.",
    );
  }
  state.policies.delete(policy.arn);
  return {};
}

export function createPolicyVersion(
  ctx: Context,
  state: IamState,
  input: CreatePolicyVersionRequest,
): CreatePolicyVersionResponse {
  const policy = findPolicy(state, input.PolicyArn);
  // Confirmed by docs: a managed policy has at most five versions.
  if (policy.versions.length >= 5) {
    throw limitExceeded(
      'A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.',
    );
  }
  const number = Math.max(...policy.versions.map((version) => Number(version.id.slice(1)))) + 1;
  const version = { id: `v${number}`, document: checkManaged(input.PolicyDocument ?? ''), created: ctx.now };
  const changed = {
    ...policy,
    versions: [...policy.versions, version],
    defaultVersionId: input.SetAsDefault ? version.id : policy.defaultVersionId,
    updated: ctx.now,
  };
  state.policies.put(policy.arn, changed);
  return { PolicyVersion: versionShape(changed, version) };
}

export function getPolicyVersion(
  _ctx: Context,
  state: IamState,
  input: GetPolicyVersionRequest,
): GetPolicyVersionResponse {
  const aws = awsManagedPolicy(input.PolicyArn ?? '');
  if (aws) return { PolicyVersion: awsVersion(aws, input.VersionId) };
  const policy = findPolicy(state, input.PolicyArn);
  const version = findVersion(policy, input.VersionId);
  return { PolicyVersion: { ...versionShape(policy, version), Document: encodeDocument(version.document) } };
}

export function listPolicyVersions(
  _ctx: Context,
  state: IamState,
  input: ListPolicyVersionsRequest,
): ListPolicyVersionsResponse {
  const policy = findPolicy(state, input.PolicyArn);
  return { Versions: policy.versions.map((version) => versionShape(policy, version)), IsTruncated: false };
}

export function deletePolicyVersion(
  _ctx: Context,
  state: IamState,
  input: DeletePolicyVersionRequest,
): object {
  const policy = findPolicy(state, input.PolicyArn);
  const version = findVersion(policy, input.VersionId);
  if (version.id === policy.defaultVersionId) {
    throw deleteConflict('Cannot delete the default version of a policy.');
  }
  state.policies.put(policy.arn, {
    ...policy,
    versions: policy.versions.filter(({ id }) => id !== version.id),
  });
  return {};
}

function findVersion(policy: ManagedPolicy, id: string | undefined): PolicyVersion {
  const version = policy.versions.find((candidate) => candidate.id === id);
  if (!version)
    throw noSuchEntity(`Policy ${policy.arn} version ${id ?? ''} does not exist or is not attachable.`);
  return version;
}

/** Its id and its description are not known here. */
function awsShape(state: IamState, { name, arn, path, version, created, updated }: AwsManagedPolicy): Policy {
  return {
    PolicyName: name,
    Arn: arn,
    Path: path,
    DefaultVersionId: version,
    AttachmentCount: attachmentsOf(state, arn).length,
    PermissionsBoundaryUsageCount: boundedBy(state, arn).length,
    IsAttachable: true,
    CreateDate: new Date(created),
    UpdateDate: new Date(updated),
  };
}

function awsVersion(policy: AwsManagedPolicy, id: string | undefined): PolicyVersionShape {
  const { arn, version, updated, document, isWhole } = policy;
  if (id !== version) throw notModelled(`iam AWS managed policy ${arn}: version ${id ?? ''}`, 'iam');
  if (!isWhole) throw notModelled(`iam AWS managed policy ${arn}: its whole document`, 'iam');
  return {
    VersionId: version,
    IsDefaultVersion: true,
    CreateDate: new Date(updated),
    Document: encodeDocument(document),
  };
}

function shape(state: IamState, policy: ManagedPolicy): Policy {
  return {
    PolicyName: policy.name,
    PolicyId: policy.id,
    Arn: policy.arn,
    Path: policy.path,
    DefaultVersionId: policy.defaultVersionId,
    AttachmentCount: attachmentsOf(state, policy.arn).length,
    PermissionsBoundaryUsageCount: boundedBy(state, policy.arn).length,
    IsAttachable: true,
    ...(policy.description !== undefined && { Description: policy.description }),
    CreateDate: toDate(policy.created),
    UpdateDate: toDate(policy.updated),
    Tags: toList(policy.tags),
  };
}

function versionShape(policy: ManagedPolicy, version: PolicyVersion): PolicyVersionShape {
  return {
    VersionId: version.id,
    IsDefaultVersion: version.id === policy.defaultVersionId,
    CreateDate: toDate(version.created),
  };
}

function checkManaged(document: string): string {
  checkDocument(document, 'identity');
  checkSize('PolicySize', [document], 6144);
  return document;
}
