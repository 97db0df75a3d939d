import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  Tag,
  TagResourceRequest,
  UntagResourceRequest,
} from '@aws-sdk/client-ecr';
import type { Context } from '../../../kernel/context.ts';
import { invalidParameter } from '../errors.ts';
import { type EcrState, lookUpRepository, type RepositoryRecord } from '../state.ts';

export function tagResource(ctx: Context, state: EcrState, input: TagResourceRequest): object {
  const repository = byArn(ctx, state, input.resourceArn);
  const tags = { ...repository.tags, ...requestTags(input.tags) };
  state.repositories.put(repository.name, { ...repository, tags });
  return {};
}

export function untagResource(ctx: Context, state: EcrState, input: UntagResourceRequest): object {
  const repository = byArn(ctx, state, input.resourceArn);
  const gone = new Set(input.tagKeys);
  const tags = Object.fromEntries(Object.entries(repository.tags).filter(([key]) => !gone.has(key)));
  state.repositories.put(repository.name, { ...repository, tags });
  return {};
}

export function listTagsForResource(
  ctx: Context,
  state: EcrState,
  input: ListTagsForResourceRequest,
): ListTagsForResourceResponse {
  const { tags } = byArn(ctx, state, input.resourceArn);
  return { tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
}

export function requestTags(tags: readonly Tag[] | undefined): Record<string, string> {
  return Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
}

function byArn(ctx: Context, state: EcrState, arn = ''): RepositoryRecord {
  const [, repositoryName] = /^arn:aws:ecr:[^:]*:\d*:repository\/(.+)$/.exec(arn) ?? [];
  if (repositoryName === undefined) throw invalidParameter('resourceArn', 'Invalid ARN');
  return lookUpRepository(ctx, state, { repositoryName });
}
