import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate, interpolate, isMet, type Scope } from './expressions.ts';

const scope: Scope = {
  contexts: {
    github: { ref: 'refs/tags/v1', event_name: 'push', event: { number: 7 } },
    inputs: { environment: 'dev', image: '' },
    needs: { publish: { result: 'skipped', outputs: {} } },
  },
  status: { hasFailed: false },
};

const cases: readonly (readonly [string, unknown])[] = [
  ["startsWith(github.ref, 'refs/tags/') && 'prod' || 'stage'", 'prod'],
  ["github.event_name == 'workflow_dispatch' && 'dev' || 'stage'", 'stage'],
  ["inputs.environment == 'DEV'", true],
  ["!(github.event_name == 'push') || false", false],
  ['needs.publish.outputs.image', null],
  ["needs.publish.outputs.image == ''", true],
  ["needs.publish.result != 'success'", true],
  ['inputs.image || github.ref', 'refs/tags/v1'],
  ["format('{0}-{1}', 'a', github.event.number)", 'a-7'],
  ["contains('Hello', 'ell') && 'it''s'", "it's"],
  ['1 == true', true],
];
for (const [text, value] of cases) {
  test(`${text} is ${JSON.stringify(value)}`, () => assert.equal(evaluate(text, scope), value));
}

test('a condition means success() too, unless it asks for the status itself', () => {
  const failed = { ...scope, status: { hasFailed: true } };
  assert.equal(isMet("${{ inputs.environment == 'dev' }}", scope), true);
  assert.equal(isMet("inputs.environment == 'dev'", failed), false);
  assert.equal(isMet('failure()', failed), true);
  assert.equal(isMet("${{ !cancelled() && inputs.environment == 'dev' }}", failed), true);
  assert.equal(isMet(undefined, failed), false);
});

test('text is filled in; what is not there is empty, what is not known is an error', () => {
  assert.equal(interpolate('plan-${{ inputs.environment }}${{ inputs.none }}!', scope), 'plan-dev!');
  assert.throws(() => evaluate('secrets.X', scope), /The context secrets is not there/);
  assert.throws(() => evaluate('hashFiles()', scope), /The function hashFiles is not known here/);
  assert.throws(() => evaluate('a.b ~ c', scope), /not understood/);
});
