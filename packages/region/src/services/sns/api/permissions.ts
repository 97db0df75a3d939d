import type * as Sns from '@aws-sdk/client-sns';
import type { Context } from '../../../kernel/context.ts';
import { invalidParameter } from '../errors.ts';
import { findTopic, type SnsState, type Topic } from '../state.ts';
import { isTopicAction, outOfScope } from '../topic-actions.ts';
import { topicAttributes } from '../topic-attributes.ts';

interface Statement {
  readonly Sid?: string | undefined;
}

interface Policy {
  readonly Statement: readonly Statement[];
}

/** Adds a statement to the topic's policy. */
export function addPermission(ctx: Context, state: SnsState, input: Sns.AddPermissionInput): object {
  const topic = findTopic(state, input.TopicArn);
  const policy = policyOf(ctx, state, topic);
  if (policy.Statement.some(({ Sid }) => Sid === input.Label))
    throw invalidParameter('Statement already exists');
  const actions = (input.ActionName ?? []).map((action) => `SNS:${action}`);
  if (actions.length === 0 || !actions.every(isTopicAction)) throw invalidParameter(outOfScope);
  const statement = {
    Sid: input.Label,
    Effect: 'Allow',
    Principal: { AWS: one((input.AWSAccountId ?? []).map((id) => `arn:aws:iam::${id}:root`)) },
    Action: one(actions),
    Resource: topic.arn,
  };
  setPolicy(ctx, topic, { ...policy, Statement: [...policy.Statement, statement] });
  return {};
}

export function removePermission(ctx: Context, state: SnsState, input: Sns.RemovePermissionInput): object {
  const topic = findTopic(state, input.TopicArn);
  const policy = policyOf(ctx, state, topic);
  setPolicy(ctx, topic, {
    ...policy,
    Statement: policy.Statement.filter(({ Sid }) => Sid !== input.Label),
  });
  return {};
}

function policyOf(ctx: Context, state: SnsState, topic: Topic): Policy {
  const policy = JSON.parse(topicAttributes(ctx, state, topic)['Policy'] ?? '') as {
    readonly Statement: Statement | readonly Statement[];
  };
  return { ...policy, Statement: [policy.Statement].flat() };
}

function setPolicy(ctx: Context, topic: Topic, policy: Policy): void {
  ctx.call('sns', 'setTopicAttributes', {
    TopicArn: topic.arn,
    AttributeName: 'Policy',
    // Without any statement it is AWS's default again.
    AttributeValue: policy.Statement.length === 0 ? '' : JSON.stringify(policy),
  });
}

/** A list of one is written as that one, as AWS does. */
function one(values: readonly string[]): string | readonly string[] | undefined {
  return values.length === 1 ? values[0] : values;
}
