import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConcurrencyGroups } from './concurrency-groups.ts';

test('one job of a group runs, one waits, and the one that came before it to wait is cancelled', async () => {
  const groups = new ConcurrencyGroups();
  assert.equal(await groups.enter('apply-stage'), true);
  const second = groups.enter('apply-stage');
  const third = groups.enter('apply-stage');
  assert.equal(await second, false);
  assert.equal(await groups.enter('apply-dev'), true, 'another group has its own');
  groups.leave('apply-stage');
  assert.equal(await third, true);
  groups.leave('apply-stage');
  assert.equal(await groups.enter('apply-stage'), true);
});
