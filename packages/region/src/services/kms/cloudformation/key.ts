import {
  flag,
  integer,
  json,
  type Properties,
  type ResourceContext,
  type ResourceType,
  replaces,
  tags,
  text,
} from '../../../kernel/resource-type.ts';

interface KeyProperties {
  readonly Description?: string;
  readonly Enabled?: boolean;
  readonly EnableKeyRotation?: boolean;
  readonly RotationPeriodInDays?: number;
  readonly KeyPolicy?: unknown;
  readonly KeySpec?: 'SYMMETRIC_DEFAULT';
  readonly KeyUsage?: 'ENCRYPT_DECRYPT';
  readonly PendingWindowInDays?: number;
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-kms-key.html
export const keyType: ResourceType = {
  name: 'AWS::KMS::Key',
  properties: {
    Description: text,
    Enabled: flag,
    EnableKeyRotation: flag,
    RotationPeriodInDays: integer,
    KeyPolicy: json,
    KeySpec: replaces(text),
    KeyUsage: replaces(text),
    PendingWindowInDays: integer,
    Tags: tags,
  },

  create(ctx, properties) {
    const key = properties as KeyProperties;
    const { KeyMetadata } = ctx.call('kms', 'createKey', {
      ...(key.Description !== undefined && { Description: key.Description }),
      ...(key.KeySpec !== undefined && { KeySpec: key.KeySpec }),
      ...(key.KeyUsage !== undefined && { KeyUsage: key.KeyUsage }),
      ...(key.KeyPolicy !== undefined && { Policy: JSON.stringify(key.KeyPolicy) }),
      Tags: tagsOf(ctx, properties),
    });
    const physicalId = KeyMetadata?.KeyId ?? '';
    applySwitches(ctx, physicalId, key);
    return { physicalId };
  },

  update(ctx, { physicalId: KeyId }, properties) {
    const key = properties as KeyProperties;
    ctx.call('kms', 'enableKey', { KeyId });
    ctx.call('kms', 'updateKeyDescription', { KeyId, Description: key.Description ?? '' });
    if (key.KeyPolicy !== undefined)
      ctx.call('kms', 'putKeyPolicy', { KeyId, Policy: JSON.stringify(key.KeyPolicy) });
    const { Tags = [] } = ctx.call('kms', 'listResourceTags', { KeyId });
    ctx.call('kms', 'untagResource', { KeyId, TagKeys: Tags.map((tag) => tag.TagKey ?? '') });
    ctx.call('kms', 'tagResource', { KeyId, Tags: tagsOf(ctx, properties) });
    applySwitches(ctx, KeyId, key);
  },

  delete(ctx, { physicalId: KeyId, properties }) {
    const { PendingWindowInDays } = properties as KeyProperties;
    const { KeyMetadata } = ctx.call('kms', 'describeKey', { KeyId });
    if (KeyMetadata?.KeyState === 'PendingDeletion') return;
    ctx.call('kms', 'scheduleKeyDeletion', {
      KeyId,
      ...(PendingWindowInDays !== undefined && { PendingWindowInDays }),
    });
  },

  read(ctx, { physicalId: KeyId }) {
    const { KeyMetadata: key } = ctx.call('kms', 'describeKey', { KeyId });
    if (!key || key.KeyState === 'PendingDeletion') return undefined;
    const { Description, Enabled, KeySpec, KeyUsage } = key;
    const { KeyRotationEnabled, RotationPeriodInDays } = ctx.call('kms', 'getKeyRotationStatus', { KeyId });
    const { Tags = [] } = ctx.call('kms', 'listResourceTags', { KeyId });
    return {
      Description,
      Enabled,
      EnableKeyRotation: KeyRotationEnabled,
      RotationPeriodInDays,
      KeyPolicy: ctx.call('kms', 'getKeyPolicy', { KeyId }).Policy,
      KeySpec,
      KeyUsage,
      Tags: Tags.map(({ TagKey, TagValue }) => ({ Key: TagKey, Value: TagValue })),
    };
  },

  attributes(ctx, { physicalId }) {
    const { KeyMetadata } = ctx.call('kms', 'describeKey', { KeyId: physicalId });
    return { Arn: KeyMetadata?.Arn, KeyId: physicalId };
  },
};

function applySwitches(ctx: ResourceContext, KeyId: string, key: KeyProperties): void {
  if (key.EnableKeyRotation) {
    const period = key.RotationPeriodInDays;
    ctx.call('kms', 'enableKeyRotation', {
      KeyId,
      ...(period !== undefined && { RotationPeriodInDays: period }),
    });
  } else {
    ctx.call('kms', 'disableKeyRotation', { KeyId });
  }
  if (key.Enabled === false) ctx.call('kms', 'disableKey', { KeyId });
}

function tagsOf(ctx: ResourceContext, properties: Properties): { TagKey: string; TagValue: string }[] {
  const own = (properties as KeyProperties).Tags ?? [];
  // KMS refuses tag keys that begin with aws:, so the stack's own marks are left out.
  return [...ctx.stackTags.filter((tag) => !tag.Key.startsWith('aws:')), ...own].map(({ Key, Value }) => ({
    TagKey: Key,
    TagValue: Value,
  }));
}
