import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MinuteMetrics } from '../../kernel/metric-minutes.ts';
import { FakeCloudWatch } from '../../testing/fake-cloudwatch.ts';
import { testRegion } from '../../testing/test-region.ts';
import { FakeDatabasePlane } from './fake-database-plane.ts';
import { addDatabaseMetrics } from './metrics-data.ts';
import type { DatabaseUsage } from './ports.ts';
import { rds } from './service.ts';

const gib = 2 ** 30;
const instance = { identifier: 'app', instanceClass: 'db.t4g.micro', allocatedStorage: 20 };
const { usage } = new FakeDatabasePlane();
const io = {
  readsPerSecond: 2,
  writesPerSecond: 4,
  readBytesPerSecond: 16_384,
  writtenBytesPerSecond: 32_768,
  secondsPerRead: 0.001,
  secondsPerWrite: 0.002,
  walBytesPerSecond: 1024,
};

function values(of: typeof instance, used: DatabaseUsage): Record<string, string> {
  const metrics = new MinuteMetrics('AWS/RDS');
  addDatabaseMetrics(metrics, of, used);
  const own = metrics.all().filter(({ Dimensions }) => Dimensions?.[0]?.Name === 'DBInstanceIdentifier');
  return Object.fromEntries(own.map(({ MetricName, Value, Unit }) => [MetricName, `${Value} ${Unit}`]));
}

test('what a database uses, with RDS’s names and units', () => {
  assert.deepEqual(values(instance, { ...usage, io }), {
    CPUUtilization: '5 Percent',
    DatabaseConnections: '3 Count',
    FreeableMemory: `${gib - 100 * 2 ** 20} Bytes`,
    FreeStorageSpace: `${19 * gib} Bytes`,
    TransactionLogsDiskUsage: `${32 * 2 ** 20} Bytes`,
    MaximumUsedTransactionIDs: '750 Count',
    CheckpointLag: '12 Seconds',
    ReadIOPS: '2 Count/Second',
    WriteIOPS: '4 Count/Second',
    ReadThroughput: '16384 Bytes/Second',
    WriteThroughput: '32768 Bytes/Second',
    ReadLatency: '0.001 Seconds',
    WriteLatency: '0.002 Seconds',
    TransactionLogsGeneration: '1024 Bytes/Second',
  });
});

for (const [what, changes, used, name, expected] of [
  [
    'CPU is the share of the class’s vCPUs',
    { instanceClass: 'db.m7g.2xlarge' },
    { cores: 4 },
    'CPUUtilization',
    '50 Percent',
  ],
  ['an xlarge has four', { instanceClass: 'db.t4g.xlarge' }, { cores: 1 }, 'CPUUtilization', '25 Percent'],
  ['no more than all of them', {}, { cores: 7 }, 'CPUUtilization', '100 Percent'],
  ['memory is never below zero', {}, { memoryBytes: 3 * gib }, 'FreeableMemory', '0 Bytes'],
  ['storage ends with what was allocated', {}, { storageBytes: 21 * gib }, 'FreeStorageSpace', '0 Bytes'],
  ['and with this machine’s disk', {}, { freeDiskBytes: 5 }, 'FreeStorageSpace', '5 Bytes'],
] as const) {
  test(`metrics of a database: ${what}`, () =>
    assert.equal(values({ ...instance, ...changes }, { ...usage, ...used })[name], expected));
}

test('each minute a running database is measured and published, per instance, class and engine', async () => {
  const plane = new FakeDatabasePlane();
  const cloudWatch = new FakeCloudWatch();
  const region = testRegion((tables) => [
    cloudWatch.module,
    rds({ tables, databases: plane, publishesMetrics: true }),
  ]);
  await region.advance(60);
  assert.deepEqual(cloudWatch.calls, []);
  region.tables.load('rds.instances', 'app', { ...instance, resourceId: 'db-1', status: 'available' });
  await plane.start({ resourceId: 'db-1', master: { name: 'a', passwordVerifier: 'b' }, parameters: {} });
  await region.advance(60);
  assert.equal(cloudWatch.calls.length, 1);
  assert.deepEqual(
    cloudWatch.at('2026-11-22T12:01:00Z').filter((line) => line.startsWith('DatabaseConnections')),
    [
      'DatabaseConnections{DBInstanceIdentifier=app} 3 Count',
      'DatabaseConnections{DatabaseClass=db.t4g.micro} 3 Count',
      'DatabaseConnections{EngineName=postgres} 3 Count',
    ],
  );
  await plane.stop('db-1');
  await region.advance(60);
  assert.deepEqual(cloudWatch.at('2026-11-22T12:02:00Z'), []);
});
