import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Tables } from '../../kernel/table.ts';
import { GroupIndex } from './group-index.ts';

interface Target {
  readonly targetGroupArn: string;
  readonly id: string;
}

function indexed() {
  const tables = new Tables();
  const targets = tables.table<Target>('elbv2.targets');
  const index = new GroupIndex(tables, targets, ({ targetGroupArn }) => targetGroupArn);
  const register = (id: string, targetGroupArn = 'a'): void => {
    const key = `${targetGroupArn} ${id}`;
    if (!targets.has(key)) index.note(key, targetGroupArn);
    targets.put(key, { targetGroupArn, id });
  };
  const idsOf = (group: string): string[] => index.of(group).map(({ id }) => id);
  return { tables, targets, register, idsOf };
}

test('the targets of a group are found, of it alone, those that were loaded too', () => {
  const { tables, register, idsOf } = indexed();
  tables.load('elbv2.targets', 'a 0', { targetGroupArn: 'a', id: '0' });
  register('1');
  register('2', 'b');
  register('1');
  assert.deepEqual(idsOf('a'), ['0', '1']);
  assert.deepEqual(idsOf('b'), ['2']);
  assert.deepEqual(idsOf('c'), []);
});

test('a registration that is undone is not found, a deregistration that is undone is', () => {
  const { tables, targets, register, idsOf } = indexed();
  register('1');
  tables.takeChanges();
  register('2');
  targets.delete('a 1');
  assert.deepEqual(idsOf('a'), ['2']);
  tables.revertTo(0);
  assert.deepEqual(idsOf('a'), ['1']);
});

test('keys of targets that are gone are forgotten, but not those that the step under way deleted', () => {
  const { tables, targets, register, idsOf } = indexed();
  for (let i = 0; i < 100; i += 1) register(String(i));
  tables.takeChanges();
  for (let i = 0; i < 100; i += 1) targets.delete(`a ${i}`);
  assert.deepEqual(idsOf('a'), []);
  tables.revertTo(0);
  assert.equal(idsOf('a').length, 100);
  for (let i = 0; i < 100; i += 1) targets.delete(`a ${i}`);
  tables.takeChanges();
  assert.deepEqual(idsOf('a'), []);
  register('7');
  assert.deepEqual(idsOf('a'), ['7']);
});

test('a target that is registered again comes last', () => {
  const { targets, register, idsOf } = indexed();
  register('1');
  register('2');
  targets.delete('a 1');
  register('1');
  assert.deepEqual(idsOf('a'), ['2', '1']);
});
