import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Tables } from '../../../kernel/table.ts';
import { LevelStore } from '../../../store/level-store.ts';
import type { ClearedRange } from './blocks.ts';
import { metricIdentity } from './identity.ts';
import { PointList } from './log.ts';
import { MetricReader } from './reader.ts';
import { MetricStore } from './store.ts';
import { day, hour } from './tiers.ts';

test('in the store of a home: log, blocks and what came late are found again, what is expired is removed', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-metrics-'));
  t.after(() => rm(folder, { recursive: true }));
  const datum = { MetricName: 'Depth', Dimensions: [{ Name: 'Queue', Value: 'ä' }] };
  const depth = metricIdentity('App', datum.MetricName, datum.Dimensions);
  const begin = Date.parse('2026-11-01T00:00:00Z');
  const seen = async (store: MetricStore, now: number, periodMs: number): Promise<unknown> => {
    const reader = new MetricReader(store, now);
    const periods = await reader.whole(() =>
      reader.periods({ metric: depth, periodMs, start: begin, end: now, needsDistribution: false }),
    );
    return periods.map(({ sample }) => sample.sum);
  };

  let { level, tables, store } = await open(folder);
  const put = async (at: number, now: number, value: number): Promise<void> => {
    const { record, isWritten } = store.streamOf('App', datum, now);
    const points = new PointList(now);
    points.addValue(record.id, at, value);
    store.apply(store.append(now, points, isWritten ? [record] : []));
    await level.commit(tables.takeChanges());
  };
  const checkpoint = async (now: number): Promise<void> => {
    const to = store.beginCheckpoint();
    for (let cleared: readonly ClearedRange[] | undefined; !cleared; ) {
      cleared = store.checkpoint(now, to);
      await level.commit(tables.takeChanges());
      store.stored();
      await store.clear(cleared ?? []);
    }
  };
  await put(begin, begin, 1);
  await checkpoint(begin + hour);
  await put(begin + 2 * day, begin + 2 * day, 2);
  await checkpoint(begin + 2 * day + hour);
  await put(begin, begin + 2 * day + hour, 4);
  for (let i = 0; i < 2; i += 1) {
    await level.close();
    ({ level, tables, store } = await open(folder));
    assert.deepEqual(await seen(store, begin + 3 * day, hour), [5, 2]);
    await checkpoint(begin + 3 * day);
  }
  assert.deepEqual(await seen(store, begin + 14 * day, 60_000), [5, 2]);
  await put(begin + 20 * day, begin + 20 * day, 8);
  await checkpoint(begin + 20 * day);
  assert.deepEqual(await seen(store, begin + 20 * day, 300_000), [5, 2]);
  const minutes = level.readCold('cloudwatch.blocks', { from: '1', to: '2' });
  assert.equal((await keysOf(minutes)).length, 1, 'of what was put last');
  assert.equal((await keysOf(level.readCold('cloudwatch.blocks', { from: '2', to: '3' }))).length, 3);
  await level.close();
});

async function open(folder: string) {
  const level = await LevelStore.open(folder);
  const tables = new Tables();
  for (const { table, key, record } of await level.load()) tables.load(table, key, record);
  const store = new MetricStore(tables, level);
  await store.load();
  return { level, tables, store };
}

async function keysOf(records: AsyncIterable<{ readonly key: string }>): Promise<string[]> {
  const keys: string[] = [];
  for await (const { key } of records) keys.push(key);
  return keys;
}
