import assert from 'node:assert/strict';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { type TestContext, test } from 'node:test';
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { Mailbox } from '@plimsoll/region/planes/mail/mailbox.js';
import { startRegion } from '@plimsoll/region/region.js';
import { mail as command } from '../commands/mail.ts';
import { parseFlags } from '../flags.ts';
import { writeRecord } from '../region/home.ts';
import { processStart } from '../region/process-identity.ts';
import { Terminal } from '../render/terminal.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { pause } from '../wait.ts';
import { confirmationPath } from './confirmation-link.ts';

async function homeFor(t: TestContext): Promise<string> {
  const folder = await temporaryFolder();
  t.after(() => folder.remove());
  return join(folder.path, 'home');
}

/** What `plimsoll mail …` prints. */
async function mail(home: string, ...args: readonly string[]): Promise<string> {
  const given = args.filter((arg) => !arg.startsWith('--'));
  const flags = parseFlags('mail', command.flags, [
    ...args.filter((arg) => arg.startsWith('--')),
    `--home=${home}`,
  ]);
  const out = new PassThrough();
  const terminal = new Terminal({ out, err: new PassThrough(), env: { NO_COLOR: '1' } });
  const { signal } = new AbortController();
  await command.run({ terminal, signal, insisted: signal, env: {}, cwd: home }, flags, ...given);
  out.end();
  let text = '';
  for await (const chunk of out) text += String(chunk);
  return text;
}

const links: readonly (readonly [text: string, path: string | undefined])[] = [
  [
    'visit:\nhttp://127.0.0.1:4566/confirmation.html?TopicArn=arn:aws:sns:x&Token=ab&Endpoint=a@b.c\n\nPlease',
    '/confirmation.html?TopicArn=arn:aws:sns:x&Token=ab&Endpoint=a@b.c',
  ],
  [
    '"SubscribeURL" : "http://[::1]:1/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:x&Token=ab",',
    '/confirmation.html?TopicArn=arn:aws:sns:x&Token=ab',
  ],
  ['unsubscribe: http://127.0.0.1:4566/unsubscribe.html?SubscriptionArn=arn', undefined],
];

for (const [text, path] of links) {
  test(`the link that confirms is found: ${path ?? 'none'}`, () =>
    assert.equal(confirmationPath(text), path));
}

test('mails are listed and shown without a region; what is in them moves no cursor', async (t) => {
  const home = await homeFor(t);
  assert.equal(await mail(home), 'No mails.\n');
  await assert.rejects(mail(home, 'show', '1'), { message: /There are no mails yet/ });
  const mailbox = new Mailbox(join(home, 'mail'));
  const sent = { messageId: 'm', senderName: 'AWS Notifications', date: Date.parse('2026-11-27T18:02:00Z') };
  await mailbox.keep({ ...sent, number: 1, to: 'a@example.com', subject: 'First', text: 'one' });
  await mailbox.keep({
    ...sent,
    number: 2,
    to: 'b@example.com',
    subject: 'Zweite: ü',
    text: 'red \u001b[31m\ntwo',
  });
  assert.equal(
    await mail(home),
    '1  2026-11-27 18:02:00Z  a@example.com  First\n2  2026-11-27 18:02:00Z  b@example.com  Zweite: ü\n',
  );
  assert.equal(await mail(home, '--to=b@example.com'), '2  2026-11-27 18:02:00Z  b@example.com  Zweite: ü\n');
  assert.equal(
    await mail(home, 'show', '2'),
    'From: AWS Notifications <no-reply@sns.amazonaws.com>\nTo: b@example.com\nDate: 2026-11-27T18:02:00.000Z\nSubject: Zweite: ü\n\nred \ufffd[31m\ntwo\n',
  );
  assert.equal((JSON.parse(await mail(home, 'show', '2', '--json')) as { number: number }).number, 2);
  assert.match(
    await mail(home, 'show', '1', '--eml'),
    /^From: .*\nTo: a@example\.com\nSubject: First\nMessage-ID: <m@/,
  );
  await assert.rejects(mail(home, 'show', '3'), { message: /There is no mail 3; the newest is 2/ });
  await assert.rejects(mail(home, 'show', 'x'), { message: /given 'x'; allowed: a number/, exitCode: 2 });
  await assert.rejects(mail(home, 'confirm', '1'), { message: /has no link that confirms/ });
  await assert.rejects(mail(home, 'burn'), { message: /unknown action 'burn'/, exitCode: 2 });
});

test('a subscription is confirmed by its mail, then gets its messages', { timeout: 60_000 }, async (t) => {
  const home = await homeFor(t);
  const region = await startRegion({ home, region: 'eu-central-1', port: 0, httpPort: 0, report: () => {} });
  t.after(() => region.close());
  const startedAt = (await processStart(process.pid)) ?? '';
  const { endpoint } = region;
  await writeRecord(home, {
    pid: process.pid,
    startedAt,
    endpoint,
    region: 'eu-central-1',
    environment: 'local',
  });
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const sns = new SNSClient({ endpoint, region: 'eu-central-1', credentials });
  t.after(() => sns.destroy());
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'alarms' }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'email', Endpoint: 'team@example.com' }));
  const listed = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(await mail(home))) await pause(20, t.signal);
  };
  await listed(
    /^1 .* team@example\.com {2}AWS Notification - Subscription Confirmation {2}plimsoll mail confirm 1\n$/,
  );
  assert.equal(
    await mail(home, 'confirm', '1'),
    '✔ team@example.com is subscribed: alarms sends its messages there.\n',
  );
  await sns.send(new PublishCommand({ TopicArn, Message: 'Wake up.', Subject: 'ALARM: "p99"' }));
  await listed(/\n2 .* team@example\.com {2}ALARM: "p99"\n$/);
  assert.match(await mail(home, 'show', '2'), /\n\nWake up\.\n\n--\nIf you wish to stop receiving/);
});
