import { AwsError } from '../../../kernel/aws-error.ts';
import {
  flag,
  json,
  type Properties,
  type ResourceContext,
  type ResourceType,
  replaces,
  required,
  text,
} from '../../../kernel/resource-type.ts';

const attributeNames = [
  'DeliveryPolicy',
  'FilterPolicyScope',
  'FilterPolicy',
  'RawMessageDelivery',
  'RedrivePolicy',
] as const;

/**
 * Mail and HTTP subscriptions stay pending until they are confirmed; the stack does not wait for it, as on AWS.
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-subscription.html
 */
export const subscriptionType: ResourceType = {
  name: 'AWS::SNS::Subscription',
  properties: {
    TopicArn: replaces(required(text)),
    Protocol: replaces(required(text)),
    Endpoint: replaces(text),
    FilterPolicy: json,
    FilterPolicyScope: text,
    RawMessageDelivery: flag,
    DeliveryPolicy: json,
    // Refused by the service: there are no queues.
    RedrivePolicy: json,
    Region: text,
  },

  create(ctx, properties) {
    checkRegion(ctx, properties);
    const { SubscriptionArn = '' } = ctx.call('sns', 'subscribe', {
      TopicArn: String(properties['TopicArn']),
      Protocol: String(properties['Protocol']),
      Endpoint: String(properties['Endpoint'] ?? ''),
      ReturnSubscriptionArn: true,
      Attributes: Object.fromEntries(attributes(properties).filter(([, value]) => value !== '')),
    });
    return { physicalId: SubscriptionArn };
  },

  update(ctx, { physicalId }, properties) {
    // First without a policy: scope and policy must fit each other at any time.
    const changes: (readonly [string, string])[] = [['FilterPolicy', ''], ...attributes(properties)];
    for (const [AttributeName, AttributeValue] of changes) {
      const value = AttributeValue === '' ? defaults[AttributeName] : AttributeValue;
      if (value === undefined) continue;
      ctx.call('sns', 'setSubscriptionAttributes', {
        SubscriptionArn: physicalId,
        AttributeName,
        AttributeValue: value,
      });
    }
  },

  /** A pending subscription cannot be deleted: it goes with its topic, or by itself after three days. */
  delete(ctx, { physicalId }) {
    try {
      const { Attributes } = ctx.call('sns', 'getSubscriptionAttributes', { SubscriptionArn: physicalId });
      if (Attributes?.['PendingConfirmation'] === 'true') return;
    } catch (error) {
      if (error instanceof AwsError && error.code === 'NotFound') return;
      throw error;
    }
    ctx.call('sns', 'unsubscribe', { SubscriptionArn: physicalId });
  },

  read(ctx, { physicalId: SubscriptionArn }) {
    const { Attributes = {} } = ctx.call('sns', 'getSubscriptionAttributes', { SubscriptionArn });
    const { TopicArn, Protocol, Endpoint } = Attributes;
    const values = attributeNames.map((name) => [name, Attributes[name]]);
    return { TopicArn, Protocol, Endpoint, ...Object.fromEntries(values) };
  },

  attributes: (_ctx, { physicalId }) => ({ Arn: physicalId }),
};

/** What SetSubscriptionAttributes takes to bring an attribute back; others can be empty only. */
const defaults: Readonly<Record<string, string>> = {
  FilterPolicy: '{}',
  FilterPolicyScope: 'MessageAttributes',
  RawMessageDelivery: 'false',
  DeliveryPolicy: '',
};

function attributes(properties: Properties): (readonly [string, string])[] {
  return attributeNames.map((name) => {
    const value = properties[name];
    return [name, typeof value === 'object' ? JSON.stringify(value) : String(value ?? '')] as const;
  });
}

function checkRegion(ctx: ResourceContext, { Region }: Properties): void {
  if (Region === undefined || Region === ctx.region) return;
  throw new AwsError(
    'InvalidParameter',
    `Invalid parameter: Region: this local region is ${ctx.region}; topics of ${String(Region)} are not here`,
  );
}
