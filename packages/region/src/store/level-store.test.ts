import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LevelStore, StoreDamagedError, StoreLockedError } from './level-store.ts';

test('records come back in the order in which they were first put, deletions stay deleted', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-store-'));
  t.after(() => rm(folder, { recursive: true }));
  const store = await LevelStore.open(folder);
  await store.load();
  await store.commit([
    { table: 'a', key: 'z', record: { n: 1 } },
    { table: 'a', key: 'b', record: { n: 2 } },
    { table: 'a', key: 'gone', record: {} },
  ]);
  await store.commit([
    { table: 'a', key: 'gone' },
    { table: 'a', key: 'z', record: { n: 3 } },
  ]);
  await store.close();
  const again = await LevelStore.open(folder);
  assert.deepEqual(
    (await again.load()).map(({ table, key, record }) => [table, key, record]),
    [
      ['a', 'z', { n: 3 }],
      ['a', 'b', { n: 2 }],
    ],
  );
  await assert.rejects(LevelStore.open(folder), StoreLockedError);
  await again.close();
});

test('a store whose log is damaged is refused until someone decides, never opened with less than was acknowledged', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-store-'));
  t.after(() => rm(folder, { recursive: true }));
  const store = await LevelStore.open(folder);
  await store.load();
  await store.commit([{ table: 'a', key: 'k', record: { text: 'x'.repeat(1000) } }]);
  await store.commit([{ table: 'a', key: 'l', record: { text: 'y'.repeat(1000) } }]);
  await store.close();
  const [log = ''] = (await readdir(folder)).filter((name) => name.endsWith('.log'));
  const bytes = await readFile(join(folder, log));
  bytes.fill(0xff, 100, 200);
  await writeFile(join(folder, log), bytes);
  await assert.rejects(LevelStore.open(folder), StoreDamagedError);
  await assert.rejects(LevelStore.open(folder), /is damaged \(dropping \d+ bytes; Corruption: /);
  await rm(join(folder, 'DAMAGED'));
  await (await LevelStore.open(folder)).close();
});

test('a commit cut off in the middle, as by a kill, is no damage: whole steps before it are there', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'plimsoll-store-'));
  t.after(() => rm(folder, { recursive: true }));
  const store = await LevelStore.open(folder);
  await store.load();
  await store.commit([{ table: 'a', key: 'k', record: {} }]);
  await store.commit([{ table: 'a', key: 'l', record: { text: 'y'.repeat(1000) } }]);
  await store.close();
  const [log = ''] = (await readdir(folder)).filter((name) => name.endsWith('.log'));
  const { size } = await stat(join(folder, log));
  await truncate(join(folder, log), size - 500);
  const again = await LevelStore.open(folder);
  assert.deepEqual(
    (await again.load()).map(({ key }) => key),
    ['k'],
  );
  await again.close();
});
