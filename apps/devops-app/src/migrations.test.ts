import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Migration, pendingMigrations, readMigrations } from './migrations.ts';

const migration = (name: string, sha256 = name): Migration => ({ name, sql: '', sha256 });
const [first, second] = [migration('0001-a.sql'), migration('0002-b.sql')];

const rows: readonly [string, readonly Migration[], readonly Migration[], readonly Migration[]][] = [
  ['a new database needs all, in order', [first, second], [], [first, second]],
  ['what is applied is not applied again', [first, second], [first], [second]],
  ['an older image finds nothing to do in a newer database', [first], [first, second], []],
];

for (const [what, files, applied, pending] of rows) {
  test(what, () => assert.deepEqual(pendingMigrations(files, applied), pending));
}

test('a migration that was changed after it was applied is refused by name', () => {
  assert.throws(
    () => pendingMigrations([migration('0001-a.sql', 'other')], [first]),
    /^Problem: 0001-a.sql was changed/,
  );
});

test('every migration file of the image is well named', async () => {
  assert.equal((await readMigrations())[0]?.name, '0001-links.sql');
});
