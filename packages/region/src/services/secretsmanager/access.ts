import { type Ask, arnOf, on, onAnything, type ServiceAccess, textOf } from '../../kernel/access.ts';
import type { Tables } from '../../kernel/table.ts';
import { findSecret, openSecretsManager } from './state.ts';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awssecretsmanager.html */
export function secretsmanagerAccess(tables: Tables): ServiceAccess {
  const state = openSecretsManager(tables);
  const secretArn = (ask: Ask): string => {
    const id = textOf(ask, 'SecretId');
    const found = findSecret(state, id);
    if (found) return found.arn;
    // Confirmed by an answer of AWS: there the name itself stands in the denial. Chosen: here an ARN of it, so that policies
    // by ARN and by wildcard decide. https://github.com/mongodb/awscdk-resources-mongodbatlas/issues/207
    return id.startsWith('arn:') ? id : arnOf(ask, 'secretsmanager', `secret:${id}`);
  };
  const aboutSecret = on(secretArn, {
    context: (ask) => {
      const stage = textOf(ask, 'VersionStage');
      const version = textOf(ask, 'VersionId');
      return {
        'secretsmanager:SecretId': secretArn(ask),
        'secretsmanager:ResourcePolicyPresent': String(
          findSecret(state, textOf(ask, 'SecretId'))?.resourcePolicy !== undefined,
        ),
        ...(stage !== '' && { 'secretsmanager:VersionStage': stage }),
        ...(version !== '' && { 'secretsmanager:VersionId': version }),
        ...(ask.input['ForceDeleteWithoutRecovery'] !== undefined && {
          'secretsmanager:ForceDeleteWithoutRecovery': String(ask.input['ForceDeleteWithoutRecovery']),
        }),
        ...(ask.input['RecoveryWindowInDays'] !== undefined && {
          'secretsmanager:RecoveryWindowInDays': String(ask.input['RecoveryWindowInDays']),
        }),
      };
    },
  });
  return {
    prefix: 'secretsmanager',
    policyOf: (arn) => findSecret(state, arn)?.resourcePolicy,
    tagsOf: (arn) => {
      const tags = findSecret(state, arn)?.tags;
      return tags && Object.fromEntries(tags.map(({ Key = '', Value = '' }) => [Key, Value]));
    },
    operations: {
      CreateSecret: on((ask) => arnOf(ask, 'secretsmanager', `secret:${textOf(ask, 'Name')}-*`), {
        context: (ask) => ({
          'secretsmanager:Name': textOf(ask, 'Name'),
          ...(textOf(ask, 'KmsKeyId') !== '' && { 'secretsmanager:KmsKeyId': textOf(ask, 'KmsKeyId') }),
        }),
      }),
      DescribeSecret: aboutSecret,
      ListSecrets: onAnything,
      UpdateSecret: aboutSecret,
      DeleteSecret: aboutSecret,
      RestoreSecret: aboutSecret,
      TagResource: aboutSecret,
      UntagResource: aboutSecret,
      RotateSecret: aboutSecret,
      GetSecretValue: aboutSecret,
      PutSecretValue: aboutSecret,
      UpdateSecretVersionStage: aboutSecret,
      ListSecretVersionIds: aboutSecret,
      PutResourcePolicy: aboutSecret,
      GetResourcePolicy: aboutSecret,
      DeleteResourcePolicy: aboutSecret,
      GetRandomPassword: onAnything,
    },
  };
}
