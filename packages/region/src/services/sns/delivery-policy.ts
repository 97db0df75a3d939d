/**
 * The `DeliveryPolicy` attributes: read, checked, and merged into what counts for one subscription.
 * https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
 */
import { invalidParameter } from './errors.ts';
import { isObject } from './filter-policy.ts';
import { type BackoffFunction, defaultHttpPolicy, nextRetryDelay, type RetryPolicy } from './retry-policy.ts';

export interface HttpDeliveryPolicy {
  readonly healthyRetryPolicy?: RetryPolicy;
  readonly headerContentType?: string;
  readonly hasThrottle: boolean;
  /** Of topics: subscriptions have no say. */
  readonly disableSubscriptionOverrides: boolean;
}

export const defaultContentType = 'text/plain; charset=UTF-8';

/** @param where what the error begins with: `Attributes Reason: DeliveryPolicy` or `DeliveryPolicy` */
export function parseTopicDeliveryPolicy(text: string | undefined, where: string): HttpDeliveryPolicy {
  const http = member(parse(text, where), 'http', where);
  return {
    ...parts(http, { retry: 'defaultHealthyRetryPolicy', request: 'defaultRequestPolicy' }, where),
    hasThrottle: isObject(http['defaultThrottlePolicy']),
    disableSubscriptionOverrides: http['disableSubscriptionOverrides'] === true,
  };
}

export function parseSubscriptionDeliveryPolicy(text: string | undefined, where: string): HttpDeliveryPolicy {
  const policy = parse(text, where);
  return {
    ...parts(policy, { retry: 'healthyRetryPolicy', request: 'requestPolicy' }, where),
    hasThrottle: isObject(policy['throttlePolicy']),
    disableSubscriptionOverrides: false,
  };
}

/** What counts for a subscription: its own policy, else the topic's, else AWS's. */
export function effectivePolicy(
  topic: string | undefined,
  subscription?: string | undefined,
): { readonly retryPolicy: RetryPolicy; readonly contentType: string; readonly isTopicFinal: boolean } {
  const ofTopic = parseTopicDeliveryPolicy(topic, 'DeliveryPolicy');
  const own = ofTopic.disableSubscriptionOverrides
    ? undefined
    : parseSubscriptionDeliveryPolicy(subscription, 'DeliveryPolicy');
  return {
    retryPolicy: own?.healthyRetryPolicy ?? ofTopic.healthyRetryPolicy ?? defaultHttpPolicy,
    contentType: own?.headerContentType ?? ofTopic.headerContentType ?? defaultContentType,
    isTopicFinal: ofTopic.disableSubscriptionOverrides,
  };
}

type Json = Readonly<Record<string, unknown>>;

function parse(text: string | undefined, where: string): Json {
  if (text === undefined || text === '') return {};
  try {
    const policy: unknown = JSON.parse(text);
    if (isObject(policy)) return policy;
  } catch {
    // Told below, as AWS does not tell the two apart.
  }
  throw invalidParameter(`${where}: failed to parse JSON`);
}

function member(json: Json, name: string, where: string): Json {
  const value = json[name];
  if (value === undefined || value === null) return {};
  if (!isObject(value)) throw invalidParameter(`${where}: ${name} must be an object`);
  return value;
}

function parts(
  json: Json,
  names: { readonly retry: string; readonly request: string },
  where: string,
): Pick<HttpDeliveryPolicy, 'healthyRetryPolicy' | 'headerContentType'> {
  const retry = member(json, names.retry, where);
  const contentType = member(json, names.request, where)['headerContentType'];
  return {
    ...(Object.keys(retry).length > 0 && {
      healthyRetryPolicy: retryPolicy(retry, `${where}: ${names.retry}`),
    }),
    ...(typeof contentType === 'string' && { headerContentType: contentType }),
  };
}

const functions: readonly string[] = ['arithmetic', 'exponential', 'geometric', 'linear'];

function retryPolicy(json: Json, where: string): RetryPolicy {
  const count = (name: keyof RetryPolicy, fallback: number, least: number, greatest: number): number => {
    const value = json[name] ?? fallback;
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= greatest)
      return value;
    throw invalidParameter(`${where}.${name} must be between ${least} and ${greatest}`);
  };
  const backoff = json['backoffFunction'] ?? 'linear';
  if (typeof backoff !== 'string' || !functions.includes(backoff)) {
    throw invalidParameter(`${where}.backoffFunction must be one of: ${functions.join('|')}`);
  }
  const minDelayTarget = count('minDelayTarget', 20, 1, 3600);
  const policy: RetryPolicy = {
    minDelayTarget,
    maxDelayTarget: count('maxDelayTarget', 20, 1, 3600),
    numRetries: count('numRetries', 3, 0, 100),
    numNoDelayRetries: count('numNoDelayRetries', 0, 0, 100),
    numMinDelayRetries: count('numMinDelayRetries', 0, 0, 100),
    numMaxDelayRetries: count('numMaxDelayRetries', 0, 0, 100),
    backoffFunction: backoff as BackoffFunction,
  };
  checkTogether(policy, where);
  return policy;
}

function checkTogether(policy: RetryPolicy, where: string): void {
  const { numRetries, numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries } = policy;
  if (policy.minDelayTarget > policy.maxDelayTarget) {
    throw invalidParameter(`${where}.maxDelayTarget must be greater than or equal to minDelayTarget`);
  }
  if (numNoDelayRetries + numMinDelayRetries + numMaxDelayRetries > numRetries) {
    throw invalidParameter(
      `${where}.numRetries must be greater than or equal to total of numMinDelayRetries, numNoDelayRetries and numMaxDelayRetries`,
    );
  }
  // Confirmed by docs: a hard limit.
  if (totalSeconds(policy) > 3600) {
    throw invalidParameter(`${where}: total delay must be less than or equal to 3600 seconds`);
  }
}

function totalSeconds(policy: RetryPolicy): number {
  let total = 0;
  for (let retries = 0; retries < policy.numRetries; retries += 1)
    total += nextRetryDelay(policy, retries) ?? 0;
  return total;
}
