import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Stack, StackEvent } from '@aws-sdk/client-cloudformation';
import { ofResource, ofStack } from '../testing/stack-event.ts';
import { diagnose, longMs, remedyText, withGone, withSkipped } from './diagnosis.ts';

function stackIn(status: string): Stack {
  return { StackName: 'shop', CreationTime: new Date(0), StackStatus: status as Stack['StackStatus'] };
}

const failedUpdate: readonly StackEvent[] = [
  ofStack('UPDATE_IN_PROGRESS'),
  ofResource('Service', 'UPDATE_IN_PROGRESS'),
  ofResource('Service', 'UPDATE_FAILED', 'no capacity'),
  ofStack('UPDATE_ROLLBACK_IN_PROGRESS'),
  ofResource('Service', 'UPDATE_FAILED', 'the old definition is gone'),
];
const creation = [ofStack('CREATE_IN_PROGRESS'), ofResource('Vpc', 'CREATE_FAILED', 'no room')];
const deletion = [ofStack('DELETE_IN_PROGRESS'), ofResource('Bucket', 'DELETE_FAILED', 'not empty')];
const waiting = [ofStack('UPDATE_IN_PROGRESS'), ofResource('Service', 'UPDATE_IN_PROGRESS')];
const creating = [ofStack('CREATE_IN_PROGRESS'), ofResource('Service', 'CREATE_IN_PROGRESS')];

/** Remedy in words; `-` for none, nothing for a stack that works. */
const rows: readonly (readonly [
  status: string,
  events: readonly StackEvent[],
  nowMs: number,
  isWedged: boolean | undefined,
  remedy: string | undefined,
  finding: RegExp,
])[] = [
  ['CREATE_COMPLETE', [], 0, undefined, undefined, /^$/],
  ['UPDATE_ROLLBACK_COMPLETE', failedUpdate, 0, undefined, undefined, /^$/],
  ['ROLLBACK_COMPLETE', creation, 0, true, 'delete the stack shop', /Vpc .*: no room/],
  ['ROLLBACK_FAILED', creation, 0, true, 'delete the stack shop', /Vpc .*: no room/],
  ['CREATE_FAILED', creation, 0, true, 'delete the stack shop', /First failure: Vpc/],
  ['UPDATE_FAILED', failedUpdate, 0, true, 'roll shop back to its last complete state', /no capacity/],
  ['UPDATE_ROLLBACK_FAILED', failedUpdate, 0, true, 'continue the rollback of shop', /definition is gone/],
  ['DELETE_FAILED', deletion, 0, true, 'delete the stack shop', /Bucket .*: not empty/],
  ['REVIEW_IN_PROGRESS', [], 0, true, 'delete the stack shop', /never executed/],
  ['UPDATE_IN_PROGRESS', waiting, longMs - 1, false, undefined, /waits for Service/],
  ['UPDATE_IN_PROGRESS', waiting, longMs, true, 'cancel the update of shop and roll it back', /for 10 min/],
  ['CREATE_IN_PROGRESS', creating, longMs, true, 'delete the stack shop', /waits for Service/],
  ['DELETE_IN_PROGRESS', deletion, longMs, true, undefined, /under way/],
];

for (const [status, events, nowMs, isWedged, remedy, finding] of rows) {
  test(`${status} after ${nowMs / 1_000} s: ${remedy ?? (isWedged === undefined ? 'works' : 'nothing to do')}`, () => {
    const found = diagnose(stackIn(status), events, nowMs);
    assert.equal(found?.isWedged, isWedged);
    assert.equal(found?.remedy && remedyText('shop', found.remedy), remedy);
    assert.match(found?.findings.join('\n') ?? '', finding);
  });
}

test('a stack whose service is gone is wedged, whatever its status says; the way out is its deletion', () => {
  const gone = { service: 'shop', cluster: 'shop-local' };
  for (const status of ['CREATE_COMPLETE', 'UPDATE_ROLLBACK_COMPLETE', 'UPDATE_ROLLBACK_FAILED']) {
    const stack = stackIn(status);
    const found = withGone(stack, diagnose(stack, failedUpdate, 0), gone);
    assert.equal(found?.isWedged, true);
    assert.match(found?.findings[0] ?? '', /service shop is gone from the cluster shop-local/);
    assert.deepEqual(found?.remedy, { kind: 'delete', retain: [] });
    assert.deepEqual(found?.skippable, []);
  }
  const guarded = { ...stackIn('CREATE_COMPLETE'), EnableTerminationProtection: true };
  assert.equal(withGone(guarded, undefined, gone)?.remedy, undefined);
  const atWork = stackIn('UPDATE_IN_PROGRESS');
  assert.equal(withGone(atWork, diagnose(atWork, waiting, 0), gone)?.isWedged, false);
  assert.equal(withGone(stackIn('CREATE_COMPLETE'), undefined, undefined), undefined);
});

test('only resources that failed can be skipped; a deletion keeps them', () => {
  const rollback = diagnose(stackIn('UPDATE_ROLLBACK_FAILED'), failedUpdate, 0);
  const deleting = diagnose(stackIn('DELETE_FAILED'), deletion, 0);
  assert.ok(rollback !== undefined && deleting !== undefined);
  assert.deepEqual(withSkipped(rollback, ['Vpc']).unknown, ['Vpc']);
  assert.deepEqual(withSkipped(rollback, ['Service']).remedy, {
    kind: 'continue-rollback',
    skip: ['Service'],
  });
  assert.deepEqual(withSkipped(deleting, ['Bucket']).remedy, { kind: 'delete', retain: ['Bucket'] });
});
