/**
 * Deliveries that outlive the region: kept in a table until the other side has taken them or they are given up. An attempt
 * is an action of `runtime.ts`; waits between attempts follow the region's clock.
 */
import type { Context } from '../../kernel/context.ts';
import { after } from '../../kernel/instant.ts';
import type { Delivery, FailedDelivery } from './delivery.ts';
import { measure } from './metrics.ts';
import type { DeliveryOutcome } from './ports.ts';
import { nextRetryDelay } from './retry-policy.ts';
import { nextNumber, type SnsState } from './state.ts';

/** What is needed to send something. */
export interface Sending {
  readonly state: SnsState;
  /** Whether mails also go to a real mail server. */
  readonly hasRelay: boolean;
  /** Whether this region sends to that URL at all. */
  readonly mayReach: (url: string) => boolean;
  /** Where links in messages point. */
  readonly endpointUrl: () => string;
}

export interface DeliverAction {
  readonly kind: 'deliver';
  readonly delivery: Delivery;
}

export interface AttemptedEvent {
  readonly kind: 'attempted';
  readonly id: string;
  readonly retries: number;
  readonly outcome: DeliveryOutcome;
}

export function deliver(ctx: Context, state: SnsState, delivery: Delivery): void {
  state.deliveries.put(delivery.id, delivery);
  ctx.perform({ kind: 'deliver', delivery } satisfies DeliverAction);
}

/** After a start: what was under way when the region ended is tried again; endpoints may get it twice, as on AWS. */
export function resumeDeliveries(ctx: Context, state: SnsState): void {
  for (const delivery of state.deliveries.values()) {
    if (ctx.timers.due(delivery.id, 'retry') === undefined) deliver(ctx, state, delivery);
  }
}

export function onAttempted(ctx: Context, state: SnsState, event: AttemptedEvent): void {
  const delivery = state.deliveries.get(event.id);
  if (!delivery || delivery.retries !== event.retries) return;
  if (event.outcome.kind === 'delivered') {
    state.deliveries.delete(delivery.id);
    measureOutcome(ctx, delivery, 'NumberOfNotificationsDelivered');
    return;
  }
  const { reason, isPermanent } = event.outcome;
  const delay = isPermanent ? undefined : nextRetryDelay(delivery.policy, delivery.retries);
  if (delay === undefined) giveUp(ctx, state, delivery, reason);
  else retryLater(ctx, state, delivery, { reason, delay });
}

function retryLater(
  ctx: Context,
  state: SnsState,
  delivery: Delivery,
  { reason, delay }: { readonly reason: string; readonly delay: number },
): void {
  const nextAttempt = after(ctx.now, delay);
  const waiting = { ...delivery, retries: delivery.retries + 1, lastFailure: reason, nextAttempt };
  if (delivery.retries === 0) {
    // Without the number of the mail: of a thousand mails to a dead server one warning is enough.
    ctx.warn('delivery-retried', `What is sent ${destination(delivery)} fails and is tried again: ${reason}`);
  }
  if (delay === 0) {
    deliver(ctx, state, waiting);
    return;
  }
  state.deliveries.put(delivery.id, waiting);
  ctx.timers.set(delivery.id, 'retry', nextAttempt);
}

/** Of a subscription that is gone nothing more is tried. */
export function onRetryDue(ctx: Context, state: SnsState, id: string): void {
  const delivery = state.deliveries.get(id);
  if (!delivery) return;
  if (state.subscriptions.has(delivery.subscriptionArn)) deliver(ctx, state, delivery);
  else state.deliveries.delete(id);
}

/** Chosen: the newest hundred are told. AWS keeps none, but its metrics count them. */
const keptFailures = 100;

function giveUp(ctx: Context, state: SnsState, delivery: Delivery, reason: string): void {
  state.deliveries.delete(delivery.id);
  const number = nextNumber(state, 'failure');
  const failure: FailedDelivery = {
    target: delivery.target,
    endpoint: delivery.endpoint,
    topicArn: delivery.topicArn,
    ...(delivery.target !== 'http' && { subject: delivery.subject }),
    attempts: delivery.retries + 1,
    reason,
    at: ctx.now,
  };
  measureOutcome(ctx, delivery, 'NumberOfNotificationsFailed');
  state.failures.put(String(number), failure);
  state.failures.delete(String(number - keptFailures));
  const attempts = failure.attempts === 1 ? '1 attempt' : `${failure.attempts} attempts`;
  ctx.warn('delivery-failed', `${described(delivery)} was given up after ${attempts}: ${reason}`);
}

/** A mail counts once: by the relay where there is one, since that is what AWS would do with it. */
function measureOutcome(
  ctx: Context,
  delivery: Delivery,
  name: 'NumberOfNotificationsDelivered' | 'NumberOfNotificationsFailed',
): void {
  const isCounted =
    delivery.type === 'Notification' && (delivery.target !== 'mailbox' || !delivery.isRelayed);
  if (isCounted) measure(ctx, delivery.topicArn, [{ name, value: 1 }]);
}

function described(delivery: Delivery): string {
  const what = delivery.target === 'http' ? delivery.type : `Mail ${delivery.number}`;
  return `${what} ${destination(delivery)}`;
}

function destination(delivery: Delivery): string {
  const topic = `of topic ${delivery.topicArn.split(':').at(-1) ?? ''}`;
  if (delivery.target === 'http') return `${topic} to ${withoutQuery(delivery.endpoint)}`;
  return `${topic} for ${delivery.endpoint} to the ${delivery.target === 'relay' ? 'mail relay' : 'mailbox'}`;
}

/** URLs may carry passwords and keys, which belong in no log. */
function withoutQuery(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}
