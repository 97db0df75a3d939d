import type { Context } from '../../kernel/context.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { Table, Tables } from '../../kernel/table.ts';
import type { Delivery, FailedDelivery } from './delivery.ts';
import { invalidParameter, subscriptionNotFound, topicNotFound } from './errors.ts';

export interface Topic {
  readonly arn: string;
  readonly name: string;
  /** As they were set: only what is not AWS's default. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Subscriptions that were confirmed once and are gone. */
  readonly deletedSubscriptions: number;
}

export type Protocol = 'email' | 'email-json' | 'http' | 'https';

export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: Protocol;
  readonly endpoint: string;
  /** Deactivated: by the link in a mail or notification, by which it can be restored as well. */
  readonly status: 'pending' | 'confirmed' | 'deactivated';
  /** What confirms it. */
  readonly token: string;
  readonly tokenExpires: Instant;
  readonly attributes: Readonly<Record<string, string>>;
  readonly principal: string;
  readonly confirmationWasAuthenticated: boolean;
  readonly authenticateOnUnsubscribe: boolean;
}

export interface SnsState {
  readonly topics: Table<Topic>;
  readonly subscriptions: Table<Subscription>;
  /** What is still to be delivered: outlives the region. */
  readonly deliveries: Table<Delivery>;
  /** What was given up, the newest few. */
  readonly failures: Table<FailedDelivery>;
  readonly counters: Table<number>;
}

export function openSns(tables: Tables): SnsState {
  return {
    topics: tables.table('sns.topics'),
    subscriptions: tables.table('sns.subscriptions'),
    deliveries: tables.table('sns.deliveries'),
    failures: tables.table('sns.failures'),
    counters: tables.table('sns.counters'),
  };
}

export function nextNumber(state: SnsState, counter: 'mail' | 'failure'): number {
  const number = (state.counters.get(counter) ?? 0) + 1;
  state.counters.put(counter, number);
  return number;
}

/** @throws what AWS says of an ARN that is none, or of a topic that is not there */
export function findTopic(state: SnsState, arn: string | undefined, member = 'TopicArn'): Topic {
  checkArn(arn, member);
  const topic = state.topics.get(arn);
  if (!topic) throw topicNotFound();
  return topic;
}

/** Deactivated subscriptions are not found. */
export function findSubscription(state: SnsState, arn: string | undefined): Subscription {
  checkArn(arn, 'SubscriptionArn');
  const subscription = state.subscriptions.get(arn);
  if (!subscription || subscription.status === 'deactivated') throw subscriptionNotFound();
  return subscription;
}

export function checkArn(arn: string | undefined, member: string): asserts arn is string {
  const elements = (arn ?? '').split(':').length;
  if (arn === undefined || elements < 6) {
    throw invalidParameter(`${member} Reason: An ARN must have at least 6 elements, not ${elements}`);
  }
}

export function subscriptionsOf(state: SnsState, topicArn: string): Subscription[] {
  return state.subscriptions.filter(
    (subscription) => subscription.topicArn === topicArn && subscription.status !== 'deactivated',
  );
}

/** Forgets a subscription with its timers; what is being delivered to it ends at its next retry. */
export function removeSubscription(ctx: Context, state: SnsState, subscription: Subscription): void {
  ctx.timers.drop(subscription.arn);
  state.subscriptions.delete(subscription.arn);
  const topic = state.topics.get(subscription.topicArn);
  if (topic && subscription.status === 'confirmed') {
    state.topics.put(topic.arn, { ...topic, deletedSubscriptions: topic.deletedSubscriptions + 1 });
  }
}
