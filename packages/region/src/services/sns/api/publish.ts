import type * as Sns from '@aws-sdk/client-sns';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import type { Sending } from '../deliveries.ts';
import { batchFault, invalidParameter } from '../errors.ts';
import { attributesSize, checkAttributes } from '../message-attributes.ts';
import { measure } from '../metrics.ts';
import { type Message, sendNotification } from '../notices.ts';
import { findTopic, type SnsState, subscriptionsOf } from '../state.ts';

/** Confirmed by docs: of one message, and of all of a batch together. */
const maximumBytes = 262_144;

/** What Publish and the entries of PublishBatch have in common. */
interface Given {
  readonly Message?: string | undefined;
  readonly Subject?: string | undefined;
  readonly MessageStructure?: string | undefined;
  readonly MessageAttributes?: Readonly<Record<string, Sns.MessageAttributeValue>> | undefined;
}

export function publish(ctx: Context, sending: Sending, input: Sns.PublishInput): Sns.PublishResponse {
  if (input.PhoneNumber !== undefined) throw notModelled('sns Publish: PhoneNumber (SMS)', 'sns');
  checkRegion(ctx, input.TopicArn);
  const topicArn = topicOf(sending.state, input);
  const message = messageFrom(ctx, input);
  if (message.size > maximumBytes) throw invalidParameter('Message too long');
  send(ctx, sending, topicArn, message);
  return { MessageId: message.id };
}

/** Confirmed by answers of AWS: messages go to topics of the same region only. */
function checkRegion(ctx: Context, topicArn: string | undefined): void {
  const region = topicArn?.split(':')[3];
  if (region !== undefined && region !== ctx.region) throw invalidParameter('TopicArn');
}

function topicOf(state: SnsState, { TopicArn, TargetArn }: Sns.PublishInput): string {
  if (TopicArn === undefined && TargetArn === undefined) {
    throw invalidParameter('TopicArn or TargetArn Reason: no value for required parameter');
  }
  if (TopicArn !== undefined && TargetArn !== undefined) {
    throw invalidParameter('TopicArn and TargetArn Reason: only one of them may be given');
  }
  if (TargetArn?.includes(':endpoint/')) {
    throw invalidParameter('TargetArn Reason: No endpoint found for the target arn specified');
  }
  return TopicArn === undefined
    ? findTopic(state, TargetArn, 'TargetArn').arn
    : findTopic(state, TopicArn).arn;
}

/** Confirmed by docs: each entry succeeds or fails by itself, but the errors of a whole batch are those of the request. */
export function publishBatch(
  ctx: Context,
  sending: Sending,
  input: Sns.PublishBatchInput,
): Sns.PublishBatchResponse {
  checkRegion(ctx, input.TopicArn);
  const topic = findTopic(sending.state, input.TopicArn);
  const entries = input.PublishBatchRequestEntries ?? [];
  checkBatch(entries);
  const messages = entries.map((entry) => ({ id: entry.Id, message: messageFrom(ctx, entry) }));
  for (const { message } of messages) send(ctx, sending, topic.arn, message);
  return {
    Successful: messages.map(({ id, message }) => ({ Id: id, MessageId: message.id })),
    Failed: [],
  };
}

function checkBatch(entries: readonly Sns.PublishBatchRequestEntry[]): void {
  if (entries.length === 0) throw batchFault('EmptyBatchRequest');
  if (entries.length > 10) throw batchFault('TooManyEntriesInBatchRequest');
  const ids = entries.map(({ Id }) => Id ?? '');
  if (ids.some((id) => !/^[A-Za-z0-9_-]{1,80}$/.test(id))) throw batchFault('InvalidBatchEntryId');
  if (new Set(ids).size < ids.length) throw batchFault('BatchEntryIdsNotDistinct');
  const size = entries.reduce((total, entry) => total + sizeOf(entry), 0);
  if (size > maximumBytes) throw batchFault('BatchRequestTooLong');
}

function sizeOf({ Message = '', MessageAttributes = {} }: Given): number {
  return Buffer.byteLength(Message) + attributesSize(MessageAttributes);
}

function messageFrom(ctx: Context, given: Given): Message {
  const { Message: text = '', Subject, MessageAttributes = {} } = given;
  if (text === '') throw invalidParameter('Empty message');
  if (Subject !== undefined) checkSubject(Subject);
  checkAttributes(MessageAttributes);
  return {
    id: ctx.random.uuid(),
    texts: textsFrom(text, given.MessageStructure),
    attributes: MessageAttributes,
    size: sizeOf(given),
    ...(Subject !== undefined && { subject: Subject }),
  };
}

/**
 * Confirmed by docs: text without line breaks or control characters. "Less than 100 characters" by the API's text; 100
 * are accepted here as AWS is known to do, since alarms cut their subjects to that length.
 */
function checkSubject(subject: string): void {
  if (subject === '' || [...subject].length > 100 || /[\p{Cc}\u2028\u2029]/u.test(subject)) {
    throw invalidParameter('Subject');
  }
}

/** With the structure `json` a message has a text for each protocol. */
function textsFrom(text: string, structure: string | undefined): Message['texts'] {
  if (structure === undefined || structure === '') return { default: text };
  if (structure !== 'json') {
    throw invalidParameter(`Invalid parameter: Message Structure - ${structure} is not supported`);
  }
  const texts = parsed(text);
  const strings = Object.entries(texts).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const byProtocol = Object.fromEntries(strings);
  const { default: fallback } = byProtocol;
  if (fallback === undefined) {
    throw invalidParameter('Message Structure - No default entry in JSON message body');
  }
  return { ...byProtocol, default: fallback };
}

function parsed(text: string): object {
  try {
    const texts: unknown = JSON.parse(text);
    if (typeof texts === 'object' && texts !== null) return texts;
  } catch {
    // As AWS, which says the same of both.
  }
  throw invalidParameter('Message Structure - JSON message body failed to parse');
}

function send(ctx: Context, sending: Sending, topicArn: string, message: Message): void {
  let filteredOut = 0;
  for (const subscription of subscriptionsOf(sending.state, topicArn)) {
    if (subscription.status !== 'confirmed') continue;
    if (!sendNotification(ctx, sending, subscription, message)) filteredOut += 1;
  }
  measure(ctx, topicArn, [
    { name: 'NumberOfMessagesPublished', value: 1 },
    { name: 'PublishSize', value: message.size },
    ...(filteredOut === 0 ? [] : [{ name: 'NumberOfNotificationsFilteredOut', value: filteredOut } as const]),
  ]);
}
