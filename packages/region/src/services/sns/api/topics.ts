import type * as Sns from '@aws-sdk/client-sns';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { page } from '../../../kernel/page.ts';
import { invalidParameter, tagLimitExceeded, topicLimitExceeded } from '../errors.ts';
import { checkArn, findTopic, removeSubscription, type SnsState, type Topic } from '../state.ts';
import { checkTopicAttribute, topicAttributes } from '../topic-attributes.ts';
import { tagsFrom } from './tags.ts';

/** Confirmed by docs: standard topics of an account. */
const maximumTopics = 100_000;
/** Confirmed by docs: of ListTopics and ListSubscriptions. */
export const pageSize = 100;

export function createTopic(
  ctx: Context,
  state: SnsState,
  input: Sns.CreateTopicInput,
): Sns.CreateTopicResponse {
  const name = checkName(input.Name ?? '');
  const arn = ctx.arn('sns', name);
  const existing = state.topics.get(arn);
  const attributes = attributesFrom(ctx, arn, input.Attributes ?? {});
  const tags = tagsFrom(input.Tags ?? []);
  if (existing) {
    checkSame(existing, input, { attributes, tags });
    return { TopicArn: arn };
  }
  if (state.topics.size >= maximumTopics) throw topicLimitExceeded();
  if (Object.keys(tags).length > 50) throw tagLimitExceeded();
  state.topics.put(arn, { arn, name, attributes, tags, deletedSubscriptions: 0 });
  return { TopicArn: arn };
}

function checkName(name: string): string {
  if (/^[\w-]{1,251}\.fifo$/.test(name)) throw notModelled(`sns CreateTopic: FIFO topics (${name})`, 'sns');
  if (/^[A-Za-z0-9_-]{1,256}$/.test(name)) return name;
  throw invalidParameter('Topic Name');
}

function attributesFrom(
  ctx: Context,
  arn: string,
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    const checked = checkTopicAttribute(ctx, { arn }, { name, value }, 'Attributes Reason: ');
    if (checked !== undefined) kept[name] = checked;
  }
  return kept;
}

/** Confirmed by answers of AWS: creating again is fine unless attributes or tags are given that the topic has not. */
function checkSame(
  existing: Topic,
  input: Sns.CreateTopicInput,
  wanted: Pick<Topic, 'attributes' | 'tags'>,
): void {
  const differs = Object.keys(input.Attributes ?? {}).some(
    (name) => existing.attributes[name] !== wanted.attributes[name],
  );
  if (differs) {
    throw invalidParameter('Attributes Reason: Topic already exists with different attributes');
  }
  if (input.Tags !== undefined && !isSameMap(existing.tags, wanted.tags)) {
    throw invalidParameter('Tags Reason: Topic already exists with different tags');
  }
}

function isSameMap(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
}

/** Deletes the topic's subscriptions too. A topic that is not there is no error. */
export function deleteTopic(ctx: Context, state: SnsState, input: Sns.DeleteTopicInput): object {
  checkArn(input.TopicArn, 'TopicArn');
  for (const subscription of state.subscriptions.filter(({ topicArn }) => topicArn === input.TopicArn)) {
    removeSubscription(ctx, state, subscription);
  }
  state.topics.delete(input.TopicArn);
  return {};
}

export function listTopics(
  _ctx: Context,
  state: SnsState,
  input: Sns.ListTopicsInput,
): Sns.ListTopicsResponse {
  const { items, nextToken } = page([...state.topics.values()], input.NextToken, pageSize, () =>
    invalidParameter('NextToken Reason: Failed to parse'),
  );
  return {
    Topics: items.map(({ arn }) => ({ TopicArn: arn })),
    ...(nextToken !== undefined && { NextToken: nextToken }),
  };
}

export function getTopicAttributes(
  ctx: Context,
  state: SnsState,
  input: Sns.GetTopicAttributesInput,
): Sns.GetTopicAttributesResponse {
  return { Attributes: topicAttributes(ctx, state, findTopic(state, input.TopicArn)) };
}

export function setTopicAttributes(
  ctx: Context,
  state: SnsState,
  input: Sns.SetTopicAttributesInput,
): object {
  const topic = findTopic(state, input.TopicArn);
  const name = input.AttributeName ?? '';
  const value = checkTopicAttribute(ctx, topic, { name, value: input.AttributeValue ?? '' }, '');
  const { [name]: _, ...others } = topic.attributes;
  state.topics.put(topic.arn, {
    ...topic,
    attributes: value === undefined ? others : { ...others, [name]: value },
  });
  return {};
}
