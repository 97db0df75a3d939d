import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planFile, plannedStack } from '../testing/plan.ts';
import { canonicalJson, changesAnything, hashOf, PlanRefusal, readPlan } from './plan-document.ts';

test('canonical JSON is the same for the same value, whatever the order of its keys', () => {
  assert.equal(canonicalJson({ b: [{ d: 1, c: 2 }], a: null }), '{"a":null,"b":[{"c":2,"d":1}]}');
  assert.equal(hashOf({ a: 1, b: 2 }), hashOf({ b: 2, a: 1 }));
  assert.notEqual(hashOf([1, 2]), hashOf([2, 1]));
});

test('a plan that was saved and read again is the same plan', () => {
  const plan = planFile();
  assert.deepEqual(readPlan(JSON.stringify(plan, undefined, 1), 'a.plan'), plan);
});

const plan = planFile();
const edits: readonly (readonly [what: string, text: string, refusal: RegExp])[] = [
  ['no JSON', 'hello', /a\.plan is no plan: it is not JSON/],
  ['null', 'null', /is no plan: it has no format, hash or waves/],
  ['another document', '{"waves":[]}', /is no plan: it has no format, hash or waves/],
  [
    'another version',
    JSON.stringify({ ...plan, format: 'plimsoll-plan/9' }),
    /has the format plimsoll-plan\/9/,
  ],
  [
    'another account',
    JSON.stringify({ ...plan, account: '210987654321' }),
    /a\.plan was changed after it was made/,
  ],
  ['a later expiry', JSON.stringify({ ...plan, expiresAt: '2027-01-01T00:00:00.000Z' }), /was changed/],
  [
    'an allowance that was not given',
    JSON.stringify({ ...plan, allowedDataLoss: ['Database'] }),
    /was changed after it was made: its hash is [0-9a-f]{12}…/,
  ],
  [
    'another parameter',
    JSON.stringify({
      ...plan,
      waves: [{ stacks: [plannedStack({ parameters: [{ name: 'ImageDigest', value: 'sha256:x' }] })] }],
    }),
    /was changed/,
  ],
  ['something added', JSON.stringify({ ...plan, extra: 1 }), /was changed/],
];

for (const [what, text, refusal] of edits) {
  test(`a file is refused as a plan: ${what}`, () => {
    assert.throws(
      () => readPlan(text, 'a.plan'),
      (error) => error instanceof PlanRefusal && refusal.test(error.message),
    );
  });
}

test('a plan changes something if a stack or its termination protection does', () => {
  const none = plannedStack({ action: 'none', changes: [] });
  assert.equal(changesAnything(planFile([none])), false);
  assert.equal(changesAnything(planFile([none, plannedStack()])), true);
  assert.equal(changesAnything(planFile([{ ...none, terminationProtectionWas: true }])), true);
});
