import type * as Kms from '@aws-sdk/client-kms';
import { operation, type ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import * as aliases from './api/aliases.ts';
import * as cryptography from './api/cryptography.ts';
import * as keys from './api/keys.ts';
import { aliasType } from './cloudformation/alias.ts';
import { keyType } from './cloudformation/key.ts';
import { type KmsState, openKms } from './state.ts';

/** AWS Key Management Service: symmetric keys. */
export function kms(dependencies: { readonly tables: Tables }): ServiceModule {
  const state = openKms(dependencies.tables);
  return {
    name: 'kms',
    resourceTypes: [keyType, aliasType],
    operations: { ...keyOperations(state), ...aliasOperations(state), ...cryptographicOperations(state) },
    onTimer: (ctx, timer) => keys.keyTimer(ctx, state, timer),
  };
}

function keyOperations(state: KmsState): ServiceModule['operations'] {
  return {
    CreateKey: operation<Kms.CreateKeyRequest, Kms.CreateKeyResponse>({
      accepts: ['Policy', 'Description', 'KeyUsage', 'KeySpec', 'Tags', 'BypassPolicyLockoutSafetyCheck'],
      handler: (ctx, input) => keys.createKey(ctx, state, input),
    }),
    DescribeKey: operation<Kms.DescribeKeyRequest, Kms.DescribeKeyResponse>({
      accepts: ['KeyId'],
      handler: (ctx, input) => keys.describeKey(ctx, state, input),
    }),
    ListKeys: operation<Kms.ListKeysRequest, Kms.ListKeysResponse>({
      accepts: ['Limit', 'Marker'],
      handler: (ctx, input) => keys.listKeys(ctx, state, input),
    }),
    EnableKey: operation<Kms.EnableKeyRequest, object>({
      accepts: ['KeyId'],
      handler: (_ctx, input) => keys.setEnabled(state, input.KeyId, 'Enabled'),
    }),
    DisableKey: operation<Kms.DisableKeyRequest, object>({
      accepts: ['KeyId'],
      handler: (_ctx, input) => keys.setEnabled(state, input.KeyId, 'Disabled'),
    }),
    UpdateKeyDescription: operation<Kms.UpdateKeyDescriptionRequest, object>({
      accepts: ['KeyId', 'Description'],
      handler: (ctx, input) => keys.updateKeyDescription(ctx, state, input),
    }),
    ScheduleKeyDeletion: operation<Kms.ScheduleKeyDeletionRequest, Kms.ScheduleKeyDeletionResponse>({
      accepts: ['KeyId', 'PendingWindowInDays'],
      handler: (ctx, input) => keys.scheduleKeyDeletion(ctx, state, input),
    }),
    CancelKeyDeletion: operation<Kms.CancelKeyDeletionRequest, Kms.CancelKeyDeletionResponse>({
      accepts: ['KeyId'],
      handler: (ctx, input) => keys.cancelKeyDeletion(ctx, state, input),
    }),
    EnableKeyRotation: operation<Kms.EnableKeyRotationRequest, object>({
      accepts: ['KeyId', 'RotationPeriodInDays'],
      handler: (ctx, input) => keys.enableKeyRotation(ctx, state, input),
    }),
    DisableKeyRotation: operation<Kms.DisableKeyRotationRequest, object>({
      accepts: ['KeyId'],
      handler: (ctx, input) => keys.disableKeyRotation(ctx, state, input.KeyId),
    }),
    GetKeyRotationStatus: operation<Kms.GetKeyRotationStatusRequest, Kms.GetKeyRotationStatusResponse>({
      accepts: ['KeyId'],
      handler: (ctx, input) => keys.getKeyRotationStatus(ctx, state, input),
    }),
    GetKeyPolicy: operation<Kms.GetKeyPolicyRequest, Kms.GetKeyPolicyResponse>({
      accepts: ['KeyId', 'PolicyName'],
      handler: (ctx, input) => keys.getKeyPolicy(ctx, state, input),
    }),
    PutKeyPolicy: operation<Kms.PutKeyPolicyRequest, object>({
      accepts: ['KeyId', 'PolicyName', 'Policy', 'BypassPolicyLockoutSafetyCheck'],
      handler: (ctx, input) => keys.putKeyPolicy(ctx, state, input),
    }),
    TagResource: operation<Kms.TagResourceRequest, object>({
      accepts: ['KeyId', 'Tags'],
      handler: (ctx, input) => keys.tagResource(ctx, state, input),
    }),
    UntagResource: operation<Kms.UntagResourceRequest, object>({
      accepts: ['KeyId', 'TagKeys'],
      handler: (ctx, input) => keys.untagResource(ctx, state, input),
    }),
    ListResourceTags: operation<Kms.ListResourceTagsRequest, Kms.ListResourceTagsResponse>({
      accepts: ['KeyId', 'Limit', 'Marker'],
      handler: (ctx, input) => keys.listResourceTags(ctx, state, input),
    }),
  };
}

function aliasOperations(state: KmsState): ServiceModule['operations'] {
  return {
    CreateAlias: operation<Kms.CreateAliasRequest, object>({
      accepts: ['AliasName', 'TargetKeyId'],
      handler: (ctx, input) => aliases.createAlias(ctx, state, input),
    }),
    UpdateAlias: operation<Kms.UpdateAliasRequest, object>({
      accepts: ['AliasName', 'TargetKeyId'],
      handler: (ctx, input) => aliases.updateAlias(ctx, state, input),
    }),
    DeleteAlias: operation<Kms.DeleteAliasRequest, object>({
      accepts: ['AliasName'],
      handler: (ctx, input) => aliases.deleteAlias(ctx, state, input),
    }),
    ListAliases: operation<Kms.ListAliasesRequest, Kms.ListAliasesResponse>({
      accepts: ['KeyId', 'Limit', 'Marker'],
      handler: (ctx, input) => aliases.listAliases(ctx, state, input),
    }),
  };
}

function cryptographicOperations(state: KmsState): ServiceModule['operations'] {
  return {
    Encrypt: operation<Kms.EncryptRequest, Kms.EncryptResponse>({
      accepts: ['KeyId', 'Plaintext', 'EncryptionContext', 'EncryptionAlgorithm'],
      handler: (ctx, input) => cryptography.encrypt(ctx, state, input),
    }),
    Decrypt: operation<Kms.DecryptRequest, Kms.DecryptResponse>({
      accepts: ['CiphertextBlob', 'EncryptionContext', 'KeyId', 'EncryptionAlgorithm'],
      handler: (ctx, input) => cryptography.decrypt(ctx, state, input),
    }),
    GenerateDataKey: operation<Kms.GenerateDataKeyRequest, Kms.GenerateDataKeyResponse>({
      accepts: ['KeyId', 'EncryptionContext', 'NumberOfBytes', 'KeySpec'],
      handler: (ctx, input) => cryptography.generateDataKey(ctx, state, input),
    }),
    GenerateDataKeyWithoutPlaintext: operation<
      Kms.GenerateDataKeyWithoutPlaintextRequest,
      Kms.GenerateDataKeyWithoutPlaintextResponse
    >({
      accepts: ['KeyId', 'EncryptionContext', 'NumberOfBytes', 'KeySpec'],
      handler: (ctx, input) => cryptography.generateDataKeyWithoutPlaintext(ctx, state, input),
    }),
    GenerateRandom: operation<Kms.GenerateRandomRequest, Kms.GenerateRandomResponse>({
      accepts: ['NumberOfBytes'],
      handler: (ctx, input) => cryptography.generateRandom(ctx, input),
    }),
  };
}
