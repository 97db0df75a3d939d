import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { operation, type ServiceModule } from '../../../kernel/service.ts';
import type { Change } from '../../../kernel/table.ts';
import { testRegion } from '../../../testing/test-region.ts';
import { cloudwatch } from '../service.ts';

interface Published {
  readonly TopicArn: string;
  readonly Subject: string;
  readonly Message: string;
}

interface Told {
  readonly alarmName: string;
  readonly state: string;
  readonly metricValue?: number;
}

const topic = 'arn:aws:sns:eu-central-1:000000000000:ops';
const policy =
  'arn:aws:autoscaling:eu-central-1:000000000000:scalingPolicy:1:resource/ecs/service/c/s:policyName/p';

const cpu = {
  AlarmName: 'cpu',
  Namespace: 'App',
  MetricName: 'Load',
  Statistic: 'Average',
  Period: 60,
  EvaluationPeriods: 2,
  Threshold: 50,
  ComparisonOperator: 'GreaterThanThreshold',
} satisfies PutMetricAlarmInput;

function region(commits?: readonly (readonly Change[])[]) {
  const published: Published[] = [];
  const told: Told[] = [];
  const sns: ServiceModule = {
    name: 'sns',
    operations: {
      Publish: operation<Published & { MessageStructure: string }, object>({
        accepts: ['TopicArn', 'Subject', 'Message', 'MessageStructure'],
        handler: (_ctx, input) => {
          published.push(input);
          return {};
        },
      }),
    },
  };
  const scaling: ServiceModule = {
    name: 'applicationautoscaling',
    operations: {},
    onEvent: (_ctx, event: Told) => void told.push(event),
  };
  const made = testRegion((tables) => [cloudwatch({ tables }), sns, scaling], commits ? { commits } : {});
  const put = (value: number, MetricName = 'Load') =>
    made.call('cloudwatch', 'putMetricData', {
      Namespace: 'App',
      MetricData: [{ MetricName, Value: value, Timestamp: new Date(made.now()) }],
    });
  const describe = async (name = 'cpu') => {
    const { MetricAlarms, CompositeAlarms } = await made.call('cloudwatch', 'describeAlarms', {
      AlarmNames: [name],
      AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
    });
    return MetricAlarms?.[0] ?? CompositeAlarms?.[0];
  };
  /** A value each minute. */
  const minutes = async (...values: readonly (number | undefined)[]) => {
    for (const value of values) {
      if (value !== undefined) await put(value);
      await made.advance(60);
    }
    // Past the evaluation that follows the minute.
    await made.advance(10);
  };
  const history = async (type?: 'StateUpdate' | 'Action' | 'ConfigurationUpdate') => {
    const { AlarmHistoryItems = [] } = await made.call('cloudwatch', 'describeAlarmHistory', {
      ...(type && { HistoryItemType: type }),
      ScanBy: 'TimestampAscending',
    });
    return AlarmHistoryItems;
  };
  return { ...made, published, told, put, describe, minutes, history };
}

test("an alarm goes to OK, to ALARM, and back, with AWS's reasons, history and one notification each", async () => {
  const { call, describe, minutes, published, history } = region();
  await call('cloudwatch', 'putMetricAlarm', {
    ...cpu,
    DatapointsToAlarm: 2,
    AlarmActions: [topic],
    OKActions: [topic],
  });
  assert.equal((await describe())?.StateReason, 'Unchecked: Initial alarm creation');
  await minutes(10, 10);
  assert.equal(
    (await describe())?.StateReason,
    'Threshold Crossed: 1 out of the last 2 datapoints [10.0 (22/11/26 12:00:00)] was not greater than the threshold (50.0) (minimum 1 datapoint for ALARM -> OK transition).',
  );
  await minutes(90, 80.5);
  const alarm = await describe();
  assert.equal(alarm?.StateValue, 'ALARM');
  assert.equal(
    alarm?.StateReason,
    'Threshold Crossed: 2 out of the last 2 datapoints [80.5 (22/11/26 12:03:00), 90.0 (22/11/26 12:02:00)] were greater than the threshold (50.0) (minimum 2 datapoints for OK -> ALARM transition).',
  );
  assert.deepEqual(JSON.parse(alarm?.StateReasonData ?? ''), {
    version: '1.0',
    queryDate: '2026-11-22T12:04:05.000+0000',
    startDate: '2026-11-22T12:02:00.000+0000',
    statistic: 'Average',
    period: 60,
    recentDatapoints: [90, 80.5],
    threshold: 50,
    evaluatedDatapoints: [
      { timestamp: '2026-11-22T12:03:00.000+0000', sampleCount: 1, value: 80.5 },
      { timestamp: '2026-11-22T12:02:00.000+0000', sampleCount: 1, value: 90 },
    ],
  });
  await minutes(90, 90, 1);
  assert.deepEqual(
    published.map(({ Subject }) => Subject),
    ['OK', 'ALARM', 'OK'].map((state) => `${state}: "cpu" in EU (Frankfurt)`),
  );
  assert.deepEqual(
    (await history()).map(({ HistorySummary }) => HistorySummary),
    [
      'Alarm "cpu" created',
      'Alarm updated from INSUFFICIENT_DATA to OK',
      `Successfully executed action ${topic}`,
      'Alarm updated from OK to ALARM',
      `Successfully executed action ${topic}`,
      'Alarm updated from ALARM to OK',
      `Successfully executed action ${topic}`,
    ],
  );
});
