import type {
  EncryptionType,
  ImageTagMutability,
  ImageTagMutabilityExclusionFilterType,
} from '@aws-sdk/client-ecr';
import { AwsError } from '../../../kernel/aws-error.ts';
import {
  flag,
  json,
  listOf,
  object,
  type Properties,
  type ResourceContext,
  type ResourceType,
  replaces,
  tags,
  text,
} from '../../../kernel/resource-type.ts';

interface RepositoryProperties {
  readonly RepositoryName?: string;
  readonly ImageTagMutability?: ImageTagMutability;
  readonly ImageTagMutabilityExclusionFilters?: readonly {
    readonly ImageTagMutabilityExclusionFilterType: ImageTagMutabilityExclusionFilterType;
    readonly ImageTagMutabilityExclusionFilterValue: string;
  }[];
  readonly ImageScanningConfiguration?: { readonly ScanOnPush?: boolean };
  readonly EncryptionConfiguration?: { readonly EncryptionType: EncryptionType; readonly KmsKey?: string };
  readonly LifecyclePolicy?: { readonly LifecyclePolicyText?: string; readonly RegistryId?: string };
  readonly RepositoryPolicyText?: unknown;
  readonly EmptyOnDelete?: boolean;
  readonly Tags?: readonly Tag[];
}

interface Tag {
  readonly Key: string;
  readonly Value: string;
}

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecr-repository.html
export const repositoryType: ResourceType = {
  name: 'AWS::ECR::Repository',
  properties: {
    RepositoryName: replaces(text),
    ImageTagMutability: text,
    ImageTagMutabilityExclusionFilters: listOf(
      object({ ImageTagMutabilityExclusionFilterType: text, ImageTagMutabilityExclusionFilterValue: text }),
    ),
    ImageScanningConfiguration: object({ ScanOnPush: flag }),
    EncryptionConfiguration: replaces(object({ EncryptionType: text, KmsKey: text })),
    LifecyclePolicy: object({ LifecyclePolicyText: text, RegistryId: text }),
    RepositoryPolicyText: json,
    EmptyOnDelete: flag,
    Tags: tags,
  },

  create(ctx, given) {
    const properties = given as RepositoryProperties;
    const repositoryName = properties.RepositoryName ?? ctx.generateName(256, { lowerCase: true });
    const { EncryptionConfiguration: encryption } = properties;
    ctx.call('ecr', 'createRepository', {
      repositoryName,
      ...mutabilityOf(properties),
      imageScanningConfiguration: scanningOf(properties),
      ...(encryption === undefined
        ? {}
        : {
            encryptionConfiguration: { encryptionType: encryption.EncryptionType, kmsKey: encryption.KmsKey },
          }),
      tags: tagsOf(ctx, properties),
    });
    putPolicies(ctx, repositoryName, properties);
    return { physicalId: repositoryName };
  },

  update(ctx, { physicalId: repositoryName, properties: previous }, given) {
    const properties = given as RepositoryProperties;
    ctx.call('ecr', 'putImageTagMutability', { repositoryName, ...mutabilityOf(properties) });
    ctx.call('ecr', 'putImageScanningConfiguration', {
      repositoryName,
      imageScanningConfiguration: scanningOf(properties),
    });
    putPolicies(ctx, repositoryName, properties);
    removePolicies(ctx, repositoryName, previous as RepositoryProperties, properties);
    setTags(ctx, repositoryName, tagsOf(ctx, properties));
  },

  delete(ctx, { physicalId: repositoryName, properties }) {
    if (!exists(ctx, repositoryName)) return;
    const force = (properties as RepositoryProperties).EmptyOnDelete ?? false;
    ctx.call('ecr', 'deleteRepository', { repositoryName, force });
  },

  read(ctx, { physicalId: repositoryName, properties }) {
    const { repositories: [repository] = [] } = ctx.call('ecr', 'describeRepositories', {
      repositoryNames: [repositoryName],
    });
    if (!repository) return undefined;
    const { encryptionConfiguration: encryption, imageTagMutabilityExclusionFilters: filters } = repository;
    const { tags = [] } = ctx.call('ecr', 'listTagsForResource', {
      resourceArn: ctx.arn('ecr', `repository/${repositoryName}`),
    });
    return {
      RepositoryName: repositoryName,
      ImageTagMutability: repository.imageTagMutability,
      ImageTagMutabilityExclusionFilters: filters?.map(({ filter, filterType }) => ({
        ImageTagMutabilityExclusionFilterType: filterType,
        ImageTagMutabilityExclusionFilterValue: filter,
      })),
      ImageScanningConfiguration: { ScanOnPush: repository.imageScanningConfiguration?.scanOnPush },
      EncryptionConfiguration: { EncryptionType: encryption?.encryptionType, KmsKey: encryption?.kmsKey },
      ...policiesNow(ctx, repositoryName, properties as RepositoryProperties),
      Tags: tags,
    };
  },

  attributes(ctx, { physicalId }) {
    const { repositories } = ctx.call('ecr', 'describeRepositories', { repositoryNames: [physicalId] });
    return { Arn: repositories?.[0]?.repositoryArn, RepositoryUri: repositories?.[0]?.repositoryUri };
  },
};

function mutabilityOf(properties: RepositoryProperties) {
  const filters = properties.ImageTagMutabilityExclusionFilters;
  return {
    imageTagMutability: properties.ImageTagMutability ?? ('MUTABLE' as const),
    ...(filters === undefined
      ? {}
      : {
          imageTagMutabilityExclusionFilters: filters.map((filter) => ({
            filterType: filter.ImageTagMutabilityExclusionFilterType,
            filter: filter.ImageTagMutabilityExclusionFilterValue,
          })),
        }),
  };
}

function scanningOf({ ImageScanningConfiguration }: RepositoryProperties) {
  return { scanOnPush: ImageScanningConfiguration?.ScanOnPush ?? false };
}

function putPolicies(ctx: ResourceContext, repositoryName: string, properties: RepositoryProperties): void {
  const { RepositoryPolicyText: policy, LifecyclePolicy: lifecycle } = properties;
  if (lifecycle?.LifecyclePolicyText !== undefined) {
    const { LifecyclePolicyText: lifecyclePolicyText, RegistryId: registryId } = lifecycle;
    ctx.call('ecr', 'putLifecyclePolicy', { repositoryName, lifecyclePolicyText, registryId });
  }
  if (policy !== undefined) {
    const policyText = typeof policy === 'string' ? policy : JSON.stringify(policy);
    ctx.call('ecr', 'setRepositoryPolicy', { repositoryName, policyText });
  }
}

/** Those of the policies that the template gives. */
function policiesNow(
  ctx: ResourceContext,
  repositoryName: string,
  { LifecyclePolicy: lifecycle, RepositoryPolicyText }: RepositoryProperties,
): Properties {
  return {
    ...(lifecycle && {
      LifecyclePolicy: {
        ...lifecycle,
        LifecyclePolicyText: orNone(
          () => ctx.call('ecr', 'getLifecyclePolicy', { repositoryName }).lifecyclePolicyText,
        ),
      },
    }),
    ...(RepositoryPolicyText !== undefined && {
      RepositoryPolicyText: orNone(
        () => ctx.call('ecr', 'getRepositoryPolicy', { repositoryName }).policyText,
      ),
    }),
  };
}

/** There is none: that is no reason to say that the repository is gone. */
function orNone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof AwsError && error.code.endsWith('PolicyNotFoundException')) return undefined;
    throw error;
  }
}

function removePolicies(
  ctx: ResourceContext,
  repositoryName: string,
  previous: RepositoryProperties,
  properties: RepositoryProperties,
): void {
  const had = previous.LifecyclePolicy?.LifecyclePolicyText !== undefined;
  if (had && properties.LifecyclePolicy?.LifecyclePolicyText === undefined) {
    ctx.call('ecr', 'deleteLifecyclePolicy', { repositoryName });
  }
  if (previous.RepositoryPolicyText !== undefined && properties.RepositoryPolicyText === undefined) {
    ctx.call('ecr', 'deleteRepositoryPolicy', { repositoryName });
  }
}

function tagsOf(ctx: ResourceContext, properties: RepositoryProperties): Tag[] {
  return [...ctx.stackTags, ...(properties.Tags ?? [])];
}

function setTags(ctx: ResourceContext, repositoryName: string, wanted: Tag[]): void {
  const resourceArn = ctx.arn('ecr', `repository/${repositoryName}`);
  const { tags: present = [] } = ctx.call('ecr', 'listTagsForResource', { resourceArn });
  const gone = present.map(({ Key = '' }) => Key).filter((key) => !wanted.some((tag) => tag.Key === key));
  ctx.call('ecr', 'untagResource', { resourceArn, tagKeys: gone });
  ctx.call('ecr', 'tagResource', { resourceArn, tags: wanted });
}

function exists(ctx: ResourceContext, repositoryName: string): boolean {
  const { repositories = [] } = ctx.call('ecr', 'describeRepositories', { maxResults: 1_000_000 });
  return repositories.some((repository) => repository.repositoryName === repositoryName);
}
