/** Random calls of a role that may only read: whatever is denied, nothing is stored, and nobody's policies are touched. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Principal } from '../kernel/context.ts';
import { kms } from '../services/kms/service.ts';
import { secretsmanager } from '../services/secretsmanager/service.ts';
import { ssm } from '../services/ssm/service.ts';
import { allow, type GuardedRegion, guardedRegion, policy } from './testing/guarded-region.ts';

type Attempt = (region: GuardedRegion, caller: Principal) => Promise<unknown>;

const names = fc.constantFrom('a', 'b', 'app');
const attempts: fc.Arbitrary<Attempt> = fc.oneof(
  names.map(
    (Name): Attempt =>
      ({ call }, by) =>
        call('ssm', 'putParameter', { Name, Value: 'x', Type: 'String', Overwrite: true }, by),
  ),
  names.map(
    (Name): Attempt =>
      ({ call }, by) =>
        call('ssm', 'deleteParameter', { Name }, by),
  ),
  names.map(
    (Name): Attempt =>
      ({ call }, by) =>
        call('secretsmanager', 'createSecret', { Name, SecretString: 's' }, by),
  ),
  names.map(
    (SecretId): Attempt =>
      ({ call }, by) =>
        call('secretsmanager', 'deleteSecret', { SecretId }, by),
  ),
  names.map(
    (RoleName): Attempt =>
      ({ call }, by) =>
        call('iam', 'deleteRole', { RoleName }, by),
  ),
  names.map(
    (RoleName): Attempt =>
      ({ call }, by) =>
        call(
          'iam',
          'putRolePolicy',
          { RoleName, PolicyName: 'more', PolicyDocument: policy(allow('*')) },
          by,
        ),
  ),
  fc.constant<Attempt>(({ call }, by) => call('kms', 'createKey', {}, by)),
  fc.constant<Attempt>(({ call }, by) =>
    call('sts', 'assumeRole', { RoleArn: 'arn:aws:iam::000000000000:role/admin', RoleSessionName: 'x1' }, by),
  ),
);

test('denied calls change nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(attempts, { minLength: 1, maxLength: 12 }), async (asked) => {
      const region = guardedRegion((tables) => [
        kms({ tables }),
        secretsmanager({ tables }),
        ssm({ tables }),
      ]);
      const { call, sessionOf, commits } = region;
      await call('ssm', 'putParameter', { Name: 'a', Value: 'v', Type: 'String' });
      await call('secretsmanager', 'createSecret', { Name: 'a', SecretString: 'v' });
      await sessionOf([allow('*')], { name: 'admin' });
      const reader = await sessionOf([allow(['ssm:Get*', 'ssm:Describe*'])]);
      const before = JSON.stringify(commits.flat());
      for (const attempt of asked) await assert.rejects(attempt(region, reader), { code: /AccessDenied/ });
      assert.equal(JSON.stringify(commits.flat()), before);
      assert.equal(region.authorizer.denials.list().length, asked.length);
    }),
    { numRuns: 60, seed: 1 },
  );
});
