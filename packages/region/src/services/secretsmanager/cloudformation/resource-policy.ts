import { flag, json, type ResourceType, replaces, required, text } from '../../../kernel/resource-type.ts';
import { isPresent } from './presence.ts';

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-resourcepolicy.html
export const resourcePolicyType: ResourceType = {
  name: 'AWS::SecretsManager::ResourcePolicy',
  properties: {
    SecretId: replaces(required(text)),
    ResourcePolicy: required(json),
    BlockPublicPolicy: flag,
  },

  create(ctx, { SecretId, ResourcePolicy }) {
    const answer = ctx.call('secretsmanager', 'putResourcePolicy', {
      SecretId: String(SecretId),
      ResourcePolicy: JSON.stringify(ResourcePolicy),
    });
    return { physicalId: answer.ARN ?? '' };
  },

  update(ctx, { physicalId }, { ResourcePolicy }) {
    ctx.call('secretsmanager', 'putResourcePolicy', {
      SecretId: physicalId,
      ResourcePolicy: JSON.stringify(ResourcePolicy),
    });
  },

  read(ctx, { physicalId, properties }) {
    const { ResourcePolicy } = ctx.call('secretsmanager', 'getResourcePolicy', { SecretId: physicalId });
    return ResourcePolicy === undefined ? undefined : { SecretId: properties['SecretId'], ResourcePolicy };
  },

  delete(ctx, { physicalId }) {
    if (!isPresent(ctx, physicalId)) return;
    ctx.call('secretsmanager', 'deleteResourcePolicy', { SecretId: physicalId });
  },
};
