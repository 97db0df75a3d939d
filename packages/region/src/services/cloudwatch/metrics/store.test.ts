import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readStatistic } from './read.ts';
import { type MetricRegion, metricRegion } from './testing/metric-region.ts';

const minute = 60_000;

function average(region: MetricRegion, fromMinutesAgo: number, period = 60): (readonly [number, number])[] {
  const query = { Namespace: 'App', MetricName: 'Depth', period, statistic: 'Average' };
  const now = region.now();
  return readStatistic(region.store, query, now - fromMinutesAgo * minute, now + minute).map(
    ({ timestamp, value }) => [Math.round((timestamp - now) / minute), value],
  );
}

async function put(region: MetricRegion, value: number, minutesAgo = 0): Promise<void> {
  const Timestamp = new Date(region.now() - minutesAgo * minute);
  await region.call('cloudwatch', 'putMetricData', {
    Namespace: 'App',
    MetricData: [{ MetricName: 'Depth', Value: value, Timestamp }],
  });
}

test('data points can be read once they are acknowledged, and are there after a kill', async () => {
  const region = await metricRegion();
  await put(region, 1, 2);
  await put(region, 2, 1);
  await put(region, 4, 1);
  const expected = [
    [-2, 1],
    [-1, 3],
  ];
  assert.deepEqual(average(region, 5), expected);
  const again = await region.restarted();
  assert.deepEqual(average(again, 5), expected);
  await put(again, 6, 1);
  assert.deepEqual(average(again, 5), [
    [-2, 1],
    [-1, 4],
  ]);
});

test('after a checkpoint the log is gone and a restarted region reads blocks', async () => {
  const region = await metricRegion();
  await put(region, 1);
  await region.advance(3720);
  assert.deepEqual(
    [...region.cold.keys()].map((key) => key.split('\u0000')[0]),
    ['~cloudwatch.blocks'],
  );
  await put(region, 3);
  const expected = [
    [-62, 1],
    [0, 3],
  ];
  assert.deepEqual(average(region, 120), expected);
  const again = await region.restarted();
  assert.deepEqual(average(again, 120), expected);
  await again.advance(3600);
  const later = await again.restarted();
  assert.deepEqual(
    average(later, 180).map(([, value]) => value),
    [1, 3],
  );
});

test('a step that throws leaves no data point', async () => {
  const region = await metricRegion();
  const data = [
    { MetricName: 'Depth', Value: 1 },
    { MetricName: 'Depth', Value: Number.NaN },
  ];
  await assert.rejects(
    region.call('cloudwatch', 'putMetricData', { Namespace: 'App', MetricData: data }),
    /The value NaN for parameter MetricData.member.2.Value is invalid/,
  );
  assert.deepEqual(average(region, 5), []);
  assert.deepEqual([...region.cold.keys()], []);
});

test('a checkpoint is made in steps; a region that is killed after any of them has every data point once', async () => {
  const region = await metricRegion();
  const MetricData = Array.from({ length: 200 }, (_, i) => ({
    MetricName: `Metric${i}`,
    Value: 1,
    Timestamp: new Date(region.now()),
  }));
  await region.call('cloudwatch', 'putMetricData', { Namespace: 'App', MetricData });
  const before = region.commits.length;
  await region.advance(3720);
  const steps = region.commits.slice(before);
  const withBlocks = steps.filter((changes) => changes.some(({ table }) => table === '~cloudwatch.blocks'));
  assert.ok(withBlocks.length >= 3, `${withBlocks.length} steps made blocks`);
  for (let stored = before; stored <= region.commits.length; stored += 1) {
    const again = await region.restarted(stored);
    for (const { MetricName } of MetricData) {
      const query = { Namespace: 'App', MetricName, period: 60, statistic: 'SampleCount' };
      const found = readStatistic(again.store, query, again.now() - 120 * minute, again.now());
      assert.deepEqual(
        found.map(({ value }) => value),
        [1],
        `${MetricName} after ${stored} commits`,
      );
    }
  }
});
