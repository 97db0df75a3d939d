import type * as Sns from '@aws-sdk/client-sns';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { after } from '../../../kernel/instant.ts';
import { page } from '../../../kernel/page.ts';
import type { Sending } from '../deliveries.ts';
import { authorizationError, invalidParameter, invalidToken, subscriptionLimitExceeded } from '../errors.ts';
import { sendConfirmation, sendUnsubscribeConfirmation } from '../notices.ts';
import {
  checkArn,
  findSubscription,
  findTopic,
  type Protocol,
  removeSubscription,
  type SnsState,
  type Subscription,
  subscriptionsOf,
} from '../state.ts';
import { type Attributes, changedAttributes, subscriptionAttributes } from '../subscription-attributes.ts';
import { pageSize } from './topics.ts';

/** Confirmed by docs: tokens are valid for two days; what is not confirmed after three goes. */
const tokenSeconds = 2 * 86_400;
const pendingSeconds = 3 * 86_400;
/** Confirmed by docs: of one topic. */
const maximumSubscriptions = 12_500_000;

export function subscribe(ctx: Context, sending: Sending, input: Sns.SubscribeInput): Sns.SubscribeResponse {
  const { state } = sending;
  const topic = findTopic(state, input.TopicArn);
  const protocol = checkProtocol(input.Protocol ?? '');
  const endpoint = checkEndpoint(protocol, input.Endpoint ?? '');
  const given = input.Attributes ?? {};
  const owner = { topicArn: topic.arn, protocol };
  const existing = subscriptionsOf(state, topic.arn).find(
    (other) => other.protocol === protocol && other.endpoint === endpoint,
  );
  if (existing) checkSame(existing, given);
  const attributes = existing
    ? existing.attributes
    : changedAttributes(ctx, state, owner, { before: {}, given }, 'Attributes Reason: ');
  if (!existing && subscriptionsOf(state, topic.arn).length >= maximumSubscriptions) {
    throw subscriptionLimitExceeded();
  }
  const subscription =
    existing?.status === 'confirmed' ? existing : pending(ctx, { ...owner, endpoint, attributes }, existing);
  if (subscription !== existing) ask(ctx, sending, subscription);
  const isTold = subscription.status === 'confirmed' || input.ReturnSubscriptionArn === true;
  return { SubscriptionArn: isTold ? subscription.arn : 'pending confirmation' };
}

const protocols: readonly string[] = ['email', 'email-json', 'http', 'https'] satisfies Protocol[];
const notModelledProtocols: readonly string[] = ['sqs', 'lambda', 'sms', 'firehose', 'application'];

function checkProtocol(protocol: string): Protocol {
  if (protocols.includes(protocol)) return protocol as Protocol;
  if (notModelledProtocols.includes(protocol))
    throw notModelled(`sns Subscribe: protocol ${protocol}`, 'sns');
  throw invalidParameter(`Amazon SNS does not support this protocol string: ${protocol}`);
}

function checkEndpoint(protocol: Protocol, endpoint: string): string {
  if (protocol === 'email' || protocol === 'email-json') {
    if (/^[^\s@<>,;"\p{Cc}]+@[^\s@<>,;"\p{Cc}]+$/u.test(endpoint) && endpoint.length <= 320) return endpoint;
    throw invalidParameter('Email address');
  }
  if (!endpoint.startsWith(`${protocol}://`)) {
    throw invalidParameter('Endpoint must match the specified protocol');
  }
  if (!URL.canParse(endpoint)) throw invalidParameter('Endpoint');
  return endpoint;
}

function checkSame(existing: Subscription, given: Attributes): void {
  const differs = Object.entries(given).some(([name, value]) => existing.attributes[name] !== value);
  if (differs) {
    throw invalidParameter('Attributes Reason: Subscription already exists with different attributes');
  }
}

/** A new subscription, or a pending one that is asked once more. */
function pending(
  ctx: Context,
  parts: Pick<Subscription, 'topicArn' | 'protocol' | 'endpoint' | 'attributes'>,
  existing: Subscription | undefined,
): Subscription {
  return {
    arn: existing?.arn ?? `${parts.topicArn}:${ctx.random.uuid()}`,
    ...parts,
    status: 'pending',
    token: newToken(ctx),
    tokenExpires: after(ctx.now, tokenSeconds),
    principal: ctx.caller.arn,
    confirmationWasAuthenticated: false,
    authenticateOnUnsubscribe: false,
  };
}

/** As long as AWS's. Whoever has it can confirm, so it is a secret. */
function newToken(ctx: Context): string {
  return ctx.secrets.text(200, '0123456789abcdef');
}

function ask(ctx: Context, sending: Sending, subscription: Subscription): void {
  sending.state.subscriptions.put(subscription.arn, subscription);
  ctx.timers.set(subscription.arn, 'unconfirmed', after(ctx.now, pendingSeconds));
  sendConfirmation(ctx, sending, subscription);
}

export function confirmSubscription(
  ctx: Context,
  state: SnsState,
  input: Sns.ConfirmSubscriptionInput,
): Sns.ConfirmSubscriptionResponse {
  checkArn(input.TopicArn, 'TopicArn');
  if (!/^[0-9a-f]{200}$/.test(input.Token ?? '')) throw invalidToken();
  const subscription = state.subscriptions.find(({ token }) => token === input.Token);
  if (subscription && subscription.topicArn !== input.TopicArn) throw invalidParameter('Topic');
  if (!subscription || (subscription.status !== 'confirmed' && subscription.tokenExpires < ctx.now)) {
    throw invalidParameter('Token');
  }
  if (subscription.status === 'confirmed') return { SubscriptionArn: subscription.arn };
  const isAuthenticated = ctx.caller.type !== 'Anonymous';
  const wantsAuthentication = input.AuthenticateOnUnsubscribe?.toLowerCase() === 'true';
  state.subscriptions.put(subscription.arn, {
    ...subscription,
    status: 'confirmed',
    confirmationWasAuthenticated: isAuthenticated,
    authenticateOnUnsubscribe: isAuthenticated && wantsAuthentication,
  });
  ctx.timers.drop(subscription.arn);
  return { SubscriptionArn: subscription.arn };
}

/**
 * Deletes a subscription. By an unsigned request, as the links in mails make, it is kept as deactivated for as long as a
 * pending one would be, and its endpoint is told how to restore it.
 */
export function unsubscribe(ctx: Context, sending: Sending, input: Sns.UnsubscribeInput): object {
  const { state } = sending;
  if (input.SubscriptionArn === '') {
    throw invalidParameter('SubscriptionArn Reason: no value for required parameter');
  }
  checkArn(input.SubscriptionArn, 'SubscriptionArn');
  if (!/:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(input.SubscriptionArn)) {
    throw invalidParameter('SubscriptionId');
  }
  const subscription = state.subscriptions.get(input.SubscriptionArn);
  // Confirmed by answers of AWS: one that is gone is no error.
  if (!subscription || subscription.status === 'deactivated') return {};
  if (subscription.status === 'pending') {
    // Confirmed by docs: pending ones cannot be deleted. Known: the words.
    throw invalidParameter(
      'This subscription is pending confirmation and cannot be deleted; it goes by itself after three days',
    );
  }
  if (ctx.caller.type !== 'Anonymous') {
    removeSubscription(ctx, state, subscription);
    return {};
  }
  if (subscription.authenticateOnUnsubscribe) {
    throw authorizationError('Authentication is required to unsubscribe this subscription');
  }
  deactivate(ctx, sending, subscription);
  return {};
}

function deactivate(ctx: Context, sending: Sending, subscription: Subscription): void {
  const deactivated: Subscription = {
    ...subscription,
    status: 'deactivated',
    token: newToken(ctx),
    tokenExpires: after(ctx.now, pendingSeconds),
  };
  removeSubscription(ctx, sending.state, subscription);
  sending.state.subscriptions.put(deactivated.arn, deactivated);
  ctx.timers.set(deactivated.arn, 'unconfirmed', after(ctx.now, pendingSeconds));
  sendUnsubscribeConfirmation(ctx, sending, deactivated);
}

/** Three days without a confirmation. */
export function onUnconfirmed(ctx: Context, state: SnsState, arn: string): void {
  const subscription = state.subscriptions.get(arn);
  if (subscription && subscription.status !== 'confirmed') removeSubscription(ctx, state, subscription);
}

export function listSubscriptions(
  ctx: Context,
  state: SnsState,
  input: Sns.ListSubscriptionsInput,
): Sns.ListSubscriptionsResponse {
  const all = state.subscriptions.filter(({ status }) => status !== 'deactivated');
  return listed(ctx, all, input.NextToken);
}

export function listSubscriptionsByTopic(
  ctx: Context,
  state: SnsState,
  input: Sns.ListSubscriptionsByTopicInput,
): Sns.ListSubscriptionsByTopicResponse {
  return listed(ctx, subscriptionsOf(state, findTopic(state, input.TopicArn).arn), input.NextToken);
}

function listed(
  ctx: Context,
  subscriptions: readonly Subscription[],
  token: string | undefined,
): Sns.ListSubscriptionsResponse {
  const { items, nextToken } = page(subscriptions, token, pageSize, () =>
    invalidParameter('NextToken Reason: Failed to parse'),
  );
  return {
    Subscriptions: items.map(({ arn, status, protocol, endpoint, topicArn }) => ({
      SubscriptionArn: status === 'pending' ? 'PendingConfirmation' : arn,
      Owner: ctx.accountId,
      Protocol: protocol,
      Endpoint: endpoint,
      TopicArn: topicArn,
    })),
    ...(nextToken !== undefined && { NextToken: nextToken }),
  };
}

export function getSubscriptionAttributes(
  ctx: Context,
  state: SnsState,
  input: Sns.GetSubscriptionAttributesInput,
): Sns.GetSubscriptionAttributesResponse {
  const subscription = findSubscription(state, input.SubscriptionArn);
  return { Attributes: subscriptionAttributes(ctx, state, subscription) };
}

export function setSubscriptionAttributes(
  ctx: Context,
  state: SnsState,
  input: Sns.SetSubscriptionAttributesInput,
): object {
  const subscription = findSubscription(state, input.SubscriptionArn);
  const given = { [input.AttributeName ?? '']: input.AttributeValue ?? '' };
  const attributes = changedAttributes(
    ctx,
    state,
    subscription,
    { before: subscription.attributes, given },
    '',
  );
  state.subscriptions.put(subscription.arn, { ...subscription, attributes });
  return {};
}
