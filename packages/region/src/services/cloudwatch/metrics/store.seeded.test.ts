import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type MetricRegion, metricRegion } from './testing/metric-region.ts';

const minute = 60_000;
const hour = 60 * minute;

interface Point {
  readonly at: number;
  readonly value: number;
}

const act = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ minutesAgo: fc.nat(13 * 24 * 60), value: fc.integer({ min: 0, max: 9 }) }),
  },
  { weight: 4, arbitrary: fc.record({ minutesAgo: fc.nat(90), value: fc.integer({ min: 0, max: 9 }) }) },
  { weight: 2, arbitrary: fc.record({ hours: fc.nat(30) }) },
  { weight: 1, arbitrary: fc.constant('restart' as const) },
);

test('whatever is put when, with checkpoints and kills between, every period has exactly what was put', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 25 }), async (acts) => {
      let region = await metricRegion();
      const points: Point[] = [];
      for (const each of acts) {
        if (each === 'restart') region = await region.restarted();
        else if ('hours' in each) await region.advance(each.hours * 3600);
        else {
          const at = region.now() - each.minutesAgo * minute;
          points.push({ at, value: each.value });
          await put(region, { at, value: each.value });
        }
      }
      for (const period of [60, 300, 3600]) {
        for (const from of [region.now() - 20 * hour, region.now() - 14 * 24 * hour]) {
          const start = Math.floor(from / hour) * hour;
          assert.deepEqual(
            await read(region, start, period),
            expected(points, start, region.now(), period * 1000),
            `period ${period}`,
          );
        }
      }
    }),
    { numRuns: 30 },
  );
});

async function put(region: MetricRegion, { at, value }: Point): Promise<void> {
  const MetricData = [{ MetricName: 'Depth', Value: value, Timestamp: new Date(at) }];
  await region.call('cloudwatch', 'putMetricData', { Namespace: 'App', MetricData });
}

async function read(region: MetricRegion, start: number, period: number): Promise<unknown> {
  const stats = ['Sum', 'SampleCount', 'Minimum', 'p50'];
  const { MetricDataResults = [] } = await region.call('cloudwatch', 'getMetricData', {
    StartTime: new Date(start),
    EndTime: new Date(region.now() + 1),
    ScanBy: 'TimestampAscending',
    MetricDataQueries: stats.map((Stat, i) => ({
      Id: `m${i}`,
      MetricStat: { Metric: { Namespace: 'App', MetricName: 'Depth' }, Period: period, Stat },
    })),
  });
  return MetricDataResults.map(({ Timestamps = [], Values = [] }) =>
    Values.map((value, i) => [Timestamps[i]?.getTime(), value]),
  );
}

function expected(points: readonly Point[], start: number, end: number, periodMs: number): unknown {
  const periods = new Map<number, number[]>();
  for (const { at, value } of points.toSorted((a, b) => a.at - b.at)) {
    if (at < start || at > end) continue;
    const period = start + Math.floor((at - start) / periodMs) * periodMs;
    periods.set(period, [...(periods.get(period) ?? []), value]);
  }
  const measures: readonly ((values: readonly number[]) => number | undefined)[] = [
    (values) => values.reduce((a, b) => a + b, 0),
    (values) => values.length,
    (values) => Math.min(...values),
    (values) => values.toSorted((a, b) => a - b)[Math.ceil(values.length / 2) - 1],
  ];
  return measures.map((measure) => [...periods].map(([at, values]) => [at, measure(values)]));
}
