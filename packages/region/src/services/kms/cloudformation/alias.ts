import {
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  text,
} from '../../../kernel/resource-type.ts';

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
    if (find(ctx, AliasName)) ctx.call('kms', 'deleteAlias', { AliasName });
  },

  read(ctx, { physicalId: AliasName, properties }) {
    const alias = find(ctx, AliasName);
    if (!alias) return undefined;
    // The template may give an ARN where the API answers the id.
    const { TargetKeyId: given } = properties as unknown as AliasProperties;
    const TargetKeyId = given.endsWith(`/${alias.TargetKeyId}`) ? given : alias.TargetKeyId;
    return { AliasName, TargetKeyId };
  },
};

function find(ctx: ResourceContext, name: string) {
  const { Aliases = [] } = ctx.call('kms', 'listAliases', { Limit: 1000 });
  return Aliases.find(({ AliasName }) => AliasName === name);
}
