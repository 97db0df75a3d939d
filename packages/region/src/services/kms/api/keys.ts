import type {
  CancelKeyDeletionRequest,
  CancelKeyDeletionResponse,
  CreateKeyRequest,
  CreateKeyResponse,
  DescribeKeyRequest,
  DescribeKeyResponse,
  EnableKeyRotationRequest,
  GetKeyPolicyRequest,
  GetKeyPolicyResponse,
  GetKeyRotationStatusRequest,
  GetKeyRotationStatusResponse,
  KeyMetadata,
  ListKeysRequest,
  ListKeysResponse,
  ListResourceTagsRequest,
  ListResourceTagsResponse,
  PutKeyPolicyRequest,
  ScheduleKeyDeletionRequest,
  ScheduleKeyDeletionResponse,
  TagResourceRequest,
  UntagResourceRequest,
  UpdateKeyDescriptionRequest,
} from '@aws-sdk/client-kms';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { after, toDate } from '../../../kernel/instant.ts';
import { page } from '../../../kernel/page.ts';
import type { Timer } from '../../../kernel/timers.ts';
import { invalidMarker, invalidState, malformedPolicy, managedKey, validation } from '../errors.ts';
import { findKey, type Key, type KeyState, type KmsState } from '../state.ts';

const day = 86_400;

export function createKey(ctx: Context, state: KmsState, input: CreateKeyRequest): CreateKeyResponse {
  const spec = input.KeySpec ?? 'SYMMETRIC_DEFAULT';
  if (spec !== 'SYMMETRIC_DEFAULT') throw notModelled(`kms CreateKey: KeySpec ${spec}`, 'kms');
  const usage = input.KeyUsage ?? 'ENCRYPT_DECRYPT';
  if (usage !== 'ENCRYPT_DECRYPT') throw notModelled(`kms CreateKey: KeyUsage ${usage}`, 'kms');
  const key = newKey(ctx, 'CUSTOMER', {
    description: input.Description ?? '',
    ...(input.Policy !== undefined && { policy: checkPolicy(input.Policy) }),
    tags: Object.fromEntries((input.Tags ?? []).map((tag) => [tag.TagKey ?? '', tag.TagValue ?? ''])),
  });
  state.keys.put(key.id, key);
  return { KeyMetadata: metadata(ctx, key) };
}

export function newKey(
  ctx: Context,
  manager: Key['manager'],
  given: Partial<Pick<Key, 'description' | 'policy' | 'tags'>>,
): Key {
  const id = ctx.random.uuid();
  return {
    id,
    arn: ctx.arn('kms', `key/${id}`),
    description: given.description ?? '',
    state: 'Enabled',
    manager,
    material: [Buffer.from(ctx.secrets.bytes(32)).toString('base64')],
    created: ctx.now,
    policy: given.policy ?? defaultPolicy(ctx),
    tags: given.tags ?? {},
  };
}

export function describeKey(ctx: Context, state: KmsState, input: DescribeKeyRequest): DescribeKeyResponse {
  return { KeyMetadata: metadata(ctx, findKey(state, input.KeyId)) };
}

export function listKeys(_ctx: Context, state: KmsState, input: ListKeysRequest): ListKeysResponse {
  const { items, nextToken } = page(
    [...state.keys.values()],
    input.Marker,
    input.Limit ?? 100,
    invalidMarker,
  );
  return {
    Keys: items.map((key) => ({ KeyId: key.id, KeyArn: key.arn })),
    Truncated: nextToken !== undefined,
    ...(nextToken !== undefined && { NextMarker: nextToken }),
  };
}

export function setEnabled(state: KmsState, keyId: string | undefined, next: KeyState): object {
  const key = changeable(state, keyId);
  state.keys.put(key.id, { ...key, state: next });
  return {};
}

export function updateKeyDescription(
  _ctx: Context,
  state: KmsState,
  input: UpdateKeyDescriptionRequest,
): object {
  const key = changeable(state, input.KeyId);
  state.keys.put(key.id, { ...key, description: input.Description ?? '' });
  return {};
}

/** Confirmed by docs: the waiting period is 7 to 30 days, default 30. */
export function scheduleKeyDeletion(
  ctx: Context,
  state: KmsState,
  input: ScheduleKeyDeletionRequest,
): ScheduleKeyDeletionResponse {
  const key = changeable(state, input.KeyId);
  const days = input.PendingWindowInDays ?? 30;
  if (days < 7 || days > 30) {
    throw validation(
      `1 validation error detected: Value '${days}' at 'pendingWindowInDays' failed to satisfy constraint: Member must have value between 7 and 30`,
    );
  }
  const deletionDate = after(ctx.now, days * day);
  state.keys.put(key.id, { ...key, state: 'PendingDeletion', deletionDate });
  ctx.timers.set(key.id, 'deletion', deletionDate);
  return {
    KeyId: key.arn,
    DeletionDate: toDate(deletionDate),
    KeyState: 'PendingDeletion',
    PendingWindowInDays: days,
  };
}

export function cancelKeyDeletion(
  ctx: Context,
  state: KmsState,
  input: CancelKeyDeletionRequest,
): CancelKeyDeletionResponse {
  const { deletionDate, ...key } = findKey(state, input.KeyId);
  if (deletionDate === undefined) throw invalidState(key.arn, `${key.state}, not PendingDeletion`);
  state.keys.put(key.id, { ...key, state: 'Disabled' });
  ctx.timers.cancel(key.id, 'deletion');
  return { KeyId: key.arn };
}

/** Deletes a key whose waiting period is over, or gives it new material each rotation period. */
export function keyTimer(ctx: Context, state: KmsState, timer: Timer): void {
  const key = state.keys.get(timer.subject);
  if (!key) return;
  if (timer.name === 'deletion') {
    ctx.timers.drop(key.id);
    state.keys.delete(key.id);
    for (const alias of state.aliases.filter(({ keyId }) => keyId === key.id))
      state.aliases.delete(alias.name);
    return;
  }
  if (key.rotationPeriodDays === undefined) return;
  const fresh = Buffer.from(ctx.secrets.bytes(32)).toString('base64');
  state.keys.put(key.id, { ...key, material: [...key.material, fresh] });
  ctx.timers.set(key.id, 'rotation', after(ctx.now, key.rotationPeriodDays * day));
}

/** Confirmed by docs: 90 to 2560 days, default 365. */
export function enableKeyRotation(ctx: Context, state: KmsState, input: EnableKeyRotationRequest): object {
  const key = changeable(state, input.KeyId);
  const days = input.RotationPeriodInDays ?? 365;
  if (days < 90 || days > 2560) throw validation('The rotation period must be between 90 and 2560 days.');
  state.keys.put(key.id, { ...key, rotationPeriodDays: days });
  ctx.timers.set(key.id, 'rotation', after(ctx.now, days * day));
  return {};
}

export function disableKeyRotation(ctx: Context, state: KmsState, keyId: string | undefined): object {
  const { rotationPeriodDays: _, ...key } = changeable(state, keyId);
  state.keys.put(key.id, key);
  ctx.timers.cancel(key.id, 'rotation');
  return {};
}

export function getKeyRotationStatus(
  ctx: Context,
  state: KmsState,
  input: GetKeyRotationStatusRequest,
): GetKeyRotationStatusResponse {
  const key = findKey(state, input.KeyId);
  const next = ctx.timers.due(key.id, 'rotation');
  return {
    KeyId: key.id,
    KeyRotationEnabled: key.rotationPeriodDays !== undefined,
    ...(key.rotationPeriodDays !== undefined && { RotationPeriodInDays: key.rotationPeriodDays }),
    ...(next !== undefined && { NextRotationDate: toDate(next) }),
  };
}

export function getKeyPolicy(
  _ctx: Context,
  state: KmsState,
  input: GetKeyPolicyRequest,
): GetKeyPolicyResponse {
  return { Policy: findKey(state, input.KeyId).policy, PolicyName: 'default' };
}

export function putKeyPolicy(_ctx: Context, state: KmsState, input: PutKeyPolicyRequest): object {
  const key = changeable(state, input.KeyId);
  state.keys.put(key.id, { ...key, policy: checkPolicy(input.Policy ?? '') });
  return {};
}

export function tagResource(_ctx: Context, state: KmsState, input: TagResourceRequest): object {
  const key = changeable(state, input.KeyId);
  const tags = Object.fromEntries((input.Tags ?? []).map((tag) => [tag.TagKey ?? '', tag.TagValue ?? '']));
  state.keys.put(key.id, { ...key, tags: { ...key.tags, ...tags } });
  return {};
}

export function untagResource(_ctx: Context, state: KmsState, input: UntagResourceRequest): object {
  const key = changeable(state, input.KeyId);
  const kept = Object.entries(key.tags).filter(([name]) => !(input.TagKeys ?? []).includes(name));
  state.keys.put(key.id, { ...key, tags: Object.fromEntries(kept) });
  return {};
}

export function listResourceTags(
  _ctx: Context,
  state: KmsState,
  input: ListResourceTagsRequest,
): ListResourceTagsResponse {
  const { tags } = findKey(state, input.KeyId);
  return { Tags: Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })), Truncated: false };
}

function changeable(state: KmsState, reference: string | undefined): Key {
  const key = findKey(state, reference);
  if (key.manager === 'AWS') throw managedKey();
  if (key.state === 'PendingDeletion') throw invalidState(key.arn, key.state);
  return key;
}

function metadata(ctx: Context, key: Key): KeyMetadata {
  return {
    AWSAccountId: ctx.accountId,
    KeyId: key.id,
    Arn: key.arn,
    CreationDate: toDate(key.created),
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: key.state,
    ...(key.deletionDate !== undefined && { DeletionDate: toDate(key.deletionDate) }),
    Origin: 'AWS_KMS',
    KeyManager: key.manager,
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: false,
  };
}

/** Confirmed by docs: the default key policy gives the account full access. */
function defaultPolicy(ctx: Context): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Id: 'key-default-1',
    Statement: [
      {
        Sid: 'Enable IAM User Permissions',
        Effect: 'Allow',
        Principal: { AWS: ctx.arn('iam', 'root', '') },
        Action: 'kms:*',
        Resource: '*',
      },
    ],
  });
}

function checkPolicy(policy: string): string {
  try {
    JSON.parse(policy);
    return policy;
  } catch {
    throw malformedPolicy();
  }
}
