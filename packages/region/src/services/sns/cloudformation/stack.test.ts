import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type SnsRegion, snsRegion } from '../testing/sns-region.ts';

const template = (changes: { readonly displayName?: string; readonly severity?: string } = {}) => ({
  Resources: {
    Topic: {
      Type: 'AWS::SNS::Topic',
      Properties: {
        TopicName: 'alarms',
        ...(changes.displayName !== undefined && { DisplayName: changes.displayName }),
        Subscription: [{ Protocol: 'email', Endpoint: 'inline@example.com' }],
        Tags: [{ Key: 'team', Value: 'blue' }],
      },
    },
    Subscription: {
      Type: 'AWS::SNS::Subscription',
      Properties: {
        TopicArn: { Ref: 'Topic' },
        Protocol: 'email',
        Endpoint: 'team@example.com',
        ...(changes.severity !== undefined && {
          FilterPolicy: { severity: [changes.severity] },
          FilterPolicyScope: 'MessageBody',
        }),
      },
    },
    Policy: {
      Type: 'AWS::SNS::TopicPolicy',
      Properties: {
        Topics: [{ Ref: 'Topic' }],
        PolicyDocument: {
          Version: '2012-10-17',
          Statement: [
            {
              Sid: 'alarms',
              Effect: 'Allow',
              Principal: { Service: 'cloudwatch.amazonaws.com' },
              Action: 'sns:Publish',
              Resource: { Ref: 'Topic' },
            },
          ],
        },
      },
    },
  },
  Outputs: { Name: { Value: { 'Fn::GetAtt': ['Topic', 'TopicName'] } } },
});

async function statusOf(region: SnsRegion): Promise<string> {
  await region.advance(30);
  const { Stacks } = await region.call('cloudformation', 'describeStacks', { StackName: 'monitoring' });
  return `${Stacks?.[0]?.StackStatus} ${Stacks?.[0]?.Outputs?.[0]?.OutputValue ?? ''}`.trim();
}

test('a stack has topic, subscription and policy; it does not wait for the confirmation, and goes while it is pending', async () => {
  const region = snsRegion();
  const StackName = 'monitoring';
  await region.call('cloudformation', 'createStack', { StackName, TemplateBody: JSON.stringify(template()) });
  assert.equal(await statusOf(region), 'CREATE_COMPLETE alarms');
  const TopicArn = 'arn:aws:sns:eu-central-1:000000000000:alarms';
  const attributes = async () =>
    (await region.call('sns', 'getTopicAttributes', { TopicArn })).Attributes ?? {};
  assert.equal((await attributes())['SubscriptionsPending'], '2');
  assert.match((await attributes())['Policy'] ?? '', /cloudwatch\.amazonaws\.com/);
  const { Tags } = await region.call('sns', 'listTagsForResource', { ResourceArn: TopicArn });
  assert.ok(Tags?.some(({ Key, Value }) => Key === 'team' && Value === 'blue'));
  assert.equal(region.mails.length, 2);

  const changed = template({ displayName: 'Night watch', severity: 'high' });
  await region.call('cloudformation', 'updateStack', { StackName, TemplateBody: JSON.stringify(changed) });
  assert.equal(await statusOf(region), 'UPDATE_COMPLETE alarms');
  assert.equal((await attributes())['DisplayName'], 'Night watch');
  assert.equal(region.mails.length, 2, 'nobody is asked twice');
  await region.call('cloudformation', 'updateStack', { StackName, TemplateBody: JSON.stringify(template()) });
  assert.equal(await statusOf(region), 'UPDATE_COMPLETE alarms');
  assert.equal((await attributes())['DisplayName'], '');

  await region.call('cloudformation', 'deleteStack', { StackName });
  await region.advance(30);
  assert.deepEqual((await region.call('sns', 'listTopics', {})).Topics, []);
});

test('a FIFO topic fails its stack by name', async () => {
  const region = snsRegion();
  const TemplateBody = JSON.stringify({
    Resources: { T: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'x.fifo', FifoTopic: true } } },
  });
  await region.call('cloudformation', 'createStack', { StackName: 'monitoring', TemplateBody });
  assert.equal(await statusOf(region), 'ROLLBACK_COMPLETE');
  const { StackEvents } = await region.call('cloudformation', 'describeStackEvents', {
    StackName: 'monitoring',
  });
  assert.ok(StackEvents?.some(({ ResourceStatusReason }) => /FIFO topics/.test(ResourceStatusReason ?? '')));
});
