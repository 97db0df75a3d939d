/**
 * CloudWatch's metric store, driven over HTTP by the AWS SDK: `node --import tsx bench/metrics-store.ts [--metrics 10000]`.
 * Prints data points taken per second (each request answered after its commit is on the disk), the time of a GetMetricData
 * of ten metrics over three hours by the minute with as many metrics stored, what a start takes after a kill, and what a
 * stored metric-day costs in memory. The client's own signing and parsing shares the machine and is in the figures.
 */
import { once } from 'node:events';
import {
  CloudWatchClient,
  GetMetricDataCommand,
  type MetricDatum,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { setUp } from '../scripts/setup.mjs';
import { median } from './measure/figure.ts';
import { type BenchRegion, clientOptions, residentMemory, startRegion, withHome } from './measure/region.ts';

const metrics = Number(process.argv[process.argv.indexOf('--metrics') + 1] || 10_000);
const batch = 1000;
const clients = 2;
const minute = 60_000;

setUp({ buildsApp: false });
await withHome(async (home) => {
  let region = await startRegion(home);
  await region.started;
  const begun = Math.floor(Date.now() / minute) * minute;
  console.log(await ingest(region, begun));
  console.log(await arrays(region, begun));
  console.log(await memory(region, begun));
  console.log(await read(region, begun, 3 * 60));
  region.process.kill('SIGKILL');
  await once(region.process, 'exit');
  region = await startRegion(home);
  await region.started;
  console.log(`start after a kill: ${Math.round(performance.now() - region.begunAt)} ms`);
  console.log(await read(region, begun, 3 * 60));
  await region.stop();
});

/** Three hours of every metric, one value a minute, in requests of 1000 metrics. */
async function ingest(region: BenchRegion, begun: number): Promise<string> {
  const data = batches(0, metrics).flatMap((batch) =>
    Array.from({ length: 180 }, (_, i) => ({ batch, at: new Date(begun - (180 - i) * minute) })),
  );
  const took = await putAll(region, data.length, (n) => {
    const { batch: numbers, at } = data[n] ?? { batch: [], at: new Date(begun) };
    return numbers.map((number) => ({ ...named(number), Timestamp: at, Value: (number * 7 + n) % 1000 }));
  });
  const points = metrics * 180;
  return `PutMetricData, a value each: ${Math.round(points / took)} data points/s (${points} in ${took.toFixed(1)} s)`;
}

/** Values with counts, 150 to a metric. */
async function arrays(region: BenchRegion, begun: number): Promise<string> {
  const requests = 60;
  const Values = Array.from({ length: 150 }, (_, i) => i / 7);
  const took = await putAll(region, requests, (n) =>
    Array.from({ length: 50 }, (_, i) => ({
      ...named(metrics + i),
      Timestamp: new Date(begun - (1 + (n % 60)) * minute),
      Values,
    })),
  );
  return `PutMetricData, 150 values each: ${Math.round((requests * 50 * 150) / took)} data points/s`;
}

async function memory(region: BenchRegion, begun: number): Promise<string> {
  const before = residentMemory(region.process.pid ?? 0);
  const days = batches(2 * metrics, metrics / 10).flatMap((batch) =>
    Array.from({ length: 1440 }, (_, i) => ({ batch, at: new Date(begun - (1440 - i) * minute) })),
  );
  await putAll(region, days.length, (n) => {
    const { batch: numbers, at } = days[n] ?? { batch: [], at: new Date(begun) };
    return numbers.map((number) => ({ ...named(number), Timestamp: at, Value: number + Math.sin(n) }));
  });
  const after = residentMemory(region.process.pid ?? 0);
  const each = ((after - before) * 1024) / (metrics / 10);
  return `a metric-day by the minute in memory: ${each.toFixed(0)} KiB (resident memory ${before.toFixed(0)} → ${after.toFixed(0)} MiB)`;
}

async function read(region: BenchRegion, begun: number, minutes: number): Promise<string> {
  const client = new CloudWatchClient(clientOptions(region.port));
  const times: number[] = [];
  for (let run = 0; run < 60; run += 1) {
    const queries = Array.from({ length: 10 }, (_, i) => ({
      Id: `m${i}`,
      MetricStat: { Metric: named((run * 97 + i * 13) % metrics), Period: 60, Stat: 'Average' },
    }));
    const command = new GetMetricDataCommand({
      MetricDataQueries: queries.map((query) => ({
        ...query,
        MetricStat: { ...query.MetricStat, Metric: { Namespace: 'Bench', ...query.MetricStat.Metric } },
      })),
      StartTime: new Date(begun - minutes * minute),
      EndTime: new Date(begun),
    });
    const since = performance.now();
    const { MetricDataResults = [] } = await client.send(command);
    if (run >= 10) times.push(performance.now() - since);
    const points = MetricDataResults.reduce((sum, { Values = [] }) => sum + Values.length, 0);
    if (points !== 10 * minutes) throw new Error(`${points} data points came, not ${10 * minutes}`);
  }
  client.destroy();
  return `GetMetricData, 10 metrics, ${minutes} minutes, ${metrics} stored: median ${median(times).toFixed(1)} ms, worst ${Math.max(...times).toFixed(1)} ms`;
}

async function putAll(
  region: BenchRegion,
  requests: number,
  data: (n: number) => readonly MetricDatum[],
): Promise<number> {
  const client = new CloudWatchClient({ ...clientOptions(region.port), disableRequestCompression: true });
  let next = 0;
  const loop = async (): Promise<void> => {
    for (let n = next++; n < requests; n = next++) {
      await client.send(new PutMetricDataCommand({ Namespace: 'Bench', MetricData: [...data(n)] }));
    }
  };
  const since = performance.now();
  await Promise.all(Array.from({ length: clients }, loop));
  client.destroy();
  return (performance.now() - since) / 1000;
}

function batches(from: number, count: number): number[][] {
  return Array.from({ length: Math.ceil(count / batch) }, (_, b) =>
    Array.from({ length: Math.min(batch, count - b * batch) }, (_, i) => from + b * batch + i),
  );
}

function named(number: number): { MetricName: string; Dimensions: { Name: string; Value: string }[] } {
  return {
    MetricName: `Metric${number % 10}`,
    Dimensions: [{ Name: 'ServiceName', Value: `service-${Math.floor(number / 10)}` }],
  };
}
