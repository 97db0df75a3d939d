import {
  flag,
  integer,
  object,
  type Properties,
  type ResourceContext,
  type ResourceType,
  replaces,
  tags,
  text,
} from '../../../kernel/resource-type.ts';

interface SecretProperties {
  readonly Name?: string;
  readonly Description?: string;
  readonly KmsKeyId?: string;
  readonly SecretString?: string;
  readonly GenerateSecretString?: GenerateSecretString;
  readonly Tags?: Tags;
}

interface GenerateSecretString {
  readonly SecretStringTemplate?: string;
  readonly GenerateStringKey?: string;
  readonly [rule: string]: unknown;
}

type Tags = readonly { readonly Key: string; readonly Value: string }[];

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-secretsmanager-secret.html
export const secretType: ResourceType = {
  name: 'AWS::SecretsManager::Secret',
  properties: {
    Name: replaces(text),
    Description: text,
    KmsKeyId: text,
    SecretString: text,
    GenerateSecretString: object({
      SecretStringTemplate: text,
      GenerateStringKey: text,
      PasswordLength: integer,
      ExcludeCharacters: text,
      ExcludeNumbers: flag,
      ExcludePunctuation: flag,
      ExcludeUppercase: flag,
      ExcludeLowercase: flag,
      IncludeSpace: flag,
      RequireEachIncludedType: flag,
    }),
    Tags: tags,
  },

  create(ctx, properties) {
    const { Name, Description, KmsKeyId, SecretString, GenerateSecretString } = secretOf(properties);
    const secretString = GenerateSecretString ? generate(ctx, GenerateSecretString) : SecretString;
    const created = ctx.call('secretsmanager', 'createSecret', {
      // Confirmed by docs: `LOGICALID-RANDOM`, so that ARNs of stacks' secrets stay short.
      Name:
        Name ??
        `${ctx.logicalId}-${ctx.random.text(12, 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789')}`,
      Description,
      KmsKeyId,
      SecretString: secretString,
      Tags: allTags(ctx, properties),
    });
    return { physicalId: created.ARN ?? '' };
  },

  update(ctx, resource, properties) {
    const before = secretOf(resource.properties);
    const { Description, KmsKeyId, SecretString, GenerateSecretString } = secretOf(properties);
    const changed = JSON.stringify(GenerateSecretString) !== JSON.stringify(before.GenerateSecretString);
    // Confirmed by docs: a changed GenerateSecretString makes a new value; an unchanged one leaves the value alone.
    const generated = GenerateSecretString && changed ? generate(ctx, GenerateSecretString) : undefined;
    const given = SecretString !== before.SecretString ? SecretString : undefined;
    ctx.call('secretsmanager', 'updateSecret', {
      SecretId: resource.physicalId,
      Description: Description ?? '',
      KmsKeyId,
      SecretString: generated ?? given,
    });
    setTags(ctx, resource.physicalId, allTags(ctx, properties));
  },

  delete(ctx, { physicalId }) {
    // Confirmed by docs: CloudFormation deletes secrets without a recovery window.
    ctx.call('secretsmanager', 'deleteSecret', { SecretId: physicalId, ForceDeleteWithoutRecovery: true });
  },

  /** Not its value, nor how that was generated. */
  read(ctx, { physicalId: SecretId }) {
    const secret = ctx.call('secretsmanager', 'describeSecret', { SecretId });
    if (secret.DeletedDate !== undefined) return undefined;
    const { Name, Description, Tags } = secret;
    return { Name, Description, Tags };
  },

  attributes: (_ctx, { physicalId }) => ({ Id: physicalId }),
};

function secretOf(properties: Properties): SecretProperties {
  return properties;
}

function generate(ctx: ResourceContext, rules: GenerateSecretString): string {
  const { SecretStringTemplate, GenerateStringKey, ...request } = rules;
  const { RandomPassword = '' } = ctx.call('secretsmanager', 'getRandomPassword', request);
  if (GenerateStringKey === undefined) return RandomPassword;
  const template: object = JSON.parse(SecretStringTemplate ?? '{}');
  return JSON.stringify({ ...template, [GenerateStringKey]: RandomPassword });
}

function allTags(ctx: ResourceContext, properties: Properties) {
  const own = secretOf(properties).Tags ?? [];
  return [...ctx.stackTags.filter((tag) => !own.some(({ Key }) => Key === tag.Key)), ...own];
}

function setTags(ctx: ResourceContext, secretId: string, wanted: Tags): void {
  const { Tags = [] } = ctx.call('secretsmanager', 'describeSecret', { SecretId: secretId });
  const gone = Tags.map(({ Key = '' }) => Key).filter((key) => !wanted.some((tag) => tag.Key === key));
  ctx.call('secretsmanager', 'untagResource', { SecretId: secretId, TagKeys: gone });
  ctx.call('secretsmanager', 'tagResource', { SecretId: secretId, Tags: [...wanted] });
}
