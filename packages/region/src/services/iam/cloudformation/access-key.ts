import { integer, type ResourceType, replaces, required, text } from '../../../kernel/resource-type.ts';
import { ignoreMissing } from './missing.ts';

interface AccessKeyProperties {
  readonly UserName: string;
  readonly Status?: 'Active' | 'Inactive';
}

/**
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-iam-accesskey.html
 *
 * Differs: `Fn::GetAtt` of `SecretAccessKey` is refused. CloudFormation would have to keep the secret, and it would stand in
 * outputs, change sets and plans for everybody who may read those.
 */
export const accessKeyType: ResourceType = {
  name: 'AWS::IAM::AccessKey',
  properties: {
    UserName: required(replaces(text)),
    /** Confirmed by docs: a higher one rotates the key. */
    Serial: replaces(integer),
    Status: text,
  },

  create(ctx, properties) {
    const { UserName, Status } = properties as unknown as AccessKeyProperties;
    const { AccessKey } = ctx.call('iam', 'createAccessKey', { UserName });
    const AccessKeyId = AccessKey?.AccessKeyId ?? '';
    if (Status === 'Inactive') ctx.call('iam', 'updateAccessKey', { UserName, AccessKeyId, Status });
    return { physicalId: AccessKeyId };
  },

  update(ctx, { physicalId: AccessKeyId }, properties) {
    const { UserName, Status = 'Active' } = properties as unknown as AccessKeyProperties;
    ctx.call('iam', 'updateAccessKey', { UserName, AccessKeyId, Status });
  },

  delete(ctx, { physicalId: AccessKeyId, properties }) {
    const { UserName } = properties as unknown as AccessKeyProperties;
    ignoreMissing(() => ctx.call('iam', 'deleteAccessKey', { UserName, AccessKeyId }));
  },

  read(ctx, { physicalId, properties }) {
    const { UserName } = properties as unknown as AccessKeyProperties;
    const { AccessKeyMetadata = [] } = ctx.call('iam', 'listAccessKeys', { UserName });
    const key = AccessKeyMetadata.find(({ AccessKeyId }) => AccessKeyId === physicalId);
    return key && { UserName, Status: key.Status };
  },
};
