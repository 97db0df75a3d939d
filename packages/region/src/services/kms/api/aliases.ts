import type {
  CreateAliasRequest,
  DeleteAliasRequest,
  ListAliasesRequest,
  ListAliasesResponse,
  UpdateAliasRequest,
} from '@aws-sdk/client-kms';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import { page } from '../../../kernel/page.ts';
import { alreadyExists, invalidMarker, notFound, validation } from '../errors.ts';
import { managedKeyPolicy } from '../managed-key-policy.ts';
import { findKey, type Key, type KmsState } from '../state.ts';
import { newKey } from './keys.ts';

export function createAlias(ctx: Context, state: KmsState, input: CreateAliasRequest): object {
  const name = checkName(input.AliasName ?? '');
  if (state.aliases.has(name)) throw alreadyExists(ctx.arn('kms', name));
  state.aliases.put(name, { name, keyId: findKey(state, input.TargetKeyId).id, created: ctx.now });
  return {};
}

export function updateAlias(ctx: Context, state: KmsState, input: UpdateAliasRequest): object {
  const alias = state.aliases.get(input.AliasName ?? '');
  if (!alias) throw notFound(`Alias ${ctx.arn('kms', input.AliasName ?? '')} is not found.`);
  state.aliases.put(alias.name, { ...alias, keyId: findKey(state, input.TargetKeyId).id });
  return {};
}

export function deleteAlias(ctx: Context, state: KmsState, input: DeleteAliasRequest): object {
  const name = checkName(input.AliasName ?? '');
  if (!state.aliases.has(name)) throw notFound(`Alias ${ctx.arn('kms', name)} is not found.`);
  state.aliases.delete(name);
  return {};
}

export function listAliases(ctx: Context, state: KmsState, input: ListAliasesRequest): ListAliasesResponse {
  const keyId = input.KeyId === undefined ? undefined : findKey(state, input.KeyId).id;
  const aliases = state.aliases.filter((alias) => keyId === undefined || alias.keyId === keyId);
  const { items, nextToken } = page(aliases, input.Marker, input.Limit ?? 50, invalidMarker);
  return {
    Aliases: items.map((alias) => ({
      AliasName: alias.name,
      AliasArn: ctx.arn('kms', alias.name),
      TargetKeyId: alias.keyId,
      CreationDate: toDate(alias.created),
    })),
    Truncated: nextToken !== undefined,
    ...(nextToken !== undefined && { NextMarker: nextToken }),
  };
}

/** Finds a key; an AWS managed one (`alias/aws/ssm`) is made at its first use, as AWS does. */
export function findOrMakeKey(ctx: Context, state: KmsState, reference: string | undefined): Key {
  const name = (reference ?? '').replace(/^arn:aws:kms:[^:]*:\d{12}:/, '');
  const service = /^alias\/aws\/([a-z0-9-]+)$/.exec(name)?.[1];
  if (service === undefined || state.aliases.has(name)) return findKey(state, reference);
  const description = `Default key that protects my ${service} data when no other key is defined`;
  const policy = managedKeyPolicy(service, ctx.accountId, ctx.region);
  const key = newKey(ctx, 'AWS', { description, policy });
  state.keys.put(key.id, key);
  state.aliases.put(name, { name, keyId: key.id, created: ctx.now });
  return key;
}

function checkName(name: string): string {
  if (!/^alias\/[a-zA-Z0-9/_-]{1,250}$/.test(name)) {
    throw validation(
      'Alias must start with the prefix "alias/" and hold only alphanumeric characters, /, _ and -.',
    );
  }
  if (name.startsWith('alias/aws/'))
    throw validation('Aliases beginning with alias/aws/ are reserved for AWS managed keys.');
  return name;
}
