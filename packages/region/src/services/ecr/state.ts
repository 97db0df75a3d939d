import type { ImageTagMutability } from '@aws-sdk/client-ecr';
import type { Context, Principal } from '../../kernel/context.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Table, Tables } from '../../kernel/table.ts';
import { imageNotFound, repositoryNotFound } from './errors.ts';

export interface RepositoryRecord {
  readonly name: string;
  readonly createdAt: Instant;
  readonly imageTagMutability: ImageTagMutability;
  /** Wildcard patterns of tags that are exempt from the mutability above. */
  readonly exclusionFilters: readonly string[];
  readonly scanOnPush: boolean;
  readonly encryption: { readonly encryptionType: 'AES256' | 'KMS' | 'KMS_DSSE'; readonly kmsKey?: string };
  readonly tags: Readonly<Record<string, string>>;
  readonly policyText?: string;
  readonly lifecyclePolicyText?: string;
  readonly lifecycleEvaluatedAt?: Instant;
}

export interface ImageRecord {
  readonly repositoryName: string;
  /** `sha256:<hex>` of the manifest. */
  readonly digest: string;
  readonly manifest: string;
  readonly mediaType: string;
  readonly artifactMediaType?: string;
  /** Manifest, config and layers, compressed. */
  readonly sizeInBytes: number;
  readonly tags: readonly string[];
  readonly pushedAt: Instant;
  readonly lastPulledAt?: Instant;
}

/** Bytes that were pushed into a repository: layers and configs. The bytes themselves are in the blob store. */
export interface LayerRecord {
  readonly repositoryName: string;
  readonly digest: string;
  readonly sizeInBytes: number;
}

export interface TokenRecord {
  readonly password: string;
  readonly expiresAt: Instant;
  readonly principal: Principal;
}

export interface EcrState {
  readonly repositories: Table<RepositoryRecord>;
  readonly images: Table<ImageRecord>;
  readonly layers: Table<LayerRecord>;
  readonly tokens: Table<TokenRecord>;
}

export function openEcr(tables: Tables): EcrState {
  return {
    repositories: tables.table('ecr.repositories'),
    images: tables.table('ecr.images'),
    layers: tables.table('ecr.layers'),
    tokens: tables.table('ecr.tokens'),
  };
}

export interface RepositoryReference {
  readonly registryId?: string | undefined;
  readonly repositoryName: string | undefined;
}

/** Only this account's registry exists. */
export function lookUpRepository(
  ctx: Context,
  state: EcrState,
  reference: RepositoryReference,
): RepositoryRecord {
  const { registryId = ctx.accountId, repositoryName = '' } = reference;
  const repository = registryId === ctx.accountId ? state.repositories.get(repositoryName) : undefined;
  if (repository === undefined) throw repositoryNotFound(repositoryName, registryId);
  return repository;
}

export function imageKey(repositoryName: string, digest: string): string {
  return `${repositoryName}@${digest}`;
}

export function imagesOf(state: EcrState, repositoryName: string): ImageRecord[] {
  return state.images.filter((image) => image.repositoryName === repositoryName);
}

export interface ImageReference {
  readonly imageDigest?: string | undefined;
  readonly imageTag?: string | undefined;
}

/** By digest, by tag, or by both, which must then agree. */
export function findImage(
  state: EcrState,
  repositoryName: string,
  { imageDigest, imageTag }: ImageReference,
): ImageRecord | undefined {
  const image =
    imageDigest === undefined
      ? state.images.find((i) => i.repositoryName === repositoryName && i.tags.includes(imageTag ?? ''))
      : state.images.get(imageKey(repositoryName, imageDigest));
  return imageTag === undefined || image?.tags.includes(imageTag) ? image : undefined;
}

export function lookUpImage(
  ctx: Context,
  state: EcrState,
  repositoryName: string,
  reference: ImageReference,
): ImageRecord {
  const image = findImage(state, repositoryName, reference);
  if (image === undefined) throw imageNotFound(reference, repositoryName, ctx.accountId);
  return image;
}
