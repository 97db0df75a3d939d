import type * as Ecr from '@aws-sdk/client-ecr';
import { operation, type ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import { getAuthorizationToken } from './api/authorization.ts';
import {
  batchCheckLayerAvailability,
  batchDeleteImage,
  batchGetImage,
  describeImages,
  listImages,
  putImage,
} from './api/images.ts';
import {
  deleteLifecyclePolicy,
  deleteRepositoryPolicy,
  evaluateLifecyclePolicy,
  getLifecyclePolicy,
  getRepositoryPolicy,
  lifecycleTimer,
  putLifecyclePolicy,
  setRepositoryPolicy,
} from './api/policies.ts';
import {
  createRepository,
  deleteRepository,
  describeRepositories,
  dropUnusedBlobs,
  putImageScanningConfiguration,
  putImageTagMutability,
  type RegistryHost,
} from './api/repositories.ts';
import { listTagsForResource, tagResource, untagResource } from './api/tags.ts';
import { repositoryType } from './cloudformation/repository.ts';
import type { ManifestStore } from './ports.ts';
import { openEcr } from './state.ts';

export interface EcrDependencies {
  readonly tables: Tables;
  readonly manifests: ManifestStore;
  /** Where the registry answers, e.g. `localhost:4566`; the first part of every `repositoryUri`. */
  readonly registryHost: RegistryHost;
}

type Action =
  | { readonly kind: 'keep'; readonly manifest: string }
  | { readonly kind: 'keepOnly'; readonly sha256s: readonly string[] };

/** Amazon Elastic Container Registry: repositories, images, tokens. The bytes come and go through the registry plane. */
export function ecr({ tables, manifests, registryHost: host }: EcrDependencies): ServiceModule {
  const state = openEcr(tables);
  return {
    name: 'ecr',
    resourceTypes: [repositoryType],
    operations: {
      CreateRepository: operation<Ecr.CreateRepositoryRequest, Ecr.CreateRepositoryResponse>({
        accepts: [
          'registryId',
          'repositoryName',
          'tags',
          'imageTagMutability',
          'imageTagMutabilityExclusionFilters',
          'imageScanningConfiguration',
          'encryptionConfiguration',
        ],
        handler: (ctx, input) => createRepository(ctx, state, host, input),
      }),
      DescribeRepositories: operation<Ecr.DescribeRepositoriesRequest, Ecr.DescribeRepositoriesResponse>({
        accepts: ['registryId', 'repositoryNames', 'nextToken', 'maxResults'],
        handler: (ctx, input) => describeRepositories(ctx, state, host, input),
      }),
      DeleteRepository: operation<Ecr.DeleteRepositoryRequest, Ecr.DeleteRepositoryResponse>({
        accepts: ['registryId', 'repositoryName', 'force'],
        handler: (ctx, input) => deleteRepository(ctx, state, host, input),
      }),
      PutImageTagMutability: operation<Ecr.PutImageTagMutabilityRequest, Ecr.PutImageTagMutabilityResponse>({
        accepts: ['registryId', 'repositoryName', 'imageTagMutability', 'imageTagMutabilityExclusionFilters'],
        handler: (ctx, input) => putImageTagMutability(ctx, state, input),
      }),
      PutImageScanningConfiguration: operation<
        Ecr.PutImageScanningConfigurationRequest,
        Ecr.PutImageScanningConfigurationResponse
      >({
        accepts: ['registryId', 'repositoryName', 'imageScanningConfiguration'],
        handler: (ctx, input) => putImageScanningConfiguration(ctx, state, input),
      }),
      GetAuthorizationToken: operation<Ecr.GetAuthorizationTokenRequest, Ecr.GetAuthorizationTokenResponse>({
        accepts: ['registryIds'],
        handler: (ctx, input) => getAuthorizationToken(ctx, state, host, input),
      }),
      PutImage: operation<Ecr.PutImageRequest, Ecr.PutImageResponse>({
        accepts: [
          'registryId',
          'repositoryName',
          'imageManifest',
          'imageManifestMediaType',
          'imageTag',
          'imageDigest',
        ],
        handler: (ctx, input) => putImage(ctx, state, input),
      }),
      BatchGetImage: operation<Ecr.BatchGetImageRequest, Ecr.BatchGetImageResponse>({
        accepts: ['registryId', 'repositoryName', 'imageIds', 'acceptedMediaTypes'],
        handler: (ctx, input) => batchGetImage(ctx, state, input),
      }),
      BatchDeleteImage: operation<Ecr.BatchDeleteImageRequest, Ecr.BatchDeleteImageResponse>({
        accepts: ['registryId', 'repositoryName', 'imageIds'],
        handler: (ctx, input) => batchDeleteImage(ctx, state, input),
      }),
      DescribeImages: operation<Ecr.DescribeImagesRequest, Ecr.DescribeImagesResponse>({
        accepts: ['registryId', 'repositoryName', 'imageIds', 'nextToken', 'maxResults', 'filter'],
        handler: (ctx, input) => describeImages(ctx, state, input),
      }),
      ListImages: operation<Ecr.ListImagesRequest, Ecr.ListImagesResponse>({
        accepts: ['registryId', 'repositoryName', 'nextToken', 'maxResults', 'filter'],
        handler: (ctx, input) => listImages(ctx, state, input),
      }),
      BatchCheckLayerAvailability: operation<
        Ecr.BatchCheckLayerAvailabilityRequest,
        Ecr.BatchCheckLayerAvailabilityResponse
      >({
        accepts: ['registryId', 'repositoryName', 'layerDigests'],
        handler: (ctx, input) => batchCheckLayerAvailability(ctx, state, input),
      }),
      PutLifecyclePolicy: operation<Ecr.PutLifecyclePolicyRequest, Ecr.PutLifecyclePolicyResponse>({
        accepts: ['registryId', 'repositoryName', 'lifecyclePolicyText'],
        handler: (ctx, input) => putLifecyclePolicy(ctx, state, input),
      }),
      GetLifecyclePolicy: operation<Ecr.GetLifecyclePolicyRequest, Ecr.GetLifecyclePolicyResponse>({
        accepts: ['registryId', 'repositoryName'],
        handler: (ctx, input) => getLifecyclePolicy(ctx, state, input),
      }),
      DeleteLifecyclePolicy: operation<Ecr.DeleteLifecyclePolicyRequest, Ecr.DeleteLifecyclePolicyResponse>({
        accepts: ['registryId', 'repositoryName'],
        handler: (ctx, input) => deleteLifecyclePolicy(ctx, state, input),
      }),
      SetRepositoryPolicy: operation<Ecr.SetRepositoryPolicyRequest, Ecr.SetRepositoryPolicyResponse>({
        accepts: ['registryId', 'repositoryName', 'policyText', 'force'],
        handler: (ctx, input) => setRepositoryPolicy(ctx, state, input),
      }),
      GetRepositoryPolicy: operation<Ecr.GetRepositoryPolicyRequest, Ecr.GetRepositoryPolicyResponse>({
        accepts: ['registryId', 'repositoryName'],
        handler: (ctx, input) => getRepositoryPolicy(ctx, state, input),
      }),
      DeleteRepositoryPolicy: operation<
        Ecr.DeleteRepositoryPolicyRequest,
        Ecr.DeleteRepositoryPolicyResponse
      >({
        accepts: ['registryId', 'repositoryName'],
        handler: (ctx, input) => deleteRepositoryPolicy(ctx, state, input),
      }),
      TagResource: operation<Ecr.TagResourceRequest, object>({
        accepts: ['resourceArn', 'tags'],
        handler: (ctx, input) => tagResource(ctx, state, input),
      }),
      UntagResource: operation<Ecr.UntagResourceRequest, object>({
        accepts: ['resourceArn', 'tagKeys'],
        handler: (ctx, input) => untagResource(ctx, state, input),
      }),
      ListTagsForResource: operation<Ecr.ListTagsForResourceRequest, Ecr.ListTagsForResourceResponse>({
        accepts: ['resourceArn'],
        handler: (ctx, input) => listTagsForResource(ctx, state, input),
      }),
    },

    onStart: (ctx) => dropUnusedBlobs(ctx, state),

    onTimer(ctx, { subject, name }) {
      if (name === lifecycleTimer) evaluateLifecyclePolicy(ctx, state, subject);
    },

    async perform(action: Action) {
      if (action.kind === 'keep') await manifests.keep(action.manifest);
      else await manifests.keepOnly(action.sha256s);
      return undefined;
    },
  };
}
