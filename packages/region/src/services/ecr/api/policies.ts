import type {
  DeleteLifecyclePolicyRequest,
  DeleteLifecyclePolicyResponse,
  DeleteRepositoryPolicyRequest,
  DeleteRepositoryPolicyResponse,
  GetLifecyclePolicyRequest,
  GetLifecyclePolicyResponse,
  GetRepositoryPolicyRequest,
  GetRepositoryPolicyResponse,
  PutLifecyclePolicyRequest,
  PutLifecyclePolicyResponse,
  SetRepositoryPolicyRequest,
  SetRepositoryPolicyResponse,
} from '@aws-sdk/client-ecr';
import type { Context } from '../../../kernel/context.ts';
import { after, toDate } from '../../../kernel/instant.ts';
import { invalidParameter, lifecyclePolicyNotFound, repositoryPolicyNotFound } from '../errors.ts';
import { expiredImages, parseLifecyclePolicy } from '../lifecycle.ts';
import { parseManifest } from '../manifest.ts';
import { type EcrState, imageKey, imagesOf, lookUpRepository, type RepositoryRecord } from '../state.ts';
import { dropUnusedBlobs } from './repositories.ts';

/** The one timer of a repository with a lifecycle policy. */
export const lifecycleTimer = 'lifecycle';

// Confirmed by docs: an image is expired within 24 hours of meeting a policy. Chosen: an evaluation each hour.
const evaluationSeconds = 60 * 60;

export function putLifecyclePolicy(
  ctx: Context,
  state: EcrState,
  input: PutLifecyclePolicyRequest,
): PutLifecyclePolicyResponse {
  const repository = lookUpRepository(ctx, state, input);
  const { lifecyclePolicyText = '' } = input;
  parseLifecyclePolicy(lifecyclePolicyText);
  state.repositories.put(repository.name, { ...repository, lifecyclePolicyText });
  ctx.timers.set(repository.name, lifecycleTimer, after(ctx.now, evaluationSeconds));
  return { registryId: ctx.accountId, repositoryName: repository.name, lifecyclePolicyText };
}

export function getLifecyclePolicy(
  ctx: Context,
  state: EcrState,
  input: GetLifecyclePolicyRequest,
): GetLifecyclePolicyResponse {
  return shapeOfLifecycle(ctx, lookUpRepository(ctx, state, input));
}

export function deleteLifecyclePolicy(
  ctx: Context,
  state: EcrState,
  input: DeleteLifecyclePolicyRequest,
): DeleteLifecyclePolicyResponse {
  const repository = lookUpRepository(ctx, state, input);
  const answer = shapeOfLifecycle(ctx, repository);
  const { lifecyclePolicyText: _text, lifecycleEvaluatedAt: _at, ...rest } = repository;
  state.repositories.put(repository.name, rest);
  ctx.timers.cancel(repository.name, lifecycleTimer);
  return answer;
}

/** When the repository's timer is due. Images that an index refers to stay until the index is gone. */
export function evaluateLifecyclePolicy(ctx: Context, state: EcrState, repositoryName: string): void {
  const repository = state.repositories.get(repositoryName);
  if (repository?.lifecyclePolicyText === undefined) return;
  const images = imagesOf(state, repositoryName);
  const referenced = new Set(
    images.flatMap(({ manifest, mediaType }) => parseManifest(manifest, mediaType).manifests),
  );
  const candidates = images.filter(({ digest }) => !referenced.has(digest));
  const expired = expiredImages(parseLifecyclePolicy(repository.lifecyclePolicyText), candidates, ctx.now);
  for (const { digest } of expired) state.images.delete(imageKey(repositoryName, digest));
  if (expired.length > 0) dropUnusedBlobs(ctx, state);
  state.repositories.put(repositoryName, { ...repository, lifecycleEvaluatedAt: ctx.now });
  ctx.timers.set(repositoryName, lifecycleTimer, after(ctx.now, evaluationSeconds));
}

function shapeOfLifecycle(ctx: Context, repository: RepositoryRecord): GetLifecyclePolicyResponse {
  const { name, lifecyclePolicyText, lifecycleEvaluatedAt } = repository;
  if (lifecyclePolicyText === undefined) throw lifecyclePolicyNotFound(name, ctx.accountId);
  return {
    registryId: ctx.accountId,
    repositoryName: name,
    lifecyclePolicyText,
    ...(lifecycleEvaluatedAt === undefined ? {} : { lastEvaluatedAt: toDate(lifecycleEvaluatedAt) }),
  };
}

export function setRepositoryPolicy(
  ctx: Context,
  state: EcrState,
  input: SetRepositoryPolicyRequest,
): SetRepositoryPolicyResponse {
  const repository = lookUpRepository(ctx, state, input);
  const { policyText = '' } = input;
  if (!isJsonObject(policyText)) throw invalidParameter('PolicyText', 'Invalid repository policy provided');
  state.repositories.put(repository.name, { ...repository, policyText });
  return { registryId: ctx.accountId, repositoryName: repository.name, policyText };
}

export function getRepositoryPolicy(
  ctx: Context,
  state: EcrState,
  input: GetRepositoryPolicyRequest,
): GetRepositoryPolicyResponse {
  const { name, policyText } = lookUpRepository(ctx, state, input);
  if (policyText === undefined) throw repositoryPolicyNotFound(name, ctx.accountId);
  return { registryId: ctx.accountId, repositoryName: name, policyText };
}

export function deleteRepositoryPolicy(
  ctx: Context,
  state: EcrState,
  input: DeleteRepositoryPolicyRequest,
): DeleteRepositoryPolicyResponse {
  const { policyText, ...repository } = lookUpRepository(ctx, state, input);
  if (policyText === undefined) throw repositoryPolicyNotFound(repository.name, ctx.accountId);
  state.repositories.put(repository.name, repository);
  return { registryId: ctx.accountId, repositoryName: repository.name, policyText };
}

function isJsonObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
