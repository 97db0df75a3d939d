import type {
  AccessKeyMetadata,
  CreateAccessKeyRequest,
  CreateAccessKeyResponse,
  DeleteAccessKeyRequest,
  GetAccessKeyLastUsedRequest,
  GetAccessKeyLastUsedResponse,
  ListAccessKeysRequest,
  ListAccessKeysResponse,
  UpdateAccessKeyRequest,
} from '@aws-sdk/client-iam';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import { page } from '../../../kernel/page.ts';
import { invalidMarker, limitExceeded, noSuchEntity, validationError } from '../errors.ts';
import type { KeyUses } from '../ports.ts';
import { type AccessKey, findUser, type IamState, keysOf, type User } from '../state.ts';
import { callerOr } from './caller.ts';

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Confirmed by docs: two, so that one can take the place of the other. */
const mostKeys = 2;

/** The only answer that ever has the secret. */
export function createAccessKey(
  ctx: Context,
  state: IamState,
  input: CreateAccessKeyRequest,
): CreateAccessKeyResponse {
  const user = userOf(ctx, state, input.UserName);
  if (keysOf(state, user).length >= mostKeys)
    throw limitExceeded(`Cannot exceed quota for AccessKeysPerUser: ${mostKeys}`);
  const key: AccessKey = {
    id: `AKIA${ctx.secrets.text(16, base32)}`,
    userId: user.id,
    secretAccessKey: ctx.secrets.text(40, base64),
    status: 'Active',
    created: ctx.now,
  };
  state.accessKeys.put(key.id, key);
  return {
    AccessKey: {
      UserName: user.name,
      AccessKeyId: key.id,
      Status: key.status,
      SecretAccessKey: key.secretAccessKey,
      CreateDate: toDate(key.created),
    },
  };
}

export function listAccessKeys(
  ctx: Context,
  state: IamState,
  input: ListAccessKeysRequest,
): ListAccessKeysResponse {
  const user = userOf(ctx, state, input.UserName);
  const { items, nextToken } = page(keysOf(state, user), input.Marker, input.MaxItems ?? 100, invalidMarker);
  return {
    AccessKeyMetadata: items.map((key) => metadata(user, key)),
    IsTruncated: nextToken !== undefined,
    ...(nextToken !== undefined && { Marker: nextToken }),
  };
}

export function updateAccessKey(ctx: Context, state: IamState, input: UpdateAccessKeyRequest): object {
  const key = findKey(state, userOf(ctx, state, input.UserName), input.AccessKeyId);
  const { Status: status } = input;
  if (status !== 'Active' && status !== 'Inactive')
    throw validationError(
      `1 validation error detected: Value '${status ?? ''}' at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive]`,
    );
  state.accessKeys.put(key.id, { ...key, status });
  return {};
}

export function deleteAccessKey(ctx: Context, state: IamState, input: DeleteAccessKeyRequest): object {
  state.accessKeys.delete(findKey(state, userOf(ctx, state, input.UserName), input.AccessKeyId).id);
  return {};
}

export function getAccessKeyLastUsed(
  state: IamState,
  uses: KeyUses,
  { AccessKeyId: id = '' }: GetAccessKeyLastUsedRequest,
): GetAccessKeyLastUsedResponse {
  const key = state.accessKeys.get(id);
  const user = key && state.users.find((one) => one.id === key.userId);
  if (!user) throw keyNotFound(id);
  const use = uses.lastUse(id);
  return {
    UserName: user.name,
    // Confirmed by API text: what is not known is N/A, and the date is missing.
    AccessKeyLastUsed: {
      LastUsedDate: use && toDate(use.at),
      ServiceName: use?.service ?? 'N/A',
      Region: use?.region ?? 'N/A',
    },
  };
}

function userOf(ctx: Context, state: IamState, userName: string | undefined): User {
  return findUser(state, callerOr(ctx, state, userName));
}

function findKey(state: IamState, user: User, id = ''): AccessKey {
  const key = state.accessKeys.get(id);
  if (key?.userId !== user.id) throw keyNotFound(id);
  return key;
}

function keyNotFound(id: string): Error {
  return noSuchEntity(`The Access Key with id ${id} cannot be found.`);
}

function metadata(user: User, key: AccessKey): AccessKeyMetadata {
  return {
    UserName: user.name,
    AccessKeyId: key.id,
    Status: key.status,
    CreateDate: toDate(key.created),
  };
}
