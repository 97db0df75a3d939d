/** What the planes measure is in CloudWatch for each minute of a region that runs fast, and after it is killed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CloudWatchClient, GetMetricStatisticsCommand, ListMetricsCommand } from '@aws-sdk/client-cloudwatch';
import { regionClock } from '../clock-client.ts';
import { FaultyRegion } from './testing/faulty-region.ts';
import { Ledger } from './testing/ledger.ts';
import { hasProcessTable } from './testing/process-table.ts';
import { until } from './testing/until.ts';

const options = { skip: hasProcessTable ? false : 'needs /proc', timeout: 180_000 };
const minuteMs = 60_000;

test(
  'at twenty times real time every minute has its data, and kill -9 loses the minute under way at most',
  options,
  async (t) => {
    const region = await FaultyRegion.create(t, { clock: { rate: 20 } });
    const ledger = new Ledger(region);
    await region.start();
    await ledger.pushImage();
    await ledger.create();
    assert.equal(await ledger.settled(), 'CREATE_COMPLETE');
    const metrics = new Metrics(region);
    const steady = await metrics.now();
    for (let i = 0; i < 40; i += 1) assert.equal((await region.get('/health'))?.status, 200);
    const answered = await metrics.now();

    await until('four minutes are over', async () => (await metrics.now()) > answered + 4 * minuteMs);
    const from = Math.ceil(steady / minuteMs) * minuteMs;
    // The last minute that is over may still be on its way.
    const to = Math.floor((await metrics.now()) / minuteMs) * minuteMs - minuteMs;

    await region.kill();
    await region.start();

    const minutes = (to - from) / minuteMs;
    for (const [namespace, name] of [
      ['AWS/ECS', 'CPUUtilization'],
      ['AWS/ECS', 'MemoryUtilization'],
      ['AWS/RDS', 'CPUUtilization'],
      ['AWS/RDS', 'FreeStorageSpace'],
      ['AWS/ApplicationELB', 'HealthyHostCount'],
    ] as const) {
      const samples = await metrics.read(namespace, name, { from, to });
      assert.deepEqual(
        samples.length,
        minutes,
        `${namespace} ${name}: ${samples.length} of ${minutes} minutes`,
      );
      assert.ok(
        samples.every(({ SampleCount }) => SampleCount === 1),
        `${namespace} ${name}`,
      );
    }
    const requests = await metrics.read('AWS/ApplicationELB', 'RequestCount', { from: from - minuteMs, to });
    assert.equal(
      requests.reduce((sum, { Sum = 0 }) => sum + Sum, 0),
      40,
    );
    assert.deepEqual(region.errors, []);
  },
);

class Metrics {
  readonly #region: FaultyRegion;
  readonly #client: CloudWatchClient;

  constructor(region: FaultyRegion) {
    this.#region = region;
    this.#client = new CloudWatchClient(region.client);
  }

  /** Of the region's clock. */
  async now(): Promise<number> {
    return Date.parse((await regionClock(this.#region.endpoint).read()).now);
  }

  /** Each minute of a metric, with the fewest dimensions that it is given with. */
  async read(Namespace: string, MetricName: string, { from, to }: { from: number; to: number }) {
    const { Metrics = [] } = await this.#client.send(new ListMetricsCommand({ Namespace, MetricName }));
    const [metric] = Metrics.toSorted((a, b) => (a.Dimensions?.length ?? 0) - (b.Dimensions?.length ?? 0));
    const { Datapoints = [] } = await this.#client.send(
      new GetMetricStatisticsCommand({
        Namespace,
        MetricName,
        Dimensions: metric?.Dimensions,
        StartTime: new Date(from),
        EndTime: new Date(to),
        Period: 60,
        Statistics: ['SampleCount', 'Sum'],
      }),
    );
    return Datapoints;
  }
}
