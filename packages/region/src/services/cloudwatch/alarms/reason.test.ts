import assert from 'node:assert/strict';
import { test } from 'node:test';
import { javaDouble } from './json.ts';
import { reasonFor } from './reason.ts';
import type { AlarmState, MissingData } from './state.ts';

const minute = 60_000;
const noon = Date.parse('2026-11-22T12:00:00Z');

interface Row {
  readonly name: string;
  readonly values: readonly (number | undefined)[];
  readonly of: number;
  readonly toAlarm?: number;
  readonly missing?: MissingData;
  readonly state: AlarmState;
  readonly expected: string;
}

/** Forms of AWS's own alarms in public records; the values are ours. */
const rows: readonly Row[] = [
  {
    name: 'one point, no DatapointsToAlarm given',
    values: [2],
    of: 1,
    state: 'ALARM',
    expected:
      'Threshold Crossed: 1 datapoint [2.0 (22/11/26 12:00:00)] was greater than the threshold (1.0).',
  },
  {
    name: 'five points and more, DatapointsToAlarm given',
    values: [2, 3, 4, 5, 6, 7],
    of: 6,
    toAlarm: 6,
    state: 'ALARM',
    expected:
      'Threshold Crossed: 6 out of the last 6 datapoints were greater than the threshold (1.0). The most recent datapoints which crossed the threshold: [7.0 (22/11/26 12:05:00), 6.0 (22/11/26 12:04:00), 5.0 (22/11/26 12:03:00), 4.0 (22/11/26 12:02:00), 3.0 (22/11/26 12:01:00)] (minimum 6 datapoints for OK -> ALARM transition).',
  },
  {
    name: 'M of N going to OK needs N - M + 1',
    values: [0, 0, 2, 0, 2],
    of: 5,
    toAlarm: 3,
    state: 'OK',
    expected:
      'Threshold Crossed: 3 out of the last 5 datapoints [0.0 (22/11/26 12:03:00), 0.0 (22/11/26 12:01:00), 0.0 (22/11/26 12:00:00)] were not greater than the threshold (1.0) (minimum 3 datapoints for ALARM -> OK transition).',
  },
  {
    name: 'nothing came, missing is breaching',
    values: [undefined, undefined],
    of: 2,
    missing: 'breaching',
    state: 'ALARM',
    expected:
      'Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints were treated as [Breaching].',
  },
  {
    name: 'nothing came for one period, missing is not breaching',
    values: [undefined],
    of: 1,
    missing: 'notBreaching',
    state: 'OK',
    expected:
      'Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching].',
  },
  {
    name: 'one came that does not breach, the missing ones do',
    values: [0, undefined, undefined],
    of: 3,
    toAlarm: 2,
    missing: 'breaching',
    state: 'ALARM',
    expected:
      'Threshold Crossed: 1 datapoint was received for 3 periods and 2 missing datapoints were treated as [Breaching].',
  },
  {
    name: 'one came that breaches, and a missing one',
    values: [2, undefined],
    of: 2,
    missing: 'breaching',
    state: 'ALARM',
    expected:
      'Threshold Crossed: 1 datapoint [2.0 (22/11/26 12:00:00)] was greater than the threshold (1.0) and 1 missing datapoint was treated as [Breaching].',
  },
  {
    name: 'no data',
    values: [undefined],
    of: 1,
    state: 'INSUFFICIENT_DATA',
    expected: 'Insufficient Data: 1 datapoint was unknown.',
  },
];

for (const { name, values, of, toAlarm, missing, state, expected } of rows) {
  test(`the reason when ${name}`, () => {
    const points = values.flatMap((value, index) =>
      value === undefined ? [] : [{ timestamp: noon + index * minute, value, sampleCount: 1 }],
    );
    const rule = {
      evaluationPeriods: of,
      datapointsToAlarm: toAlarm ?? of,
      comparison: 'GreaterThanThreshold',
      threshold: 1,
      treatMissingData: missing ?? 'missing',
    } as const;
    const configuration = {
      kind: 'MetricAlarm',
      actionsEnabled: true,
      okActions: [],
      alarmActions: [],
      insufficientDataActions: [],
      ...rule,
    } as const;
    const { datapointsToAlarm: _, ...short } = configuration;
    const range = {
      end: noon + values.length * minute,
      periodMs: minute,
      now: noon + values.length * minute,
    };
    const given = toAlarm === undefined ? short : configuration;
    assert.equal(reasonFor(state, points, rule, range, given).reason, expected);
  });
}

test('without data the empty periods are named, and there is no start', () => {
  const rule = {
    evaluationPeriods: 2,
    datapointsToAlarm: 2,
    comparison: 'GreaterThanThreshold',
    threshold: 5,
    treatMissingData: 'missing',
  } as const;
  const range = { end: noon, periodMs: minute, now: noon + 5000 };
  const { reasonData } = reasonFor('INSUFFICIENT_DATA', [], rule, range, {
    kind: 'MetricAlarm',
    actionsEnabled: true,
    okActions: [],
    alarmActions: [],
    insufficientDataActions: [],
    metric: { namespace: 'n', metricName: 'm', dimensions: [], statistic: 'Average', period: 60 },
    ...rule,
  });
  assert.equal(
    reasonData,
    '{"version":"1.0","queryDate":"2026-11-22T12:00:05.000+0000","statistic":"Average","period":60,"recentDatapoints":[],"threshold":5.0,"evaluatedDatapoints":[{"timestamp":"2026-11-22T11:59:00.000+0000"},{"timestamp":"2026-11-22T11:58:00.000+0000"}]}',
  );
});

test('numbers are written as Java writes doubles', () => {
  const values = [0, 50, 99.50160229693434, 1e7, 12_345_678.9, 0.0005, 0.001, -3, 9_999_999];
  assert.deepEqual(values.map(javaDouble), [
    '0.0',
    '50.0',
    '99.50160229693434',
    '1.0E7',
    '1.23456789E7',
    '5.0E-4',
    '0.001',
    '-3.0',
    '9999999.0',
  ]);
});
