import type * as Api from '@aws-sdk/client-secrets-manager';
import type { Context } from '../../kernel/context.ts';
import { type Instant, instant, toDate } from '../../kernel/instant.ts';
import { invalidParameter, invalidRequest, tokenInUse, valueNotFound } from './errors.ts';
import { openValue, sealValue } from './sealing.ts';
import { keptVersions, moveStages, removeStage, versionWith } from './stages.ts';
import {
  lookUp,
  lookUpChangeable,
  lookUpUsable,
  type Secret,
  type SecretsManagerState,
  type SecretValue,
  type Version,
  valueKey,
} from './state.ts';

export function getSecretValue(
  ctx: Context,
  state: SecretsManagerState,
  input: Api.GetSecretValueRequest,
): Api.GetSecretValueResponse {
  const secret = lookUpUsable(state, input.SecretId);
  const version = chooseVersion(secret, input);
  const sealed = state.values.get(valueKey(secret, version.id));
  if (!sealed) throw valueNotFound(`VersionId: ${version.id}`);
  const value = openValue(ctx, secret, version.id, sealed);
  noteAccess(ctx, state, secret);
  return {
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    VersionStages: [...version.stages],
    CreatedDate: toDate(version.created),
    ...('string' in value
      ? { SecretString: value.string }
      : { SecretBinary: Uint8Array.from(Buffer.from(value.binary, 'base64')) }),
  };
}

export function putSecretValue(
  ctx: Context,
  state: SecretsManagerState,
  input: Api.PutSecretValueRequest,
): Api.PutSecretValueResponse {
  const secret = lookUpChangeable(ctx, state, input.SecretId);
  const value = requiredValue(input);
  const version = addVersion(ctx, state, secret, {
    value,
    token: input.ClientRequestToken,
    stages: input.VersionStages,
  });
  return { ARN: secret.arn, Name: secret.name, VersionId: version.id, VersionStages: [...version.stages] };
}

export function updateSecretVersionStage(
  ctx: Context,
  state: SecretsManagerState,
  input: Api.UpdateSecretVersionStageRequest,
): Api.UpdateSecretVersionStageResponse {
  const secret = lookUpChangeable(ctx, state, input.SecretId);
  const stage = input.VersionStage ?? '';
  const from = versionWith(secret.versions, stage);
  checkMove(secret, stage, from, input);
  const versions = input.MoveToVersionId
    ? moveStages(secret.versions, [stage], input.MoveToVersionId)
    : removeStage(secret.versions, stage);
  state.secrets.put(secret.name, { ...secret, versions, lastChanged: ctx.now });
  return { ARN: secret.arn, Name: secret.name };
}

export function listSecretVersionIds(
  _ctx: Context,
  state: SecretsManagerState,
  input: Api.ListSecretVersionIdsRequest,
): Api.ListSecretVersionIdsResponse {
  const secret = lookUp(state, input.SecretId);
  const shown = secret.versions.filter(({ stages }) => input.IncludeDeprecated || stages.length > 0);
  return {
    ARN: secret.arn,
    Name: secret.name,
    Versions: shown.map(({ id, stages, created }) => ({
      VersionId: id,
      VersionStages: [...stages],
      CreatedDate: toDate(created),
    })),
  };
}

/** Members by which operations give a value. Neither is undefined; both are refused. */
export interface ValueInput {
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: Uint8Array | undefined;
}

export function givenValue({ SecretString, SecretBinary }: ValueInput): SecretValue | undefined {
  if (SecretString !== undefined && SecretBinary !== undefined) {
    throw invalidParameter(
      "You can't specify both a binary secret value and a string secret value in the same secret.",
    );
  }
  const size = SecretBinary?.length ?? Buffer.byteLength(SecretString ?? '');
  // Confirmed by API: at most 65 536 bytes.
  if (size > 65_536) throw invalidParameter('The secret value must be at most 65536 bytes long.');
  if (SecretString !== undefined) return { string: SecretString };
  return SecretBinary && { binary: Buffer.from(SecretBinary).toString('base64') };
}

export interface NewVersion {
  readonly value: SecretValue;
  readonly token?: string | undefined;
  /** Default: AWSCURRENT. */
  readonly stages?: readonly string[] | undefined;
}

/** Adds a version, or answers the one there is when the same token comes with the same value again. */
export function addVersion(
  ctx: Context,
  state: SecretsManagerState,
  secret: Secret,
  { value, token, stages = ['AWSCURRENT'] }: NewVersion,
): Version {
  const id = checkedToken(token) ?? ctx.random.uuid();
  const known = secret.versions.find((version) => version.id === id);
  if (known) {
    const sealed = state.values.get(valueKey(secret, id));
    if (sealed && JSON.stringify(openValue(ctx, secret, id, sealed)) === JSON.stringify(value)) return known;
    throw tokenInUse(id, secret.name);
  }
  // Confirmed by API: the first version of a secret always becomes AWSCURRENT.
  const wanted = secret.versions.length === 0 ? [...new Set([...stages, 'AWSCURRENT'])] : stages;
  const added: Version = { id, stages: [], created: ctx.now };
  const versions = keptVersions(moveStages([...secret.versions, added], wanted, id), ctx.now);
  state.values.put(valueKey(secret, id), sealValue(ctx, secret, id, value));
  for (const gone of secret.versions.filter((old) => !versions.some((kept) => kept.id === old.id))) {
    state.values.delete(valueKey(secret, gone.id));
  }
  state.secrets.put(secret.name, { ...secret, versions, lastChanged: ctx.now });
  return versions.find((version) => version.id === id) ?? added;
}

function chooseVersion(secret: Secret, input: Api.GetSecretValueRequest): Version {
  const { VersionId: id, VersionStage: stage } = input;
  if (id === undefined) {
    const wanted = stage ?? 'AWSCURRENT';
    const found = versionWith(secret.versions, wanted);
    if (!found) throw valueNotFound(`staging label: ${wanted}`);
    return found;
  }
  const found = secret.versions.find((version) => version.id === id);
  if (!found) throw valueNotFound(`VersionId: ${id}`);
  if (stage !== undefined && !found.stages.includes(stage)) {
    throw invalidRequest('You provided a VersionStage that is not associated to the provided VersionId.');
  }
  return found;
}

/** Confirmed by API: the time of the last access is kept to the day. */
function noteAccess(ctx: Context, state: SecretsManagerState, secret: Secret): void {
  const today = startOfDay(ctx.now);
  if (secret.lastAccessed !== today) state.secrets.put(secret.name, { ...secret, lastAccessed: today });
}

function startOfDay(at: Instant): Instant {
  const day = 24 * 3600 * 1000;
  return instant(Math.floor(at / day) * day);
}

function requiredValue(input: ValueInput): SecretValue {
  const value = givenValue(input);
  if (!value) throw invalidRequest('You must provide either SecretString or SecretBinary.');
  return value;
}

function checkedToken(token: string | undefined): string | undefined {
  if (token !== undefined && (token.length < 32 || token.length > 64)) {
    throw invalidParameter('ClientRequestToken must be 32-64 characters long.');
  }
  return token;
}

function checkMove(
  secret: Secret,
  stage: string,
  from: Version | undefined,
  { RemoveFromVersionId: remove, MoveToVersionId: to }: Api.UpdateSecretVersionStageRequest,
): void {
  if (to !== undefined && !secret.versions.some((version) => version.id === to)) {
    throw valueNotFound(`VersionId: ${to}`);
  }
  if (to === undefined && stage === 'AWSCURRENT') {
    throw invalidParameter(
      'You can only move staging label AWSCURRENT to a different secret version. It can’t be completely removed.',
    );
  }
  if (remove !== undefined && from?.id !== remove) {
    throw invalidParameter(`Staging label ${stage} isn't currently attached to version ${remove}.`);
  }
  if (from !== undefined && remove === undefined && from.id !== to) {
    throw invalidParameter(
      `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ` +
        `${from.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
    );
  }
}
