import type { ContainerDefinition, Secret } from '@aws-sdk/client-ecs';
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
  const isParameter = ({ valueFrom = '' }: Secret): boolean => valueFrom.split(':')[2] !== 'secretsmanager';
  const parameters = parameterValues(
    agent,
    secrets.filter(isParameter).map(({ valueFrom = '' }) => valueFrom),
  );
  return Object.fromEntries(
    secrets.map((secret) => {
      const { name = '', valueFrom = '' } = secret;
      return [name, isParameter(secret) ? (parameters.get(valueFrom) ?? '') : secretValue(agent, valueFrom)];
    }),
  );
}

/** Confirmed by docs: `arn:aws:secretsmanager:region:account:secret:name:json-key:version-stage:version-id`. */
function secretValue(ctx: Context, valueFrom: string): string {
  const parts = valueFrom.split(':');
  const [jsonKey = '', versionStage = '', versionId = ''] = parts.slice(7);
  const { SecretString } = retrieved('secret from asm', () =>
    ctx.call('secretsmanager', 'getSecretValue', {
      SecretId: parts.slice(0, 7).join(':'),
      ...(versionStage === '' ? {} : { VersionStage: versionStage }),
      ...(versionId === '' ? {} : { VersionId: versionId }),
    }),
  );
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

/**
 * Values by reference, a name or an ARN. Confirmed by docs: the execution role needs ssm:GetParameters, which takes ten at a
 * time. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
 */
function parameterValues(ctx: Context, references: readonly string[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const unique = [...new Set(references)];
  for (let i = 0; i < unique.length; i += 10) {
    const Names = unique.slice(i, i + 10);
    const { Parameters = [], InvalidParameters = [] } = retrieved('secrets from ssm', () =>
      ctx.call('ssm', 'getParameters', { Names, WithDecryption: true }),
    );
    // Confirmed*: the text.
    if (InvalidParameters.length > 0)
      throw invalidSecret(
        `${unable('secrets from ssm')}invalid ssm parameters: ${InvalidParameters.join(', ')}`,
      );
    // They come in the order of their names, each once.
    for (const [n, reference] of Names.entries()) values.set(reference, Parameters[n]?.Value ?? '');
  }
  return values;
}

function retrieved<T>(what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    throw invalidSecret(`${unable(what)}${error.code}: ${error.message}`);
  }
}

/** Confirmed*: the texts of both. */
function unable(what: string): string {
  return `unable to retrieve ${what}: service call has been retried 1 time(s): `;
}

function invalidSecret(message: string): AwsError {
  return new AwsError('ResourceInitializationError', message);
}
