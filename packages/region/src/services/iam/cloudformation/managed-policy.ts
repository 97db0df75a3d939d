import {
  json,
  listOf,
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  text,
} from '../../../kernel/resource-type.ts';
import { attachTo, detachFrom, holdersOf, isAttachedTo, namesOf } from './holders.ts';
import { ignoreMissing } from './missing.ts';

interface ManagedPolicyProperties {
  readonly ManagedPolicyName?: string;
  readonly Path?: string;
  readonly Description?: string;
  readonly PolicyDocument: unknown;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-managedpolicy.html
export const managedPolicyType: ResourceType = {
  name: 'AWS::IAM::ManagedPolicy',
  properties: {
    ManagedPolicyName: replaces(text),
    Path: replaces(text),
    Description: replaces(text),
    PolicyDocument: required(json),
    Roles: listOf(text),
    Users: listOf(text),
  },

  create(ctx, properties) {
    const policy = properties as unknown as ManagedPolicyProperties;
    const { Policy } = ctx.call('iam', 'createPolicy', {
      PolicyName: policy.ManagedPolicyName ?? ctx.generateName(128),
      PolicyDocument: JSON.stringify(policy.PolicyDocument),
      ...(policy.Path !== undefined && { Path: policy.Path }),
      ...(policy.Description !== undefined && { Description: policy.Description }),
    });
    const PolicyArn = Policy?.Arn ?? '';
    attachTo(ctx, holdersOf(properties), PolicyArn);
    return { physicalId: PolicyArn };
  },

  update(ctx, { physicalId: PolicyArn, properties: before }, properties) {
    const policy = properties as unknown as ManagedPolicyProperties;
    dropOldestVersion(ctx, PolicyArn);
    ctx.call('iam', 'createPolicyVersion', {
      PolicyArn,
      PolicyDocument: JSON.stringify(policy.PolicyDocument),
      SetAsDefault: true,
    });
    detachFrom(ctx, holdersOf(before), PolicyArn);
    attachTo(ctx, holdersOf(properties), PolicyArn);
  },

  delete(ctx, { physicalId: PolicyArn, properties }) {
    detachFrom(ctx, holdersOf(properties), PolicyArn);
    ignoreMissing(() => {
      for (const { VersionId, IsDefaultVersion } of versions(ctx, PolicyArn)) {
        if (!IsDefaultVersion) ctx.call('iam', 'deletePolicyVersion', { PolicyArn, VersionId });
      }
      ctx.call('iam', 'deletePolicy', { PolicyArn });
    });
  },

  read(ctx, { physicalId: PolicyArn, properties }) {
    const { Policy } = ctx.call('iam', 'getPolicy', { PolicyArn });
    const { PolicyVersion } = ctx.call('iam', 'getPolicyVersion', {
      PolicyArn,
      VersionId: Policy?.DefaultVersionId,
    });
    return {
      ManagedPolicyName: Policy?.PolicyName,
      Path: Policy?.Path,
      Description: Policy?.Description,
      PolicyDocument: decodeURIComponent(PolicyVersion?.Document ?? '{}'),
      ...namesOf(holdersOf(properties).filter((holder) => isAttachedTo(ctx, holder, PolicyArn))),
    };
  },

  attributes: (_ctx, { physicalId }) => ({ PolicyArn: physicalId }),
};

/** Five versions is the most that IAM keeps; CloudFormation makes room by the oldest that is not in force. */
function dropOldestVersion(ctx: ResourceContext, PolicyArn: string): void {
  const all = versions(ctx, PolicyArn);
  const oldest = all.find((version) => !version.IsDefaultVersion);
  if (all.length < 5 || oldest === undefined) return;
  ctx.call('iam', 'deletePolicyVersion', { PolicyArn, VersionId: oldest.VersionId });
}

function versions(ctx: ResourceContext, PolicyArn: string) {
  return ctx.call('iam', 'listPolicyVersions', { PolicyArn }).Versions ?? [];
}
