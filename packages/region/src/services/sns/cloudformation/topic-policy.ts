import { AwsError } from '../../../kernel/aws-error.ts';
import {
  json,
  listOf,
  type Properties,
  type ResourceContext,
  type ResourceType,
  required,
  text,
} from '../../../kernel/resource-type.ts';

// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-sns-topicpolicy.html
export const topicPolicyType: ResourceType = {
  name: 'AWS::SNS::TopicPolicy',
  properties: {
    PolicyDocument: required(json),
    Topics: required(listOf(text)),
  },

  create(ctx, properties) {
    const { topics, policy } = read(properties);
    for (const topic of topics) setPolicy(ctx, topic, policy);
    return { physicalId: ctx.generateName(256) };
  },

  update(ctx, { properties: before }, properties) {
    const { topics, policy } = read(properties);
    for (const topic of read(before).topics) if (!topics.includes(topic)) removePolicy(ctx, topic);
    for (const topic of topics) setPolicy(ctx, topic, policy);
  },

  delete(ctx, { properties }) {
    for (const topic of read(properties).topics) removePolicy(ctx, topic);
  },

  read(ctx, { properties }) {
    const { topics, policy } = read(properties);
    const found = topics.flatMap((TopicArn) => policyNow(ctx, TopicArn) ?? []);
    if (found.length === 0) return undefined;
    // Of several topics the first whose policy is another one.
    return { PolicyDocument: found.find((one) => one.policy !== policy)?.policy ?? policy };
  },

  attributes: (_ctx, { physicalId }) => ({ Id: physicalId }),
};

function read({ PolicyDocument, Topics }: Properties): {
  readonly topics: readonly string[];
  readonly policy: string;
} {
  return { topics: Topics as readonly string[], policy: JSON.stringify(PolicyDocument) };
}

/** None if the topic is gone. */
function policyNow(
  ctx: ResourceContext,
  TopicArn: string,
): { readonly policy: string | undefined } | undefined {
  try {
    return { policy: ctx.call('sns', 'getTopicAttributes', { TopicArn }).Attributes?.['Policy'] };
  } catch (error) {
    if (error instanceof AwsError && error.code === 'NotFound') return undefined;
    throw error;
  }
}

function setPolicy(ctx: ResourceContext, TopicArn: string, AttributeValue: string): void {
  ctx.call('sns', 'setTopicAttributes', { TopicArn, AttributeName: 'Policy', AttributeValue });
}

/** Back to AWS's default; the topic may be gone already. */
function removePolicy(ctx: ResourceContext, topic: string): void {
  try {
    setPolicy(ctx, topic, '');
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'NotFound') throw error;
  }
}
