import type { Tag } from '@aws-sdk/client-secrets-manager';
import type { Context } from '../../kernel/context.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Table, Tables } from '../../kernel/table.ts';
import { managedSecret, markedForDeletion, secretNotFound } from './errors.ts';

export interface Secret {
  readonly arn: string;
  readonly name: string;
  readonly description?: string;
  readonly kmsKeyId?: string;
  readonly tags: readonly Tag[];
  readonly created: Instant;
  readonly lastChanged: Instant;
  /** The start of the day in which a value was last read. */
  readonly lastAccessed?: Instant;
  /** When `DeleteSecret` was called. */
  readonly deleted?: Instant;
  /** The service that made the secret and alone may change it, for instance `rds`. */
  readonly owningService?: string;
  readonly resourcePolicy?: string;
  readonly lastRotated?: Instant;
  readonly versions: readonly Version[];
}

/** Oldest first. */
export interface Version {
  readonly id: string;
  readonly stages: readonly string[];
  readonly created: Instant;
}

/** In base64 when binary. */
export type SecretValue = { readonly string: string } | { readonly binary: string };

/** Encrypted (see sealing.ts), and kept apart from the secret, so that what lists secrets never holds a value. */
export interface SealedValue {
  /** The data key, encrypted by KMS. */
  readonly key: string;
  readonly iv: string;
  /** The value, with the authentication tag at its end. */
  readonly data: string;
}

export interface SecretsManagerState {
  /** By name. */
  readonly secrets: Table<Secret>;
  /** By ARN and version id, see `valueKey`. */
  readonly values: Table<SealedValue>;
}

export function openSecretsManager(tables: Tables): SecretsManagerState {
  return {
    secrets: tables.table('secretsmanager.secrets'),
    values: tables.table('secretsmanager.values'),
  };
}

export function valueKey(secret: Secret, versionId: string): string {
  return `${secret.arn} ${versionId}`;
}

/**
 * A secret by its name, its ARN, or its ARN without the six characters at the end.
 * Confirmed by docs: https://docs.aws.amazon.com/secretsmanager/latest/userguide/troubleshoot.html#ARN_secretnamehyphen
 */
export function findSecret(state: SecretsManagerState, id: string | undefined): Secret | undefined {
  if (id === undefined) return undefined;
  if (!id.startsWith('arn:')) return state.secrets.get(id);
  return state.secrets.find((secret) => secret.arn === id || secret.arn.slice(0, -7) === id);
}

export function lookUp(state: SecretsManagerState, id: string | undefined): Secret {
  const secret = findSecret(state, id);
  if (!secret) throw secretNotFound();
  return secret;
}

/** A secret that is not scheduled for deletion. */
export function lookUpUsable(state: SecretsManagerState, id: string | undefined): Secret {
  const secret = lookUp(state, id);
  if (secret.deleted !== undefined) throw markedForDeletion();
  return secret;
}

/** A secret that this caller may change: a managed one only by the service that owns it. */
export function lookUpChangeable(ctx: Context, state: SecretsManagerState, id: string | undefined): Secret {
  const secret = lookUpUsable(state, id);
  refuseManaged(ctx, secret);
  return secret;
}

export function refuseManaged(ctx: Context, { owningService }: Secret): void {
  if (owningService !== undefined && owningService !== serviceOf(ctx)) throw managedSecret(owningService);
}

/** The service that calls on its own behalf, such as `rds`. */
export function serviceOf(ctx: Context): string | undefined {
  if (ctx.caller.type !== 'Service') return undefined;
  return ctx.caller.userId.replace(/\.amazonaws\.com$/, '');
}
