import { createHash } from 'node:crypto';
import type {
  BatchCheckLayerAvailabilityRequest,
  BatchCheckLayerAvailabilityResponse,
  BatchDeleteImageRequest,
  BatchDeleteImageResponse,
  BatchGetImageRequest,
  BatchGetImageResponse,
  DescribeImagesRequest,
  DescribeImagesResponse,
  Image,
  ImageDetail,
  ImageFailure,
  ImageIdentifier,
  ListImagesRequest,
  ListImagesResponse,
  PutImageRequest,
  PutImageResponse,
  TagStatus,
} from '@aws-sdk/client-ecr';
import type { Context } from '../../../kernel/context.ts';
import { toDate } from '../../../kernel/instant.ts';
import { page } from '../../../kernel/page.ts';
import {
  imageAlreadyExists,
  imageDigestDoesNotMatch,
  imageTagAlreadyExists,
  invalidNextToken,
  invalidParameter,
  layersNotFound,
  referencedImagesNotFound,
} from '../errors.ts';
import { type ParsedManifest, parseManifest } from '../manifest.ts';
import {
  type EcrState,
  findImage,
  type ImageRecord,
  imageKey,
  imagesOf,
  lookUpImage,
  lookUpRepository,
  type RepositoryRecord,
} from '../state.ts';
import { wildcard } from '../wildcard.ts';
import { dropUnusedBlobs } from './repositories.ts';

export function putImage(ctx: Context, state: EcrState, input: PutImageRequest): PutImageResponse {
  const repository = lookUpRepository(ctx, state, input);
  const { imageManifest = '', imageTag, imageDigest } = input;
  const manifest = parseManifest(imageManifest, input.imageManifestMediaType);
  const digest = `sha256:${createHash('sha256').update(imageManifest).digest('hex')}`;
  if (imageDigest !== undefined && imageDigest !== digest) throw imageDigestDoesNotMatch();
  if (imageTag !== undefined) checkTag(imageTag);
  refuseExisting(ctx, state, repository, { digest, imageTag });
  checkReferences(ctx, state, repository, manifest);
  const image = store(ctx, state, { repository, digest, imageManifest, manifest, imageTag });
  ctx.perform({ kind: 'keep', manifest: imageManifest });
  return { image: shape(ctx, image, imageTag) };
}

function refuseExisting(
  ctx: Context,
  state: EcrState,
  repository: RepositoryRecord,
  { digest, imageTag }: { readonly digest: string; readonly imageTag: string | undefined },
): void {
  const { name } = repository;
  const existing = findImage(state, name, imageTag === undefined ? { imageDigest: digest } : { imageTag });
  if (existing === undefined) return;
  if (existing.digest === digest) throw imageAlreadyExists(digest, imageTag, name, ctx.accountId);
  if (imageTag !== undefined && !isMutable(repository, imageTag)) throw imageTagAlreadyExists(imageTag, name);
}

/** Confirmed by docs: a filter is a pattern in which `*` stands for any characters. */
function isMutable({ imageTagMutability, exclusionFilters }: RepositoryRecord, tag: string): boolean {
  const excluded = exclusionFilters.some((filter) => wildcard(filter).test(tag));
  return imageTagMutability.startsWith('MUTABLE') !== excluded;
}

function checkReferences(
  ctx: Context,
  state: EcrState,
  { name }: RepositoryRecord,
  { blobs, manifests }: ParsedManifest,
): void {
  const layers = blobs
    .map(({ digest }) => digest)
    .filter((digest) => !state.layers.has(imageKey(name, digest)));
  if (layers.length > 0) throw layersNotFound([...new Set(layers)], name, ctx.accountId);
  const images = manifests.filter((digest) => !state.images.has(imageKey(name, digest)));
  if (images.length > 0) throw referencedImagesNotFound([...new Set(images)], name, ctx.accountId);
}

function store(
  ctx: Context,
  state: EcrState,
  from: {
    readonly repository: RepositoryRecord;
    readonly digest: string;
    readonly imageManifest: string;
    readonly manifest: ParsedManifest;
    readonly imageTag: string | undefined;
  },
): ImageRecord {
  const { repository, digest, imageManifest, manifest, imageTag } = from;
  const { name } = repository;
  const previous = imageTag === undefined ? undefined : findImage(state, name, { imageTag });
  if (previous !== undefined) {
    const tags = previous.tags.filter((tag) => tag !== imageTag);
    state.images.put(imageKey(name, previous.digest), { ...previous, tags });
  }
  const existing = state.images.get(imageKey(name, digest));
  const { mediaType, artifactMediaType } = manifest;
  const image: ImageRecord = {
    repositoryName: name,
    digest,
    manifest: imageManifest,
    mediaType,
    ...(artifactMediaType === undefined ? {} : { artifactMediaType }),
    sizeInBytes: manifest.blobs.reduce((sum, blob) => sum + blob.size, 0),
    tags: [...(existing?.tags ?? []), ...(imageTag === undefined ? [] : [imageTag])],
    pushedAt: existing?.pushedAt ?? ctx.now,
  };
  state.images.put(imageKey(name, digest), image);
  return image;
}

export function batchGetImage(
  ctx: Context,
  state: EcrState,
  input: BatchGetImageRequest,
): BatchGetImageResponse {
  const { name } = lookUpRepository(ctx, state, input);
  const images: Image[] = [];
  const failures: ImageFailure[] = [];
  for (const imageId of input.imageIds ?? []) {
    const found = findRequested(state, name, imageId);
    if (!('digest' in found)) {
      failures.push(found);
      continue;
    }
    state.images.put(imageKey(name, found.digest), { ...found, lastPulledAt: ctx.now });
    images.push(shape(ctx, found, imageId.imageTag));
  }
  return { images, failures };
}

export function batchDeleteImage(
  ctx: Context,
  state: EcrState,
  input: BatchDeleteImageRequest,
): BatchDeleteImageResponse {
  const { name } = lookUpRepository(ctx, state, input);
  const imageIds: ImageIdentifier[] = [];
  const failures: ImageFailure[] = [];
  for (const imageId of input.imageIds ?? []) {
    const found = findRequested(state, name, imageId);
    const failure = 'digest' in found ? refuseReferenced(state, found, imageId) : found;
    if (failure !== undefined) failures.push(failure);
    else if ('digest' in found) imageIds.push(...remove(state, found, imageId));
  }
  dropUnusedBlobs(ctx, state);
  return { imageIds, failures };
}

/** Confirmed by docs: deleting by a tag removes the tag, and the image with its last tag; by digest, the image and all tags. */
function remove(
  state: EcrState,
  image: ImageRecord,
  { imageDigest, imageTag }: ImageIdentifier,
): ImageIdentifier[] {
  const key = imageKey(image.repositoryName, image.digest);
  const tags = imageTag === undefined ? [] : image.tags.filter((tag) => tag !== imageTag);
  if (tags.length > 0) {
    state.images.put(key, { ...image, tags });
    return [{ imageDigest: image.digest, imageTag }];
  }
  state.images.delete(key);
  const gone = imageDigest === undefined ? [imageTag] : image.tags;
  if (gone.length === 0) return [{ imageDigest: image.digest }];
  return gone.map((tag) => ({ imageDigest: image.digest, imageTag: tag }));
}

function refuseReferenced(
  state: EcrState,
  image: ImageRecord,
  imageId: ImageIdentifier,
): ImageFailure | undefined {
  if (imageId.imageTag !== undefined && image.tags.length > 1) return undefined;
  const lists = imagesOf(state, image.repositoryName).filter(({ manifest, mediaType }) =>
    parseManifest(manifest, mediaType).manifests.includes(image.digest),
  );
  if (lists.length === 0) return undefined;
  return {
    imageId,
    failureCode: 'ImageReferencedByManifestList',
    failureReason: `Requested image referenced by manifest list: [${lists.map(({ digest }) => digest).join(', ')}]`,
  };
}

function findRequested(
  state: EcrState,
  repositoryName: string,
  imageId: ImageIdentifier,
): ImageRecord | ImageFailure {
  const { imageDigest, imageTag } = imageId;
  if (imageDigest === undefined && imageTag === undefined) {
    return {
      imageId,
      failureCode: 'MissingDigestAndTag',
      failureReason: 'Invalid request parameters: both tag and digest cannot be null',
    };
  }
  if (imageDigest !== undefined && !/^sha256:[0-9a-f]{64}$/.test(imageDigest)) {
    return {
      imageId,
      failureCode: 'InvalidImageDigest',
      failureReason:
        "Invalid request parameters: image digest should satisfy the regex '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
    };
  }
  const notFound: ImageFailure = {
    imageId,
    failureCode: 'ImageNotFound',
    failureReason: 'Requested image not found',
  };
  return findImage(state, repositoryName, imageId) ?? notFound;
}

export function describeImages(
  ctx: Context,
  state: EcrState,
  input: DescribeImagesRequest,
): DescribeImagesResponse {
  const { name } = lookUpRepository(ctx, state, input);
  const images =
    input.imageIds === undefined
      ? imagesOf(state, name).filter(({ tags }) => hasTagStatus(tags, input.filter?.tagStatus))
      : input.imageIds.map((imageId) => lookUpImage(ctx, state, name, imageId));
  const { items, nextToken } = page(images, input.nextToken, input.maxResults ?? 100, invalidNextToken);
  return {
    imageDetails: items.map((image) => detail(ctx, image)),
    ...(nextToken === undefined ? {} : { nextToken }),
  };
}

export function listImages(ctx: Context, state: EcrState, input: ListImagesRequest): ListImagesResponse {
  const { name } = lookUpRepository(ctx, state, input);
  const ids = imagesOf(state, name)
    .filter(({ tags }) => hasTagStatus(tags, input.filter?.tagStatus))
    .flatMap(({ digest, tags }): ImageIdentifier[] =>
      tags.length === 0
        ? [{ imageDigest: digest }]
        : tags.map((imageTag) => ({ imageDigest: digest, imageTag })),
    );
  const { items, nextToken } = page(ids, input.nextToken, input.maxResults ?? 100, invalidNextToken);
  return { imageIds: items, ...(nextToken === undefined ? {} : { nextToken }) };
}

export function batchCheckLayerAvailability(
  ctx: Context,
  state: EcrState,
  input: BatchCheckLayerAvailabilityRequest,
): BatchCheckLayerAvailabilityResponse {
  const { name } = lookUpRepository(ctx, state, input);
  const layers = (input.layerDigests ?? []).map((layerDigest) => {
    const layer = state.layers.get(imageKey(name, layerDigest));
    return layer === undefined
      ? { layerDigest, layerAvailability: 'UNAVAILABLE' as const }
      : { layerDigest, layerAvailability: 'AVAILABLE' as const, layerSize: layer.sizeInBytes };
  });
  return { layers, failures: [] };
}

function shape(ctx: Context, image: ImageRecord, imageTag: string | undefined): Image {
  return {
    registryId: ctx.accountId,
    repositoryName: image.repositoryName,
    imageId: { imageDigest: image.digest, ...(imageTag === undefined ? {} : { imageTag }) },
    imageManifest: image.manifest,
    imageManifestMediaType: image.mediaType,
  };
}

function detail(ctx: Context, image: ImageRecord): ImageDetail {
  const { tags, lastPulledAt, artifactMediaType } = image;
  return {
    registryId: ctx.accountId,
    repositoryName: image.repositoryName,
    imageDigest: image.digest,
    ...(tags.length === 0 ? {} : { imageTags: [...tags] }),
    imageSizeInBytes: image.sizeInBytes,
    imagePushedAt: toDate(image.pushedAt),
    imageManifestMediaType: image.mediaType,
    ...(artifactMediaType === undefined ? {} : { artifactMediaType }),
    ...(lastPulledAt === undefined ? {} : { lastRecordedPullTime: toDate(lastPulledAt) }),
    imageStatus: 'ACTIVE',
  };
}

function hasTagStatus(tags: readonly string[], status: TagStatus = 'ANY'): boolean {
  return status === 'ANY' || (status === 'TAGGED') === tags.length > 0;
}

function checkTag(tag: string): void {
  if (/^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/.test(tag)) return;
  throw invalidParameter('imageTag', "must satisfy regular expression '[a-zA-Z0-9-_.]+'");
}
