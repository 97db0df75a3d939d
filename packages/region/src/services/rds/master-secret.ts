import type { Context } from '../../kernel/context.ts';
import { after } from '../../kernel/instant.ts';
import { passwordVerifier } from './scram.ts';
import type { DbInstance, ManagedSecret } from './state.ts';

/*
 * The master user's secret that RDS makes and keeps, for instances with ManageMasterUserPassword.
 * Confirmed by docs: its name is `rds!db-<uuid>`, it is rotated every seven days and deleted with its instance.
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
 */
const rotationDays = 7;

export interface SecretOwner {
  readonly arn: string;
  readonly resourceId: string;
  readonly masterUsername: string;
}

export interface MadeSecret {
  readonly secret: ManagedSecret;
  readonly passwordVerifier: string;
}

export function verifierOf(ctx: Context, password: string): string {
  return passwordVerifier(password, ctx.secrets.bytes(16));
}

/** Makes the secret of a new instance. */
export function makeSecret(ctx: Context, owner: SecretOwner, kmsKeyId: string | undefined): MadeSecret {
  const password = randomPassword(ctx);
  const created = asRds(ctx).call('secretsmanager', 'createSecret', {
    Name: `rds!db-${ctx.random.uuid()}`,
    Description: `Secret associated with primary RDS DB instance: ${owner.arn}`,
    SecretString: secretString(owner, password),
    KmsKeyId: kmsKeyId,
    Tags: [
      { Key: 'aws:secretsmanager:owningService', Value: 'rds' },
      { Key: 'aws:rds:primaryDBInstanceArn', Value: owner.arn },
    ],
  });
  scheduleRotation(ctx, owner.resourceId);
  // Confirmed by docs (DescribeDBInstances): the key is told by its ARN, also when it is the service's own.
  const key = asRds(ctx).call('kms', 'describeKey', { KeyId: kmsKeyId ?? 'alias/aws/secretsmanager' });
  const keyArn = key.KeyMetadata?.Arn;
  return {
    secret: {
      arn: created.ARN ?? '',
      status: 'creating',
      ...(keyArn !== undefined && { kmsKeyId: keyArn }),
    },
    passwordVerifier: verifierOf(ctx, password),
  };
}

/** Puts a new password beside the current one, as AWSPENDING. It becomes current once the database has it. */
export function beginRotation(ctx: Context, instance: DbInstance, secret: ManagedSecret): MadeSecret {
  const password = randomPassword(ctx);
  const { VersionId } = asRds(ctx).call('secretsmanager', 'putSecretValue', {
    SecretId: secret.arn,
    SecretString: secretString(instance, password),
    VersionStages: ['AWSPENDING'],
  });
  return {
    secret: {
      ...secret,
      status: 'rotating',
      ...(VersionId !== undefined && { pendingVersionId: VersionId }),
    },
    passwordVerifier: verifierOf(ctx, password),
  };
}

/** The database has the new password: its version becomes current. */
export function endRotation(ctx: Context, instance: DbInstance, secret: ManagedSecret): ManagedSecret {
  const { pendingVersionId, ...rest } = secret;
  if (pendingVersionId === undefined) return { ...rest, status: 'active' };
  const { VersionIdsToStages = {} } = asRds(ctx).call('secretsmanager', 'describeSecret', {
    SecretId: secret.arn,
  });
  const current = Object.entries(VersionIdsToStages).find(([, stages]) => stages.includes('AWSCURRENT'))?.[0];
  for (const stage of ['AWSCURRENT', 'AWSPENDING']) {
    asRds(ctx).call('secretsmanager', 'updateSecretVersionStage', {
      SecretId: secret.arn,
      VersionStage: stage,
      RemoveFromVersionId: stage === 'AWSCURRENT' ? current : pendingVersionId,
      ...(stage === 'AWSCURRENT' && { MoveToVersionId: pendingVersionId }),
    });
  }
  scheduleRotation(ctx, instance.resourceId);
  return { ...rest, status: 'active' };
}

export function deleteSecret(ctx: Context, resourceId: string, secret: ManagedSecret): void {
  ctx.timers.cancel(resourceId, 'rotate');
  asRds(ctx).call('secretsmanager', 'deleteSecret', {
    SecretId: secret.arn,
    ForceDeleteWithoutRecovery: true,
  });
}

function scheduleRotation(ctx: Context, resourceId: string): void {
  ctx.timers.set(resourceId, 'rotate', after(ctx.now, rotationDays * 24 * 3600));
}

/** Confirmed by docs: a managed secret is changed by RDS only, whoever asked RDS for it. */
function asRds(ctx: Context): Context {
  return ctx.as({
    type: 'Service',
    arn: ctx.arn('iam', 'role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS', ''),
    accountId: ctx.accountId,
    userId: 'rds.amazonaws.com',
  });
}

// Known: 28 characters, without those that RDS refuses in a master password.
function randomPassword(ctx: Context): string {
  const { RandomPassword = '' } = asRds(ctx).call('secretsmanager', 'getRandomPassword', {
    PasswordLength: 28,
    ExcludeCharacters: `/@"'\\`,
  });
  return RandomPassword;
}

/** Known: exactly these two members; how to connect is not among them. */
function secretString({ masterUsername }: { readonly masterUsername: string }, password: string): string {
  return JSON.stringify({ username: masterUsername, password });
}
