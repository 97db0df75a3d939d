import type {
  ListTagsForResourceRequest,
  ListTagsForResourceResponse,
  Tag,
  TagResourceRequest,
  TagResourceResponse,
  UntagResourceRequest,
  UntagResourceResponse,
} from '@aws-sdk/client-ecs';
import type { AwsError } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { invalidParameter, resourceNotFound } from '../errors.ts';
import { findTaskDefinition } from '../lookups.ts';
import type { EcsState } from '../state.ts';

/** Confirmed by API text: at most 50 tags, keys up to 128 and values up to 256 characters; none that begins with `aws:`. */
export function checkTags(tags: readonly Tag[]): void {
  if (tags.length > 50) throw tooManyTags();
  for (const { key = '', value = '' } of tags) {
    if (key.length < 1 || key.length > 128)
      throw invalidParameter('Tag keys must have between 1 and 128 characters.');
    if (value.length > 256) throw invalidParameter('Tag values must have at most 256 characters.');
    // CloudFormation's own tags pass: it sets them as the caller of the stack.
    if (/^aws:/i.test(key) && !key.startsWith('aws:cloudformation:'))
      throw invalidParameter(`Tag keys that begin with aws: are reserved: ${key}.`);
  }
}

function tooManyTags(): AwsError {
  return invalidParameter('The number of tags exceeds the limit of 50.');
}

export function tagResource(_ctx: Context, state: EcsState, input: TagResourceRequest): TagResourceResponse {
  const arn = existingArn(state, input.resourceArn);
  const given = input.tags ?? [];
  checkTags(given);
  const kept = (state.tags.get(arn) ?? []).filter(({ key }) => given.every((tag) => tag.key !== key));
  const tags = [...kept, ...given];
  if (tags.length > 50) throw tooManyTags();
  state.tags.put(arn, tags);
  return {};
}

export function untagResource(
  _ctx: Context,
  state: EcsState,
  input: UntagResourceRequest,
): UntagResourceResponse {
  const arn = existingArn(state, input.resourceArn);
  const tags = (state.tags.get(arn) ?? []).filter(({ key = '' }) => !input.tagKeys?.includes(key));
  state.tags.put(arn, tags);
  return {};
}

export function listTagsForResource(
  _ctx: Context,
  state: EcsState,
  input: ListTagsForResourceRequest,
): ListTagsForResourceResponse {
  return { tags: [...(state.tags.get(existingArn(state, input.resourceArn)) ?? [])] };
}

function existingArn(state: EcsState, arn: string | undefined): string {
  const [kind, first = '', second = ''] = arn?.split(':').slice(5).join(':').split('/') ?? [];
  const exists =
    (kind === 'cluster' && state.clusters.get(first)?.status === 'ACTIVE') ||
    (kind === 'service' && state.services.get(`${first}/${second}`)?.arn === arn) ||
    (kind === 'task' && state.tasks.get(second)?.arn === arn) ||
    (kind === 'task-definition' && findTaskDefinition(state, first) !== undefined);
  if (arn === undefined || !exists) throw resourceNotFound();
  return arn;
}
