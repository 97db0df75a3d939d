import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch';
import { alarmRegion, cpu, topic } from './testing/alarm-region.ts';

const { Threshold: _threshold, ...noThreshold } = cpu;
const { Statistic: _statistic, ...noStatistic } = cpu;
const onQueries = {
  AlarmName: 'math',
  EvaluationPeriods: 1,
  Threshold: 1,
  ComparisonOperator: 'GreaterThanThreshold',
};

const refusals: readonly (readonly [name: string, input: object, message: RegExp])[] = [
  ['a period of 45 seconds', { ...cpu, Period: 45 }, /Period must be 10, 20, 30 or a multiple of 60/],
  ['a window past a day', { ...cpu, Period: 300, EvaluationPeriods: 289 }, /more than a day/],
  ['a window past a week', { ...cpu, Period: 86_400, EvaluationPeriods: 8 }, /more than a week/],
  ['more points to alarm than periods', { ...cpu, DatapointsToAlarm: 3 }, /less than or equal to Eval/],
  ['no threshold', noThreshold, /Threshold is required/],
  ['no statistic', noStatistic, /Either Statistic or ExtendedStatistic must be specified/],
  ['two statistics', { ...cpu, ExtendedStatistic: 'p90' }, /Both Statistic and ExtendedStatistic/],
  ['an unknown treatment', { ...cpu, TreatMissingData: 'bad' }, /Option bad is not supported/],
  ['an action that is no ARN', { ...cpu, AlarmActions: ['ops'] }, /Invalid arn syntax: ops/],
  [
    'a topic of another region',
    { ...cpu, AlarmActions: ['arn:aws:sns:us-east-1:000000000000:ops'] },
    /Invalid region us-east-1 specified. Only eu-central-1 is supported./,
  ],
  [
    'an action that is not modelled, by name',
    { ...cpu, AlarmActions: ['arn:aws:lambda:eu-central-1:000000000000:function:f'] },
    /arn:aws:lambda:eu-central-1:000000000000:function:f is not modelled/,
  ],
  [
    'anomaly detection, by name',
    { ...cpu, ComparisonOperator: 'GreaterThanUpperThreshold' },
    /anomaly detection \(GreaterThanUpperThreshold\) is not modelled/,
  ],
  ['six actions', { ...cpu, OKActions: [1, 2, 3, 4, 5, 6].map((n) => `${topic}${n}`) }, /'oKActions'/],
  [
    'queries of which two return data',
    { ...onQueries, Metrics: [query('a'), query('b')] },
    /ReturnData must be true for exactly one/,
  ],
  ['queries beside a metric', { ...cpu, Metrics: [query('a')] }, /mutually exclusive/],
  [
    'SEARCH',
    { ...onQueries, Metrics: [{ Id: 'e', Expression: "SEARCH('x', 'Sum')" }] },
    /SEARCH is not supp/,
  ],
];

function query(Id: string) {
  return { Id, MetricStat: { Metric: { Namespace: 'App', MetricName: 'Load' }, Period: 60, Stat: 'Sum' } };
}

for (const [name, input, message] of refusals) {
  test(`PutMetricAlarm refuses ${name}`, async () => {
    const { call } = alarmRegion();
    await assert.rejects(call('cloudwatch', 'putMetricAlarm', input as PutMetricAlarmInput), message);
  });
}
