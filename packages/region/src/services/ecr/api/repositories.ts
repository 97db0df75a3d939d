import type {
  CreateRepositoryRequest,
  CreateRepositoryResponse,
  DeleteRepositoryRequest,
  DeleteRepositoryResponse,
  DescribeRepositoriesRequest,
  DescribeRepositoriesResponse,
  ImageTagMutabilityExclusionFilter,
  PutImageScanningConfigurationRequest,
  PutImageScanningConfigurationResponse,
  PutImageTagMutabilityRequest,
  PutImageTagMutabilityResponse,
  Repository,
} from '@aws-sdk/client-ecr';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import { page } from '../../../kernel/page.ts';
import {
  invalidNextToken,
  invalidParameter,
  repositoryAlreadyExists,
  repositoryNotEmpty,
} from '../errors.ts';
import { type EcrState, imageKey, imagesOf, lookUpRepository, type RepositoryRecord } from '../state.ts';
import { requestTags } from './tags.ts';

/** `localhost:4566`: where this registry answers. Docker allows plain HTTP to localhost. */
export type RegistryHost = () => string;

export function createRepository(
  ctx: Context,
  state: EcrState,
  host: RegistryHost,
  input: CreateRepositoryRequest,
): CreateRepositoryResponse {
  const name = checkName(input.repositoryName ?? '');
  if (state.repositories.has(name)) throw repositoryAlreadyExists(name, ctx.accountId);
  const { encryptionType = 'AES256', kmsKey } = input.encryptionConfiguration ?? {};
  const scanOnPush = input.imageScanningConfiguration?.scanOnPush ?? false;
  const imageTagMutability = input.imageTagMutability ?? 'MUTABLE';
  const repository: RepositoryRecord = {
    name,
    createdAt: ctx.now,
    imageTagMutability,
    exclusionFilters: exclusionFilters(imageTagMutability, input.imageTagMutabilityExclusionFilters),
    scanOnPush,
    encryption: { encryptionType, ...(kmsKey === undefined ? {} : { kmsKey }) },
    tags: requestTags(input.tags),
  };
  if (scanOnPush) announceScanning(ctx);
  if (encryptionType !== 'AES256') announceEncryption(ctx);
  state.repositories.put(name, repository);
  return { repository: describe(ctx, host, repository) };
}

export function describeRepositories(
  ctx: Context,
  state: EcrState,
  host: RegistryHost,
  input: DescribeRepositoriesRequest,
): DescribeRepositoriesResponse {
  const { registryId, repositoryNames } = input;
  const repositories =
    repositoryNames === undefined
      ? [...state.repositories.values()]
      : repositoryNames.map((repositoryName) => lookUpRepository(ctx, state, { registryId, repositoryName }));
  const { items, nextToken } = page(repositories, input.nextToken, input.maxResults ?? 100, invalidNextToken);
  return {
    repositories: items.map((repository) => describe(ctx, host, repository)),
    ...(nextToken === undefined ? {} : { nextToken }),
  };
}

export function deleteRepository(
  ctx: Context,
  state: EcrState,
  host: RegistryHost,
  input: DeleteRepositoryRequest,
): DeleteRepositoryResponse {
  const repository = lookUpRepository(ctx, state, input);
  const { name } = repository;
  const images = imagesOf(state, name);
  if (images.length > 0 && input.force !== true) throw repositoryNotEmpty(name, ctx.accountId);
  for (const { digest } of images) state.images.delete(imageKey(name, digest));
  for (const layer of state.layers.filter(({ repositoryName }) => repositoryName === name)) {
    state.layers.delete(imageKey(name, layer.digest));
  }
  state.repositories.delete(name);
  ctx.timers.drop(name);
  dropUnusedBlobs(ctx, state);
  return { repository: describe(ctx, host, repository) };
}

export function putImageTagMutability(
  ctx: Context,
  state: EcrState,
  input: PutImageTagMutabilityRequest,
): PutImageTagMutabilityResponse {
  const repository = lookUpRepository(ctx, state, input);
  const imageTagMutability = input.imageTagMutability ?? 'MUTABLE';
  const filters = exclusionFilters(imageTagMutability, input.imageTagMutabilityExclusionFilters);
  state.repositories.put(repository.name, { ...repository, imageTagMutability, exclusionFilters: filters });
  return {
    registryId: ctx.accountId,
    repositoryName: repository.name,
    imageTagMutability,
    ...shapeOfFilters(filters),
  };
}

export function putImageScanningConfiguration(
  ctx: Context,
  state: EcrState,
  input: PutImageScanningConfigurationRequest,
): PutImageScanningConfigurationResponse {
  const repository = lookUpRepository(ctx, state, input);
  const scanOnPush = input.imageScanningConfiguration?.scanOnPush ?? false;
  if (scanOnPush) announceScanning(ctx);
  state.repositories.put(repository.name, { ...repository, scanOnPush });
  return {
    registryId: ctx.accountId,
    repositoryName: repository.name,
    imageScanningConfiguration: { scanOnPush },
  };
}

/** Asks the store to drop what no image or layer record names any more. */
export function dropUnusedBlobs(ctx: Context, state: EcrState): void {
  const digests = [...state.layers.values(), ...state.images.values()].map(({ digest }) => digest);
  const sha256s = [...new Set(digests)].map((digest) => digest.replace(/^sha256:/, ''));
  ctx.perform({ kind: 'keepOnly', sha256s });
}

function describe(ctx: Context, host: RegistryHost, repository: RepositoryRecord): Repository {
  const { name, createdAt, imageTagMutability, exclusionFilters, scanOnPush, encryption } = repository;
  return {
    repositoryArn: ctx.arn('ecr', `repository/${name}`),
    registryId: ctx.accountId,
    repositoryName: name,
    repositoryUri: `${host()}/${name}`,
    createdAt: toDate(createdAt),
    imageTagMutability,
    ...shapeOfFilters(exclusionFilters),
    imageScanningConfiguration: { scanOnPush },
    encryptionConfiguration: encryption,
  };
}

function shapeOfFilters(filters: readonly string[]): {
  imageTagMutabilityExclusionFilters?: ImageTagMutabilityExclusionFilter[];
} {
  if (filters.length === 0) return {};
  return {
    imageTagMutabilityExclusionFilters: filters.map((filter) => ({ filterType: 'WILDCARD', filter })),
  };
}

function exclusionFilters(
  mutability: string,
  given: readonly ImageTagMutabilityExclusionFilter[] | undefined,
): readonly string[] {
  const filters = (given ?? []).map(({ filter = '' }) => filter);
  if (mutability.endsWith('_WITH_EXCLUSION') === filters.length > 0) return filters;
  throw invalidParameter(
    'imageTagMutabilityExclusionFilters',
    'Exclusion filters must be given with IMMUTABLE_WITH_EXCLUSION or MUTABLE_WITH_EXCLUSION, and only then',
  );
}

const namePattern = '(?:[a-z0-9]+(?:[._-][a-z0-9]+)*/)*[a-z0-9]+(?:[._-][a-z0-9]+)*';

/** Confirmed by docs: 2 to 256 characters. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html */
function checkName(name: string): string {
  if (name.length < 2 || name.length > 256) {
    throw invalidParameter('repositoryName', 'must have length between 2 and 256');
  }
  if (!new RegExp(`^${namePattern}$`).test(name)) {
    throw invalidParameter('repositoryName', `must satisfy regular expression '${namePattern}'`);
  }
  return name;
}

function announceScanning(ctx: Context): void {
  ctx.warn('ecr-scanning', 'ecr: scanOnPush is kept but images are not scanned; there are no findings.');
}

function announceEncryption(ctx: Context): void {
  ctx.warn(
    'ecr-encryption',
    'ecr: encryptionConfiguration is kept but images on this disk are not encrypted.',
  );
}
