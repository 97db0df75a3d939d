import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  NotFoundException,
  PublishBatchCommand,
  PublishCommand,
  paginateListTopics,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { until } from '../faults/testing/until.ts';
import { type KeptMail, listMails } from '../planes/mail/mailbox.ts';
import { installed, pythonWith, run, succeed } from './testing/command.ts';
import { startRegionProcess } from './testing/region-process.ts';

const region = await startRegionProcess();
after(() => region.close());
const options = { env: region.environment };

/** The newest mail to this address with this subject, once there is one. */
async function mailTo(address: string, subject: string): Promise<KeptMail> {
  let found: KeptMail | undefined;
  await until(`there is a mail "${subject}" to ${address}`, async () => {
    const mails = await listMails(join(region.scratch, 'home', 'mail'));
    found = mails.findLast((mail) => mail.to === address && mail.subject === subject);
    return found !== undefined;
  });
  assert.ok(found);
  return found;
}

async function confirm(address: string): Promise<void> {
  const { text } = await mailTo(address, 'AWS Notification - Subscription Confirmation');
  const link = /http:\S+/.exec(text)?.[0] ?? '';
  const page = await fetch(link);
  assert.equal(page.status, 200);
  assert.match(await page.text(), /Subscription confirmed!/);
}

test('AWS CLI: an e-mail subscription from its confirmation to its end', async (t) => {
  const [aws] = await installed('aws');
  if (aws === undefined) return t.skip('needs the AWS CLI');
  const sns = async (...args: readonly string[]): Promise<Record<string, unknown>> => {
    const { stdout } = await succeed(aws, ['sns', ...args, '--output', 'json'], options);
    return stdout.trim() === '' ? {} : (JSON.parse(stdout) as Record<string, unknown>);
  };
  const { TopicArn } = await sns('create-topic', '--name', 'cli', '--tags', 'Key=team,Value=blue');
  const topic = ['--topic-arn', String(TopicArn)];
  const address = ['--protocol', 'email', '--notification-endpoint', 'cli@example.com'];
  assert.deepEqual(await sns('subscribe', ...topic, ...address), { SubscriptionArn: 'pending confirmation' });
  await confirm('cli@example.com');
  await sns('publish', ...topic, '--subject', 'From the CLI', '--message', 'Hello.');
  const mail = await mailTo('cli@example.com', 'From the CLI');
  assert.match(mail.text, /^Hello\.\n\n--\n/);
  const unsubscribe = /http:\S+/.exec(mail.text)?.[0] ?? '';
  assert.match(await (await fetch(unsubscribe)).text(), /Subscription removed!/);
  assert.deepEqual(await sns('list-subscriptions-by-topic', ...topic), { Subscriptions: [] });
  const missing = await run(
    aws,
    ['sns', 'publish', ...topic.with(1, `${TopicArn}x`), '--message', 'x'],
    options,
  );
  assert.match(missing.stderr, /\(NotFound\) when calling the Publish operation: Topic does not exist/);
  await sns('delete-topic', ...topic);
});

test('only reading a page of a mail acts: looking at its head, as mail scanners do, neither confirms nor unsubscribes', async (t) => {
  const client = new SNSClient(region.client);
  t.after(() => client.destroy());
  const { TopicArn } = await client.send(new CreateTopicCommand({ Name: 'scanned' }));
  const { SubscriptionArn } = await client.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: 'email',
      Endpoint: 'scanned@example.com',
      ReturnSubscriptionArn: true,
    }),
  );
  const pending = async () => {
    const { Attributes } = await client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
    return Attributes?.['PendingConfirmation'];
  };
  const look = async (link: string) => {
    const head = await fetch(link, { method: 'HEAD' });
    assert.equal(head.status, 200);
    assert.match(head.headers.get('content-type') ?? '', /^text\/html/);
    const posted = await fetch(link, { method: 'POST' });
    assert.equal(posted.status, 405);
    assert.equal(posted.headers.get('allow'), 'GET, HEAD');
  };
  const linkIn = ({ text }: KeptMail) => /http:\S+/.exec(text)?.[0] ?? '';
  await look(linkIn(await mailTo('scanned@example.com', 'AWS Notification - Subscription Confirmation')));
  assert.equal(await pending(), 'true');
  await confirm('scanned@example.com');
  await client.send(new PublishCommand({ TopicArn, Subject: 'Scan me', Message: 'x' }));
  await look(linkIn(await mailTo('scanned@example.com', 'Scan me')));
  assert.equal(await pending(), 'false');
  await client.send(new DeleteTopicCommand({ TopicArn }));
});

const script = `
import boto3, json, os
sns = boto3.resource('sns', endpoint_url=os.environ['AWS_ENDPOINT_URL'])
client = sns.meta.client
answer = {}
topic = sns.create_topic(Name='boto', Attributes={'DisplayName': 'Boto'})
subscription = topic.subscribe(Protocol='email', Endpoint='boto@example.com', ReturnSubscriptionArn=True,
    Attributes={'FilterPolicy': json.dumps({'level': ['high']})})
subscription.reload()
answer['pending'] = subscription.attributes['PendingConfirmation']
answer['message'] = len(topic.publish(Message='x', Subject='s',
    MessageAttributes={'level': {'DataType': 'String', 'StringValue': 'high'}, 'raw': {'DataType': 'Binary', 'BinaryValue': b'abc'}})['MessageId'])
subscription.set_attributes(AttributeName='FilterPolicy', AttributeValue='{}')
topic.add_permission(Label='other', AWSAccountId=['111111111111'], ActionName=['Publish'])
topic.reload()
answer['statements'] = [s['Sid'] for s in json.loads(topic.attributes['Policy'])['Statement']]
for number in range(120): client.create_topic(Name=f'many-{number}')
answer['pages'] = [len(page['Topics']) for page in client.get_paginator('list_topics').paginate()]
for number in range(120): sns.Topic(topic.arn.replace(':boto', f':many-{number}')).delete()
try:
    client.subscribe(TopicArn=topic.arn, Protocol='email', Endpoint='nobody')
except client.exceptions.InvalidParameterException as error:
    answer['error'] = error.response['Error']['Message']
try:
    client.get_topic_attributes(TopicArn=topic.arn + 'x')
except client.exceptions.NotFoundException as error:
    answer['status'] = error.response['ResponseMetadata']['HTTPStatusCode']
topic.delete()
print(json.dumps(answer))
`;

test('boto3: resources, paginators and errors of SNS are as on AWS', async (t) => {
  const python = await pythonWith('boto3');
  if (!python) return t.skip('needs boto3');
  const { stdout } = await succeed(python, ['-'], { ...options, input: script });
  assert.deepEqual(JSON.parse(stdout), {
    pending: 'true',
    message: 36,
    statements: ['__default_statement_ID', 'other'],
    pages: [100, 21],
    error: 'Invalid parameter: Email address',
    status: 404,
  });
});

test('the SDK: batches, attributes, pages and typed errors; links work unsigned, all else does not', async (t) => {
  const client = new SNSClient(region.client);
  t.after(() => client.destroy());
  const { TopicArn } = await client.send(
    new CreateTopicCommand({
      Name: 'sdk',
      Attributes: { SignatureVersion: '2' },
      Tags: [{ Key: 'a', Value: 'b' }],
    }),
  );
  const { SubscriptionArn } = await client.send(
    new SubscribeCommand({
      TopicArn,
      Protocol: 'email-json',
      Endpoint: 'sdk@example.com',
      ReturnSubscriptionArn: true,
    }),
  );
  const asked = await mailTo('sdk@example.com', 'AWS Notification - Subscription Confirmation');
  const { SubscribeURL } = JSON.parse(asked.text) as { SubscribeURL: string };
  const answer = await fetch(SubscribeURL);
  assert.match(
    await answer.text(),
    /<ConfirmSubscriptionResponse xmlns="http:\/\/sns\.amazonaws\.com\/doc\/2010-03-31\/"><ConfirmSubscriptionResult><SubscriptionArn>arn:aws:sns:/,
  );
  const { Attributes } = await client.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
  assert.equal(Attributes?.['ConfirmationWasAuthenticated'], 'false');
  const { Successful } = await client.send(
    new PublishBatchCommand({
      TopicArn,
      PublishBatchRequestEntries: [
        { Id: 'a', Message: 'one', Subject: 'One' },
        { Id: 'b', Message: 'two', Subject: 'Two' },
      ],
    }),
  );
  assert.equal(Successful?.length, 2);
  const document = JSON.parse((await mailTo('sdk@example.com', 'Two')).text) as Record<string, string>;
  assert.equal(document['Message'], 'two');
  const certificate = await (await fetch(document['SigningCertURL'] ?? '')).text();
  assert.match(certificate, /^-----BEGIN CERTIFICATE-----/);
  await assert.rejects(
    client.send(new PublishCommand({ TopicArn: `${TopicArn}x`, Message: 'x' })),
    NotFoundException,
  );
  const topics = [];
  for await (const page of paginateListTopics({ client }, {})) topics.push(...(page.Topics ?? []));
  assert.ok(topics.some((topic) => topic.TopicArn === TopicArn));

  const unsigned = (query: string) => fetch(`${region.endpoint}/?${query}`);
  const refused = await unsigned(`Action=DeleteTopic&Version=2010-03-31&TopicArn=${TopicArn}`);
  assert.equal(refused.status, 403);
  const wrong = await unsigned(`Action=ConfirmSubscription&TopicArn=${TopicArn}&Token=${'0'.repeat(200)}`);
  assert.equal(wrong.status, 400);
  assert.equal((await unsigned(`Action=Unsubscribe&SubscriptionArn=${SubscriptionArn}`)).status, 200);
  const { Subscriptions } = await client.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
  assert.deepEqual(Subscriptions, []);
});
