import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { LevelStore, StoreLockedError } from './level-store.ts';

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
