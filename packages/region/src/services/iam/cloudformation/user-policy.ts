import { json, type ResourceType, replaces, required, text } from '../../../kernel/resource-type.ts';
import { ignoreMissing } from './missing.ts';

interface UserPolicyProperties {
  readonly UserName: string;
  readonly PolicyName: string;
  readonly PolicyDocument?: unknown;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-userpolicy.html
export const userPolicyType: ResourceType = {
  name: 'AWS::IAM::UserPolicy',
  properties: {
    UserName: required(replaces(text)),
    PolicyName: required(replaces(text)),
    PolicyDocument: required(json),
  },

  create(ctx, properties) {
    const policy = properties as unknown as UserPolicyProperties;
    ctx.call('iam', 'putUserPolicy', { ...policy, PolicyDocument: JSON.stringify(policy.PolicyDocument) });
    // Confirmed by docs: the primary identifier is both names.
    return { physicalId: `${policy.PolicyName}|${policy.UserName}` };
  },

  update(ctx, _resource, properties) {
    const policy = properties as unknown as UserPolicyProperties;
    ctx.call('iam', 'putUserPolicy', { ...policy, PolicyDocument: JSON.stringify(policy.PolicyDocument) });
  },

  delete(ctx, { properties }) {
    const { UserName, PolicyName } = properties as unknown as UserPolicyProperties;
    ignoreMissing(() => ctx.call('iam', 'deleteUserPolicy', { UserName, PolicyName }));
  },

  read(ctx, { properties }) {
    const { UserName, PolicyName } = properties as unknown as UserPolicyProperties;
    const { PolicyDocument = '{}' } = ctx.call('iam', 'getUserPolicy', { UserName, PolicyName });
    return { PolicyDocument: JSON.parse(decodeURIComponent(PolicyDocument)) };
  },
};
