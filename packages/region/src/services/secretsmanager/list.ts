import type * as Api from '@aws-sdk/client-secrets-manager';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { describe, stagesByVersion } from './secrets.ts';
import type { Secret, SecretsManagerState } from './state.ts';

export function listSecrets(
  ctx: Context,
  state: SecretsManagerState,
  input: Api.ListSecretsRequest,
): Api.ListSecretsResponse {
  const filters = input.Filters ?? [];
  const found = state.secrets
    .filter((secret) => input.IncludePlannedDeletion === true || secret.deleted === undefined)
    .filter((secret) => filters.every((filter) => matches(ctx, secret, filter)));
  const ordered = sorted(found, input.SortBy ?? 'created-date', input.SortOrder ?? 'asc');
  const start = position(input.NextToken);
  const end = start + (input.MaxResults ?? 100);
  return {
    SecretList: ordered
      .slice(start, end)
      .map((secret) => ({ ...describe(secret), SecretVersionsToStages: stagesByVersion(secret) })),
    ...(end < ordered.length && { NextToken: String(end) }),
  };
}

/**
 * Confirmed by docs: a value matches from the beginning, `!` negates it; `description` and tag values ignore no case.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_search-secret.html
 */
function matches(ctx: Context, secret: Secret, { Key, Values = [] }: Api.Filter): boolean {
  const texts = textsOf(ctx, secret, Key ?? 'all');
  return Values.some((value) =>
    value.startsWith('!')
      ? !texts.some((text) => text.startsWith(value.slice(1)))
      : texts.some((text) => text.startsWith(value)),
  );
}

function textsOf(ctx: Context, secret: Secret, key: string): readonly string[] {
  const keys = secret.tags.map((tag) => tag.Key ?? '');
  const values = secret.tags.map((tag) => tag.Value ?? '');
  const byKey: Readonly<Record<string, readonly string[]>> = {
    name: [secret.name],
    description: [secret.description ?? ''],
    'tag-key': keys,
    'tag-value': values,
    'primary-region': [ctx.region],
    'owning-service': secret.owningService ? [secret.owningService] : [],
    all: [secret.name, secret.description ?? '', ...keys, ...values],
  };
  return byKey[key] ?? [];
}

function sorted(secrets: readonly Secret[], by: Api.SortByType, order: Api.SortOrderType): readonly Secret[] {
  const sign = order === 'desc' ? -1 : 1;
  return [...secrets].sort((a, b) => sign * compare(a, b, by));
}

function compare(a: Secret, b: Secret, by: Api.SortByType): number {
  if (by === 'name') return a.name < b.name ? -1 : 1;
  if (by === 'last-changed-date') return a.lastChanged - b.lastChanged;
  if (by === 'last-accessed-date') return (a.lastAccessed ?? 0) - (b.lastAccessed ?? 0);
  return a.created - b.created;
}

function position(token: string | undefined): number {
  if (token === undefined) return 0;
  if (!/^\d+$/.test(token)) {
    throw new AwsError('InvalidNextTokenException', 'The NextToken value is invalid.');
  }
  return Number(token);
}
