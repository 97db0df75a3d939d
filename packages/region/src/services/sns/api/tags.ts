import type * as Sns from '@aws-sdk/client-sns';
import type { Context } from '../../../kernel/context.ts';
import { invalidParameter, resourceNotFound, tagLimitExceeded } from '../errors.ts';
import { checkArn, type SnsState, type Topic } from '../state.ts';

export function tagResource(
  _ctx: Context,
  state: SnsState,
  input: Sns.TagResourceRequest,
): Sns.TagResourceResponse {
  const topic = taggedTopic(state, input.ResourceArn);
  const tags = { ...topic.tags, ...tagsFrom(input.Tags ?? []) };
  // Confirmed by docs: 50 tags on a topic.
  if (Object.keys(tags).length > 50) throw tagLimitExceeded();
  state.topics.put(topic.arn, { ...topic, tags });
  return {};
}

export function untagResource(
  _ctx: Context,
  state: SnsState,
  input: Sns.UntagResourceRequest,
): Sns.UntagResourceResponse {
  const topic = taggedTopic(state, input.ResourceArn);
  const kept = Object.entries(topic.tags).filter(([key]) => input.TagKeys?.includes(key) !== true);
  state.topics.put(topic.arn, { ...topic, tags: Object.fromEntries(kept) });
  return {};
}

export function listTagsForResource(
  _ctx: Context,
  state: SnsState,
  input: Sns.ListTagsForResourceRequest,
): Sns.ListTagsForResourceResponse {
  const { tags } = taggedTopic(state, input.ResourceArn);
  return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) };
}

export function tagsFrom(list: readonly Sns.Tag[]): Record<string, string> {
  const tags = Object.fromEntries(list.map(({ Key = '', Value = '' }) => [Key, Value]));
  if (Object.keys(tags).length !== list.length) throw invalidParameter('Duplicated keys are not allowed.');
  return tags;
}

function taggedTopic(state: SnsState, arn: string | undefined): Topic {
  checkArn(arn, 'ResourceArn');
  const topic = state.topics.get(arn);
  if (!topic) throw resourceNotFound();
  return topic;
}
