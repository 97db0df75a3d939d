/** Dynamic references, looked up in the account as the caller. */
import type { Context } from '../../kernel/context.ts';
import { templateError } from './errors.ts';
import {
  type DynamicReference,
  resolveDynamicReferences,
  secretReference,
} from './template/dynamic-references.ts';

/** Plain SSM parameters: resolved when properties are evaluated, and compared by value. */
export function resolveSsm(ctx: Context, value: unknown): unknown {
  return resolveDynamicReferences(value, (reference) =>
    reference.service === 'ssm' ? ssmValue(ctx, reference) : undefined,
  );
}

/** Secrets: resolved only for the call of the resource type, and never kept. */
export function resolveSecrets(ctx: Context, value: unknown): unknown {
  return resolveDynamicReferences(value, (reference) =>
    reference.service === 'secretsmanager' ? secretValue(ctx, reference.reference) : ssmValue(ctx, reference),
  );
}

function ssmValue(ctx: Context, { service, reference }: DynamicReference): string {
  const secure = service === 'ssm-secure';
  const { Parameter } = ctx.call('ssm', 'getParameter', { Name: reference, WithDecryption: secure });
  if ((Parameter?.Type === 'SecureString') !== secure) {
    throw templateError(
      `Dynamic reference {{resolve:${service}:${reference}}}: the parameter is of type ${Parameter?.Type}`,
    );
  }
  return Parameter?.Value ?? '';
}

function secretValue(ctx: Context, reference: string): string {
  const { secretId, key, stage, version } = secretReference(reference);
  const { SecretString } = ctx.call('secretsmanager', 'getSecretValue', {
    SecretId: secretId,
    ...(stage === undefined ? {} : { VersionStage: stage }),
    ...(version === undefined ? {} : { VersionId: version }),
  });
  if (key === undefined) return SecretString ?? '';
  const value = member(SecretString ?? '', key);
  if (value === undefined) {
    throw templateError(
      `Could not find a value associated with JSONKey in SecretString (${secretId}: ${key})`,
    );
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function member(text: string, key: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null
      ? (value as { [key: string]: unknown })[key]
      : undefined;
  } catch {
    throw templateError('Could not parse SecretString JSON');
  }
}
