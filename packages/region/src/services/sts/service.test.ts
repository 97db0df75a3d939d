import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testRegion } from '../../testing/test-region.ts';
import { sts } from './service.ts';

test('GetCallerIdentity names the caller', async () => {
  const region = testRegion((tables) => [sts({ tables })]);
  const identity = await region.call('sts', 'getCallerIdentity', {});
  assert.equal(identity.Account, '000000000000');
  assert.equal(identity.Arn, 'arn:aws:iam::000000000000:root');
});

test('an operation that is not modelled is refused, naming itself', async () => {
  const region = testRegion((tables) => [sts({ tables })]);
  await assert.rejects(
    region.call('sts', 'getFederationToken', { Name: 'x' }),
    /sts GetFederationToken is not modelled by this local region/,
  );
});
