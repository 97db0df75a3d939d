import type * as Api from '@aws-sdk/client-secrets-manager';
import type { Context } from '../../kernel/context.ts';
import { after, toDate } from '../../kernel/instant.ts';
import { invalidParameter, invalidRequest, secretExists } from './errors.ts';
import {
  findSecret,
  lookUp,
  lookUpChangeable,
  refuseManaged,
  type Secret,
  type SecretsManagerState,
  serviceOf,
  valueKey,
} from './state.ts';
import { addVersion, givenValue } from './versions.ts';

const suffixAlphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

export function createSecret(
  ctx: Context,
  state: SecretsManagerState,
  input: Api.CreateSecretRequest,
): Api.CreateSecretResponse {
  const name = checkedName(ctx, input.Name);
  const value = givenValue(input);
  const existing = state.secrets.get(name);
  if (existing) return createAgain(ctx, state, existing, input);
  const owningService = serviceOf(ctx);
  const secret: Secret = {
    arn: ctx.arn('secretsmanager', `secret:${name}-${ctx.random.text(6, suffixAlphabet)}`),
    name,
    ...(input.Description !== undefined && { description: input.Description }),
    ...(input.KmsKeyId !== undefined && { kmsKeyId: input.KmsKeyId }),
    tags: input.Tags ?? [],
    created: ctx.now,
    lastChanged: ctx.now,
    ...(owningService !== undefined && name.includes('!') && { owningService }),
    versions: [],
  };
  state.secrets.put(name, secret);
  const version = value && addVersion(ctx, state, secret, { value, token: input.ClientRequestToken });
  return { ARN: secret.arn, Name: name, ...(version && { VersionId: version.id }) };
}

export function describeSecret(
  _ctx: Context,
  state: SecretsManagerState,
  input: Api.DescribeSecretRequest,
): Api.DescribeSecretResponse {
  const secret = lookUp(state, input.SecretId);
  return { ...describe(secret), VersionIdsToStages: stagesByVersion(secret) };
}

export function updateSecret(
  ctx: Context,
  state: SecretsManagerState,
  input: Api.UpdateSecretRequest,
): Api.UpdateSecretResponse {
  const secret = lookUpChangeable(ctx, state, input.SecretId);
  const value = givenValue(input);
  const changed: Secret = {
    ...secret,
    ...(input.Description !== undefined && { description: input.Description }),
    ...(input.KmsKeyId !== undefined && { kmsKeyId: input.KmsKeyId }),
    lastChanged: ctx.now,
  };
  state.secrets.put(secret.name, changed);
  const version = value && addVersion(ctx, state, changed, { value, token: input.ClientRequestToken });
  return { ARN: secret.arn, Name: secret.name, ...(version && { VersionId: version.id }) };
}

export function deleteSecret(
  ctx: Context,
  state: SecretsManagerState,
  input: Api.DeleteSecretRequest,
): Api.DeleteSecretResponse {
  const { ForceDeleteWithoutRecovery: force = false, RecoveryWindowInDays: days } = input;
  checkRecovery(force, days);
  // Confirmed by API: forcing the deletion of a secret that is not there is no error.
  if (force && !findSecret(state, input.SecretId)) return forcedAnswer(ctx, input.SecretId ?? '');
  const secret = lookUp(state, input.SecretId);
  refuseManaged(ctx, secret);
  if (force) {
    removeSecret(ctx, state, secret);
    return { ARN: secret.arn, Name: secret.name, DeletionDate: toDate(ctx.now) };
  }
  if (secret.deleted !== undefined) {
    throw invalidRequest(
      "You can't perform this operation on the secret because it was already scheduled for deletion.",
    );
  }
  const due = after(ctx.now, (days ?? 30) * 24 * 3600);
  state.secrets.put(secret.name, { ...secret, deleted: ctx.now });
  ctx.timers.set(secret.name, 'delete', due);
  return { ARN: secret.arn, Name: secret.name, DeletionDate: toDate(due) };
}

/** Forgets a secret and its values. */
export function removeSecret(ctx: Context, state: SecretsManagerState, secret: Secret): void {
  for (const { id } of secret.versions) state.values.delete(valueKey(secret, id));
  state.secrets.delete(secret.name);
  ctx.timers.drop(secret.name);
}

export function restoreSecret(
  ctx: Context,
  state: SecretsManagerState,
  input: Api.RestoreSecretRequest,
): Api.RestoreSecretResponse {
  const { deleted: _, ...secret } = lookUp(state, input.SecretId);
  state.secrets.put(secret.name, secret);
  ctx.timers.cancel(secret.name, 'delete');
  return { ARN: secret.arn, Name: secret.name };
}

export function tagResource(ctx: Context, state: SecretsManagerState, input: Api.TagResourceRequest): object {
  const secret = lookUpChangeable(ctx, state, input.SecretId);
  const tags = input.Tags ?? [];
  const kept = secret.tags.filter(({ Key }) => !tags.some((tag) => tag.Key === Key));
  state.secrets.put(secret.name, { ...secret, tags: [...kept, ...tags] });
  return {};
}

export function untagResource(
  ctx: Context,
  state: SecretsManagerState,
  input: Api.UntagResourceRequest,
): object {
  const secret = lookUpChangeable(ctx, state, input.SecretId);
  const keys = input.TagKeys ?? [];
  state.secrets.put(secret.name, {
    ...secret,
    tags: secret.tags.filter(({ Key = '' }) => !keys.includes(Key)),
  });
  return {};
}

/** What DescribeSecret and ListSecrets both tell. Never a value. */
export function describe(secret: Secret): Omit<Api.SecretListEntry, 'SecretVersionsToStages'> {
  const { description, kmsKeyId, lastAccessed, deleted, owningService, lastRotated } = secret;
  return {
    ARN: secret.arn,
    Name: secret.name,
    ...(description !== undefined && { Description: description }),
    ...(kmsKeyId !== undefined && { KmsKeyId: kmsKeyId }),
    ...(owningService !== undefined && { OwningService: owningService }),
    // Confirmed by docs: RDS rotates the secrets that it manages, without a function, every seven days.
    ...(owningService === 'rds' && {
      RotationEnabled: true,
      RotationRules: { AutomaticallyAfterDays: 7 },
    }),
    ...(lastRotated !== undefined && { LastRotatedDate: toDate(lastRotated) }),
    ...(lastAccessed !== undefined && { LastAccessedDate: toDate(lastAccessed) }),
    ...(deleted !== undefined && { DeletedDate: toDate(deleted) }),
    LastChangedDate: toDate(secret.lastChanged),
    CreatedDate: toDate(secret.created),
    Tags: [...secret.tags],
  };
}

export function stagesByVersion(secret: Secret): Record<string, string[]> {
  const labelled = secret.versions.filter(({ stages }) => stages.length > 0);
  return Object.fromEntries(labelled.map(({ id, stages }) => [id, [...stages]]));
}

/** The same request again answers as before; any other with a name that is taken is refused. */
function createAgain(
  ctx: Context,
  state: SecretsManagerState,
  existing: Secret,
  input: Api.CreateSecretRequest,
): Api.CreateSecretResponse {
  if (existing.deleted !== undefined) {
    throw invalidRequest(
      "You can't create this secret because a secret with this name is already scheduled for deletion.",
    );
  }
  const token = input.ClientRequestToken;
  const value = givenValue(input);
  if (!value || !existing.versions.some(({ id }) => id === token)) throw secretExists(existing.name);
  const version = addVersion(ctx, state, existing, { value, token });
  return { ARN: existing.arn, Name: existing.name, VersionId: version.id };
}

function checkedName(ctx: Context, name = ''): string {
  // A `!` marks secrets that services make: `rds!db-…`.
  const allowed = serviceOf(ctx) ? /^[\w/+=.@!-]{1,512}$/ : /^[\w/+=.@-]{1,512}$/;
  if (allowed.test(name)) return name;
  throw invalidParameter(
    'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!',
  );
}

function checkRecovery(force: boolean, days: number | undefined): void {
  if (force && days !== undefined) {
    throw invalidParameter(
      "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays.",
    );
  }
  if (days !== undefined && !(days >= 7 && days <= 30)) {
    throw invalidParameter('RecoveryWindowInDays value must be between 7 and 30 days (inclusive).');
  }
}

function forcedAnswer(ctx: Context, id: string): Api.DeleteSecretResponse {
  const name = id.startsWith('arn:') ? id.split(':').slice(6).join(':') : id;
  const arn = id.startsWith('arn:') ? id : ctx.arn('secretsmanager', `secret:${id}`);
  return { ARN: arn, Name: name, DeletionDate: toDate(ctx.now) };
}
