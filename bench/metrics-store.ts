/**
 * CloudWatch's metric store: `node --import tsx bench/metrics-store.ts [--metrics 10000] [memory|http|checkpoints …]`.
 *
 * `http`, of a region over HTTP: data points taken per second (each request answered after its commit is on the disk), the
 * time of a GetMetricData of ten metrics over three hours by the minute with as many metrics stored, what the slowest of many
 * small requests takes while the clock is moved over a checkpoint, and what a start takes after a kill. The client shares the
 * machine. Its PutMetricData are written and signed beforehand; what it does to read is in the figures.
 * `memory`: what a stored metric-day costs. `checkpoints`: how long the region's thread stands still for a step of one.
 */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  CloudWatchClient,
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type MetricDatum,
} from '@aws-sdk/client-cloudwatch';
import { setUp } from '../scripts/setup.mjs';
import { median } from './measure/figure.ts';
import { checkpoints } from './measure/metrics/checkpoints.ts';
import { type PreparedPut, preparedPut, sendAll } from './measure/metrics/prepared-puts.ts';
import { type BenchRegion, clientOptions, residentMemory, startRegion, withHome } from './measure/region.ts';

const metrics = Number(process.argv[process.argv.indexOf('--metrics') + 1] || 10_000);
const parts = ['memory', 'http', 'checkpoints'].filter((part) => process.argv.includes(part));
const isWanted = (part: string): boolean => parts.length === 0 || parts.includes(part);
const batch = 1000;
const inFlight = 4;
const minute = 60_000;

setUp({ buildsApp: false });
if (isWanted('memory')) {
  console.log(await memory(false));
  console.log(await memory(true));
}
if (isWanted('http')) await withHome(overHttp);
if (isWanted('checkpoints')) {
  await withHome(async (home) => console.log((await checkpoints(home, metrics)).join('\n')));
}

async function overHttp(home: string): Promise<void> {
  let region = await startRegion(home);
  await region.started;
  const begun = Math.floor(Date.now() / minute) * minute;
  console.log(await ingest(region, begun));
  console.log(await arrays(region, begun));
  console.log(await read(region, begun, 3 * 60));
  region.process.kill('SIGKILL');
  await once(region.process, 'exit');
  region = await startRegion(home);
  await region.started;
  const startCpu = Math.round(cpuSeconds(region) * 1000);
  console.log(
    `start after a kill: ${Math.round(performance.now() - region.begunAt)} ms, ${startCpu} ms of the region's CPU`,
  );
  console.log(await read(region, begun, 3 * 60));
  console.log(await slowestDuringCheckpoint(region));
  await region.stop();
}

/** Three hours of every metric, one value a minute, in requests of 1000 metrics. */
async function ingest(region: BenchRegion, begun: number): Promise<string> {
  const data = batches(0, metrics).flatMap((batch) =>
    Array.from({ length: 180 }, (_, i) => ({ batch, at: new Date(begun - (180 - i) * minute) })),
  );
  const { took, cpu, clientCpu } = await putAll(region, data.length, (n) => {
    const { batch: numbers, at } = data[n] ?? { batch: [], at: new Date(begun) };
    return numbers.map((number) => ({ ...named(number), Timestamp: at, Value: (number * 7 + n) % 1000 }));
  });
  const points = metrics * 180;
  const each = (seconds: number): string => ((seconds * 1e6) / points).toFixed(1);
  const memory = residentMemory(region.process.pid ?? 0).toFixed(0);
  return `PutMetricData, a value each: ${Math.round(points / took)} data points/s, ${each(cpu)} µs of the region's CPU each, ${each(clientCpu)} µs of the client's; ${points} points, resident memory then ${memory} MiB`;
}

/** Values with counts, 150 to a metric. */
async function arrays(region: BenchRegion, begun: number): Promise<string> {
  const requests = 60;
  const Values = Array.from({ length: 150 }, (_, i) => i / 7);
  const { took } = await putAll(region, requests, (n) =>
    Array.from({ length: 50 }, (_, i) => ({
      ...named(metrics + i),
      Timestamp: new Date(begun - (1 + (n % 60)) * minute),
      Values,
    })),
  );
  return `PutMetricData, 150 values each: ${Math.round((requests * 50 * 150) / took)} data points/s`;
}

/** In this process, with nothing but the store: the heap that a day by the minute of one metric takes. */
async function memory(statistics: boolean): Promise<string> {
  const { MetricStore } = await import('../packages/region/dist/services/cloudwatch/metrics/store.js');
  const { PointList } = await import('../packages/region/dist/services/cloudwatch/metrics/log.js');
  const { Tables } = await import('../packages/region/dist/kernel/table.js');
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const tables = new Tables();
  const store = new MetricStore(tables);
  const stored = 500;
  const records = Array.from(
    { length: stored },
    (_, i) => store.streamOf('Bench', { MetricName: `Metric${i}` }, 0).record,
  );
  const put = (at: number, sample: readonly number[]): void => {
    const points = new PointList(at);
    const [count = 0, sum = count, min = sum, max = sum] = sample;
    for (const { id } of records) {
      if (sample.length === 1) points.addValue(id, at, count);
      else points.add(id, at, { count, sum, min, max });
    }
    store.apply(store.append(at, points, at === 0 ? records : []));
    tables.takeChanges();
  };
  put(0, [1]);
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let i = 1; i <= 1440; i += 1) put(i * minute, statistics ? [9, i, i / 9, i] : [Math.sin(i)]);
  collect();
  const kib = (process.memoryUsage().heapUsed - before) / 1024 / stored;
  const what = statistics ? 'statistic sets' : 'a value a minute';
  return `a metric-day of ${what} in memory: ${kib.toFixed(1)} KiB${store.metrics().next().done ? '!' : ''}`;
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

interface Put {
  /** Seconds, while requests were under way. */
  readonly took: number;
  readonly cpu: number;
  readonly clientCpu: number;
}

/** Prepares some requests and sends them, and again, so that not all of them lie in memory. */
async function putAll(
  region: BenchRegion,
  requests: number,
  data: (n: number) => readonly MetricDatum[],
): Promise<Put> {
  let [took, cpu, clientCpu] = [0, 0, 0];
  for (let from = 0; from < requests; from += 360) {
    const puts: PreparedPut[] = [];
    for (let n = from; n < Math.min(requests, from + 360); n += 1) {
      puts.push(await preparedPut(region.port, data(n)));
    }
    const [before, clientBefore] = [cpuSeconds(region), process.cpuUsage()];
    took += await sendAll(region.port, puts, inFlight);
    const { user, system } = process.cpuUsage(clientBefore);
    cpu += cpuSeconds(region) - before;
    clientCpu += (user + system) / 1e6;
  }
  return { took, cpu, clientCpu };
}

/** The clock goes over the hour after which metrics have their checkpoint, while small requests come one after the other. */
async function slowestDuringCheckpoint(region: BenchRegion): Promise<string> {
  const { regionClock } = await import('../packages/region/dist/clock-client.js');
  const client = new CloudWatchClient(clientOptions(region.port));
  const times: number[] = [];
  const ask = async (): Promise<void> => {
    const since = performance.now();
    await client.send(new DescribeAlarmsCommand({ AlarmNames: ['none'] }));
    times.push(performance.now() - since);
  };
  for (let i = 0; i < 50; i += 1) await ask();
  const usual = median(times);
  times.length = 0;
  let isMoving = true;
  const moved = regionClock(`http://127.0.0.1:${region.port}`)
    .advance(3700)
    .then(() => {
      isMoving = false;
    });
  while (isMoving) await ask();
  await moved;
  client.destroy();
  return `DescribeAlarms while ${metrics} metrics have their checkpoint: ${times.length} requests, median ${median(times).toFixed(1)} ms (before: ${usual.toFixed(1)} ms), worst ${Math.max(...times).toFixed(1)} ms`;
}

/** That the region has used so far. */
function cpuSeconds(region: BenchRegion): number {
  const stat = readFileSync(`/proc/${region.process.pid}/stat`, 'utf8');
  const [user = 0, system = 0] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13)
    .map(Number);
  return (user + system) / 100;
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
