/** A checkpoint may come while blocks are read: what moved from memory into blocks is then read there, once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tables } from '../../../kernel/table.ts';
import type { ColdRecords } from '../ports.ts';
import { metricIdentity } from './identity.ts';
import { PointList } from './log.ts';
import { MetricReader } from './reader.ts';
import { MetricStore } from './store.ts';
import { day, hour } from './tiers.ts';

const begin = Date.parse('2026-11-01T00:00:00Z');
const now = begin + 3 * day;

/** A store that has one old value in a block and one more of the same hour, which came late, in memory. */
function storeWithLateValue() {
  const disk = new Map<string, unknown>();
  let beforeRead = async (): Promise<void> => {};
  const cold: ColdRecords = {
    async *readCold(table, { from, to }) {
      const all = [...disk];
      await beforeRead();
      for (const [key, record] of all) {
        const name = key.slice(table.length + 1);
        if (key.startsWith(`${table} `) && name >= from && name < to) yield { key: name, record };
      }
    },
    clearCold: async () => {},
  };
  const tables = new Tables();
  const store = new MetricStore(tables, cold);
  const commit = (): void => {
    for (const { table, key, record } of tables.takeChanges()) disk.set(`${table.slice(1)} ${key}`, record);
  };
  const put = (at: number, when: number, value: number): void => {
    const { record, isWritten } = store.streamOf('App', { MetricName: 'Depth' }, when);
    const points = new PointList(when);
    points.addValue(record.id, at, value);
    store.apply(store.append(when, points, isWritten ? [record] : []));
    commit();
  };
  put(begin, begin, 1);
  store.checkpoint(now, store.beginCheckpoint());
  commit();
  store.stored();
  put(begin, now, 2);
  return {
    store,
    tables,
    commit,
    beforeReading(work: () => Promise<void>): void {
      beforeRead = async () => {
        beforeRead = async () => {};
        await work();
      };
    },
    read(): Promise<readonly number[]> {
      const reader = new MetricReader(store, now);
      const metric = metricIdentity('App', 'Depth', []);
      const query = {
        metric,
        periodMs: hour / 60,
        start: begin,
        end: begin + hour,
        needsDistribution: false,
      };
      const answer = () => reader.periods(query).map(({ sample }) => sample.sum);
      answer();
      return reader.whole(answer);
    },
  };
}

test('a checkpoint that is made and stored after blocks were looked at', async () => {
  const { store, commit, beforeReading, read } = storeWithLateValue();
  beforeReading(async () => {
    store.checkpoint(now, store.beginCheckpoint());
    commit();
    store.stored();
  });
  assert.deepEqual(await read(), [3]);
  assert.deepEqual(await read(), [3]);
});

test('a checkpoint that is not on the disk yet when blocks are looked at', async () => {
  const { store, commit, read } = storeWithLateValue();
  store.checkpoint(now, store.beginCheckpoint());
  const reading = read();
  await new Promise((resolve) => setImmediate(resolve));
  commit();
  store.stored();
  assert.deepEqual(await reading, [3]);
});

test('a checkpoint whose step was undone', async () => {
  const { store, tables, read } = storeWithLateValue();
  const savepoint = tables.savepoint();
  store.checkpoint(now, store.beginCheckpoint());
  tables.revertTo(savepoint);
  assert.deepEqual(await read(), [3]);
});
