import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testRegion } from '../../testing/test-region.ts';
import { cloudwatch } from '../cloudwatch/service.ts';
import type { LogEventStore } from './ports.ts';
import { logs } from './service.ts';

const store: LogEventStore = { async *read() {}, clear: async () => {} };
const group = { logGroupName: '/app' };
const metric = { metricName: 'Errors', metricNamespace: 'Shop' };

async function region() {
  const made = testRegion((tables) => [logs({ tables, store }), cloudwatch({ tables })], {
    start: '2026-11-22T12:00:10Z',
  });
  await made.call('logs', 'createLogGroup', group);
  await made.call('logs', 'createLogStream', { ...group, logStreamName: 's' });
  const put = (...messages: string[]) =>
    made.call('logs', 'putLogEvents', {
      ...group,
      logStreamName: 's',
      logEvents: messages.map((message) => ({ timestamp: made.now(), message })),
    });
  const filter = (filterPattern: string, transformation: object = {}) =>
    made.call('logs', 'putMetricFilter', {
      ...group,
      filterName: 'errors',
      filterPattern,
      metricTransformations: [{ ...metric, metricValue: '1', ...transformation }],
    });
  const statistics = async (Dimensions: { Name: string; Value: string }[] = []) => {
    const { Datapoints = [] } = await made.call('cloudwatch', 'getMetricStatistics', {
      Namespace: 'Shop',
      MetricName: 'Errors',
      Dimensions,
      StartTime: new Date('2026-11-22T12:00:00Z'),
      EndTime: new Date('2026-11-22T13:00:00Z'),
      Period: 60,
      Statistics: ['Sum', 'SampleCount', 'Maximum'],
    });
    return Datapoints.map(({ Sum, SampleCount, Maximum }) => [Sum, SampleCount, Maximum]);
  };
  return { ...made, put, filter, statistics };
}

test('only events that come in after the filter are counted', async () => {
  const { put, filter, statistics } = await region();
  await put('ERROR before');
  await filter('ERROR');
  await put('ERROR a', 'fine', 'ERROR b');
  await put('ERROR c');
  assert.deepEqual(await statistics(), [[3, 3, 1]]);
});

test('a value is taken from the event; what is no number counts not at all', async () => {
  const { put, filter, statistics } = await region();
  await filter('{ $.ms > 0 || $.ms = slow }', { metricValue: '$.ms', unit: 'Milliseconds' });
  await put('{"ms":20}', '{"ms":30}', '{"ms":20}', '{"ms":"slow"}', 'no JSON');
  assert.deepEqual(await statistics(), [[70, 3, 30]]);
});

test('dimensions are taken from the event', async () => {
  const { put, filter, statistics } = await region();
  await filter('[level, code, ...]', { dimensions: { Code: '$code' } });
  await put('E 500 x', 'E 500 y', 'E 404 z');
  assert.deepEqual(await statistics([{ Name: 'Code', Value: '500' }]), [[2, 2, 1]]);
  assert.deepEqual(await statistics([{ Name: 'Code', Value: '404' }]), [[1, 1, 1]]);
});

test('the default value is reported once for a minute with events of which none matched', async () => {
  const { put, filter, statistics, advance } = await region();
  await filter('ERROR', { defaultValue: 0 });
  await put('fine');
  await put('fine too');
  await advance(60);
  assert.deepEqual(await statistics(), [[0, 1, 0]]);
  await put('fine');
  await put('ERROR');
  await advance(300);
  assert.deepEqual(await statistics(), [
    [0, 1, 0],
    [1, 1, 1],
  ]);
});

test('filters are described, counted, replaced and deleted', async () => {
  const { call, filter } = await region();
  await filter('ERROR');
  await filter('FATAL');
  const { metricFilters } = await call('logs', 'describeMetricFilters', group);
  assert.deepEqual(metricFilters, [
    {
      filterName: 'errors',
      filterPattern: 'FATAL',
      metricTransformations: [{ ...metric, metricValue: '1' }],
      creationTime: Date.parse('2026-11-22T12:00:10Z'),
      logGroupName: '/app',
      applyOnTransformedLogs: false,
    },
  ]);
  assert.equal((await call('logs', 'describeLogGroups', {})).logGroups?.[0]?.metricFilterCount, 1);
  assert.equal((await call('logs', 'describeMetricFilters', metric)).metricFilters?.length, 1);
  await call('logs', 'deleteMetricFilter', { ...group, filterName: 'errors' });
  await assert.rejects(call('logs', 'deleteMetricFilter', { ...group, filterName: 'errors' }), {
    code: 'ResourceNotFoundException',
  });
});

test('a filter goes with its group', async () => {
  const { call, filter } = await region();
  await filter('ERROR');
  await call('logs', 'deleteLogGroup', group);
  assert.deepEqual((await call('logs', 'describeMetricFilters', {})).metricFilters, []);
});

for (const [what, pattern, transformation, message] of [
  [
    'a default value with dimensions',
    '{ $.a = 1 }',
    { defaultValue: 0, dimensions: { A: '$.a' } },
    /mutually/,
  ],
  [
    'dimensions of unstructured messages',
    'ERROR',
    { dimensions: { A: '$.a' } },
    /dimensions need the fields/,
  ],
  ['a value that is no number', 'ERROR', { metricValue: 'many' }, /metric value many is invalid/],
  ['a wrong pattern', '{ $.a', {}, /Invalid filter pattern/],
  [
    "a namespace of AWS's services",
    'ERROR',
    { metricNamespace: 'AWS/App' },
    /namespace AWS\/App may not begin with AWS\//,
  ],
  ['a namespace with a colon', 'ERROR', { metricNamespace: 'a:b' }, /metricNamespace/],
] as const) {
  test(`${what} is refused`, async () => {
    const { filter } = await region();
    await assert.rejects(filter(pattern, transformation), { code: 'InvalidParameterException', message });
  });
}

test('TestMetricFilter tells the messages that match, and their values', async () => {
  const { call } = await region();
  const { matches } = await call('logs', 'testMetricFilter', {
    filterPattern: '[ip, code = 5*]',
    logEventMessages: ['1.1.1.1 200', '2.2.2.2 503'],
  });
  assert.deepEqual(matches, [
    { eventNumber: 2, eventMessage: '2.2.2.2 503', extractedValues: { $ip: '2.2.2.2', $code: '503' } },
  ]);
});
