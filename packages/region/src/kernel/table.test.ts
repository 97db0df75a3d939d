import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tables } from './table.ts';

test('a table has another version after every write, and after one was undone, however it was opened', () => {
  const tables = new Tables();
  const [one, same] = [tables.table<number>('a.numbers'), tables.table<number>('a.numbers')];
  const seen = new Set<number>();
  const isNew = (): boolean =>
    !seen.has(one.version) && one.version === same.version && !!seen.add(one.version);
  const note = (what: string): void => assert.ok(isNew(), what);
  note('new');
  one.put('x', 1);
  note('put');
  const savepoint = tables.savepoint();
  same.put('x', 2);
  note('put again');
  one.delete('x');
  note('deleted');
  tables.revertTo(savepoint);
  note('undone');
  assert.equal(one.get('x'), 1);
  tables.load('a.numbers', 'y', 3);
  note('loaded');
  one.get('x');
  one.delete('z');
  tables.takeChanges();
  assert.ok(!isNew(), 'what changes no record changes no version');
});
