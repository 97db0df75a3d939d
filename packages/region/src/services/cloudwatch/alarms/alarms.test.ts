import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alarmRegion, cpu, policy, topic } from './testing/alarm-region.ts';

test("an alarm goes to OK, to ALARM, and back, with AWS's reasons, history and one notification each", async () => {
  const { call, describe, minutes, published, history } = alarmRegion();
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

test('without data an alarm goes to INSUFFICIENT_DATA, after what is left in its evaluation range', async () => {
  const { call, describe, minutes } = alarmRegion();
  await call('cloudwatch', 'putMetricAlarm', cpu);
  await minutes(90, 90);
  assert.equal((await describe())?.StateValue, 'ALARM');
  await minutes(undefined, undefined);
  assert.equal((await describe())?.StateValue, 'ALARM');
  await minutes(undefined, undefined);
  const alarm = await describe();
  assert.deepEqual(
    [alarm?.StateValue, alarm?.StateReason],
    ['INSUFFICIENT_DATA', 'Insufficient Data: 2 datapoints were unknown.'],
  );
});

test('SetAlarmState lasts until the next evaluation', async () => {
  const { call, describe, minutes, advance, published } = alarmRegion();
  await call('cloudwatch', 'putMetricAlarm', { ...cpu, AlarmActions: [topic] });
  await minutes(1, 1);
  const StateValue = 'ALARM';
  await call('cloudwatch', 'setAlarmState', { AlarmName: 'cpu', StateValue, StateReason: 'a drill' });
  assert.deepEqual(
    [(await describe())?.StateReason, published.map(({ Subject }) => Subject)],
    ['a drill', ['ALARM: "cpu" in EU (Frankfurt)']],
  );
  await advance(60);
  assert.equal((await describe())?.StateValue, 'OK');
});

test('a scaling policy is told every minute while the alarm stays, a topic only when it moves', async () => {
  const { call, minutes, published, told, history } = alarmRegion();
  await call('cloudwatch', 'putMetricAlarm', { ...cpu, AlarmActions: [topic, policy] });
  await minutes(90, 91, 92, 93);
  assert.equal(published.length, 1);
  assert.deepEqual(
    told.map(({ state, metricValue }) => [state, metricValue]),
    [91, 92, 93].map((value) => ['ALARM', value]),
  );
  assert.equal((await history('Action')).length, 2);
});

test('disabled actions do not run, and enabling them does not make up for it', async () => {
  const { call, minutes, published, describe } = alarmRegion();
  await call('cloudwatch', 'putMetricAlarm', { ...cpu, AlarmActions: [topic] });
  await call('cloudwatch', 'disableAlarmActions', { AlarmNames: ['cpu'] });
  await minutes(90, 90);
  assert.deepEqual([(await describe())?.StateValue, published], ['ALARM', []]);
  await call('cloudwatch', 'enableAlarmActions', { AlarmNames: ['cpu'] });
  await minutes(90);
  assert.deepEqual(published, []);
});

test('what a topic refuses is in the history', async () => {
  const { call, minutes, history } = alarmRegion({ refuses: 'Topic does not exist' });
  await call('cloudwatch', 'putMetricAlarm', { ...cpu, AlarmActions: [topic] });
  await minutes(90, 90);
  const [item] = await history('Action');
  assert.equal(
    item?.HistorySummary,
    `Failed to execute action ${topic}. Received error: "Topic does not exist"`,
  );
});

test('a period of five minutes slides: it is evaluated every minute on the last five', async () => {
  const { call, minutes, describe } = alarmRegion();
  await call('cloudwatch', 'putMetricAlarm', { ...cpu, Period: 300, EvaluationPeriods: 1 });
  await minutes(10, 10, 900);
  assert.equal((await describe())?.StateValue, 'ALARM');
  await minutes(10, 10, 10, 10);
  assert.equal((await describe())?.StateValue, 'ALARM');
  await minutes(10);
  assert.equal((await describe())?.StateValue, 'OK');
});

test('an alarm of ten-second periods is evaluated every ten seconds', async () => {
  const { call, describe, advance, now } = alarmRegion();
  await call('cloudwatch', 'putMetricAlarm', { ...cpu, Period: 10 });
  const put = () =>
    call('cloudwatch', 'putMetricData', {
      Namespace: 'App',
      MetricData: [{ MetricName: 'Load', Value: 90, StorageResolution: 1, Timestamp: new Date(now()) }],
    });
  await put();
  await advance(10);
  await put();
  await advance(10);
  assert.equal((await describe())?.StateValue, 'INSUFFICIENT_DATA');
  await advance(5);
  assert.equal((await describe())?.StateValue, 'ALARM');
});

test('a percentile of few samples keeps the state when it is to be ignored', async () => {
  const { call, advance, now, describe } = alarmRegion();
  const { Statistic: _, ...p90 } = { ...cpu, ExtendedStatistic: 'p90', EvaluationPeriods: 1 };
  await call('cloudwatch', 'putMetricAlarm', { ...p90, EvaluateLowSampleCountPercentile: 'ignore' });
  const put = (samples: number) =>
    call('cloudwatch', 'putMetricData', {
      Namespace: 'App',
      MetricData: [{ MetricName: 'Load', Values: [90], Counts: [samples], Timestamp: new Date(now()) }],
    });
  await put(99);
  await advance(70);
  assert.equal((await describe())?.StateValue, 'INSUFFICIENT_DATA');
  await put(100);
  await advance(60);
  assert.equal((await describe())?.StateValue, 'ALARM');
});

test('an update replaces the configuration and keeps the state', async () => {
  const { call, minutes, describe } = alarmRegion();
  await call('cloudwatch', 'putMetricAlarm', { ...cpu, AlarmDescription: 'first', AlarmActions: [topic] });
  await minutes(90, 90);
  await call('cloudwatch', 'putMetricAlarm', { ...cpu, Threshold: 95 });
  const alarm = await describe();
  assert.deepEqual(
    [alarm?.StateValue, alarm?.AlarmDescription, alarm?.AlarmActions],
    ['ALARM', undefined, []],
  );
});

test('a region that was killed knows its alarms, their states and history, and evaluates on', async () => {
  const first = alarmRegion();
  await first.call('cloudwatch', 'putMetricAlarm', { ...cpu, AlarmActions: [topic] });
  await first.minutes(90, 90);
  const again = alarmRegion({ commits: first.commits, start: first.now() });
  assert.deepEqual(await again.describe(), await first.describe());
  assert.deepEqual(await again.history(), await first.history());
  await again.minutes(undefined, undefined, undefined, undefined, undefined);
  assert.equal((await again.describe())?.StateValue, 'INSUFFICIENT_DATA');
});

test('history outlives its alarm and is kept for 30 days', async () => {
  const { call, advance, history } = alarmRegion();
  await call('cloudwatch', 'putMetricAlarm', cpu);
  await call('cloudwatch', 'deleteAlarms', { AlarmNames: ['cpu'] });
  assert.equal((await history()).length, 2);
  await advance(31 * 86_400);
  await call('cloudwatch', 'putMetricAlarm', { ...cpu, AlarmName: 'other' });
  await advance(120);
  assert.deepEqual(
    (await history()).map(({ HistorySummary }) => HistorySummary),
    ['Alarm "other" created'],
  );
});

test('DescribeAlarms finds by prefix, state, action and page', async () => {
  const { call } = alarmRegion();
  for (const name of ['a-1', 'a-2', 'b-1'])
    await call('cloudwatch', 'putMetricAlarm', { ...cpu, AlarmName: name, AlarmActions: [topic] });
  await call('cloudwatch', 'setAlarmState', { AlarmName: 'a-2', StateValue: 'OK', StateReason: '' });
  const names = async (input: object) => {
    const { MetricAlarms = [], NextToken } = await call('cloudwatch', 'describeAlarms', input);
    return [...MetricAlarms.map(({ AlarmName }) => AlarmName), ...(NextToken ? ['more'] : [])];
  };
  assert.deepEqual(await names({ AlarmNamePrefix: 'a' }), ['a-1', 'a-2']);
  assert.deepEqual(await names({ StateValue: 'OK' }), ['a-2']);
  assert.deepEqual(await names({ ActionPrefix: 'arn:aws:sns' }), ['a-1', 'a-2', 'b-1']);
  assert.deepEqual(await names({ ActionPrefix: 'arn:aws:ssm' }), []);
  assert.deepEqual(await names({ MaxRecords: 2 }), ['a-1', 'a-2', 'more']);
  await assert.rejects(names({ NextToken: 'x' }), /next token/);
});

test('what the API does not know is refused, not answered with nothing', async () => {
  const { call } = alarmRegion();
  const ask = (operation: 'describeAlarms' | 'describeAlarmHistory', input: object) =>
    call('cloudwatch', operation, input);
  await assert.rejects(
    ask('describeAlarms', { StateValue: 'RED' }),
    /'RED' at 'stateValue' failed to satisfy/,
  );
  await assert.rejects(ask('describeAlarms', { AlarmTypes: ['LogAlarms'] }), /'LogAlarms' at 'alarmTypes'/);
  await assert.rejects(ask('describeAlarmHistory', { HistoryItemType: 'x' }), /'x' at 'historyItemType'/);
  await assert.rejects(ask('describeAlarmHistory', { ScanBy: 'x' }), /'x' at 'scanBy'/);
});

test('data of a reason that is nothing sets a state like any other', async () => {
  const { call, describe } = alarmRegion();
  await call('cloudwatch', 'putMetricAlarm', { ...cpu, AlarmActions: [policy] });
  const to = {
    AlarmName: 'cpu',
    StateValue: 'ALARM',
    StateReason: 'a drill',
    StateReasonData: 'null',
  } as const;
  await call('cloudwatch', 'setAlarmState', to);
  assert.equal((await describe())?.StateValue, 'ALARM');
});
