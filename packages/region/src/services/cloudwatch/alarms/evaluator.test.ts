import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alarmRegion, cpu } from './testing/alarm-region.ts';

/** Random data with gaps; what an alarm says each minute against what its whole range calls for. */
test('an alarm that reads one point where that says enough says what its whole range says', async () => {
  const treatments = ['missing', 'ignore', 'breaching', 'notBreaching'];
  const shapes = [
    [1, 1],
    [3, 3],
    [2, 3],
    [3, 5],
  ] as const;
  const region = alarmRegion();
  const names: string[] = [];
  for (const TreatMissingData of treatments) {
    for (const [DatapointsToAlarm, EvaluationPeriods] of shapes) {
      const AlarmName = `${DatapointsToAlarm}of${EvaluationPeriods}-${TreatMissingData}`;
      const alarm = { ...cpu, DatapointsToAlarm, EvaluationPeriods, TreatMissingData };
      names.push(AlarmName);
      await region.call('cloudwatch', 'putMetricAlarm', { ...alarm, AlarmName });
      const { Statistic, Period, Namespace, MetricName, ...rest } = alarm;
      const MetricStat = { Metric: { Namespace, MetricName }, Period, Stat: Statistic };
      const onMath = (name: string, Expression: string) =>
        region.call('cloudwatch', 'putMetricAlarm', {
          ...rest,
          Metrics: [
            { Id: 'm', MetricStat, ReturnData: false },
            { Id: 'e', Expression },
          ],
          AlarmName: name,
        });
      names.push(`${AlarmName}-math`);
      await onMath(`${AlarmName}-math`, 'IF(FILL(m, 0) > 50, m * 2, -(-m))');
      // What picks of an array is always read whole.
      await onMath(`${AlarmName}-whole`, 'FIRST([m])');
    }
  }
  const pattern = '0X0-XXX-0-0XX--X---X0-X0XXXX0000-0X-----XX0-00XX-X0';
  for (const mark of pattern) {
    if (mark !== '-') await region.put(mark === 'X' ? 90 : 10);
    await region.advance(60);
    const { MetricAlarms = [] } = await region.call('cloudwatch', 'describeAlarms', {});
    const states = new Map(MetricAlarms.map(({ AlarmName, StateValue }) => [AlarmName, StateValue]));
    for (const name of names)
      assert.equal(states.get(name), states.get(`${name.replace('-math', '')}-whole`), name);
  }
});

test('data that comes late is seen by the next evaluation', async () => {
  const { call, minutes, describe, now } = alarmRegion();
  await call('cloudwatch', 'putMetricAlarm', { ...cpu, EvaluationPeriods: 10, DatapointsToAlarm: 2 });
  await minutes(1, 1, 1, 1);
  const late = [2, 3].map((ago) => new Date(now() - ago * 60_000));
  await call('cloudwatch', 'putMetricData', {
    Namespace: 'App',
    MetricData: late.map((Timestamp) => ({ MetricName: 'Load', Value: 900, Timestamp })),
  });
  await minutes(1);
  assert.equal((await describe())?.StateValue, 'ALARM');
});

test('an expression that cannot be evaluated on its data is told, and other alarms are evaluated', async () => {
  const { call, minutes, describe, messages } = alarmRegion();
  const { Statistic: _s, Period: _p, Namespace: _n, MetricName: _m, ...rest } = cpu;
  await call('cloudwatch', 'putMetricAlarm', {
    ...rest,
    AlarmName: 'by-its-data',
    Metrics: [
      {
        Id: 'a',
        MetricStat: { Metric: { Namespace: 'App', MetricName: 'Load' }, Period: 60, Stat: 'Sum' },
        ReturnData: false,
      },
      // One metric has no ninetieth.
      { Id: 'e', Expression: 'FIRST(SLICE(METRICS(), MAX(a) - 1))' },
    ],
  });
  await call('cloudwatch', 'putMetricAlarm', cpu);
  await minutes(90, 90);
  assert.deepEqual(
    [(await describe('by-its-data'))?.StateValue, (await describe())?.StateValue],
    ['INSUFFICIENT_DATA', 'ALARM'],
  );
  assert.match(
    messages.map(({ text }) => text).join('\n'),
    /The alarm by-its-data could not be evaluated: .*FIRST/,
  );
});

test('an alarm of any name can be deleted without stopping the others', async () => {
  const { call, minutes, describe } = alarmRegion();
  for (const AlarmName of ['alarms', 'evaluate', 'cpu'])
    await call('cloudwatch', 'putMetricAlarm', { ...cpu, AlarmName });
  await call('cloudwatch', 'deleteAlarms', { AlarmNames: ['alarms', 'evaluate'] });
  await minutes(90, 90);
  assert.equal((await describe())?.StateValue, 'ALARM');
});

test('an alarm is evaluated as it was put last, whatever was known of it before', async () => {
  const { call, minutes, describe } = alarmRegion();
  await call('cloudwatch', 'putMetricAlarm', cpu);
  await minutes(10, 10, 10);
  assert.equal((await describe())?.StateValue, 'OK');
  await call('cloudwatch', 'putMetricAlarm', { ...cpu, Threshold: 5 });
  await minutes(10);
  assert.equal((await describe())?.StateValue, 'ALARM');
  await call('cloudwatch', 'setAlarmState', { AlarmName: 'cpu', StateValue: 'OK', StateReason: 'by hand' });
  await minutes(10);
  assert.equal((await describe())?.StateValue, 'ALARM');
  await call('cloudwatch', 'deleteAlarms', { AlarmNames: ['cpu'] });
  await minutes(10);
  await call('cloudwatch', 'putMetricAlarm', { ...cpu, MetricName: 'Other' });
  await minutes(10, 10);
  assert.equal((await describe())?.StateValue, 'INSUFFICIENT_DATA');
});
