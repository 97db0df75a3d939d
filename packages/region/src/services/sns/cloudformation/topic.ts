import {
  flag,
  listOf,
  object,
  type Properties,
  type ResourceContext,
  type ResourceType,
  replaces,
  tags,
  text,
} from '../../../kernel/resource-type.ts';

interface TopicProperties {
  readonly TopicName?: string;
  readonly Subscription?: readonly { readonly Endpoint: string; readonly Protocol: string }[];
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
  readonly FifoTopic?: boolean;
}

const attributes = ['DisplayName', 'KmsMasterKeyId', 'SignatureVersion', 'TracingConfig'];

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topic.html
export const topicType: ResourceType = {
  name: 'AWS::SNS::Topic',
  properties: {
    TopicName: replaces(text),
    DisplayName: text,
    KmsMasterKeyId: text,
    SignatureVersion: text,
    TracingConfig: text,
    FifoTopic: replaces(flag),
    Subscription: listOf(object({ Endpoint: text, Protocol: text })),
    Tags: tags,
  },

  create(ctx, properties) {
    const { TopicName, FifoTopic } = properties as TopicProperties;
    const name = TopicName ?? ctx.generateName(256);
    const { TopicArn = '' } = ctx.call('sns', 'createTopic', {
      Name: name,
      Attributes: {
        ...Object.fromEntries(given(properties).filter(([, value]) => value !== '')),
        // Refused by the service, which has no FIFO topics.
        ...(FifoTopic === true && { FifoTopic: 'true' }),
      },
      Tags: tagsOf(ctx, properties),
    });
    subscribe(ctx, TopicArn, properties);
    return { physicalId: TopicArn };
  },

  update(ctx, { physicalId, properties: before }, properties) {
    for (const [AttributeName, AttributeValue] of given(properties)) {
      ctx.call('sns', 'setTopicAttributes', { TopicArn: physicalId, AttributeName, AttributeValue });
    }
    const old = ctx.call('sns', 'listTagsForResource', { ResourceArn: physicalId }).Tags ?? [];
    const TagKeys = old.flatMap(({ Key }) => (Key === undefined ? [] : [Key]));
    ctx.call('sns', 'untagResource', { ResourceArn: physicalId, TagKeys });
    ctx.call('sns', 'tagResource', { ResourceArn: physicalId, Tags: tagsOf(ctx, properties) });
    unsubscribeRemoved(ctx, physicalId, { before, properties });
    subscribe(ctx, physicalId, properties);
  },

  delete(ctx, { physicalId }) {
    ctx.call('sns', 'deleteTopic', { TopicArn: physicalId });
  },

  read(ctx, { physicalId: TopicArn, properties }) {
    const { Attributes = {} } = ctx.call('sns', 'getTopicAttributes', { TopicArn });
    const { Subscription = [] } = properties as TopicProperties;
    const there = subscriptionsOf(ctx, TopicArn);
    return {
      TopicName: TopicArn.split(':').at(-1),
      ...Object.fromEntries(attributes.map((name) => [name, Attributes[name]])),
      Subscription: Subscription.filter(({ Endpoint, Protocol }) =>
        there.some((one) => one.Endpoint === Endpoint && one.Protocol === Protocol),
      ),
      Tags: ctx.call('sns', 'listTagsForResource', { ResourceArn: TopicArn }).Tags,
    };
  },

  attributes: (_ctx, { physicalId }) => ({ TopicArn: physicalId, TopicName: physicalId.split(':').at(-1) }),
};

/** Each attribute that CloudFormation may set; an empty one brings back the default. */
function given(properties: Properties): (readonly [string, string])[] {
  return attributes.map((name) => {
    const value = String(properties[name] ?? '');
    return [name, name === 'SignatureVersion' && value === '' ? '1' : value] as const;
  });
}

function tagsOf(ctx: ResourceContext, properties: Properties): { Key: string; Value: string }[] {
  return [...ctx.stackTags, ...((properties as TopicProperties).Tags ?? [])];
}

function subscribe(ctx: ResourceContext, TopicArn: string, properties: Properties): void {
  for (const { Endpoint, Protocol } of (properties as TopicProperties).Subscription ?? []) {
    const isThere = subscriptionsOf(ctx, TopicArn).some(
      (other) => other.Endpoint === Endpoint && other.Protocol === Protocol,
    );
    if (!isThere) ctx.call('sns', 'subscribe', { TopicArn, Endpoint, Protocol });
  }
}

/** Pending ones stay until they expire, as they cannot be deleted. */
function unsubscribeRemoved(
  ctx: ResourceContext,
  topicArn: string,
  { before, properties }: { readonly before: Properties; readonly properties: Properties },
): void {
  const wanted = (properties as TopicProperties).Subscription ?? [];
  for (const old of (before as TopicProperties).Subscription ?? []) {
    if (wanted.some(({ Endpoint, Protocol }) => Endpoint === old.Endpoint && Protocol === old.Protocol))
      continue;
    const found = subscriptionsOf(ctx, topicArn).find(
      ({ Endpoint, Protocol }) => Endpoint === old.Endpoint && Protocol === old.Protocol,
    );
    const arn = found?.SubscriptionArn;
    if (arn !== undefined && arn !== 'PendingConfirmation') {
      ctx.call('sns', 'unsubscribe', { SubscriptionArn: arn });
    }
  }
}

function subscriptionsOf(ctx: ResourceContext, TopicArn: string) {
  return ctx.call('sns', 'listSubscriptionsByTopic', { TopicArn }).Subscriptions ?? [];
}
