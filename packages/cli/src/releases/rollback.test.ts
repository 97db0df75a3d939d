import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rollbackParameters } from './rollback.ts';

const stack = {
  StackName: 'shop-prod-service',
  CreationTime: new Date(0),
  StackStatus: 'UPDATE_COMPLETE',
  Parameters: [
    { ParameterKey: 'ImageDigest', ParameterValue: 'sha256:new' },
    { ParameterKey: 'VpcId', ParameterValue: '/plimsoll/prod/network/vpc-id', ResolvedValue: 'vpc-1' },
  ],
} as const;

test('a rollback changes the image only', () => {
  const mutable = { ...stack, Parameters: [...stack.Parameters] };
  assert.deepEqual(rollbackParameters(mutable, 'sha256:old'), [
    { ParameterKey: 'ImageDigest', ParameterValue: 'sha256:old' },
    { ParameterKey: 'VpcId', UsePreviousValue: true },
  ]);
});
