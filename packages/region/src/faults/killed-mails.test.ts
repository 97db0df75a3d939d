/** kill -9 of the region while mails go out: each message that was acknowledged reaches mailbox and mail server. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  ConfirmSubscriptionCommand,
  CreateTopicCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { listMails } from '../planes/mail/mailbox.ts';
import { SmtpSink } from '../planes/mail/testing/smtp-sink.ts';
import { FaultyRegion } from './testing/faulty-region.ts';
import { until } from './testing/until.ts';

test('mails survive a region that is killed, a mail server that is dead, and both at once', {
  timeout: 120_000,
}, async (t) => {
  const sink = new SmtpSink();
  const smtpUrl = await sink.listen();
  const { port } = sink;
  t.after(() => sink.close());
  // A thousand times as fast: six hours of retries are some twenty seconds.
  const region = await FaultyRegion.create(t, { smtpUrl, clock: { rate: 1000 } });
  await region.start();
  const sns = new SNSClient(region.client);
  t.after(() => sns.destroy());
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'alarms' }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'team@example.com' }));
  await sink.count(1);
  const Token = /Token=([0-9a-f]+)/.exec(sink.received[0]?.text ?? '')?.[1];
  await sns.send(new ConfirmSubscriptionCommand({ TopicArn, Token }));

  const acknowledged: string[] = [];
  const publish = async (from: number, to: number): Promise<void> => {
    for (let index = from; index < to; index += 1) {
      await sns.send(new PublishCommand({ TopicArn, Subject: `message ${index}`, Message: 'x' }));
      acknowledged.push(`message ${index}`);
    }
  };
  await sink.close();
  await publish(0, 10);
  const writing = publish(10, 1000).catch(() => {});
  await until('some more are acknowledged', () => acknowledged.length >= 20);
  await region.kill();
  await writing;
  await region.start();
  await publish(2000, 2005);

  await sink.listen(port);
  const subjects = (): Set<string> => new Set(sink.received.map(({ subject }) => subject));
  await until('the mail server has them all', () => acknowledged.every((subject) => subjects().has(subject)));
  const mailbox = join(region.home, 'mail');
  await until('the mailbox has them all', async () => {
    const kept = (await listMails(mailbox)).map(({ subject }) => subject);
    return acknowledged.every((subject) => kept.includes(subject));
  });
  const kept = (await listMails(mailbox)).map(({ subject }) => subject);
  assert.equal(new Set(kept).size, kept.length, 'each once');
  assert.deepEqual(region.errors, []);
  assert.ok(
    region.messages.some(({ code, text }) => code === 'delivery-retried' && /ECONNREFUSED/.test(text)),
  );
});
