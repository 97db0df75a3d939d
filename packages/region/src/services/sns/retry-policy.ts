/**
 * How often and when a failed delivery is tried again: four phases, first without delay, then with the least delay, then
 * backing off, then with the greatest delay. https://docs.aws.amazon.com/sns/latest/dg/sns-message-delivery-retries.html
 */
export interface RetryPolicy {
  /** Seconds. */
  readonly minDelayTarget: number;
  readonly maxDelayTarget: number;
  /** In all phases together. */
  readonly numRetries: number;
  readonly numNoDelayRetries: number;
  readonly numMinDelayRetries: number;
  readonly numMaxDelayRetries: number;
  readonly backoffFunction: BackoffFunction;
}

export type BackoffFunction = 'arithmetic' | 'exponential' | 'geometric' | 'linear';

/** Confirmed by docs: three retries, 20 seconds apart. */
export const defaultHttpPolicy: RetryPolicy = {
  minDelayTarget: 20,
  maxDelayTarget: 20,
  numRetries: 3,
  numMaxDelayRetries: 0,
  numNoDelayRetries: 0,
  numMinDelayRetries: 0,
  backoffFunction: 'linear',
};

/** Confirmed by docs, for SMTP: twice after 10 s, ten times from 10 to 600 s, 38 times after 600 s: 50 times in 6 hours. */
export const mailPolicy: RetryPolicy = {
  minDelayTarget: 10,
  maxDelayTarget: 600,
  numRetries: 50,
  numNoDelayRetries: 0,
  numMinDelayRetries: 2,
  numMaxDelayRetries: 38,
  backoffFunction: 'exponential',
};

/**
 * Seconds until the next retry, `retries` having been made; undefined when there is none.
 * Differs: AWS adds jitter, here the delays are exact.
 */
export function nextRetryDelay(policy: RetryPolicy, retries: number): number | undefined {
  const { numRetries, numNoDelayRetries, numMinDelayRetries, numMaxDelayRetries } = policy;
  if (retries >= numRetries) return undefined;
  if (retries < numNoDelayRetries) return 0;
  const afterNoDelay = retries - numNoDelayRetries;
  if (afterNoDelay < numMinDelayRetries) return policy.minDelayTarget;
  const backoffRetries = Math.max(
    0,
    numRetries - numNoDelayRetries - numMinDelayRetries - numMaxDelayRetries,
  );
  const step = afterNoDelay - numMinDelayRetries;
  return step < backoffRetries ? backoffDelay(policy, step, backoffRetries) : policy.maxDelayTarget;
}

/**
 * From the least delay at the first step to the greatest at the last.
 * Chosen: the curves between. AWS shows them in a picture only.
 */
function backoffDelay(policy: RetryPolicy, step: number, steps: number): number {
  const { minDelayTarget: least, maxDelayTarget: greatest } = policy;
  const part = steps <= 1 ? 1 : step / (steps - 1);
  const seconds = {
    linear: least + (greatest - least) * part,
    arithmetic: least + (greatest - least) * ((part * (1 + part)) / 2),
    geometric: least + (greatest - least) * part ** 2,
    exponential: least * (greatest / least) ** part,
  }[policy.backoffFunction];
  return Math.round(seconds * 1000) / 1000;
}
