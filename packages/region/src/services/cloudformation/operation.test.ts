import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findCycle, inOrder, reversed } from './graph.ts';
import { afterPhase, isPhase, type OnFailure, onStepFailure, type Phase } from './lifecycle.ts';
import { advance, type Decision, type Step, type StepState } from './operation.ts';

/** `a done`, `b waiting a`: a step, its state and what it waits for. */
const steps = (...lines: readonly string[]): Step[] =>
  lines.map((line) => {
    const [id = '', state, ...after] = line.split(' ');
    return { work: 'deploy', id, logicalId: id, state: state as StepState, after };
  });

const decisions: readonly (readonly [string, Step[], 'stop' | 'continue', Decision])[] = [
  [
    'independent steps start together',
    steps('a waiting', 'b waiting', 'c waiting a b'),
    'stop',
    { start: ['a', 'b'], cancel: [], waitingOn: [] },
  ],
  [
    'a step waits for all that it needs',
    steps('a done', 'b running', 'c waiting a b'),
    'stop',
    { start: [], cancel: [], waitingOn: ['b'] },
  ],
  [
    'all done',
    steps('a done', 'b done a'),
    'stop',
    { start: [], cancel: [], outcome: 'succeeded', waitingOn: [] },
  ],
  ['nothing to do', [], 'stop', { start: [], cancel: [], outcome: 'succeeded', waitingOn: [] }],
  [
    'a failure stops the phase and cancels what runs',
    steps('a failed', 'b running', 'c waiting b', 'd waiting'),
    'stop',
    { start: [], cancel: ['b'], outcome: 'failed', waitingOn: [] },
  ],
  [
    'with rollback disabled independent paths go on',
    steps('a failed', 'b running', 'c waiting a', 'd waiting'),
    'continue',
    { start: ['d'], cancel: [], waitingOn: ['b'] },
  ],
  [
    'and the phase fails once only blocked steps are left',
    steps('a failed', 'b done', 'c waiting a', 'd waiting c'),
    'continue',
    { start: [], cancel: [], outcome: 'failed', waitingOn: [] },
  ],
];

for (const [name, given, onFailure, expected] of decisions) {
  test(`advance: ${name}`, () => assert.deepEqual(advance(given, onFailure), expected));
}

const phases: readonly (readonly [Phase, 'succeeded' | 'failed', OnFailure, boolean, string])[] = [
  ['CREATE_IN_PROGRESS', 'succeeded', 'ROLLBACK', false, 'CREATE_COMPLETE'],
  ['CREATE_IN_PROGRESS', 'failed', 'ROLLBACK', false, 'ROLLBACK_IN_PROGRESS'],
  ['CREATE_IN_PROGRESS', 'failed', 'DO_NOTHING', false, 'CREATE_FAILED'],
  ['CREATE_IN_PROGRESS', 'failed', 'DELETE', false, 'DELETE_IN_PROGRESS'],
  ['ROLLBACK_IN_PROGRESS', 'succeeded', 'ROLLBACK', false, 'ROLLBACK_COMPLETE'],
  ['ROLLBACK_IN_PROGRESS', 'failed', 'ROLLBACK', false, 'ROLLBACK_FAILED'],
  ['UPDATE_IN_PROGRESS', 'succeeded', 'ROLLBACK', true, 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS'],
  ['UPDATE_IN_PROGRESS', 'failed', 'ROLLBACK', true, 'UPDATE_ROLLBACK_IN_PROGRESS'],
  ['UPDATE_IN_PROGRESS', 'failed', 'ROLLBACK', false, 'ROLLBACK_IN_PROGRESS'],
  ['UPDATE_IN_PROGRESS', 'failed', 'DO_NOTHING', true, 'UPDATE_FAILED'],
  ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'succeeded', 'ROLLBACK', true, 'UPDATE_COMPLETE'],
  ['UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'failed', 'ROLLBACK', true, 'UPDATE_COMPLETE'],
  [
    'UPDATE_ROLLBACK_IN_PROGRESS',
    'succeeded',
    'ROLLBACK',
    true,
    'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS',
  ],
  ['UPDATE_ROLLBACK_IN_PROGRESS', 'failed', 'ROLLBACK', true, 'UPDATE_ROLLBACK_FAILED'],
  ['UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 'succeeded', 'ROLLBACK', true, 'UPDATE_ROLLBACK_COMPLETE'],
  ['UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS', 'failed', 'ROLLBACK', true, 'UPDATE_ROLLBACK_COMPLETE'],
  ['DELETE_IN_PROGRESS', 'succeeded', 'ROLLBACK', true, 'DELETE_COMPLETE'],
  ['DELETE_IN_PROGRESS', 'failed', 'ROLLBACK', true, 'DELETE_FAILED'],
];

for (const [phase, outcome, onFailure, hasStableState, expected] of phases) {
  test(`${phase} ${outcome} (${onFailure}, ${hasStableState ? 'was' : 'never'} complete) leads to ${expected}`, () => {
    const next = afterPhase(phase, outcome, { onFailure, hasStableState });
    assert.equal(next, expected);
    assert.equal(isPhase(next), next.endsWith('IN_PROGRESS'));
  });
}

test('only a forward phase with rollback disabled, a cleanup and a deletion go on after a failure', () => {
  assert.equal(onStepFailure('CREATE_IN_PROGRESS', 'ROLLBACK'), 'stop');
  assert.equal(onStepFailure('UPDATE_IN_PROGRESS', 'DO_NOTHING'), 'continue');
  assert.equal(onStepFailure('UPDATE_ROLLBACK_IN_PROGRESS', 'DO_NOTHING'), 'stop');
  assert.equal(onStepFailure('DELETE_IN_PROGRESS', 'ROLLBACK'), 'continue');
});

test('a graph is ordered by what is needed first, and a circle is named', () => {
  const graph = new Map([
    ['c', ['a', 'b']],
    ['a', []],
    ['b', ['a']],
    ['d', []],
  ]);
  assert.deepEqual(inOrder(graph), ['a', 'd', 'b', 'c']);
  assert.deepEqual(inOrder(reversed(graph)), ['c', 'd', 'b', 'a']);
  assert.deepEqual(findCycle(graph), []);
  const circle = new Map([
    ['x', ['y']],
    ['y', ['z']],
    ['z', ['x']],
    ['before', []],
    ['after', ['x']],
    ['y2', ['before']],
  ]);
  assert.deepEqual(findCycle(circle), ['x', 'y', 'z']);
});
