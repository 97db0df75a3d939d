import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  effectivePolicy,
  parseSubscriptionDeliveryPolicy,
  parseTopicDeliveryPolicy,
} from './delivery-policy.ts';
import { defaultHttpPolicy, mailPolicy, nextRetryDelay, type RetryPolicy } from './retry-policy.ts';

function delays(policy: RetryPolicy): number[] {
  const all: number[] = [];
  for (let delay = nextRetryDelay(policy, 0); delay !== undefined; delay = nextRetryDelay(policy, all.length))
    all.push(delay);
  return all;
}

const base: RetryPolicy = { ...defaultHttpPolicy, minDelayTarget: 1, maxDelayTarget: 60, numRetries: 50 };
const phases = { numNoDelayRetries: 3, numMinDelayRetries: 2, numMaxDelayRetries: 35 };

test('without a policy an endpoint is tried three more times, 20 seconds apart', () => {
  assert.deepEqual(delays(defaultHttpPolicy), [20, 20, 20]);
});

test('mail servers are tried 50 times in about six hours', () => {
  const all = delays(mailPolicy);
  assert.equal(all.length, 50);
  assert.deepEqual(all.slice(0, 3), [10, 10, 10]);
  assert.deepEqual(all.slice(-2), [600, 600]);
  const hours = all.reduce((sum, delay) => sum + delay, 0) / 3600;
  assert.ok(hours > 6 && hours < 8, String(hours));
});

for (const backoffFunction of ['linear', 'arithmetic', 'geometric', 'exponential'] as const) {
  test(`the four phases follow each other, backing off by the ${backoffFunction} function`, () => {
    const all = delays({ ...base, ...phases, backoffFunction });
    assert.equal(all.length, 50);
    assert.deepEqual(all.slice(0, 5), [0, 0, 0, 1, 1]);
    const backoff = all.slice(5, 15);
    assert.equal(backoff[0], 1);
    assert.equal(backoff.at(-1), 60);
    assert.deepEqual(
      backoff,
      [...backoff].sort((a, b) => a - b),
    );
    assert.ok(all.slice(15).every((delay) => delay === 60));
  });
}

test("a subscription's policy comes before the topic's, unless the topic forbids it", () => {
  const topic = (disableSubscriptionOverrides: boolean) =>
    JSON.stringify({ http: { defaultHealthyRetryPolicy: { numRetries: 5 }, disableSubscriptionOverrides } });
  const own = JSON.stringify({
    healthyRetryPolicy: { numRetries: 7 },
    requestPolicy: { headerContentType: 'application/json' },
  });
  assert.equal(effectivePolicy(topic(false)).retryPolicy.numRetries, 5);
  assert.equal(effectivePolicy(topic(false), own).retryPolicy.numRetries, 7);
  assert.equal(effectivePolicy(topic(false), own).contentType, 'application/json');
  assert.equal(effectivePolicy(topic(true), own).retryPolicy.numRetries, 5);
  assert.equal(effectivePolicy(undefined).contentType, 'text/plain; charset=UTF-8');
});

const refused: readonly (readonly [policy: object, message: RegExp])[] = [
  [{ minDelayTarget: 0 }, /minDelayTarget must be between 1 and 3600/],
  [
    { minDelayTarget: 30, maxDelayTarget: 20 },
    /maxDelayTarget must be greater than or equal to minDelayTarget/,
  ],
  [{ numRetries: 101 }, /numRetries must be between 0 and 100/],
  [{ numRetries: 3, numNoDelayRetries: 4 }, /numRetries must be greater than or equal to total/],
  [{ numRetries: 100, minDelayTarget: 60, maxDelayTarget: 60 }, /less than or equal to 3600 seconds/],
  [{ backoffFunction: 'cubic' }, /backoffFunction must be one of/],
];

for (const [policy, message] of refused) {
  test(`a retry policy is refused: ${JSON.stringify(policy)}`, () => {
    const text = JSON.stringify({ healthyRetryPolicy: policy });
    assert.throws(() => parseSubscriptionDeliveryPolicy(text, 'DeliveryPolicy'), {
      code: 'InvalidParameter',
      message,
    });
  });
}

test('a delivery policy that is no JSON is refused', () => {
  assert.throws(() => parseTopicDeliveryPolicy('{', 'DeliveryPolicy'), { message: /failed to parse JSON/ });
  assert.throws(() => parseTopicDeliveryPolicy('{"http":1}', 'DeliveryPolicy'), {
    message: /http must be an object/,
  });
});
