import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ResourceChangeDetail } from '@aws-sdk/client-cloudformation';
import { integer, type ResourceType, replaces, tags, text } from '../../kernel/resource-type.ts';
import { replacementOf } from './changes.ts';
import { changeOf } from './deploy.ts';
import { canAsk, type Request } from './lifecycle.ts';

const changeable: ResourceType = {
  name: 'Test::Changeable',
  properties: { Name: replaces(text), Size: integer, Tags: tags },
  create: () => ({ physicalId: 'x' }),
  update: () => {},
  delete: () => {},
};
const { update: _, ...fixed } = changeable;

const changes: readonly (readonly [string, ResourceType, object, object, boolean, string])[] = [
  ['nothing', changeable, { Size: 1 }, { Size: 1 }, false, 'none'],
  ['the order of members', changeable, { Size: 1, Name: 'a' }, { Name: 'a', Size: 1 }, false, 'none'],
  ['a property that changes in place', changeable, { Size: 1 }, { Size: 2 }, false, 'update'],
  ['a property that is new', changeable, {}, { Size: 2 }, false, 'update'],
  ['a property that is gone', changeable, { Size: 1 }, {}, false, 'update'],
  ['a property that replaces', changeable, { Name: 'a' }, { Name: 'b' }, false, 'replace'],
  ['both at once', changeable, { Name: 'a', Size: 1 }, { Name: 'b', Size: 2 }, false, 'replace'],
  ['any property of a type without update', fixed, { Size: 1 }, { Size: 2 }, false, 'replace'],
  ['the tags of the stack', changeable, { Size: 1 }, { Size: 1 }, true, 'update'],
  ['the tags of the stack, without update', fixed, { Size: 1 }, { Size: 1 }, true, 'none'],
];

for (const [name, type, before, after, retagged, expected] of changes) {
  test(`a change of ${name}: ${expected}`, () => {
    const stackTags = retagged ? [{ Key: 'a', Value: 'b' }] : [];
    const decided = changeOf(
      type,
      { properties: { ...before }, stackTags: [] },
      { properties: { ...after }, stackTags },
    );
    assert.equal(decided, expected);
  });
}

const detail = (
  RequiresRecreation: 'Always' | 'Never',
  Evaluation: 'Static' | 'Dynamic',
): ResourceChangeDetail => ({ Target: { RequiresRecreation }, Evaluation });

test('the strongest detail decides on the replacement', () => {
  assert.equal(replacementOf([]), 'False');
  assert.equal(replacementOf([detail('Never', 'Static')]), 'False');
  assert.equal(replacementOf([detail('Never', 'Static'), detail('Always', 'Dynamic')]), 'Conditional');
  assert.equal(replacementOf([detail('Always', 'Dynamic'), detail('Always', 'Static')]), 'True');
});

/** Every status, and what may be asked of a stack in it. */
const requests: readonly (readonly [Parameters<typeof canAsk>[1], readonly Request[]])[] = [
  ['REVIEW_IN_PROGRESS', ['delete']],
  ['CREATE_IN_PROGRESS', ['delete']],
  ['CREATE_COMPLETE', ['update', 'delete']],
  ['CREATE_FAILED', ['update', 'delete', 'rollback']],
  ['ROLLBACK_IN_PROGRESS', ['delete']],
  ['ROLLBACK_COMPLETE', ['delete']],
  ['ROLLBACK_FAILED', ['delete']],
  ['UPDATE_IN_PROGRESS', ['cancelUpdate']],
  ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', []],
  ['UPDATE_COMPLETE', ['update', 'delete']],
  ['UPDATE_FAILED', ['update', 'delete', 'rollback']],
  ['UPDATE_ROLLBACK_IN_PROGRESS', []],
  ['UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', []],
  ['UPDATE_ROLLBACK_COMPLETE', ['update', 'delete']],
  ['UPDATE_ROLLBACK_FAILED', ['delete', 'continueUpdateRollback']],
  ['DELETE_IN_PROGRESS', []],
  ['DELETE_FAILED', ['delete']],
  ['DELETE_COMPLETE', []],
];

const all: readonly Request[] = ['update', 'delete', 'cancelUpdate', 'continueUpdateRollback', 'rollback'];

for (const [status, allowed] of requests) {
  test(`in ${status} one may ask for: ${allowed.join(', ') || 'nothing'}`, () => {
    assert.deepEqual(
      all.filter((request) => canAsk(request, status)),
      all.filter((request) => allowed.includes(request)),
    );
  });
}
