/** Which attributes a subscription may be given, and what is answered for it. */
import { notModelled } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { effectivePolicy, parseSubscriptionDeliveryPolicy } from './delivery-policy.ts';
import { filterPolicyLimitExceeded, invalidParameter } from './errors.ts';
import { type FilterScope, parseFilterPolicy } from './filter-policy.ts';
import { type Protocol, type SnsState, type Subscription, subscriptionsOf } from './state.ts';
import { warnOfThrottle } from './topic-attributes.ts';

export type Attributes = Readonly<Record<string, string>>;

/** Confirmed by docs: filter policies of one topic. */
const maximumFilterPolicies = 200;

const names: readonly string[] = [
  'DeliveryPolicy',
  'FilterPolicy',
  'FilterPolicyScope',
  'RawMessageDelivery',
  'RedrivePolicy',
  'ReplayPolicy',
  'SubscriptionRoleArn',
];

interface Owner {
  readonly topicArn: string;
  readonly protocol: Protocol;
}

/**
 * The attributes that the subscription then has: those `before`, with `given` set over them.
 * @param where what an error begins with: `Attributes Reason: ` when it is made, else nothing
 */
export function changedAttributes(
  ctx: Context,
  state: SnsState,
  owner: Owner,
  { before, given }: { readonly before: Attributes; readonly given: Attributes },
  where: '' | 'Attributes Reason: ',
): Attributes {
  const attributes: Record<string, string> = { ...before };
  for (const [name, value] of Object.entries(given)) {
    check(ctx, owner, { name, value }, where);
    if (value === '' || (name === 'FilterPolicy' && value.trim() === '{}')) delete attributes[name];
    else attributes[name] = value;
  }
  if (attributes['FilterPolicy'] !== undefined && ('FilterPolicy' in given || 'FilterPolicyScope' in given)) {
    parseFilterPolicy(attributes['FilterPolicy'], scopeOf(attributes), where);
    if (before['FilterPolicy'] === undefined) checkNumberOfPolicies(state, owner);
  }
  return attributes;
}

function check(
  ctx: Context,
  { protocol }: Owner,
  { name, value }: { readonly name: string; readonly value: string },
  where: '' | 'Attributes Reason: ',
): void {
  if (!names.includes(name)) {
    throw invalidParameter(where === '' ? 'AttributeName' : `${where}Unknown attribute ${name}`);
  }
  switch (name) {
    case 'RawMessageDelivery':
      if (value !== 'true' && value !== 'false') {
        throw invalidParameter(
          `${where}RawMessageDelivery: Invalid value [${value}]. Must be true or false.`,
        );
      }
      if (value === 'true' && !isHttp(protocol)) {
        throw invalidParameter(
          `${where}Delivery protocol [${protocol}] does not support raw message delivery.`,
        );
      }
      return;
    case 'FilterPolicyScope':
      if (value === 'MessageAttributes' || value === 'MessageBody') return;
      throw invalidParameter(
        `${where}FilterPolicyScope: Invalid value [${value}]. Please use either MessageBody or MessageAttributes`,
      );
    case 'DeliveryPolicy':
      checkDeliveryPolicy(ctx, protocol, value, where);
      return;
    case 'RedrivePolicy':
    case 'ReplayPolicy':
    case 'SubscriptionRoleArn':
      if (value !== '') throw notModelled(`sns subscriptions: attribute ${name}`, 'sns');
  }
}

function checkDeliveryPolicy(ctx: Context, protocol: Protocol, value: string, where: string): void {
  if (value === '') return;
  // Confirmed by docs: only HTTP/S supports custom policies. Known: the words.
  if (!isHttp(protocol)) {
    throw invalidParameter(`${where}Delivery protocol [${protocol}] does not support delivery policies.`);
  }
  if (parseSubscriptionDeliveryPolicy(value, `${where}DeliveryPolicy`).hasThrottle) warnOfThrottle(ctx);
}

function checkNumberOfPolicies(state: SnsState, { topicArn }: Owner): void {
  const policies = subscriptionsOf(state, topicArn).filter(
    ({ attributes }) => attributes['FilterPolicy'] !== undefined,
  );
  if (policies.length >= maximumFilterPolicies) throw filterPolicyLimitExceeded();
}

export function isHttp(protocol: Protocol): boolean {
  return protocol === 'http' || protocol === 'https';
}

export function scopeOf(attributes: Attributes): FilterScope {
  return attributes['FilterPolicyScope'] === 'MessageBody' ? 'MessageBody' : 'MessageAttributes';
}

/** As GetSubscriptionAttributes answers. */
export function subscriptionAttributes(
  ctx: Context,
  state: SnsState,
  subscription: Subscription,
): Attributes {
  const { attributes, protocol, topicArn } = subscription;
  return {
    SubscriptionArn: subscription.arn,
    TopicArn: topicArn,
    Owner: ctx.accountId,
    Protocol: protocol,
    Endpoint: subscription.endpoint,
    PendingConfirmation: String(subscription.status === 'pending'),
    ConfirmationWasAuthenticated: String(subscription.confirmationWasAuthenticated),
    SubscriptionPrincipal: subscription.principal,
    RawMessageDelivery: 'false',
    ...(isHttp(protocol) && { EffectiveDeliveryPolicy: effectiveText(state, subscription) }),
    ...(attributes['FilterPolicy'] !== undefined && { FilterPolicyScope: 'MessageAttributes' }),
    ...attributes,
  };
}

function effectiveText(state: SnsState, { topicArn, attributes }: Subscription): string {
  const topic = state.topics.get(topicArn);
  const { retryPolicy, contentType } = effectivePolicy(
    topic?.attributes['DeliveryPolicy'],
    attributes['DeliveryPolicy'],
  );
  return JSON.stringify({
    healthyRetryPolicy: retryPolicy,
    sicklyRetryPolicy: null,
    throttlePolicy: null,
    requestPolicy: { headerContentType: contentType },
    guaranteed: false,
  });
}
