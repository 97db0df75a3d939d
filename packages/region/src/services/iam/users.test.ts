import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../../kernel/context.ts';
import { instant } from '../../kernel/instant.ts';
import { type TestRegion, testRegion } from '../../testing/test-region.ts';
import { iam } from './service.ts';
import { findAccessKey } from './views.ts';

const account = '000000000000';
const region = () => testRegion((tables) => [iam({ tables })]);
const document = '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}';
const UserName = 'ann';

async function withUser(): Promise<TestRegion> {
  const one = region();
  await one.call('iam', 'createUser', { UserName, Path: '/team/', Tags: [{ Key: 'a', Value: 'b' }] });
  return one;
}

const principalOf = async ({ call }: TestRegion): Promise<Principal> => {
  const { User } = await call('iam', 'getUser', { UserName });
  return { type: 'User', arn: User?.Arn ?? '', accountId: account, userId: User?.UserId ?? '' };
};

test('a user has an ARN with its path, and a name that is unique whatever its letter case', async () => {
  const { call } = await withUser();
  const { User } = await call('iam', 'getUser', { UserName: 'ANN' });
  assert.equal(User?.Arn, `arn:aws:iam::${account}:user/team/ann`);
  assert.match(User?.UserId ?? '', /^AIDA[A-Z2-7]{17}$/);
  assert.deepEqual(User?.Tags, [{ Key: 'a', Value: 'b' }]);
  await assert.rejects(call('iam', 'createUser', { UserName: 'Ann' }), {
    code: 'EntityAlreadyExists',
    message: 'User with name Ann already exists.',
  });
  const { Users = [] } = await call('iam', 'listUsers', { PathPrefix: '/team/' });
  assert.deepEqual(
    Users.map((user) => [user.UserName, user.Tags]),
    [['ann', undefined]],
  );
});

test('a user that has keys or policies cannot be deleted', async () => {
  const { call } = await withUser();
  const PolicyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
  const { AccessKey } = await call('iam', 'createAccessKey', { UserName });
  await call('iam', 'attachUserPolicy', { UserName, PolicyArn });
  await call('iam', 'putUserPolicy', { UserName, PolicyName: 'p', PolicyDocument: document });
  const refusal = (what: string) => ({
    code: 'DeleteConflict',
    message: `Cannot delete entity, must ${what} first.`,
  });
  await assert.rejects(call('iam', 'deleteUser', { UserName }), refusal('delete access keys'));
  await call('iam', 'deleteAccessKey', { UserName, AccessKeyId: AccessKey?.AccessKeyId });
  await assert.rejects(call('iam', 'deleteUser', { UserName }), refusal('detach all policies'));
  await call('iam', 'detachUserPolicy', { UserName, PolicyArn });
  await assert.rejects(call('iam', 'deleteUser', { UserName }), refusal('delete policies'));
  await call('iam', 'deleteUserPolicy', { UserName, PolicyName: 'p' });
  await call('iam', 'deleteUser', { UserName });
  await assert.rejects(call('iam', 'getUser', { UserName }), {
    code: 'NoSuchEntity',
    message: 'The user with name ann cannot be found.',
  });
});

test('a user may have two keys; the secret is told once', async () => {
  const { call, messages } = await withUser();
  const { AccessKey } = await call('iam', 'createAccessKey', { UserName });
  assert.match(AccessKey?.AccessKeyId ?? '', /^AKIA[A-Z2-7]{16}$/);
  assert.equal(AccessKey?.SecretAccessKey?.length, 40);
  await call('iam', 'createAccessKey', { UserName });
  await assert.rejects(call('iam', 'createAccessKey', { UserName }), {
    code: 'LimitExceeded',
    message: 'Cannot exceed quota for AccessKeysPerUser: 2',
  });
  const answers = [
    await call('iam', 'listAccessKeys', { UserName }),
    await call('iam', 'getUser', { UserName }),
    await call('iam', 'getAccessKeyLastUsed', { AccessKeyId: AccessKey?.AccessKeyId }),
    messages,
  ];
  assert.ok(!JSON.stringify(answers).includes(AccessKey?.SecretAccessKey ?? 'none'));
});

test('a key that is inactive, or deleted, is nobody’s', async () => {
  const one = await withUser();
  const { AccessKey } = await one.call('iam', 'createAccessKey', { UserName });
  const AccessKeyId = AccessKey?.AccessKeyId ?? '';
  const whose = () => findAccessKey(one.tables, account, AccessKeyId)?.principal;
  assert.deepEqual(whose(), await principalOf(one));
  await one.call('iam', 'updateAccessKey', { UserName, AccessKeyId, Status: 'Inactive' });
  assert.equal(whose(), undefined);
  await one.call('iam', 'updateAccessKey', { UserName, AccessKeyId, Status: 'Active' });
  assert.deepEqual(whose(), await principalOf(one));
  await one.call('iam', 'deleteAccessKey', { UserName, AccessKeyId });
  assert.equal(whose(), undefined);
  await assert.rejects(one.call('iam', 'updateAccessKey', { UserName, AccessKeyId, Status: 'Active' }), {
    code: 'NoSuchEntity',
    message: `The Access Key with id ${AccessKeyId} cannot be found.`,
  });
});

test('a user of another name keeps its keys and policies', async () => {
  const one = await withUser();
  const { AccessKey } = await one.call('iam', 'createAccessKey', { UserName });
  await one.call('iam', 'putUserPolicy', { UserName, PolicyName: 'p', PolicyDocument: document });
  await one.call('iam', 'updateUser', { UserName, NewUserName: 'bea', NewPath: '/' });
  const principal = findAccessKey(one.tables, account, AccessKey?.AccessKeyId ?? '')?.principal;
  assert.equal(principal?.arn, `arn:aws:iam::${account}:user/bea`);
  assert.deepEqual((await one.call('iam', 'listUserPolicies', { UserName: 'bea' })).PolicyNames, ['p']);
  await assert.rejects(one.call('iam', 'getUser', { UserName }), { code: 'NoSuchEntity' });
});

test('where no user is named it is who asks', async () => {
  const one = await withUser();
  const caller = await principalOf(one);
  const { AccessKey } = await one.call('iam', 'createAccessKey', {}, caller);
  assert.equal(AccessKey?.UserName, 'ann');
  assert.equal((await one.call('iam', 'getUser', {}, caller)).User?.UserName, 'ann');
  assert.equal((await one.call('iam', 'getUser', {})).User?.Arn, `arn:aws:iam::${account}:root`);
  const arn = `arn:aws:sts::${account}:assumed-role/r/s`;
  const session: Principal = { type: 'AssumedRole', arn, accountId: account, userId: 'AROA:s' };
  await assert.rejects(one.call('iam', 'listAccessKeys', {}, session), {
    code: 'ValidationError',
    message: 'Must specify userName when calling with non-User credentials',
  });
  await assert.rejects(
    one.call('iam', 'createAccessKey', {}),
    /access keys of the root user is not modelled/,
  );
});

test('the last use of a key is what was seen of it', async () => {
  const at = instant(Date.parse('2026-11-22T12:00:00Z'));
  const lastUse = () => ({ at, service: 's3', region: 'eu-central-1' });
  for (const [uses, expected] of [
    [undefined, { LastUsedDate: undefined, ServiceName: 'N/A', Region: 'N/A' }],
    [{ lastUse }, { LastUsedDate: new Date(at), ServiceName: 's3', Region: 'eu-central-1' }],
  ] as const) {
    const { call } = testRegion((tables) => [iam({ tables, ...(uses && { keyUses: uses }) })]);
    await call('iam', 'createUser', { UserName });
    const { AccessKey } = await call('iam', 'createAccessKey', { UserName });
    const used = await call('iam', 'getAccessKeyLastUsed', { AccessKeyId: AccessKey?.AccessKeyId });
    assert.deepEqual(used, { UserName, AccessKeyLastUsed: expected });
  }
});

test('a managed policy is attached to users as to roles', async () => {
  const { call } = await withUser();
  const { Policy } = await call('iam', 'createPolicy', { PolicyName: 'p', PolicyDocument: document });
  const PolicyArn = Policy?.Arn;
  await call('iam', 'attachUserPolicy', { UserName, PolicyArn });
  await call('iam', 'putUserPermissionsBoundary', { UserName, PermissionsBoundary: PolicyArn });
  const { Policy: counted } = await call('iam', 'getPolicy', { PolicyArn });
  assert.deepEqual([counted?.AttachmentCount, counted?.PermissionsBoundaryUsageCount], [1, 1]);
  await assert.rejects(call('iam', 'deletePolicy', { PolicyArn }), { code: 'DeleteConflict' });
  await assert.rejects(
    call('iam', 'putUserPolicy', {
      UserName,
      PolicyName: 'long',
      PolicyDocument: document.replace('s3:*', `s3:${'x'.repeat(2048)}`),
    }),
    { code: 'LimitExceeded', message: 'Cannot exceed quota for InlinePolicySizePerUser: 2048' },
  );
});

test('what belongs to passwords and groups is refused by name', async () => {
  const { call } = await withUser();
  await assert.rejects(
    call('iam', 'createLoginProfile', { UserName, Password: 'p' }),
    /iam CreateLoginProfile is not modelled/,
  );
  await assert.rejects(call('iam', 'createGroup', { GroupName: 'g' }), /iam CreateGroup is not modelled/);
});
