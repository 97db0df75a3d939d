import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Mail } from '../../services/sns/ports.ts';
import { MailPlane } from './mail-plane.ts';
import { listMails } from './mailbox.ts';
import { Relay } from './relay.ts';
import { type Behaviour, SmtpSink } from './testing/smtp-sink.ts';

const mail: Mail = {
  number: 7,
  messageId: 'f3c1',
  senderName: 'Wächter, "Nacht"',
  to: 'team@example.com',
  subject: 'ALARM: "p99 über 200 ms, seit langem, und es wird nicht besser" in EU (Frankfurt)',
  text: `Grüße\n.\n..two dots\nFrom here on\n${'a long line '.repeat(40)}\n\ttab = 100 %\n`,
  date: Date.parse('2026-11-22T12:00:00Z'),
};

async function folderFor(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-mail-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'mail');
}

async function sinkFor(t: TestContext, behaviour: Behaviour): Promise<{ sink: SmtpSink; url: string }> {
  const sink = new SmtpSink();
  sink.behaviour = behaviour;
  const url = await sink.listen();
  t.after(() => sink.close());
  return { sink, url };
}

test('a mail is kept whole and read back word for word, readable by its owner only', async (t) => {
  const folder = await folderFor(t);
  const plane = new MailPlane({ mailbox: folder });
  assert.deepEqual(await plane.keep(mail), { kind: 'delivered' });
  assert.deepEqual(await listMails(folder), [
    {
      number: 7,
      from: 'Wächter, "Nacht" <no-reply@sns.amazonaws.com>',
      to: 'team@example.com',
      subject: mail.subject,
      date: '2026-11-22T12:00:00.000Z',
      text: mail.text,
    },
  ]);
  assert.equal((await stat(join(folder, '000007.eml'))).mode & 0o777, 0o600);
  assert.equal((await stat(folder)).mode & 0o777, 0o700);
});

test('keeping a mail again replaces it; mails are listed by number; strange files are left alone', async (t) => {
  const folder = await folderFor(t);
  const plane = new MailPlane({ mailbox: folder });
  assert.deepEqual(await listMails(folder), []);
  await plane.keep({ ...mail, number: 1_000_000 });
  await plane.keep({ ...mail, number: 2 });
  await plane.keep({ ...mail, number: 2, text: 'second' });
  await writeFile(join(folder, 'notes.txt'), 'mine');
  const mails = await listMails(folder);
  assert.deepEqual(
    mails.map(({ number }) => number),
    [2, 1_000_000],
  );
  assert.equal(mails[0]?.text.trim(), 'second');
  assert.equal((await readdir(folder)).length, 3);
});

test('a mailbox that cannot be written is an outcome, to be tried again', async (t) => {
  const folder = await folderFor(t);
  await writeFile(folder, 'a file where the folder should be');
  const outcome = await new MailPlane({ mailbox: folder }).keep(mail);
  assert.equal(outcome.kind, 'failed');
  assert.equal(outcome.kind === 'failed' && outcome.isPermanent, false);
});

test('the relay gets the mail as it was written, with the login of its URL', async (t) => {
  const { sink, url } = await sinkFor(t, 'accept');
  const relay = new Relay(url.replace('//', '//us%40er:p%2Fw@'));
  assert.deepEqual(await relay.send(mail), { kind: 'delivered' });
  assert.equal(sink.received[0]?.text.trimEnd(), mail.text.trimEnd());
  assert.equal(sink.received[0]?.envelopeFrom, 'no-reply@sns.amazonaws.com');
  assert.equal(sink.received[0]?.envelopeTo, 'team@example.com');
  assert.equal(Buffer.from(sink.credentials ?? '', 'base64').toString(), '\0us@er\0p/w');
});

test('a relay that takes no mail in the name of AWS gets another sender', async (t) => {
  const { sink, url } = await sinkFor(t, 'accept');
  await new Relay(`${url}/?from=alerts@example.com`).send({ ...mail, senderName: 'AWS Notifications' });
  assert.equal(sink.received[0]?.envelopeFrom, 'alerts@example.com');
  assert.equal(sink.received[0]?.from, 'AWS Notifications <alerts@example.com>');
});

const misbehaviours: readonly (readonly [Behaviour, reason: RegExp, isPermanent: boolean])[] = [
  ['refuse-recipient', /550 5\.1\.1 no such user here/, true],
  ['refuse-text', /554 5\.7\.1 this looks like spam/, true],
  ['greylist', /451 4\.7\.1 try again later/, false],
  ['hang-up', /closed|ECONNRESET|EPIPE/i, false],
  ['stall', /greeting/i, false],
];

for (const [behaviour, reason, isPermanent] of misbehaviours) {
  test(`a relay that does ${behaviour}: ${isPermanent ? 'not tried again' : 'tried again'}`, async (t) => {
    const { url } = await sinkFor(t, behaviour);
    const outcome = await new Relay(url, { greetingTimeout: 200 }).send(mail);
    assert.equal(outcome.kind, 'failed');
    assert.match(outcome.kind === 'failed' ? outcome.reason : '', reason);
    assert.equal(outcome.kind === 'failed' && outcome.isPermanent, isPermanent);
  });
}

test('a relay that is down is tried again', async (t) => {
  const { sink, url } = await sinkFor(t, 'accept');
  await sink.close();
  const outcome = await new Relay(url).send(mail);
  assert.equal(outcome.kind === 'failed' && outcome.isPermanent, false);
  assert.match(outcome.kind === 'failed' ? outcome.reason : '', /ECONNREFUSED/);
});

test('closing ends what a stalled relay holds', async (t) => {
  const { url } = await sinkFor(t, 'stall');
  const relay = new Relay(url);
  const sent = relay.send(mail);
  setImmediate(() => relay.close());
  assert.equal((await sent).kind, 'failed');
});

test('many mails go over few connections at once, and all arrive', async (t) => {
  const { sink, url } = await sinkFor(t, 'accept');
  const relay = new Relay(url);
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, index) => relay.send({ ...mail, subject: `mail ${index}` })),
  );
  assert.ok(outcomes.every(({ kind }) => kind === 'delivered'));
  assert.equal(new Set(sink.received.map(({ subject }) => subject)).size, 20);
});

test('a URL that names no mail server is refused without telling its password', () => {
  for (const url of ['', 'mail.example.com', 'http://user:secret@mail.example.com']) {
    assert.throws(
      () => new Relay(url),
      (error: Error) =>
        /smtp:\/\/user:password@host:port/.test(error.message) && !error.message.includes('secret'),
    );
  }
});
