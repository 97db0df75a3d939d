/** The loop from a flood of errors to a mail server: CloudWatch's alarm, SNS's topic, real mails, on a clock that is moved. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ServiceModule } from '../../kernel/service.ts';
import type { Tables } from '../../kernel/table.ts';
import { HttpDelivery } from '../../planes/http-delivery/http-delivery.ts';
import { MailPlane } from '../../planes/mail/mail-plane.ts';
import { listMails } from '../../planes/mail/mailbox.ts';
import { SmtpSink } from '../../planes/mail/testing/smtp-sink.ts';
import { testRegion } from '../../testing/test-region.ts';
import { MetricStore } from '../cloudwatch/metrics/store.ts';
import { cloudwatch } from '../cloudwatch/service.ts';
import { sns } from './service.ts';
import { tokenIn } from './testing/sns-region.ts';

test('a flood of errors sends one ALARM mail, and one OK mail when it ends, over a mail server that comes and goes', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-alarm-mails-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const sink = new SmtpSink();
  const smtpUrl = await sink.listen();
  t.after(() => sink.close());
  const mail = new MailPlane({ mailbox: folder, smtpUrl });
  const modules = (tables: Tables): readonly ServiceModule[] => [
    cloudwatch({ tables, metrics: new MetricStore(tables) }),
    sns({
      tables,
      mail,
      http: new HttpDelivery(),
      signer: { sign: () => Promise.reject(new Error('nothing is signed here')) },
      endpointUrl: () => 'http://127.0.0.1:4566',
    }),
  ];
  const region = testRegion(modules);
  const { TopicArn = '' } = await region.call('sns', 'createTopic', { Name: 'alarms' });
  await region.call('sns', 'subscribe', { TopicArn, Protocol: 'email', Endpoint: 'team@example.com' });
  await region.kernel.settled();
  const Token = tokenIn(sink.received[0]?.text ?? '');
  await region.call('sns', 'confirmSubscription', { TopicArn, Token });
  await region.call('cloudwatch', 'putMetricAlarm', {
    AlarmName: 'errors',
    Namespace: 'App',
    MetricName: 'Errors',
    Statistic: 'Sum',
    Period: 60,
    EvaluationPeriods: 1,
    Threshold: 10,
    ComparisonOperator: 'GreaterThanThreshold',
    TreatMissingData: 'notBreaching',
    AlarmActions: [TopicArn],
    OKActions: [TopicArn],
  });
  const minutes = async (count: number, errors: number): Promise<void> => {
    for (let minute = 0; minute < count; minute += 1) {
      for (let second = 0; second < 60; second += 10) {
        await region.call('cloudwatch', 'putMetricData', {
          Namespace: 'App',
          MetricData: [{ MetricName: 'Errors', Value: errors, Timestamp: new Date(region.now()) }],
        });
        await region.advance(10);
      }
    }
  };
  const subjects = (): string[] => sink.received.slice(1).map(({ subject }) => subject);

  await minutes(5, 0);
  const before = subjects().length;
  sink.behaviour = 'greylist';
  await minutes(10, 500);
  assert.equal(subjects().length, before, 'nothing arrives while the mail server is busy');
  sink.behaviour = 'accept';
  await minutes(5, 500);
  await minutes(10, 0);
  const alarm = 'ALARM: "errors" in EU (Frankfurt)';
  const ok = 'OK: "errors" in EU (Frankfurt)';
  assert.deepEqual(subjects().slice(before), [alarm, ok]);
  const mails = await listMails(folder);
  assert.deepEqual(
    mails.slice(1 + before).map(({ subject }) => subject),
    [alarm, ok],
  );
  const { text = '' } = mails.find(({ subject }) => subject === alarm) ?? {};
  assert.match(
    text,
    /^You are receiving this email because your Amazon CloudWatch Alarm "errors" in the EU \(Frankfurt\) region has entered the ALARM state/,
  );
  assert.match(text, /\n--\nIf you wish to stop receiving notifications from this topic/);

  const { Datapoints = [] } = await region.call('cloudwatch', 'getMetricStatistics', {
    Namespace: 'AWS/SNS',
    MetricName: 'NumberOfNotificationsDelivered',
    Dimensions: [{ Name: 'TopicName', Value: 'alarms' }],
    StartTime: new Date(region.now() - 3_600_000),
    EndTime: new Date(region.now()),
    Period: 3600,
    Statistics: ['Sum'],
  });
  assert.equal(
    Datapoints.reduce((sum, { Sum = 0 }) => sum + Sum, 0),
    sink.received.length - 1,
  );
});
