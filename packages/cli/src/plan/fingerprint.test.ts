import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Stack } from '@aws-sdk/client-cloudformation';
import { fingerprintOf, movedSince } from './fingerprint.ts';

const stack: Stack = {
  StackName: 'shop',
  StackId: 'arn:aws:cloudformation:eu-central-1:1:stack/shop/a',
  StackStatus: 'UPDATE_COMPLETE',
  CreationTime: new Date(0),
  LastUpdatedTime: new Date(5_000),
  Parameters: [
    { ParameterKey: 'A', ParameterValue: '1' },
    { ParameterKey: 'B', ParameterValue: '/name', ResolvedValue: 'x' },
  ],
  Tags: [
    { Key: 'one', Value: '1' },
    { Key: 'two', Value: '2' },
  ],
};
const then = fingerprintOf(stack, 'template');

test('neither the order of parameters nor that of tags makes a stack another one', () => {
  const turned = {
    ...stack,
    Parameters: [...(stack.Parameters ?? [])].reverse(),
    Tags: [...(stack.Tags ?? [])].reverse(),
  };
  assert.deepEqual(fingerprintOf(turned, 'template'), then);
  assert.deepEqual(movedSince('shop', then, then), []);
  assert.deepEqual(movedSince('shop', undefined, undefined), []);
});

const moves: readonly (readonly [
  what: string,
  now: ReturnType<typeof fingerprintOf> | undefined,
  text: RegExp,
])[] = [
  ['deleted', undefined, /^shop was UPDATE_COMPLETE when it was planned; it is gone$/],
  [
    'made anew',
    fingerprintOf({ ...stack, StackId: 'arn:other' }, 'template'),
    /^shop was deleted and made anew since it was planned$/,
  ],
  ['of another template', fingerprintOf(stack, 'other'), /^the template of shop is another one$/],
  [
    'of another parameter',
    fingerprintOf({ ...stack, Parameters: [{ ParameterKey: 'A', ParameterValue: '2' }] }, 'template'),
    /^parameters or tags of shop have changed$/,
  ],
  [
    'of another value behind a parameter',
    fingerprintOf(
      {
        ...stack,
        Parameters: [
          { ParameterKey: 'A', ParameterValue: '1' },
          { ParameterKey: 'B', ParameterValue: '/name', ResolvedValue: 'y' },
        ],
      },
      'template',
    ),
    /^parameters or tags of shop have changed$/,
  ],
  [
    'updated and back',
    fingerprintOf({ ...stack, LastUpdatedTime: new Date(9_000) }, 'template'),
    /^shop was changed at 1970-01-01T00:00:09.000Z; the plan knows it as of 1970-01-01T00:00:05.000Z$/,
  ],
  [
    'at work',
    fingerprintOf({ ...stack, StackStatus: 'UPDATE_IN_PROGRESS' }, 'template'),
    /^shop was UPDATE_COMPLETE when it was planned; it is UPDATE_IN_PROGRESS$/,
  ],
];

for (const [what, now, text] of moves) {
  test(`a stack that was planned and is now ${what} has moved`, () => {
    const moved = movedSince('shop', then, now);
    assert.equal(moved.length, 1);
    assert.match(moved[0] ?? '', text);
  });
}

const changed = { logicalId: 'Db', type: 'X', status: 'MODIFIED', paths: ['Size'], hash: 'a' } as const;
const looked = (drifted?: Parameters<typeof fingerprintOf>[2]) => fingerprintOf(stack, 'template', drifted);

test('what was changed by hand since it was planned is a move, and so is what was put right', () => {
  assert.deepEqual(movedSince('shop', looked([]), looked([changed])), [
    'Db of shop was changed (Size) by hand since it was planned',
  ]);
  assert.deepEqual(movedSince('shop', looked([changed]), looked([{ ...changed, hash: 'b' }])).length, 1);
  assert.deepEqual(movedSince('shop', looked([]), looked([{ ...changed, status: 'DELETED' }])), [
    'Db of shop was deleted by hand since it was planned',
  ]);
  assert.deepEqual(movedSince('shop', looked([changed]), looked([])), [
    'Db of shop, changed by hand when it was planned, is as its template says now',
  ]);
  assert.deepEqual(movedSince('shop', looked([changed]), looked([changed])), []);
  assert.deepEqual(movedSince('shop', looked(), looked([changed])), [], 'nobody looked');
});

test('a stack that was not there and is now has moved', () => {
  assert.match(movedSince('shop', undefined, then)[0] ?? '', /was not there when it was planned/);
});
