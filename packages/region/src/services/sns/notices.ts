/** What subscriptions are sent: the question whether they want it, notifications, and a last word. */
import type { Context } from '../../kernel/context.ts';
import { toDate } from '../../kernel/instant.ts';
import { deliver, type Sending } from './deliveries.ts';
import type { Content, MailToDeliver, MessageDocument, PostToDeliver } from './delivery.ts';
import { effectivePolicy } from './delivery-policy.ts';
import { attributesPass, bodyPasses } from './filter-match.ts';
import { parseFilterPolicy } from './filter-policy.ts';
import { mailSubject, mailText } from './mail-text.ts';
import { documentAttributes, type MessageAttributes } from './message-attributes.ts';
import { mailPolicy } from './retry-policy.ts';
import { nextNumber, type Subscription, type Topic } from './state.ts';
import { isHttp, scopeOf } from './subscription-attributes.ts';

export interface Message {
  readonly id: string;
  readonly subject?: string;
  /** By protocol, and one for all others. */
  readonly texts: Readonly<Record<string, string>> & { readonly default: string };
  readonly attributes: MessageAttributes;
  /** In bytes. */
  readonly size: number;
}

/** @returns whether the filter policy let it through */
export function sendNotification(
  ctx: Context,
  sending: Sending,
  subscription: Subscription,
  message: Message,
): boolean {
  const text = message.texts[subscription.protocol] ?? message.texts.default;
  if (!passes(subscription, message, text)) return false;
  send(ctx, sending, subscription, {
    Type: 'Notification',
    MessageId: message.id,
    TopicArn: subscription.topicArn,
    ...(message.subject !== undefined && { Subject: message.subject }),
    Message: text,
    Timestamp: toDate(ctx.now).toISOString(),
    UnsubscribeURL: `${sending.endpointUrl()}/?Action=Unsubscribe&SubscriptionArn=${subscription.arn}`,
    ...documentAttributes(message.attributes),
  });
  return true;
}

function passes({ attributes }: Subscription, message: Message, text: string): boolean {
  const policy = attributes['FilterPolicy'];
  if (policy === undefined) return true;
  const scope = scopeOf(attributes);
  const parsed = parseFilterPolicy(policy, scope);
  return scope === 'MessageBody' ? bodyPasses(parsed, text) : attributesPass(parsed, message.attributes);
}

export function sendConfirmation(ctx: Context, sending: Sending, subscription: Subscription): void {
  const { topicArn } = subscription;
  send(ctx, sending, subscription, {
    ...asking(ctx, sending, subscription),
    Type: 'SubscriptionConfirmation',
    Message: `You have chosen to subscribe to the topic ${topicArn}.\nTo confirm the subscription, visit the SubscribeURL included in this message.`,
  });
}

export function sendUnsubscribeConfirmation(
  ctx: Context,
  sending: Sending,
  subscription: Subscription,
): void {
  send(ctx, sending, subscription, {
    ...asking(ctx, sending, subscription),
    Type: 'UnsubscribeConfirmation',
    Message: `You have chosen to deactivate subscription ${subscription.arn}.\nTo cancel this operation and restore the subscription, visit the SubscribeURL included in this message.`,
  });
}

function asking(
  ctx: Context,
  sending: Sending,
  { topicArn, token }: Subscription,
): Omit<MessageDocument, 'Type' | 'Message'> {
  return {
    MessageId: ctx.random.uuid(),
    Token: token,
    TopicArn: topicArn,
    SubscribeURL: `${sending.endpointUrl()}/?Action=ConfirmSubscription&TopicArn=${topicArn}&Token=${token}`,
    Timestamp: toDate(ctx.now).toISOString(),
  };
}

function send(ctx: Context, sending: Sending, subscription: Subscription, document: MessageDocument): void {
  const topic = sending.state.topics.get(subscription.topicArn);
  if (!topic) return;
  if (isHttp(subscription.protocol)) sendPost(ctx, sending, { topic, subscription, document });
  else sendMail(ctx, sending, { topic, subscription, document });
}

interface Parts {
  readonly topic: Topic;
  readonly subscription: Subscription;
  readonly document: MessageDocument;
}

function common(ctx: Context, { topic, subscription, document }: Parts) {
  return {
    topicArn: topic.arn,
    subscriptionArn: subscription.arn,
    type: document.Type,
    endpoint: subscription.endpoint,
    messageId: document.MessageId,
    created: ctx.now,
    retries: 0,
  };
}

function signedContent({ topic, document }: Parts): Content {
  const signatureVersion = topic.attributes['SignatureVersion'] === '2' ? '2' : '1';
  return { form: 'document', document, signatureVersion };
}

function sendPost(ctx: Context, sending: Sending, parts: Parts): void {
  const { topic, subscription, document } = parts;
  if (!sending.mayReach(subscription.endpoint)) {
    ctx.warn(
      'endpoint-not-reached',
      `sns: nothing is sent to ${new URL(subscription.endpoint).host}: this region sends to endpoints of this machine only, unless it is told otherwise (PLIMSOLL_SNS_ENDPOINTS=any).`,
    );
    return;
  }
  const policy = effectivePolicy(
    topic.attributes['DeliveryPolicy'],
    subscription.attributes['DeliveryPolicy'],
  );
  const isRaw = document.Type === 'Notification' && subscription.attributes['RawMessageDelivery'] === 'true';
  const delivery: PostToDeliver = {
    ...common(ctx, parts),
    id: ctx.random.uuid(),
    target: 'http',
    content: isRaw ? { form: 'text', text: document.Message } : signedContent(parts),
    isRaw,
    contentType: policy.contentType,
    policy: policy.retryPolicy,
  };
  deliver(ctx, sending.state, delivery);
}

/** Each mail is kept in the mailbox of the home; where there is a relay, it goes there as well, each with its own retries. */
function sendMail(ctx: Context, sending: Sending, parts: Parts): void {
  const { topic, subscription, document } = parts;
  const mail: Omit<MailToDeliver, 'id' | 'target'> = {
    ...common(ctx, parts),
    number: nextNumber(sending.state, 'mail'),
    isRelayed: sending.hasRelay,
    // Confirmed by API text: the display name is the name in the From field.
    senderName: topic.attributes['DisplayName'] ?? 'AWS Notifications',
    subject: mailSubject(document),
    content:
      subscription.protocol === 'email'
        ? { form: 'text', text: mailText(document, linkOf(sending, subscription, document)) }
        : signedContent(parts),
    policy: mailPolicy,
  };
  deliver(ctx, sending.state, { ...mail, id: ctx.random.uuid(), target: 'mailbox' });
  if (sending.hasRelay) deliver(ctx, sending.state, { ...mail, id: ctx.random.uuid(), target: 'relay' });
}

/** Pages for people: AWS's mails link to them rather than to the API. */
function linkOf(sending: Sending, subscription: Subscription, document: MessageDocument): string {
  const to = encodeURIComponent(subscription.endpoint).replace('%40', '@');
  return document.Type === 'Notification'
    ? `${sending.endpointUrl()}/unsubscribe.html?SubscriptionArn=${subscription.arn}&Endpoint=${to}`
    : `${sending.endpointUrl()}/confirmation.html?TopicArn=${subscription.topicArn}&Token=${subscription.token}&Endpoint=${to}`;
}
