import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasSucceeded, isSettled, type Preparation, preparationFor } from './stack-status.ts';

const preparations: readonly (readonly [status: string | undefined, preparation: Preparation])[] = [
  [undefined, 'create'],
  ['DELETE_COMPLETE', 'create'],
  ['REVIEW_IN_PROGRESS', 'create'],
  ['CREATE_COMPLETE', 'update'],
  ['UPDATE_COMPLETE', 'update'],
  ['UPDATE_ROLLBACK_COMPLETE', 'update'],
  ['IMPORT_COMPLETE', 'update'],
  ['CREATE_IN_PROGRESS', 'wait'],
  ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'wait'],
  ['ROLLBACK_IN_PROGRESS', 'wait'],
  ['ROLLBACK_COMPLETE', 'delete-first'],
  ['ROLLBACK_FAILED', 'delete-first'],
  ['CREATE_FAILED', 'delete-first'],
  ['DELETE_FAILED', 'stuck'],
  ['UPDATE_ROLLBACK_FAILED', 'stuck'],
];

for (const [status, preparation] of preparations) {
  test(`before a change set a stack that is ${status ?? 'not there'} needs: ${preparation}`, () => {
    assert.equal(preparationFor(status), preparation);
  });
}

test('a rollback that came to its end is settled and no success', () => {
  assert.equal(isSettled('UPDATE_ROLLBACK_COMPLETE'), true);
  assert.equal(hasSucceeded('UPDATE_ROLLBACK_COMPLETE'), false);
  assert.equal(isSettled('UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'), false);
  assert.equal(hasSucceeded('UPDATE_COMPLETE'), true);
});
