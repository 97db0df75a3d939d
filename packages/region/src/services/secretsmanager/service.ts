import type * as Api from '@aws-sdk/client-secrets-manager';
import { notModelled } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { operation, type ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import type { Timer } from '../../kernel/timers.ts';
import { resourcePolicyType } from './cloudformation/resource-policy.ts';
import { secretType } from './cloudformation/secret.ts';
import { secretTargetAttachmentType } from './cloudformation/secret-target-attachment.ts';
import { listSecrets } from './list.ts';
import { deleteResourcePolicy, getResourcePolicy, putResourcePolicy } from './policies.ts';
import { getRandomPassword } from './random-password.ts';
import {
  createSecret,
  deleteSecret,
  describeSecret,
  removeSecret,
  restoreSecret,
  tagResource,
  untagResource,
  updateSecret,
} from './secrets.ts';
import { lookUp, openSecretsManager, type SecretsManagerState } from './state.ts';
import {
  getSecretValue,
  listSecretVersionIds,
  putSecretValue,
  updateSecretVersionStage,
} from './versions.ts';

/** AWS Secrets Manager. */
export function secretsmanager(dependencies: { readonly tables: Tables }): ServiceModule {
  const state = openSecretsManager(dependencies.tables);
  return {
    name: 'secretsmanager',
    resourceTypes: [secretType, secretTargetAttachmentType, resourcePolicyType],
    operations: {
      ...secretOperations(state),
      ...valueOperations(state),
      ...policyOperations(state),
      GetRandomPassword: operation<Api.GetRandomPasswordRequest, Api.GetRandomPasswordResponse>({
        accepts: [
          'PasswordLength',
          'ExcludeCharacters',
          'ExcludeNumbers',
          'ExcludePunctuation',
          'ExcludeUppercase',
          'ExcludeLowercase',
          'IncludeSpace',
          'RequireEachIncludedType',
        ],
        handler: getRandomPassword,
      }),
    },
    onTimer: (ctx, timer) => onTimer(ctx, state, timer),
  };
}

/** The recovery window of a deleted secret is over. */
function onTimer(ctx: Context, state: SecretsManagerState, timer: Timer): void {
  const secret = state.secrets.get(timer.subject);
  if (secret?.deleted !== undefined) removeSecret(ctx, state, secret);
}

function secretOperations(state: SecretsManagerState): ServiceModule['operations'] {
  return {
    CreateSecret: operation<Api.CreateSecretRequest, Api.CreateSecretResponse>({
      accepts: [
        'Name',
        'ClientRequestToken',
        'Description',
        'SecretBinary',
        'SecretString',
        'Tags',
        'KmsKeyId',
      ],
      handler: (ctx, input) => createSecret(ctx, state, input),
    }),
    DescribeSecret: operation<Api.DescribeSecretRequest, Api.DescribeSecretResponse>({
      accepts: ['SecretId'],
      handler: (ctx, input) => describeSecret(ctx, state, input),
    }),
    ListSecrets: operation<Api.ListSecretsRequest, Api.ListSecretsResponse>({
      accepts: ['IncludePlannedDeletion', 'MaxResults', 'NextToken', 'Filters', 'SortOrder', 'SortBy'],
      handler: (ctx, input) => listSecrets(ctx, state, input),
    }),
    UpdateSecret: operation<Api.UpdateSecretRequest, Api.UpdateSecretResponse>({
      accepts: ['SecretId', 'ClientRequestToken', 'Description', 'SecretBinary', 'SecretString', 'KmsKeyId'],
      handler: (ctx, input) => updateSecret(ctx, state, input),
    }),
    DeleteSecret: operation<Api.DeleteSecretRequest, Api.DeleteSecretResponse>({
      accepts: ['SecretId', 'RecoveryWindowInDays', 'ForceDeleteWithoutRecovery'],
      handler: (ctx, input) => deleteSecret(ctx, state, input),
    }),
    RestoreSecret: operation<Api.RestoreSecretRequest, Api.RestoreSecretResponse>({
      accepts: ['SecretId'],
      handler: (ctx, input) => restoreSecret(ctx, state, input),
    }),
    TagResource: operation<Api.TagResourceRequest, object>({
      accepts: ['SecretId', 'Tags'],
      handler: (ctx, input) => tagResource(ctx, state, input),
    }),
    UntagResource: operation<Api.UntagResourceRequest, object>({
      accepts: ['SecretId', 'TagKeys'],
      handler: (ctx, input) => untagResource(ctx, state, input),
    }),
    RotateSecret: operation<Api.RotateSecretRequest, Api.RotateSecretResponse>({
      accepts: ['SecretId', 'ClientRequestToken', 'RotationLambdaARN', 'RotationRules', 'RotateImmediately'],
      handler: (_ctx, input) => rotateSecret(state, input),
    }),
  };
}

/** Rotation of one's own secrets needs a Lambda function; that of managed ones is done by their service. */
function rotateSecret(state: SecretsManagerState, input: Api.RotateSecretRequest): never {
  const { owningService } = lookUp(state, input.SecretId);
  const what = owningService
    ? `secretsmanager RotateSecret of a secret managed by ${owningService}`
    : 'secretsmanager RotateSecret (Lambda functions)';
  throw notModelled(what, 'secretsmanager');
}

function valueOperations(state: SecretsManagerState): ServiceModule['operations'] {
  return {
    GetSecretValue: operation<Api.GetSecretValueRequest, Api.GetSecretValueResponse>({
      accepts: ['SecretId', 'VersionId', 'VersionStage'],
      handler: (ctx, input) => getSecretValue(ctx, state, input),
    }),
    PutSecretValue: operation<Api.PutSecretValueRequest, Api.PutSecretValueResponse>({
      accepts: ['SecretId', 'ClientRequestToken', 'SecretBinary', 'SecretString', 'VersionStages'],
      handler: (ctx, input) => putSecretValue(ctx, state, input),
    }),
    UpdateSecretVersionStage: operation<
      Api.UpdateSecretVersionStageRequest,
      Api.UpdateSecretVersionStageResponse
    >({
      accepts: ['SecretId', 'VersionStage', 'RemoveFromVersionId', 'MoveToVersionId'],
      handler: (ctx, input) => updateSecretVersionStage(ctx, state, input),
    }),
    ListSecretVersionIds: operation<Api.ListSecretVersionIdsRequest, Api.ListSecretVersionIdsResponse>({
      accepts: ['SecretId', 'IncludeDeprecated'],
      ignores: { MaxResults: 'all versions fit one answer' },
      handler: (ctx, input) => listSecretVersionIds(ctx, state, input),
    }),
  };
}

function policyOperations(state: SecretsManagerState): ServiceModule['operations'] {
  return {
    PutResourcePolicy: operation<Api.PutResourcePolicyRequest, Api.PutResourcePolicyResponse>({
      accepts: ['SecretId', 'ResourcePolicy'],
      ignores: { BlockPublicPolicy: 'policies are not evaluated yet' },
      handler: (ctx, input) => putResourcePolicy(ctx, state, input),
    }),
    GetResourcePolicy: operation<Api.GetResourcePolicyRequest, Api.GetResourcePolicyResponse>({
      accepts: ['SecretId'],
      handler: (ctx, input) => getResourcePolicy(ctx, state, input),
    }),
    DeleteResourcePolicy: operation<Api.DeleteResourcePolicyRequest, Api.DeleteResourcePolicyResponse>({
      accepts: ['SecretId'],
      handler: (ctx, input) => deleteResourcePolicy(ctx, state, input),
    }),
  };
}
