import { type ResourceType, replaces, required, text } from '../../../kernel/resource-type.ts';

interface AliasProperties {
  readonly AliasName: string;
  readonly TargetKeyId: string;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-kms-alias.html
export const aliasType: ResourceType = {
  name: 'AWS::KMS::Alias',
  properties: { AliasName: required(replaces(text)), TargetKeyId: required(text) },

  create(ctx, properties) {
    const { AliasName, TargetKeyId } = properties as unknown as AliasProperties;
    ctx.call('kms', 'createAlias', { AliasName, TargetKeyId });
    return { physicalId: AliasName };
  },

  update(ctx, _resource, properties) {
    const { AliasName, TargetKeyId } = properties as unknown as AliasProperties;
    ctx.call('kms', 'updateAlias', { AliasName, TargetKeyId });
  },

  delete(ctx, { physicalId: AliasName }) {
    const { Aliases = [] } = ctx.call('kms', 'listAliases', { Limit: 1000 });
    if (Aliases.some((alias) => alias.AliasName === AliasName)) ctx.call('kms', 'deleteAlias', { AliasName });
  },
};
