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
  ['an unknown statistic', { ...cpu, Statistic: 'p90' }, /Value 'p90' at 'statistic' failed to satisfy/],
  ['an unknown unit', { ...cpu, Unit: 'Apples' }, /Value 'Apples' at 'unit' failed to satisfy/],
  ['a threshold without end', { ...cpu, Threshold: Number.POSITIVE_INFINITY }, /Threshold is invalid/],
  [
    'a dimension given twice',
    { ...cpu, Dimensions: ['1', '2'].map((Value) => ({ Name: 'Host', Value })) },
    /same dimension name twice/,
  ],
  ['an expression of what is not there', onExpression('b * 2'), /'e': The following metrics .* undefined: b/],
  ['an expression of itself', onExpression('a + e'), /'e': Circular reference/],
  ['an unknown function', onExpression('MEDIAN(a)'), /'e': The function MEDIAN does not exist/],
  ['an argument too many', onExpression('MAX(a, 5) * a'), /The arguments of the function MAX are not valid/],
  ['an expression that gives a number', onExpression('SUM(a)'), /'e': .* must give one time series/],
  [
    'an expression that gives several series',
    {
      ...onQueries,
      Metrics: [unreturned('a'), unreturned('b'), { Id: 'e', Expression: 'METRICS()' }],
    },
    /'e': .* must give one time series/,
  ],
  [
    'eleven metrics',
    {
      ...onQueries,
      Metrics: [
        ...Array.from({ length: 11 }, (_, i) => unreturned(`m${i}`)),
        { Id: 'e', Expression: 'SUM(METRICS())' },
      ],
    },
    /more than 10 metrics and 10 expressions/,
  ],
];

function onExpression(expression: string) {
  return { ...onQueries, Metrics: [unreturned('a'), { Id: 'e', Expression: expression }] };
}

function unreturned(Id: string) {
  return { ...query(Id), ReturnData: false };
}

function query(Id: string) {
  return { Id, MetricStat: { Metric: { Namespace: 'App', MetricName: 'Load' }, Period: 60, Stat: 'Sum' } };
}

for (const [name, input, message] of refusals) {
  test(`PutMetricAlarm refuses ${name}`, async () => {
    const { call } = alarmRegion();
    await assert.rejects(call('cloudwatch', 'putMetricAlarm', input as PutMetricAlarmInput), message);
  });
}

for (const expression of [
  'a / SUM(a)',
  'FIRST(REMOVE_EMPTY(METRICS()))',
  'IF(a > 5, a)',
  'FILL(METRICS(), 0)',
  'TIME_SERIES(MAX(a))',
]) {
  test(`PutMetricAlarm takes the expression ${expression}`, async () => {
    const { call } = alarmRegion();
    await call('cloudwatch', 'putMetricAlarm', onExpression(expression) as PutMetricAlarmInput);
  });
}
