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

  attributes: (_ctx, { physicalId }) => ({ Id: physicalId }),
};

function read({ PolicyDocument, Topics }: Properties): {
  readonly topics: readonly string[];
  readonly policy: string;
} {
  return { topics: Topics as readonly string[], policy: JSON.stringify(PolicyDocument) };
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
