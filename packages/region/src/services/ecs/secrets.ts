import type { ContainerDefinition } from '@aws-sdk/client-ecs';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { asExecutionRole } from './execution-role.ts';

/**
 * The values of a container's `secrets`, read with the task execution role from Secrets Manager
 * (`arn:…:secret:NAME-xxxxxx[:json-key:version-stage:version-id]`) or Systems Manager (an ARN, or a parameter's name).
 */
export function resolveSecrets(
  ctx: Context,
  executionRoleArn: string | undefined,
  taskId: string,
  container: ContainerDefinition,
): Record<string, string> {
  const secrets = container.secrets ?? [];
  if (secrets.length === 0) return {};
  const agent = asExecutionRole(ctx, executionRoleArn, taskId);
  return Object.fromEntries(
    secrets.map(({ name = '', valueFrom = '' }) => [
      name,
      valueFrom.split(':')[2] === 'secretsmanager'
        ? secretValue(agent, valueFrom)
        : parameterValue(agent, valueFrom),
    ]),
  );
}

/** Confirmed by docs: `arn:aws:secretsmanager:region:account:secret:name:json-key:version-stage:version-id`. */
function secretValue(ctx: Context, valueFrom: string): string {
  const parts = valueFrom.split(':');
  const [jsonKey = '', versionStage = '', versionId = ''] = parts.slice(7);
  const { SecretString } = ctx.call('secretsmanager', 'getSecretValue', {
    SecretId: parts.slice(0, 7).join(':'),
    ...(versionStage === '' ? {} : { VersionStage: versionStage }),
    ...(versionId === '' ? {} : { VersionId: versionId }),
  });
  if (SecretString === undefined) throw invalidSecret('the secret has no text value');
  return jsonKey === '' ? SecretString : memberOf(SecretString, jsonKey);
}

function memberOf(secret: string, key: string): string {
  let value: unknown;
  try {
    value = (JSON.parse(secret) as Record<string, unknown> | null)?.[key];
  } catch {
    throw invalidSecret('unable to retrieve secret from asm: invalid character in secret: not JSON');
  }
  if (value === undefined)
    throw invalidSecret(`retrieved secret from Secrets Manager did not contain json key ${key}`);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function parameterValue(ctx: Context, valueFrom: string): string {
  const name = valueFrom.startsWith('arn:')
    ? `/${valueFrom.slice(valueFrom.indexOf(':parameter/') + 11)}`
    : valueFrom;
  const read = (Name: string) =>
    ctx.call('ssm', 'getParameter', { Name, WithDecryption: true }).Parameter?.Value;
  try {
    return read(name) ?? '';
  } catch (error) {
    // An ARN does not show whether the name begins with a slash.
    if (!(error instanceof AwsError) || error.code !== 'ParameterNotFound' || !valueFrom.startsWith('arn:'))
      throw error;
    return read(name.slice(1)) ?? '';
  }
}

function invalidSecret(message: string): AwsError {
  return new AwsError('ResourceInitializationError', message);
}
