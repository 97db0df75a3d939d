import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MetricDatum } from '@aws-sdk/client-cloudwatch';
import { type MetricRegion, metricRegion } from './testing/metric-region.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

function put(region: MetricRegion, ...MetricData: readonly MetricDatum[]): Promise<unknown> {
  return region.call('cloudwatch', 'putMetricData', { Namespace: 'App', MetricData: [...MetricData] });
}

async function statistics(
  region: MetricRegion,
  options: {
    readonly from: number;
    readonly period?: number;
    readonly extended?: string;
    readonly name?: string;
  },
) {
  const { Datapoints = [] } = await region.call('cloudwatch', 'getMetricStatistics', {
    Namespace: 'App',
    MetricName: options.name ?? 'Latency',
    StartTime: new Date(region.now() + options.from),
    EndTime: new Date(region.now() + minute),
    Period: options.period ?? 60,
    ...(options.extended === undefined
      ? { Statistics: ['Sum', 'SampleCount', 'Minimum', 'Maximum', 'Average'] }
      : { ExtendedStatistics: [options.extended] }),
  });
  return Datapoints;
}

test('values, values with counts and statistic sets of one minute come together', async () => {
  const region = await metricRegion();
  await put(
    region,
    { MetricName: 'Latency', Value: 2, Unit: 'Seconds' },
    { MetricName: 'Latency', Values: [1, 4], Counts: [2, 3], Unit: 'Seconds' },
    {
      MetricName: 'Latency',
      StatisticValues: { SampleCount: 4, Sum: 20, Minimum: 0.5, Maximum: 10 },
      Unit: 'Seconds',
    },
  );
  assert.deepEqual(await statistics(region, { from: -minute }), [
    {
      Timestamp: new Date(region.now()),
      Unit: 'Seconds',
      Sum: 36,
      SampleCount: 10,
      Minimum: 0.5,
      Maximum: 10,
      Average: 3.6,
    },
  ]);
  assert.deepEqual(await statistics(region, { from: -minute, extended: 'p50' }), []);
});

test('percentiles come of values with counts', async () => {
  const region = await metricRegion();
  await put(region, { MetricName: 'Latency', Values: [0.1, 0.5, 2], Counts: [90, 9, 1] });
  const [point] = await statistics(region, { from: -minute, extended: 'p99.5' });
  assert.deepEqual(point?.ExtendedStatistics, { 'p99.5': 2 });
  assert.equal(point?.Unit, 'None');
});

test('a metric of high resolution has points of a second, and of a minute after three hours', async () => {
  const region = await metricRegion();
  const at = (seconds: number): Date => new Date(region.now() + seconds * 1000);
  await put(
    region,
    ...[1, 2, 11].map((s) => ({ MetricName: 'Latency', Value: s, Timestamp: at(s), StorageResolution: 1 })),
  );
  const sums = async (period: number): Promise<unknown> =>
    (await statistics(region, { from: 0, period })).map(({ Sum }) => Sum);
  assert.deepEqual(await sums(1), [1, 2, 11]);
  assert.deepEqual(await sums(10), [3, 11]);
  assert.deepEqual(await sums(60), [14]);
  const start = region.now();
  await region.advance(4 * 3600);
  const later = async (period: number): Promise<unknown> =>
    (await statistics(region, { from: start - region.now(), period })).map(({ Sum }) => Sum);
  assert.deepEqual(await later(20), []);
  assert.deepEqual(await later(60), [14]);
});

test('data points grow coarser with age: a minute for 15 days, five for 63, an hour for 455', async () => {
  const region = await metricRegion();
  const start = region.now();
  await put(region, { MetricName: 'Latency', Value: 1 }, { MetricName: 'Latency', Value: 3 });
  const seen = async (period: number, extended?: string): Promise<number> => {
    const question = { StartTime: new Date(start), EndTime: new Date(start + hour), Period: period };
    const { Datapoints = [] } = await region.call('cloudwatch', 'getMetricStatistics', {
      ...question,
      Namespace: 'App',
      MetricName: 'Latency',
      ...(extended === undefined ? { Statistics: ['SampleCount'] } : { ExtendedStatistics: [extended] }),
    });
    return extended === undefined
      ? (Datapoints[0]?.SampleCount ?? 0)
      : (Datapoints[0]?.ExtendedStatistics?.[extended] ?? 0);
  };
  const ages: readonly (readonly [
    days: number,
    minute: number,
    five: number,
    hourly: number,
    p90: number,
  ])[] = [
    [1, 2, 2, 2, 3],
    [14, 2, 2, 2, 3],
    [16, 0, 2, 2, 3],
    [62, 0, 2, 2, 3],
    [64, 0, 0, 2, 0],
    [454, 0, 0, 2, 0],
    [456, 0, 0, 0, 0],
  ];
  for (const [days, minutely, five, hourly, p90] of ages) {
    await region.advance((start + days * day - region.now()) / 1000);
    await put(region, { MetricName: 'Other', Value: 1 });
    await region.advance(3600);
    const found = [await seen(60), await seen(300), await seen(3600), await seen(3600, 'p90')];
    assert.deepEqual(found, [minutely, five, hourly, p90], `after ${days} days`);
  }
});

test('what is older than a day is read from blocks, also what came late for them', async () => {
  const region = await metricRegion();
  const start = region.now();
  const two = (value: number): MetricDatum => ({
    MetricName: 'Latency',
    Value: value,
    Timestamp: new Date(start),
  });
  await put(region, two(1));
  await region.advance(3 * 86_400);
  await put(region, { MetricName: 'Latency', Value: 9 });
  await region.advance(7200);
  await put(region, two(2));
  const sums = async (of: MetricRegion): Promise<unknown> =>
    (await statistics(of, { from: start - of.now(), period: 3600 })).map(({ Sum }) => Sum);
  assert.deepEqual(await sums(region), [3, 9]);
  assert.deepEqual(await sums(await region.restarted()), [3, 9]);
  await region.advance(7200);
  await put(region, two(4));
  assert.deepEqual(await sums(region), [7, 9]);
  const again = await region.restarted();
  assert.deepEqual(await sums(again), [7, 9]);
  await again.advance(86_400);
  assert.deepEqual(await sums(again), [7, 9]);
});

test('each set of dimensions is a metric of its own, in whatever order they are given', async () => {
  const region = await metricRegion();
  const [a, b] = [
    { Name: 'a', Value: '1' },
    { Name: 'b', Value: '2' },
  ];
  await put(
    region,
    { MetricName: 'Latency', Value: 1, Dimensions: [a, b] },
    { MetricName: 'Latency', Value: 2, Dimensions: [b, a] },
    { MetricName: 'Latency', Value: 4, Dimensions: [a] },
  );
  assert.deepEqual(await statistics(region, { from: -minute }), []);
  const { Metrics } = await region.call('cloudwatch', 'listMetrics', { Dimensions: [{ Name: 'b' }] });
  assert.deepEqual(Metrics, [{ Namespace: 'App', MetricName: 'Latency', Dimensions: [a, b] }]);
});

test('GetMetricData gives the newest points first and pages by data points', async () => {
  const region = await metricRegion();
  for (let i = 0; i < 3; i += 1) {
    await put(region, { MetricName: 'Latency', Value: i }, { MetricName: 'Depth', Value: 10 * i });
    await region.advance(60);
  }
  const queries = ['Latency', 'Depth'].map((MetricName, i) => ({
    Id: `m${i}`,
    MetricStat: { Metric: { Namespace: 'App', MetricName }, Period: 60, Stat: 'Sum' },
  }));
  const question = {
    MetricDataQueries: queries,
    StartTime: new Date(region.now() - hour),
    EndTime: new Date(region.now()),
  };
  const pages: unknown[] = [];
  let token: string | undefined;
  do {
    const answer = await region.call('cloudwatch', 'getMetricData', {
      ...question,
      MaxDatapoints: 4,
      ...(token !== undefined && { NextToken: token }),
    });
    pages.push(
      (answer.MetricDataResults ?? []).map(({ Id, Values, StatusCode }) => [Id, Values, StatusCode]),
    );
    token = answer.NextToken;
  } while (token !== undefined);
  assert.deepEqual(pages, [
    [
      ['m0', [2, 1, 0], 'Complete'],
      ['m1', [20], 'PartialData'],
    ],
    [
      ['m0', [], 'Complete'],
      ['m1', [10, 0], 'Complete'],
    ],
  ]);
  const ascending = await region.call('cloudwatch', 'getMetricData', {
    ...question,
    ScanBy: 'TimestampAscending',
  });
  assert.deepEqual(ascending.MetricDataResults?.[0]?.Values, [0, 1, 2]);
  assert.deepEqual(ascending.MetricDataResults?.[0]?.Label, 'Latency');
});

test('expressions refer to each other, label their series and return none that is not wanted', async () => {
  const region = await metricRegion();
  const service = (Value: string) => [{ Name: 'Service', Value }];
  await put(
    region,
    { MetricName: 'Errors', Value: 2, Dimensions: service('web') },
    { MetricName: 'Errors', Value: 4, Dimensions: service('api') },
  );
  const { MetricDataResults = [] } = await region.call('cloudwatch', 'getMetricData', {
    StartTime: new Date(region.now() - 10 * minute),
    EndTime: new Date(region.now() + minute),
    MetricDataQueries: [
      { Id: 'total', Expression: 'SUM(found)' },
      {
        Id: 'found',
        Expression: `SEARCH('{App,Service} MetricName="Errors"', 'Sum', 60)`,
        ReturnData: false,
      },
      { Id: 'each', Expression: 'found * 10', Label: 'Errors of' },
      {
        Id: 'best',
        Expression: 'FIRST(SORT(found, SUM, DESC))',
        Label: "${LABEL}: ${MAX} of ${PROP('Region')}",
      },
    ],
  });
  assert.deepEqual(
    MetricDataResults.map(({ Id, Label, Values }) => [Id, Label, Values]),
    [
      ['total', 'total', [6]],
      ['each', 'Errors of web', [20]],
      ['each', 'Errors of api', [40]],
      ['best', 'best: 4 of eu-central-1', [4]],
    ],
  );
});

test('ListMetrics gives pages of 500, and hides what had no data for two weeks', async () => {
  const region = await metricRegion();
  const many = Array.from({ length: 700 }, (_, i) => ({ MetricName: `M${i}`, Value: i }));
  await put(region, ...many);
  const first = await region.call('cloudwatch', 'listMetrics', { Namespace: 'App' });
  assert.equal(first.Metrics?.length, 500);
  const second = await region.call('cloudwatch', 'listMetrics', {
    Namespace: 'App',
    ...(first.NextToken !== undefined && { NextToken: first.NextToken }),
  });
  assert.deepEqual([second.Metrics?.length, second.NextToken], [200, undefined]);
  await region.advance(4 * 3600);
  await put(region, { MetricName: 'M7', Value: 1 });
  const active = await region.call('cloudwatch', 'listMetrics', { RecentlyActive: 'PT3H' });
  assert.deepEqual(
    active.Metrics?.map(({ MetricName }) => MetricName),
    ['M7'],
  );
  const again = await (await region.restarted()).call('cloudwatch', 'listMetrics', {
    RecentlyActive: 'PT3H',
  });
  assert.deepEqual(
    again.Metrics?.map(({ MetricName }) => MetricName),
    ['M7'],
  );
  await region.advance(13.9 * 86_400);
  assert.equal((await region.call('cloudwatch', 'listMetrics', {})).Metrics?.length, 1);
});

const datum = { MetricName: 'Latency', Value: 1 };
const refusedData: readonly (readonly [why: string, datum: MetricDatum, code: string, message: RegExp])[] = [
  ['no name', { MetricName: '', Value: 1 }, 'MissingParameter', /member.1.MetricName is required/],
  ['no value', { MetricName: 'x' }, 'InvalidParameterCombination', /At least one of the parameters/],
  [
    'value and statistic set',
    { ...datum, StatisticValues: { SampleCount: 1, Sum: 1, Minimum: 1, Maximum: 1 } },
    'InvalidParameterCombination',
    /member.1.Value and MetricData.member.1.StatisticValues are mutually exclusive/,
  ],
  [
    'too great',
    { ...datum, Value: 2 ** 361 },
    'InvalidParameterValue',
    /parameter MetricData.member.1.Value/,
  ],
  ['not finite', { ...datum, Value: Number.POSITIVE_INFINITY }, 'InvalidParameterValue', /Infinity/],
  [
    'unknown unit',
    { ...datum, Unit: 'Furlongs' as never },
    'InvalidParameterValue',
    /must be a value in the set \[ /,
  ],
  [
    '31 dimensions',
    { ...datum, Dimensions: dimensions(31) },
    'InvalidParameterValue',
    /size greater than 30/,
  ],
  [
    'a dimension twice',
    { ...datum, Dimensions: [...dimensions(1), ...dimensions(1)] },
    'InvalidParameterValue',
    /same dimension name twice/,
  ],
  [
    '151 values',
    { MetricName: 'x', Values: Array.from({ length: 151 }, (_, i) => i) },
    'InvalidParameterValue',
    /The collection MetricData.member.1.Values must not have a size greater than 150/,
  ],
  ['unequal counts', { MetricName: 'x', Values: [1, 2], Counts: [1] }, 'InvalidParameterValue', /same size/],
  [
    'two weeks old',
    { ...datum, Timestamp: new Date('2026-11-08T11:59:00Z') },
    'InvalidParameterValue',
    /two weeks/,
  ],
  [
    'far ahead',
    { ...datum, Timestamp: new Date('2026-11-22T14:00:01Z') },
    'InvalidParameterValue',
    /two hours/,
  ],
  ['resolution 30', { ...datum, StorageResolution: 30 }, 'InvalidParameterValue', /StorageResolution/],
];
for (const [why, wrong, code, message] of refusedData) {
  test(`PutMetricData refuses a datum: ${why}`, async () => {
    const region = await metricRegion();
    await assert.rejects(put(region, wrong), (error: Error & { readonly code?: string }) => {
      assert.equal(error.code, code);
      assert.match(error.message, message);
      return true;
    });
  });
}

test('PutMetricData takes 1000 metrics at a time', async () => {
  const region = await metricRegion();
  const many = Array.from({ length: 1001 }, () => datum);
  await assert.rejects(
    put(region, ...many),
    /The collection MetricData must not have a size greater than 1000./,
  );
  await put(region, ...many.slice(1));
});

test("only AWS's services put into the namespaces of AWS", async () => {
  const region = await metricRegion();
  for (const Namespace of ['AWS/ECS', 'ECS/ContainerInsights']) {
    const input = { Namespace, MetricData: [datum] };
    await assert.rejects(
      region.call('cloudwatch', 'putMetricData', input),
      new RegExp(`The value ${Namespace} for parameter Namespace is invalid.`),
    );
    await region.callAsService(input);
  }
});

const refusedQuestions: readonly (readonly [why: string, question: object, message: RegExp])[] = [
  [
    'more than 1440 points',
    { StartTime: new Date('2026-11-20T12:00:00Z') },
    /You have requested up to 2880 datapoints, which exceeds the limit of 1440/,
  ],
  ['no statistic', { Statistics: [] }, /At least one of the parameters/],
  ['an unknown statistic', { Statistics: ['Median'] }, /Median/],
  ['both kinds of statistics', { ExtendedStatistics: ['p9'] }, /mutually exclusive/],
  ['a period of 90 seconds', { Period: 90 }, /Period/],
  ['an empty time', { StartTime: new Date('2026-11-22T12:00:00Z') }, /must not equal/],
  ['an unknown unit', { Unit: 'Apples' }, /The parameter Unit must be a value in the set/],
];
for (const [why, question, message] of refusedQuestions) {
  test(`GetMetricStatistics refuses ${why}`, async () => {
    const region = await metricRegion();
    const input = {
      Namespace: 'App',
      MetricName: 'Latency',
      StartTime: new Date('2026-11-22T11:00:00Z'),
      EndTime: new Date('2026-11-22T12:00:00Z'),
      Period: 60,
      Statistics: ['Sum' as const],
      ...question,
    };
    await assert.rejects(region.call('cloudwatch', 'getMetricStatistics', input), message);
  });
}

const refusedQueries: readonly (readonly [why: string, queries: object[], message: RegExp])[] = [
  ['a wrong id', [{ Id: 'M1', Expression: 'TIME_SERIES(1)' }], /not matching the expected pattern/],
  [
    'the same id twice',
    [
      { Id: 'a', Expression: 'TIME_SERIES(1)' },
      { Id: 'a', Expression: 'TIME_SERIES(1)' },
    ],
    /not unique/,
  ],
  ['neither metric nor expression', [{ Id: 'a' }], /MetricStat is required/],
  ['a number as result', [{ Id: 'a', Expression: '1 + 1' }], /Error in expression 'a'/],
  [
    'a circle',
    [
      { Id: 'a', Expression: 'b' },
      { Id: 'b', Expression: 'a' },
    ],
    /Circular reference/,
  ],
  ['an unknown id', [{ Id: 'a', Expression: 'b + 1' }], /undefined: b/],
  [
    'an unknown unit',
    [
      {
        Id: 'a',
        MetricStat: {
          Metric: { Namespace: 'App', MetricName: 'Latency' },
          Period: 60,
          Stat: 'Sum',
          Unit: 'Apples',
        },
      },
    ],
    /MetricStat.Unit must be a value in the set/,
  ],
  [
    'Metrics Insights',
    [{ Id: 'a', Expression: 'SELECT AVG(x) FROM y' }],
    /Metrics Insights query is not modelled/,
  ],
];
for (const [why, MetricDataQueries, message] of refusedQueries) {
  test(`GetMetricData refuses ${why}`, async () => {
    const region = await metricRegion();
    const range = { StartTime: new Date('2026-11-22T11:00:00Z'), EndTime: new Date('2026-11-22T12:00:00Z') };
    const input = { ...range, MetricDataQueries: MetricDataQueries as never };
    await assert.rejects(region.call('cloudwatch', 'getMetricData', input), message);
  });
}

function dimensions(count: number): { readonly Name: string; readonly Value: string }[] {
  return Array.from({ length: count }, (_, i) => ({ Name: `d${i}`, Value: 'x' }));
}
