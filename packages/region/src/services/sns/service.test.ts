import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PublishInput } from '@aws-sdk/client-sns';
import { delivered, failing, snsRegion, tokenIn } from './testing/sns-region.ts';
import { troubledDeliveries } from './views.ts';

const day = 86_400;

test('a topic is made once, keeps its attributes and tags, and is refused with others', async () => {
  const region = snsRegion();
  const create = (input: object) => region.call('sns', 'createTopic', { Name: 'alarms', ...input });
  const first = await create({ Attributes: { DisplayName: 'Alarms' }, Tags: [{ Key: 'a', Value: '1' }] });
  assert.equal(first.TopicArn, 'arn:aws:sns:eu-central-1:000000000000:alarms');
  assert.deepEqual(await create({}), first);
  assert.deepEqual(await create({ Attributes: { DisplayName: 'Alarms' } }), first);
  await assert.rejects(create({ Attributes: { DisplayName: 'Other' } }), {
    message: 'Invalid parameter: Attributes Reason: Topic already exists with different attributes',
  });
  await assert.rejects(create({ Tags: [] }), {
    message: 'Invalid parameter: Tags Reason: Topic already exists with different tags',
  });
  const { Attributes } = await region.call('sns', 'getTopicAttributes', { TopicArn: first.TopicArn });
  assert.equal(Attributes?.['DisplayName'], 'Alarms');
  assert.equal(Attributes?.['SubscriptionsPending'], '0');
});

const refusedTopics: readonly (readonly [input: object, code: string, message: RegExp])[] = [
  [{ Name: 'a b' }, 'InvalidParameter', /^Invalid parameter: Topic Name$/],
  [{ Name: '' }, 'InvalidParameter', /Topic Name/],
  [{ Name: 'x.fifo' }, 'NotModelled', /FIFO topics/],
  [{ Name: 'x', Attributes: { FifoTopic: 'true' } }, 'NotModelled', /FIFO topics/],
  [{ Name: 'x', Attributes: { Colour: 'red' } }, 'InvalidParameter', /Unknown attribute Colour/],
  [{ Name: 'x', Attributes: { TracingConfig: 'Active' } }, 'NotModelled', /TracingConfig/],
  [{ Name: 'x', Attributes: { HTTPFailureFeedbackRoleArn: 'arn' } }, 'NotModelled', /logs of deliveries/],
  [{ Name: 'x', Attributes: { Policy: '{' } }, 'InvalidParameter', /Policy Error/],
  [{ Name: 'x', Attributes: { SignatureVersion: '3' } }, 'InvalidParameter', /SignatureVersion/],
  [
    {
      Name: 'x',
      Tags: [
        { Key: 'a', Value: '1' },
        { Key: 'a', Value: '2' },
      ],
    },
    'InvalidParameter',
    /Duplicated keys/,
  ],
  [{ Name: 'x', DataProtectionPolicy: '{}' }, 'NotModelled', /DataProtectionPolicy/],
];

for (const [input, code, message] of refusedTopics) {
  test(`CreateTopic refuses ${JSON.stringify(input)}`, async () => {
    await assert.rejects(snsRegion().call('sns', 'createTopic', input as { Name: string }), {
      code,
      message,
    });
  });
}

test('an e-mail subscription waits for its confirmation, and gets nothing before', async () => {
  const region = snsRegion();
  const TopicArn = await region.topic();
  const answer = await region.call('sns', 'subscribe', {
    TopicArn,
    Protocol: 'email',
    Endpoint: 'a@example.com',
  });
  assert.equal(answer.SubscriptionArn, 'pending confirmation');
  await region.call('sns', 'publish', { TopicArn, Message: 'early' });
  await region.kernel.settled();
  assert.deepEqual(
    region.mails.map(({ subject }) => subject),
    ['AWS Notification - Subscription Confirmation'],
  );
  const listed = await region.call('sns', 'listSubscriptionsByTopic', { TopicArn });
  assert.equal(listed.Subscriptions?.[0]?.SubscriptionArn, 'PendingConfirmation');

  const Token = tokenIn(region.mails[0]?.text ?? '');
  await assert.rejects(region.call('sns', 'confirmSubscription', { TopicArn, Token: 'short' }), {
    message: 'Invalid token',
  });
  await assert.rejects(region.call('sns', 'confirmSubscription', { TopicArn, Token: '0'.repeat(200) }), {
    message: 'Invalid parameter: Token',
  });
  await assert.rejects(region.call('sns', 'confirmSubscription', { TopicArn: `${TopicArn}x`, Token }), {
    message: 'Invalid parameter: Topic',
  });
  const { SubscriptionArn } = (await region.unsigned('ConfirmSubscription', { TopicArn, Token })) as {
    SubscriptionArn: string;
  };
  await region.call('sns', 'publish', { TopicArn, Message: 'Something happened.', Subject: 'Hello' });
  await region.kernel.settled();
  const mail = region.mails[1];
  assert.equal(mail?.subject, 'Hello');
  assert.equal(mail?.to, 'a@example.com');
  assert.match(mail?.text ?? '', /^Something happened\.\n\n--\nIf you wish to stop receiving notifications/);
  assert.match(
    mail?.text ?? '',
    /unsubscribe\.html\?SubscriptionArn=arn:aws:sns:.*&Endpoint=a@example\.com\n/,
  );
  const { Attributes } = await region.call('sns', 'getSubscriptionAttributes', { SubscriptionArn });
  assert.equal(Attributes?.['PendingConfirmation'], 'false');
  assert.equal(Attributes?.['ConfirmationWasAuthenticated'], 'false');
});

test('tokens are valid for two days; what is not confirmed goes after three, and cannot be deleted before', async () => {
  const region = snsRegion();
  const TopicArn = await region.topic();
  const subscribe = () =>
    region.call('sns', 'subscribe', {
      TopicArn,
      Protocol: 'email',
      Endpoint: 'a@example.com',
      ReturnSubscriptionArn: true,
    });
  const { SubscriptionArn } = await subscribe();
  await region.kernel.settled();
  await assert.rejects(region.call('sns', 'unsubscribe', { SubscriptionArn }), { code: 'InvalidParameter' });
  await region.advance(2 * day + 1);
  const Token = tokenIn(region.mails[0]?.text ?? '');
  await assert.rejects(region.call('sns', 'confirmSubscription', { TopicArn, Token }), {
    message: 'Invalid parameter: Token',
  });
  assert.equal((await subscribe()).SubscriptionArn, SubscriptionArn, 'asking again is for the same one');
  await region.kernel.settled();
  assert.notEqual(tokenIn(region.mails[1]?.text ?? ''), Token);
  await region.advance(3 * day + 1);
  const { Subscriptions } = await region.call('sns', 'listSubscriptions', {});
  assert.deepEqual(Subscriptions, []);
});

test('whoever unsubscribes by the link is told, and can come back by the link of that mail', async () => {
  const region = snsRegion();
  const TopicArn = await region.topic();
  const SubscriptionArn = await region.subscribed(TopicArn, 'a@example.com');
  await region.unsigned('Unsubscribe', { SubscriptionArn });
  await region.kernel.settled();
  assert.deepEqual((await region.call('sns', 'listSubscriptions', {})).Subscriptions, []);
  const mail = region.mails.at(-1);
  assert.equal(mail?.subject, 'AWS Notification - Unsubscribe Confirmation');
  await region.unsigned('ConfirmSubscription', { TopicArn, Token: tokenIn(mail?.text ?? '') });
  const { Subscriptions } = await region.call('sns', 'listSubscriptions', {});
  assert.equal(Subscriptions?.[0]?.SubscriptionArn, SubscriptionArn);
});

test('AuthenticateOnUnsubscribe keeps the link in mails from ending a subscription', async () => {
  const region = snsRegion();
  const TopicArn = await region.topic();
  await region.call('sns', 'subscribe', { TopicArn, Protocol: 'email', Endpoint: 'a@example.com' });
  await region.kernel.settled();
  const Token = tokenIn(region.mails[0]?.text ?? '');
  const { SubscriptionArn } = await region.call('sns', 'confirmSubscription', {
    TopicArn,
    Token,
    AuthenticateOnUnsubscribe: 'true',
  });
  await assert.rejects(region.unsigned('Unsubscribe', { SubscriptionArn }), { code: 'AuthorizationError' });
  await region.call('sns', 'unsubscribe', { SubscriptionArn });
  await region.call('sns', 'unsubscribe', { SubscriptionArn });
  assert.equal(region.mails.length, 1, 'who signs gets no farewell');
});

test('an unsigned caller may do nothing but confirm and unsubscribe by what only receivers know', async () => {
  const region = snsRegion();
  const TopicArn = await region.topic();
  await assert.rejects(region.unsigned('Unsubscribe', { SubscriptionArn: 'PendingConfirmation' }), {
    message: 'Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, not 1',
  });
  await assert.rejects(region.unsigned('Unsubscribe', { SubscriptionArn: `${TopicArn}:none` }), {
    message: 'Invalid parameter: SubscriptionId',
  });
  await assert.rejects(region.unsigned('Unsubscribe', { SubscriptionArn: '' }), {
    message: 'Invalid parameter: SubscriptionArn Reason: no value for required parameter',
  });
  await region.unsigned('Unsubscribe', {
    SubscriptionArn: `${TopicArn}:01234567-89ab-cdef-0123-456789abcdef`,
  });
});

const refusedSubscriptions: readonly (readonly [input: object, code: string, message: RegExp])[] = [
  [{ Protocol: 'sqs', Endpoint: 'arn' }, 'NotModelled', /protocol sqs/],
  [{ Protocol: 'lambda', Endpoint: 'arn' }, 'NotModelled', /protocol lambda/],
  [{ Protocol: 'sms', Endpoint: '+1' }, 'NotModelled', /protocol sms/],
  [
    { Protocol: 'pigeon', Endpoint: 'x' },
    'InvalidParameter',
    /does not support this protocol string: pigeon/,
  ],
  [{ Protocol: 'email', Endpoint: 'nobody' }, 'InvalidParameter', /Email address/],
  [{ Protocol: 'email', Endpoint: 'a@b\r\nBcc: c@d' }, 'InvalidParameter', /Email address/],
  [{ Protocol: 'email', Endpoint: 'a@b.c,d@e.f' }, 'InvalidParameter', /Email address/],
  [
    { Protocol: 'http', Endpoint: 'https://localhost/' },
    'InvalidParameter',
    /Endpoint must match the specified protocol/,
  ],
  [
    { Protocol: 'email', Endpoint: 'a@b.c', Attributes: { RawMessageDelivery: 'true' } },
    'InvalidParameter',
    /Delivery protocol \[email\] does not support raw message delivery/,
  ],
  [
    { Protocol: 'http', Endpoint: 'http://localhost/', Attributes: { RawMessageDelivery: 'yes' } },
    'InvalidParameter',
    /Attributes Reason: RawMessageDelivery: Invalid value \[yes\]\. Must be true or false\./,
  ],
  [
    { Protocol: 'http', Endpoint: 'http://localhost/', Attributes: { RedrivePolicy: '{"a":1}' } },
    'NotModelled',
    /RedrivePolicy/,
  ],
  [
    { Protocol: 'email', Endpoint: 'a@b.c', Attributes: { FilterPolicy: '{"a":{"b":["c"]}}' } },
    'InvalidParameter',
    /^Invalid parameter: Attributes Reason: Filter policy scope MessageAttributes does not support nested/,
  ],
];

for (const [input, code, message] of refusedSubscriptions) {
  test(`Subscribe refuses ${JSON.stringify(input)}`, async () => {
    const region = snsRegion();
    const TopicArn = await region.topic();
    const wanted = { TopicArn, ...input } as { TopicArn: string; Protocol: string };
    await assert.rejects(region.call('sns', 'subscribe', wanted), { code, message });
  });
}

test('filter policies decide by attributes or by the body, and can be changed and taken away', async () => {
  const region = snsRegion();
  const TopicArn = await region.topic();
  const SubscriptionArn = await region.subscribed(TopicArn, 'a@example.com', {
    FilterPolicy: '{"severity":["high"]}',
  });
  const publish = async (Message: string, severity?: string) => {
    const before = region.mails.length;
    await region.call('sns', 'publish', {
      TopicArn,
      Message,
      ...(severity !== undefined && {
        MessageAttributes: { severity: { DataType: 'String', StringValue: severity } },
      }),
    });
    await region.kernel.settled();
    return region.mails.length - before;
  };
  const set = (AttributeName: string, AttributeValue: string) =>
    region.call('sns', 'setSubscriptionAttributes', { SubscriptionArn, AttributeName, AttributeValue });
  assert.deepEqual([await publish('x', 'high'), await publish('x', 'low'), await publish('x')], [1, 0, 0]);
  await set('FilterPolicyScope', 'MessageBody');
  assert.deepEqual([await publish('{"severity":"high"}'), await publish('x', 'high')], [1, 0]);
  await set('FilterPolicy', '{}');
  assert.equal(await publish('anything'), 1);
  await assert.rejects(set('Colour', 'red'), { message: 'Invalid parameter: AttributeName' });
  await assert.rejects(set('FilterPolicyScope', 'All'), { code: 'InvalidParameter' });
});

const refusedMessages: readonly (readonly [input: PublishInput, code: string, message: RegExp])[] = [
  [{ Message: '' }, 'InvalidParameter', /^Invalid parameter: Empty message$/],
  [{ Message: 'x', Subject: '' }, 'InvalidParameter', /^Invalid parameter: Subject$/],
  [{ Message: 'x', Subject: 'a\nBcc: b' }, 'InvalidParameter', /Subject/],
  [{ Message: 'x', Subject: 'x'.repeat(101) }, 'InvalidParameter', /Subject/],
  [{ Message: 'ü'.repeat(131_073) }, 'InvalidParameter', /Message too long/],
  [{ Message: 'x', MessageStructure: 'json' }, 'InvalidParameter', /JSON message body failed to parse/],
  [{ Message: '{"email":"x"}', MessageStructure: 'json' }, 'InvalidParameter', /No default entry/],
  [{ Message: '{"default":1}', MessageStructure: 'json' }, 'InvalidParameter', /No default entry/],
  [
    { Message: 'x', MessageAttributes: { attr1: { DataType: 'String', StringValue: '' } } },
    'ParameterValueInvalid',
    /The message attribute 'attr1' must contain non-empty message attribute value for message attribute type 'String'\./,
  ],
  [
    { Message: 'x', MessageAttributes: { a: { DataType: 'Colour', StringValue: 'red' } } },
    'ParameterValueInvalid',
    /supported type prefixes is Binary, Number, and String/,
  ],
  [
    { Message: 'x', MessageAttributes: { a: { DataType: 'Number', StringValue: 'red' } } },
    'ParameterValueInvalid',
    /to number/,
  ],
  [
    { Message: 'x', MessageAttributes: { a: { DataType: 'String', BinaryValue: Uint8Array.of(1) } } },
    'ParameterValueInvalid',
    /The message attribute 'a' with type 'String' must use field 'String'\./,
  ],
  [
    { Message: 'x', MessageAttributes: { a: { DataType: 'Binary', StringValue: 'x' } } },
    'ParameterValueInvalid',
    /The message attribute 'a' with type 'Binary' must use field 'Binary'\./,
  ],
  [
    { Message: 'x', MessageAttributes: { '.a': { DataType: 'String', StringValue: 'x' } } },
    'ParameterValueInvalid',
    /Invalid message attribute name starting with character '\.' was found\./,
  ],
  [
    { Message: 'x', MessageAttributes: { 'a^b': { DataType: 'String', StringValue: 'x' } } },
    'ParameterValueInvalid',
    /Invalid non-alphanumeric character '#x5E' was found in the message attribute name/,
  ],
  [
    { Message: 'x', MessageAttributes: { a: { DataType: undefined, StringValue: 'x' } } },
    'ValidationError',
    /'messageAttributes\.a\.member\.dataType' failed to satisfy constraint: Member must not be null/,
  ],
  [{ Message: 'x', PhoneNumber: '+1' }, 'NotModelled', /SMS/],
  [{ Message: 'x', TopicArn: 'arn:aws:sns:us-east-1:000000000000:t' }, 'InvalidParameter', /: TopicArn$/],
  [{ Message: 'x', TopicArn: 'x' }, 'InvalidParameter', /An ARN must have at least 6 elements, not 1/],
  [
    { Message: 'x', TopicArn: 'arn:aws:sns:eu-central-1:000000000000:none' },
    'NotFound',
    /Topic does not exist/,
  ],
];

for (const [input, code, message] of refusedMessages) {
  test(`Publish refuses ${JSON.stringify(input).slice(0, 90)}`, async () => {
    const region = snsRegion();
    const TopicArn = await region.topic();
    await assert.rejects(region.call('sns', 'publish', { TopicArn, ...input }), {
      code,
      message,
    });
  });
}

test('a message has a text for each protocol that it names', async () => {
  const region = snsRegion();
  const TopicArn = await region.topic();
  await region.subscribed(TopicArn, 'a@example.com');
  await region.subscribed(TopicArn, 'http://localhost/hook');
  const Message = JSON.stringify({ default: 'short', email: 'long', sms: 7 });
  await region.call('sns', 'publish', { TopicArn, Message, MessageStructure: 'json' });
  await region.kernel.settled();
  assert.match(region.mails.at(-1)?.text ?? '', /^long\n/);
  assert.equal(JSON.parse(region.posts.at(-1)?.post.body ?? '').Message, 'short');
});

test('a batch is published whole, or refused for what is wrong with it as a whole', async () => {
  const region = snsRegion();
  const TopicArn = await region.topic();
  await region.subscribed(TopicArn, 'a@example.com');
  const batch = (PublishBatchRequestEntries: { Id: string; Message: string }[]) =>
    region.call('sns', 'publishBatch', { TopicArn, PublishBatchRequestEntries });
  const answer = await batch([
    { Id: '1', Message: 'one' },
    { Id: '2', Message: 'two' },
  ]);
  assert.deepEqual(
    answer.Successful?.map(({ Id }) => Id),
    ['1', '2'],
  );
  await region.kernel.settled();
  assert.equal(region.mails.length, 3);
  const entries = (count: number, text = 'x') =>
    Array.from({ length: count }, (_, index) => ({ Id: String(index), Message: text }));
  await assert.rejects(batch([]), { code: 'EmptyBatchRequest' });
  await assert.rejects(batch(entries(11)), { code: 'TooManyEntriesInBatchRequest' });
  await assert.rejects(batch([...entries(1), ...entries(1)]), { code: 'BatchEntryIdsNotDistinct' });
  await assert.rejects(batch([{ Id: 'a b', Message: 'x' }]), { code: 'InvalidBatchEntryId' });
  await assert.rejects(batch(entries(3, 'x'.repeat(100_000))), { code: 'BatchRequestTooLong' });
});

test('an endpoint is asked, then gets signed documents with the headers of SNS, or the bare message', async () => {
  const region = snsRegion();
  const TopicArn = await region.topic();
  const SubscriptionArn = await region.subscribed(TopicArn, 'http://localhost:9/hook');
  const asked = region.posts[0]?.post;
  assert.equal(asked?.headers['x-amz-sns-message-type'], 'SubscriptionConfirmation');
  assert.equal(asked?.headers['x-amz-sns-subscription-arn'], undefined);
  assert.match(
    JSON.parse(asked?.body ?? '').SubscribeURL,
    /\/\?Action=ConfirmSubscription&TopicArn=arn:.*&Token=/,
  );
  const publish = () =>
    region.call('sns', 'publish', {
      TopicArn,
      Subject: 's',
      Message: 'text',
      MessageAttributes: { b: { DataType: 'Binary', BinaryValue: Uint8Array.of(2, 3, 4) } },
    });
  const { MessageId } = await publish();
  await region.kernel.settled();
  const { headers, body } = region.posts[1]?.post ?? { headers: {}, body: '{}' };
  assert.deepEqual(headers, {
    'x-amz-sns-message-type': 'Notification',
    'x-amz-sns-message-id': MessageId,
    'x-amz-sns-topic-arn': TopicArn,
    'x-amz-sns-subscription-arn': SubscriptionArn,
    'content-type': 'text/plain; charset=UTF-8',
    'user-agent': 'Amazon Simple Notification Service Agent',
    'accept-encoding': 'gzip,deflate',
  });
  assert.deepEqual(JSON.parse(body), {
    Type: 'Notification',
    MessageId,
    TopicArn,
    Subject: 's',
    Message: 'text',
    Timestamp: '2026-11-22T12:00:00.000Z',
    SignatureVersion: '1',
    Signature: 'v1 of 177',
    SigningCertURL: 'http://127.0.0.1:4566/SimpleNotificationService-1.pem',
    UnsubscribeURL: `http://127.0.0.1:4566/?Action=Unsubscribe&SubscriptionArn=${SubscriptionArn}`,
    MessageAttributes: { b: { Type: 'Binary', Value: 'AgME' } },
  });
  await region.call('sns', 'setSubscriptionAttributes', {
    SubscriptionArn,
    AttributeName: 'RawMessageDelivery',
    AttributeValue: 'true',
  });
  await publish();
  await region.kernel.settled();
  assert.equal(region.posts[2]?.post.body, 'text');
  assert.equal(region.posts[2]?.post.headers['x-amz-sns-rawdelivery'], 'true');
});

test('an endpoint out of reach is announced, and its subscription stays pending', async () => {
  const region = snsRegion();
  const TopicArn = await region.topic();
  const Endpoint = 'https://events.example.com/key-4711';
  await region.call('sns', 'subscribe', { TopicArn, Protocol: 'https', Endpoint });
  await region.kernel.settled();
  const warning = region.messages.find(({ code }) => code === 'endpoint-not-reached');
  assert.match(warning?.text ?? '', /nothing is sent to events\.example\.com/);
  assert.doesNotMatch(warning?.text ?? '', /4711/);
  assert.equal(region.posts.length, 0);
});

test('an endpoint that fails is tried again by its policy, on the clock, and the message is given up then', async () => {
  const region = snsRegion();
  const TopicArn = await region.topic();
  const SubscriptionArn = await region.subscribed(TopicArn, 'http://localhost/hook?key=secret');
  await region.call('sns', 'setSubscriptionAttributes', {
    SubscriptionArn,
    AttributeName: 'DeliveryPolicy',
    AttributeValue: JSON.stringify({
      healthyRetryPolicy: {
        minDelayTarget: 5,
        maxDelayTarget: 60,
        numRetries: 4,
        numNoDelayRetries: 1,
        numMaxDelayRetries: 2,
      },
    }),
  });
  region.answers.http = failing('the endpoint answered 503');
  const start = region.now();
  await region.call('sns', 'publish', { TopicArn, Message: 'x' });
  await region.advance(600);
  const seconds = region.posts.slice(1).map(({ at }) => (at - start) / 1000);
  assert.deepEqual(seconds, [0, 0, 60, 120, 180]);
  const { waiting, failed } = troubledDeliveries(region.tables);
  assert.deepEqual(waiting, []);
  assert.deepEqual(
    failed.map(({ endpoint, attempts, reason }) => ({ endpoint, attempts, reason })),
    [{ endpoint: 'localhost', attempts: 5, reason: 'the endpoint answered 503' }],
  );
  assert.ok(region.messages.some(({ code }) => code === 'delivery-failed'));
  assert.ok(region.messages.every(({ text }) => !text.includes('secret')));
});

test('an endpoint that refuses for good is not tried again', async () => {
  const region = snsRegion();
  const TopicArn = await region.topic();
  await region.subscribed(TopicArn, 'http://localhost/hook');
  region.answers.http = failing('the endpoint answered 403', true);
  await region.call('sns', 'publish', { TopicArn, Message: 'x' });
  await region.advance(600);
  assert.equal(region.posts.length, 2);
});

test('a relay that is dead gets each mail when it is back; the mailbox has them at once', async () => {
  const region = snsRegion({ hasRelay: true });
  const TopicArn = await region.topic();
  await region.subscribed(TopicArn, 'a@example.com');
  region.answers.relay = failing('connect ECONNREFUSED 127.0.0.1:25');
  const start = region.now();
  await region.call('sns', 'publish', { TopicArn, Message: 'x', Subject: 'ALARM' });
  await region.advance(60);
  assert.equal(region.mails.length, 2);
  const { waiting } = troubledDeliveries(region.tables);
  assert.equal(waiting[0]?.endpoint, 'a@example.com');
  assert.equal(waiting[0]?.subject, 'ALARM');
  assert.match(waiting[0]?.reason ?? '', /ECONNREFUSED/);
  region.answers.relay = delivered;
  await region.advance(3600);
  const attempts = region.relayed.slice(1).map(({ at }) => (at - start) / 1000);
  assert.deepEqual(attempts.slice(0, 4), [0, 10, 20, 30]);
  assert.deepEqual(troubledDeliveries(region.tables), { waiting: [], failed: [] });
  const texts = new Set(region.relayed.slice(1).map(({ mail }) => mail.messageId));
  assert.equal(texts.size, 1, 'the same mail each time');
});

test('a wrong address is reported and not tried again', async () => {
  const region = snsRegion({ hasRelay: true });
  const TopicArn = await region.topic();
  await region.subscribed(TopicArn, 'wrong@example.com');
  region.answers.relay = failing('550 5.1.1 no such user here', true);
  await region.call('sns', 'publish', { TopicArn, Message: 'x', Subject: 'ALARM' });
  await region.advance(day);
  assert.equal(region.relayed.length, 2);
  assert.equal(troubledDeliveries(region.tables).failed[0]?.reason, '550 5.1.1 no such user here');
  assert.ok(
    region.messages.some(({ text }) =>
      /Mail 2 of topic alarms for wrong@example\.com .*550 5\.1\.1/.test(text),
    ),
  );
});

test('a dead relay is given up after six hours and fifty retries', async () => {
  const region = snsRegion({ hasRelay: true });
  const TopicArn = await region.topic();
  await region.subscribed(TopicArn, 'a@example.com');
  region.answers.relay = failing('dead');
  await region.call('sns', 'publish', { TopicArn, Message: 'x' });
  await region.advance(8 * 3600);
  assert.equal(region.relayed.length, 1 + 51);
  assert.equal(troubledDeliveries(region.tables).failed[0]?.attempts, 51);
});

test('what was under way when the region was killed goes out at its next start, waits included', async () => {
  const first = snsRegion({ hasRelay: true });
  const TopicArn = await first.topic();
  await first.subscribed(TopicArn, 'a@example.com');
  first.answers.relay = failing('down');
  await first.call('sns', 'publish', { TopicArn, Message: 'waits for its retry' });
  await first.advance(15);

  const second = snsRegion({
    hasRelay: true,
    isStuck: true,
    commits: first.commits,
    start: '2026-11-22T12:00:16Z',
  });
  await second.call('sns', 'publish', { TopicArn, Message: 'killed on its way' });

  const third = snsRegion({
    hasRelay: true,
    commits: second.commits,
    start: '2026-11-22T12:00:17Z',
    seed: 'third',
  });
  await third.advance(60);
  assert.deepEqual(
    third.mails.map(({ number, text }) => [number, text.split('\n')[0]]),
    [[3, 'killed on its way']],
  );
  assert.deepEqual(third.relayed.map(({ mail }) => mail.text.split('\n')[0]).sort(), [
    'killed on its way',
    'waits for its retry',
  ]);
});

test('lists come in pages of a hundred; a token that was not given out is refused', async () => {
  const region = snsRegion();
  for (let index = 0; index < 101; index += 1) await region.topic(`t${index}`);
  const first = await region.call('sns', 'listTopics', {});
  assert.equal(first.Topics?.length, 100);
  const second = await region.call('sns', 'listTopics', { NextToken: first.NextToken });
  assert.equal(second.Topics?.length, 1);
  assert.equal(second.NextToken, undefined);
  await assert.rejects(region.call('sns', 'listTopics', { NextToken: 'x' }), { code: 'InvalidParameter' });
});

test('a topic takes its subscriptions with it, and deleting it again is no error', async () => {
  const region = snsRegion();
  const TopicArn = await region.topic();
  await region.subscribed(TopicArn, 'a@example.com');
  await region.call('sns', 'deleteTopic', { TopicArn });
  await region.call('sns', 'deleteTopic', { TopicArn });
  assert.deepEqual((await region.call('sns', 'listSubscriptions', {})).Subscriptions, []);
  await assert.rejects(region.call('sns', 'getTopicAttributes', { TopicArn }), { code: 'NotFound' });
  await assert.rejects(region.call('sns', 'listTagsForResource', { ResourceArn: TopicArn }), {
    code: 'ResourceNotFound',
  });
});

test('permissions are statements of the policy', async () => {
  const region = snsRegion();
  const TopicArn = await region.topic();
  const policy = async () =>
    JSON.parse(
      (await region.call('sns', 'getTopicAttributes', { TopicArn })).Attributes?.['Policy'] ?? '',
    ) as { Statement: { Sid: string }[] };
  await region.call('sns', 'addPermission', {
    TopicArn,
    Label: 'other',
    AWSAccountId: ['111111111111'],
    ActionName: ['Publish'],
  });
  assert.deepEqual(
    (await policy()).Statement.map(({ Sid }) => Sid),
    ['__default_statement_ID', 'other'],
  );
  await region.call('sns', 'removePermission', { TopicArn, Label: 'other' });
  assert.equal((await policy()).Statement.length, 1);
});

test('a topic’s policy names operations of the topic: SNS:* and others are out of scope', async () => {
  const region = snsRegion();
  const TopicArn = await region.topic();
  const set = (Action: unknown) =>
    region.call('sns', 'setTopicAttributes', {
      TopicArn,
      AttributeName: 'Policy',
      AttributeValue: JSON.stringify({
        Statement: [{ Effect: 'Allow', Principal: '*', Action, Resource: TopicArn }],
      }),
    });
  const outOfScope = {
    code: 'InvalidParameter',
    message: 'Invalid parameter: Policy statement action out of service scope!',
  };
  for (const action of ['SNS:*', '*', 'sns:CreateTopic', ['sns:Publish', 'sqs:SendMessage']]) {
    await assert.rejects(set(action), outOfScope, JSON.stringify(action));
  }
  await set(['sns:Publish', 'SNS:Subscribe', 'sns:receive']);
  await assert.rejects(
    region.call('sns', 'addPermission', {
      TopicArn,
      Label: 'wrong',
      AWSAccountId: ['111111111111'],
      ActionName: ['ListTopics'],
    }),
    outOfScope,
  );
});

test('the mail of a topic with a display name comes from that name; email-json is the document', async () => {
  const region = snsRegion();
  const { TopicArn = '' } = await region.call('sns', 'createTopic', {
    Name: 'alarms',
    Attributes: { DisplayName: 'Night watch' },
  });
  await region.call('sns', 'subscribe', { TopicArn, Protocol: 'email-json', Endpoint: 'a@example.com' });
  await region.kernel.settled();
  assert.equal(region.mails[0]?.senderName, 'Night watch');
  assert.equal(JSON.parse(region.mails[0]?.text ?? '').Type, 'SubscriptionConfirmation');
});
