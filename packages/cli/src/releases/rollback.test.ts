import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rollbackParameters } from './rollback.ts';

const stack = {
  StackName: 'shop-prod-service',
  CreationTime: new Date(0),
  StackStatus: 'UPDATE_COMPLETE',
  Parameters: [
    { ParameterKey: 'ImageDigest', ParameterValue: 'sha256:new' },
    { ParameterKey: 'DesiredCount', ParameterValue: '2' },
    { ParameterKey: 'VpcId', ParameterValue: '/plimsoll/prod/network/vpc-id', ResolvedValue: 'vpc-1' },
  ],
} as const;

test('a rollback changes the image only, and keeps the count that the service has by now', () => {
  const mutable = { ...stack, Parameters: [...stack.Parameters] };
  assert.deepEqual(rollbackParameters(mutable, { imageDigest: 'sha256:old', desiredCount: 5 }), [
    { ParameterKey: 'ImageDigest', ParameterValue: 'sha256:old' },
    { ParameterKey: 'DesiredCount', ParameterValue: '5' },
    { ParameterKey: 'VpcId', UsePreviousValue: true },
  ]);
  assert.deepEqual(rollbackParameters(mutable, { imageDigest: 'sha256:old', desiredCount: undefined })[1], {
    ParameterKey: 'DesiredCount',
    UsePreviousValue: true,
  });
});
