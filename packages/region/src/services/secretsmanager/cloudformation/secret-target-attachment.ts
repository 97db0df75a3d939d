import { notModelled } from '../../../kernel/aws-error.ts';
import {
  type DeployedResource,
  type Properties,
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  text,
} from '../../../kernel/resource-type.ts';
import { isPresent } from './presence.ts';

const connectionKeys = ['engine', 'host', 'port', 'dbname', 'dbInstanceIdentifier'];

/**
 * Writes how to connect to a DB instance into a secret, beside its username and password.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secrettargetattachment.html
 */
export const secretTargetAttachmentType: ResourceType = {
  name: 'AWS::SecretsManager::SecretTargetAttachment',
  properties: {
    SecretId: replaces(required(text)),
    TargetId: required(text),
    TargetType: required(text),
  },

  create(ctx, properties) {
    const secretId = String(properties['SecretId']);
    attach(ctx, secretId, properties);
    return { physicalId: secretId };
  },

  update(ctx, { physicalId }, properties) {
    attach(ctx, physicalId, properties);
  },

  /** Of the secret's value nothing is told but which instance it names. */
  read(ctx, { physicalId, properties: { SecretId, TargetType } }) {
    const { SecretString = '{}' } = ctx.call('secretsmanager', 'getSecretValue', { SecretId: physicalId });
    const { dbInstanceIdentifier: TargetId } = memberOf(SecretString);
    return TargetId === undefined ? undefined : { SecretId, TargetId, TargetType };
  },

  delete(ctx, resource) {
    if (isPresent(ctx, resource.physicalId)) detach(ctx, resource);
  },
};

function attach(ctx: ResourceContext, secretId: string, { TargetId, TargetType }: Properties): void {
  if (TargetType !== 'AWS::RDS::DBInstance') {
    throw notModelled(
      `AWS::SecretsManager::SecretTargetAttachment: TargetType ${TargetType}`,
      'secretsmanager',
    );
  }
  const { DBInstances: [target] = [] } = ctx.call('rds', 'describeDBInstances', {
    DBInstanceIdentifier: String(TargetId),
  });
  write(ctx, secretId, (value) => ({
    ...value,
    engine: target?.Engine,
    host: target?.Endpoint?.Address,
    port: target?.Endpoint?.Port,
    dbname: target?.DBName,
    dbInstanceIdentifier: target?.DBInstanceIdentifier,
  }));
}

/** A value that was replaced by one that is no JSON names no instance. */
function memberOf(text: string): { readonly dbInstanceIdentifier?: unknown } {
  try {
    return Object(JSON.parse(text)) as object;
  } catch {
    return {};
  }
}

function detach(ctx: ResourceContext, { physicalId }: DeployedResource): void {
  write(ctx, physicalId, (value) =>
    Object.fromEntries(Object.entries(value).filter(([key]) => !connectionKeys.includes(key))),
  );
}

function write(ctx: ResourceContext, secretId: string, change: (value: object) => object): void {
  const { SecretString = '{}' } = ctx.call('secretsmanager', 'getSecretValue', { SecretId: secretId });
  ctx.call('secretsmanager', 'putSecretValue', {
    SecretId: secretId,
    SecretString: JSON.stringify(change(JSON.parse(SecretString))),
  });
}
