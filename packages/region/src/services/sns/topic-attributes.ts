/** Which attributes a topic may be given, and what is answered for those that were not. */
import { notModelled } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { effectivePolicy, parseTopicDeliveryPolicy } from './delivery-policy.ts';
import { invalidParameter } from './errors.ts';
import { isObject } from './filter-policy.ts';
import { type SnsState, subscriptionsOf, type Topic } from './state.ts';
import { isTopicAction, outOfScope } from './topic-actions.ts';

type Attributes = Readonly<Record<string, string>>;

/** They turn a topic into one of those that are not modelled. */
const ofFifoTopics = ['FifoTopic', 'ContentBasedDeduplication', 'FifoThroughputScope', 'ArchivePolicy'];
const feedback = /^(HTTP|Firehose|Lambda|Application|SQS)(Success|Failure)Feedback(RoleArn|SampleRate)$/;

/**
 * @param where what an error begins with: `Attributes Reason: ` when a topic is made, else nothing
 * @returns the value to keep; undefined when it is AWS's default
 */
export function checkTopicAttribute(
  ctx: Context,
  topic: { readonly arn: string },
  attribute: { readonly name: string; readonly value: string },
  where: '' | 'Attributes Reason: ',
): string | undefined {
  const { name, value } = attribute;
  const refused = (reason: string) => invalidParameter(`${where}${reason}`);
  if (ofFifoTopics.includes(name) && value !== 'false' && value !== '') {
    throw notModelled(`sns topics: attribute ${name} (FIFO topics)`, 'sns');
  }
  if (ofFifoTopics.includes(name) || feedback.test(name)) return refuseFeedback(name, value);
  switch (name) {
    case 'DisplayName':
      if (value.length > 100) throw refused('DisplayName: must be at most 100 characters long');
      return value === '' ? undefined : value;
    case 'DeliveryPolicy':
      return checkDeliveryPolicy(ctx, value, `${where}DeliveryPolicy`);
    case 'Policy':
      return checkPolicy(topic.arn, value, refused);
    case 'SignatureVersion':
      if (value !== '1' && value !== '2') throw refused(`SignatureVersion: Invalid value [${value}]`);
      return value;
    case 'KmsMasterKeyId':
      if (value === '') return undefined;
      ctx.warn(
        'ignored-member',
        "sns topics: KmsMasterKeyId is accepted but ignored: messages on their way are kept as all other state is, readable by the home's owner only",
      );
      return value;
    case 'TracingConfig':
      if (value === 'PassThrough' || value === '') return undefined;
      throw notModelled(`sns topics: attribute TracingConfig ${value}`, 'sns');
    default:
      throw invalidParameter(where === '' ? 'AttributeName' : `${where}Unknown attribute ${name}`);
  }
}

function refuseFeedback(name: string, value: string): undefined {
  if (value === '' || value === 'false') return undefined;
  throw notModelled(`sns topics: attribute ${name} (logs of deliveries)`, 'sns');
}

function checkDeliveryPolicy(ctx: Context, value: string, where: string): string | undefined {
  if (value === '') return undefined;
  const { hasThrottle } = parseTopicDeliveryPolicy(value, where);
  if (hasThrottle) warnOfThrottle(ctx);
  return value;
}

export function warnOfThrottle(ctx: Context): void {
  ctx.warn(
    'ignored-member',
    'sns DeliveryPolicy: maxReceivesPerSecond is accepted but ignored: deliveries are not throttled',
  );
}

/** An empty one brings back the default. */
function checkPolicy(
  topicArn: string,
  value: string,
  refused: (reason: string) => Error,
): string | undefined {
  if (value === '') return undefined;
  let policy: unknown;
  try {
    policy = JSON.parse(value);
  } catch {
    throw refused('Policy Error: null');
  }
  const statements = isObject(policy) ? [policy['Statement']].flat() : [];
  if (statements.length === 0 || !statements.every(isStatement)) {
    throw refused('Policy statement must apply to a single resource!');
  }
  if (!statements.every(({ Action = [] }) => [Action].flat().every(isTopicAction))) throw refused(outOfScope);
  if (!statements.every((statement) => appliesTo(statement, topicArn))) {
    throw refused(`Policy Error: Policy statement resource must be the topic ${topicArn}`);
  }
  return value;
}

type Statement = Readonly<Record<string, unknown>>;

function isStatement(value: unknown): value is Statement {
  return (
    isObject(value) &&
    (value['Effect'] === 'Allow' || value['Effect'] === 'Deny') &&
    (value['Principal'] !== undefined || value['NotPrincipal'] !== undefined) &&
    (value['Action'] !== undefined || value['NotAction'] !== undefined)
  );
}

function appliesTo(statement: Statement, topicArn: string): boolean {
  const resources = [statement['Resource'] ?? statement['NotResource']].flat();
  return resources.every((resource) => resource === topicArn || resource === '*');
}

/** As GetTopicAttributes answers. */
export function topicAttributes(ctx: Context, state: SnsState, topic: Topic): Attributes {
  const subscriptions = subscriptionsOf(state, topic.arn);
  const pending = subscriptions.filter(({ status }) => status === 'pending').length;
  return {
    Policy: defaultPolicy(ctx, topic.arn),
    Owner: ctx.accountId,
    SubscriptionsPending: String(pending),
    SubscriptionsConfirmed: String(subscriptions.length - pending),
    SubscriptionsDeleted: String(topic.deletedSubscriptions),
    TopicArn: topic.arn,
    EffectiveDeliveryPolicy: effectiveText(topic.attributes['DeliveryPolicy']),
    DisplayName: '',
    ...topic.attributes,
  };
}

function effectiveText(deliveryPolicy: string | undefined): string {
  const { retryPolicy, contentType, isTopicFinal } = effectivePolicy(deliveryPolicy);
  return JSON.stringify({
    http: {
      defaultHealthyRetryPolicy: retryPolicy,
      disableSubscriptionOverrides: isTopicFinal,
      defaultRequestPolicy: { headerContentType: contentType },
    },
  });
}

/** Confirmed by answers of AWS: the owner's account may do everything. */
function defaultPolicy(ctx: Context, topicArn: string): string {
  const actions = [
    'GetTopicAttributes',
    'SetTopicAttributes',
    'AddPermission',
    'RemovePermission',
    'DeleteTopic',
    'Subscribe',
    'ListSubscriptionsByTopic',
    'Publish',
  ];
  return JSON.stringify({
    Version: '2008-10-17',
    Id: '__default_policy_ID',
    Statement: [
      {
        Sid: '__default_statement_ID',
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: actions.map((action) => `SNS:${action}`),
        Resource: topicArn,
        Condition: { StringEquals: { 'AWS:SourceOwner': ctx.accountId } },
      },
    ],
  });
}
