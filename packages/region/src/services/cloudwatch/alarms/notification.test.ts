import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alarmRegion, cpu, topic } from './testing/alarm-region.ts';

async function raised(more: object = {}) {
  const { call, minutes, published } = alarmRegion();
  await call('cloudwatch', 'putMetricAlarm', {
    ...cpu,
    AlarmDescription: 'The service is busy.',
    Dimensions: [{ Name: 'Service', Value: 'web' }],
    EvaluationPeriods: 1,
    AlarmActions: [topic],
    ...more,
  });
  await call('cloudwatch', 'putMetricData', {
    Namespace: 'App',
    MetricData: [{ MetricName: 'Load', Value: 90, Dimensions: [{ Name: 'Service', Value: 'web' }] }],
  });
  await minutes(undefined);
  const { Subject = '', Message = '{}' } = published[0] ?? {};
  return { Subject, ...(JSON.parse(Message) as { default: string; email: string }) };
}

test('a subscriber gets the JSON document that AWS publishes', async () => {
  const { default: document } = await raised();
  assert.deepEqual(JSON.parse(document), {
    AlarmName: 'cpu',
    AlarmDescription: 'The service is busy.',
    AWSAccountId: '000000000000',
    AlarmConfigurationUpdatedTimestamp: '2026-11-22T12:00:00.000+0000',
    NewStateValue: 'ALARM',
    NewStateReason:
      'Threshold Crossed: 1 datapoint [90.0 (22/11/26 12:00:00)] was greater than the threshold (50.0).',
    StateChangeTime: '2026-11-22T12:01:05.000+0000',
    Region: 'EU (Frankfurt)',
    AlarmArn: 'arn:aws:cloudwatch:eu-central-1:000000000000:alarm:cpu',
    OldStateValue: 'INSUFFICIENT_DATA',
    OKActions: [],
    AlarmActions: [topic],
    InsufficientDataActions: [],
    Trigger: {
      MetricName: 'Load',
      Namespace: 'App',
      StatisticType: 'Statistic',
      Statistic: 'AVERAGE',
      Unit: null,
      Dimensions: [{ value: 'web', name: 'Service' }],
      Period: 60,
      EvaluationPeriods: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 50,
      TreatMissingData: '',
      EvaluateLowSampleCountPercentile: '',
    },
  });
});

test('by e-mail a recipient reads a text', async () => {
  const { email } = await raised();
  assert.equal(
    email,
    `You are receiving this email because your Amazon CloudWatch Alarm "cpu" in the EU (Frankfurt) region has entered the ALARM state, because "Threshold Crossed: 1 datapoint [90.0 (22/11/26 12:00:00)] was greater than the threshold (50.0)." at "Sunday 22 November, 2026 12:01:05 UTC".

View this alarm in the AWS Management Console:
https://eu-central-1.console.aws.amazon.com/cloudwatch/deeplink.js?region=eu-central-1#alarmsV2:alarm/cpu

Alarm Details:
- Name:                       cpu
- Description:                The service is busy.
- State Change:               INSUFFICIENT_DATA -> ALARM
- Reason for State Change:    Threshold Crossed: 1 datapoint [90.0 (22/11/26 12:00:00)] was greater than the threshold (50.0).
- Timestamp:                  Sunday 22 November, 2026 12:01:05 UTC
- AWS Account:                000000000000
- Alarm Arn:                  arn:aws:cloudwatch:eu-central-1:000000000000:alarm:cpu

Threshold:
- The alarm is in the ALARM state when the metric is GreaterThanThreshold 50.0 for at least 1 of the last 1 period(s) of 60 seconds.

Monitored Metric:
- MetricNamespace:                     App
- MetricName:                          Load
- Dimensions:                          [Service = web]
- Period:                              60 seconds
- Statistic:                           Average
- Unit:                                not specified
- TreatMissingData:                    missing


State Change Actions:
- OK:
- ALARM: [arn:aws:sns:eu-central-1:000000000000:ops]
- INSUFFICIENT_DATA:
`,
  );
});

test('a subject stays within the 100 characters that SNS takes', async () => {
  const { Subject } = await raised({ AlarmName: `long-${'x'.repeat(120)}` });
  assert.match(Subject, /^ALARM: "long-x+\.\.\." in EU \(Frankfurt\)$/);
  assert.equal(Subject.length, 100);
});
