/** Alarms read the newest minute by a short way. What lies behind it comes, moves and goes; alarms see every point all the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { type MetricRegion, metricRegion } from '../metrics/testing/metric-region.ts';

const base = {
  Statistic: 'Average',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 50,
  ComparisonOperator: 'GreaterThanThreshold',
} satisfies Partial<PutMetricAlarmInput>;

const onMetric = { ...base, AlarmName: 'on-metric', Namespace: 'App', MetricName: 'Load' };
const { Statistic, Period, ...rest } = base;
const onMath = {
  ...rest,
  AlarmName: 'on-math',
  Metrics: [
    {
      Id: 'm',
      MetricStat: { Metric: { Namespace: 'App', MetricName: 'Load' }, Period, Stat: Statistic },
      ReturnData: false,
    },
    { Id: 'e', Expression: 'm + 0' },
  ],
} satisfies PutMetricAlarmInput;

async function put(region: MetricRegion, Value: number, at = region.now()): Promise<void> {
  const MetricData = [{ MetricName: 'Load', Value, Timestamp: new Date(at) }];
  await region.call('cloudwatch', 'putMetricData', { Namespace: 'App', MetricData });
}

async function states(region: MetricRegion): Promise<Record<string, string | undefined>> {
  const { MetricAlarms = [] } = await region.call('cloudwatch', 'describeAlarms', {});
  return Object.fromEntries(MetricAlarms.map(({ AlarmName, StateValue }) => [AlarmName, StateValue]));
}

/** To five seconds and a bit after a minute: alarms were evaluated for the one before. */
async function toNextEvaluation(region: MetricRegion): Promise<void> {
  const into = (region.now() / 1000) % 60;
  await region.advance(66 - into);
}

for (const treatment of ['missing', 'notBreaching', 'ignore'] as const) {
  test(`an alarm that was put before its metric is OK with the first point, missing data ${treatment}`, async () => {
    const region = await metricRegion();
    for (const alarm of [onMetric, onMath])
      await region.call('cloudwatch', 'putMetricAlarm', { ...alarm, TreatMissingData: treatment });
    for (let i = 0; i < 10; i += 1) await toNextEvaluation(region);
    const before = treatment === 'notBreaching' ? 'OK' : 'INSUFFICIENT_DATA';
    assert.deepEqual(await states(region), { 'on-metric': before, 'on-math': before });
    await put(region, 10);
    await toNextEvaluation(region);
    assert.deepEqual(await states(region), { 'on-metric': 'OK', 'on-math': 'OK' });
    await put(region, 90);
    await toNextEvaluation(region);
    assert.deepEqual(await states(region), { 'on-metric': 'ALARM', 'on-math': 'ALARM' });
  });
}

test('an alarm on a metric that gets a second unit reads both', async () => {
  const region = await metricRegion();
  await region.call('cloudwatch', 'putMetricAlarm', { ...onMetric, Statistic: 'Sum' });
  for (let i = 0; i < 3; i += 1) {
    await put(region, 30);
    await toNextEvaluation(region);
  }
  assert.equal((await states(region))['on-metric'], 'OK');
  await put(region, 30);
  const MetricData = [
    { MetricName: 'Load', Value: 30, Unit: 'Count' as const, Timestamp: new Date(region.now()) },
  ];
  await region.call('cloudwatch', 'putMetricData', { Namespace: 'App', MetricData });
  await toNextEvaluation(region);
  assert.equal((await states(region))['on-metric'], 'ALARM');
});

test('a point that comes a minute late is seen by an alarm that found nothing in its minute', async () => {
  const region = await metricRegion();
  for (const alarm of [onMetric, onMath])
    await region.call('cloudwatch', 'putMetricAlarm', {
      ...alarm,
      TreatMissingData: 'notBreaching',
      EvaluationPeriods: 3,
      DatapointsToAlarm: 1,
    });
  await put(region, 10);
  for (let i = 0; i < 12; i += 1) await toNextEvaluation(region);
  assert.deepEqual(await states(region), { 'on-metric': 'OK', 'on-math': 'OK' });
  // Six seconds into the minute after.
  await put(region, 90, region.now() - 30_000);
  await toNextEvaluation(region);
  assert.deepEqual(await states(region), { 'on-metric': 'ALARM', 'on-math': 'ALARM' });
});

test('points before and after checkpoints, roll-ups, moves of the clock and restarts are all read', async () => {
  let region = await metricRegion();
  for (const alarm of [onMetric, onMath])
    await region.call('cloudwatch', 'putMetricAlarm', { ...alarm, TreatMissingData: 'breaching' });
  const pattern = [10, 90, 10, 10, undefined, 10, 90, 90, undefined, undefined, 10];
  let turn = 0;
  let newest = { value: 0, minute: 0 };
  const minuteOf = (at: number): number => Math.floor(at / 60_000);
  /** The newest point of three minutes decides; where there is none, what is missing breaches. */
  const minutes = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i += 1) {
      const value = pattern[turn % pattern.length];
      turn += 1;
      if (value !== undefined) {
        await put(region, value);
        newest = { value, minute: minuteOf(region.now()) };
      }
      await toNextEvaluation(region);
      const isOld = minuteOf(region.now()) - newest.minute > 3;
      const expected = isOld || newest.value > 50 ? 'ALARM' : 'OK';
      const time = new Date(region.now()).toISOString();
      assert.deepEqual(await states(region), { 'on-metric': expected, 'on-math': expected }, time);
    }
  };
  await toNextEvaluation(region);
  // Checkpoints come every hour, and a point keeps a chunk's place that begins in an hour that is over.
  await minutes(130);
  for (const hours of [1, 3, 26, 31, 24 * 9, 1]) {
    await region.advance(hours * 3600);
    await minutes(65);
    region = await region.restarted();
    await toNextEvaluation(region);
    await minutes(12);
    // Late, for an hour that may have left the memory: it is another chunk than the newest.
    await put(region, 1000, region.now() - 27 * 3600_000);
    await minutes(12);
  }
  // Roll-ups while the alarms are at it.
  await minutes(32 * 60);
});
