/** Checkpoints go shard by shard: whatever comes between two of them, a kill included, no data point is lost or counted twice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type MetricRegion, metricRegion } from './testing/metric-region.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const start = Date.parse('2026-11-22T12:00:00Z');
/** Of three shards, and one of them has two. */
const observed = [0, 1, 70, 130];

interface Point {
  readonly metric: number;
  readonly at: number;
  /** Another one for each. */
  readonly value: number;
}

const point = fc.record({
  metric: fc.constantFrom(...observed),
  minutesAgo: fc.oneof(fc.nat(50), fc.nat(40 * 60), fc.nat(13 * 24 * 60)),
});
/** Some hours in which points come while a checkpoint may be under way; then, perhaps, a kill when so many percent of it were stored. */
const round = fc.record({
  before: fc.array(point, { maxLength: 3 }),
  hours: fc.constantFrom(1, 2, 6, 30),
  during: fc.array(fc.record({ point, turns: fc.nat(40) }), { maxLength: 4 }),
  kill: fc.option(fc.nat(100)),
});

test('killed between any two steps of a checkpoint, a region has every acknowledged point once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 4 }), async (rounds) => {
      let region = await regionOfShards();
      let points: Point[] = [];
      let value = 1;
      const add = async ({ metric, minutesAgo }: { metric: number; minutesAgo: number }) => {
        const made = { metric, at: region.now() - minutesAgo * minute, value };
        value += 1;
        points.push(made);
        await put(region, [made]);
      };
      for (const { before, hours, during, kill } of rounds) {
        await putOthers(region, region.now());
        for (const each of before) await add(each);
        const stored = region.commits.length;
        const advancing = region.advance(hours * 3600);
        for (const { point, turns } of during) {
          for (let i = 0; i < turns; i += 1) await Promise.resolve();
          await add(point);
        }
        await advancing;
        if (kill !== null) {
          const cut = stored + Math.round((kill / 100) * (region.commits.length - stored));
          const kept = valuesIn(region, cut);
          const lost = valuesIn(region, region.commits.length).filter((each) => !kept.includes(each));
          points = points.filter((each) => !lost.includes(each.value));
          region = await region.restarted(cut);
        }
        await check(region, points);
      }
      await check(await region.restarted(), points);
    }),
    { numRuns: 25 },
  );
});

test('what is read while checkpoints are made is whole', async () => {
  const puts = fc.array(point, { minLength: 1, maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(puts, fc.array(fc.nat(60), { maxLength: 5 }), async (given, pauses) => {
      const region = await regionOfShards();
      const points: Point[] = [];
      for (const [i, { metric, minutesAgo }] of given.entries()) {
        const made = { metric, at: region.now() - minutesAgo * minute, value: i + 1 };
        points.push(made);
        await put(region, [made]);
        if (i % 3 === 0) await region.advance(6 * 3600);
      }
      const advancing = region.advance(30 * 3600);
      for (const turns of pauses) {
        for (let i = 0; i < turns; i += 1) await Promise.resolve();
        await check(region, points);
      }
      await advancing;
      await check(region, points);
    }),
    { numRuns: 25 },
  );
});

/** With so many metrics that there are several shards, which one step does not do. */
async function regionOfShards(): Promise<MetricRegion> {
  const region = await metricRegion();
  const at = start - 14 * day + hour;
  await put(region, zeros(at));
  return region;
}

/** So that all shards have something to write. */
async function putOthers(region: MetricRegion, at: number): Promise<void> {
  await put(
    region,
    zeros(at).filter(({ metric }) => !observed.includes(metric)),
  );
}

function zeros(at: number): readonly Point[] {
  return Array.from({ length: 200 }, (_, metric) => ({ metric, at, value: 0 }));
}

async function put(region: MetricRegion, points: readonly Point[]): Promise<void> {
  await region.call('cloudwatch', 'putMetricData', {
    Namespace: 'App',
    MetricData: points.map(({ metric, at, value }) => ({
      MetricName: `Metric${metric}`,
      Value: value,
      Timestamp: new Date(at),
    })),
  });
}

/** What the first commits have logged. Values tell the points apart. */
function valuesIn(region: MetricRegion, commits: number): number[] {
  return region.commits
    .slice(0, commits)
    .flatMap((changes) =>
      changes
        .filter(({ table }) => table === '~cloudwatch.log')
        .flatMap(({ record }) => (record as { values: number[] }).values.filter((_, i) => i % 3 === 2)),
    );
}

async function check(region: MetricRegion, points: readonly Point[]): Promise<void> {
  const from = start - 14 * day;
  const { MetricDataResults = [] } = await region.call('cloudwatch', 'getMetricData', {
    StartTime: new Date(from),
    EndTime: new Date(region.now() + minute),
    MetricDataQueries: observed.flatMap((metric) =>
      ['Sum', 'SampleCount'].map((Stat) => ({
        Id: `${Stat.toLowerCase()}${metric}`,
        MetricStat: {
          Metric: { Namespace: 'App', MetricName: `Metric${metric}` },
          Period: 3600,
          Stat,
        },
      })),
    ),
  });
  const totals = MetricDataResults.map(({ Id, Values = [] }) => [Id, Values.reduce((a, b) => a + b, 0)]);
  const expected = observed.flatMap((metric) => {
    const own = points.filter((each) => each.metric === metric);
    // The one that made the metric, too.
    return [
      [`sum${metric}`, own.reduce((sum, { value }) => sum + value, 0)],
      [`samplecount${metric}`, own.length + 1],
    ];
  });
  assert.deepEqual(totals, expected);
}
