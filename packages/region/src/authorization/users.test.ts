import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Principal } from '../kernel/context.ts';
import { cloudformation } from '../services/cloudformation/service.ts';
import { iam } from '../services/iam/service.ts';
import { findAccessKey } from '../services/iam/views.ts';
import { ssm } from '../services/ssm/service.ts';
import { findSession } from '../services/sts/views.ts';
import { account, allow, type GuardedRegion, guardedRegion, policy } from './testing/guarded-region.ts';

const ann = `arn:aws:iam::${account}:user/ann`;
const region = () => guardedRegion((tables) => [ssm({ tables })]);

/** A user with this inline policy, by its key. */
async function userOf(
  { call, tables }: GuardedRegion,
  statements: readonly object[],
  more: { readonly PermissionsBoundary?: string; readonly Tags?: { Key: string; Value: string }[] } = {},
): Promise<Principal> {
  const UserName = 'ann';
  await call('iam', 'createUser', { UserName, ...more });
  await call('iam', 'putUserPolicy', {
    UserName,
    PolicyName: 'inline',
    PolicyDocument: policy(...statements),
  });
  const { AccessKey } = await call('iam', 'createAccessKey', { UserName });
  const found = findAccessKey(tables, account, AccessKey?.AccessKeyId ?? '');
  assert.ok(found);
  return found.principal;
}

test('a user may do what its policies allow, and nothing beside it', async () => {
  const one = region();
  const user = await userOf(one, [allow('ssm:DescribeParameters')]);
  await one.call('ssm', 'describeParameters', {}, user);
  await assert.rejects(one.call('ssm', 'getParameter', { Name: 'a' }, user), {
    code: 'AccessDeniedException',
    message:
      `User: ${ann} is not authorized to perform: ssm:GetParameter on resource: arn:aws:ssm:eu-central-1:${account}:parameter/a ` +
      'because no identity-based policy allows the ssm:GetParameter action',
  });
  assert.equal(one.authorizer.denials.list()[0]?.missing?.to, 'a policy of the user ann');
});

test('a user is who it is: GetCallerIdentity needs no permission', async () => {
  const one = region();
  const user = await userOf(one, [allow('ssm:*')]);
  const identity = await one.call('sts', 'getCallerIdentity', {}, user);
  assert.deepEqual(identity, { Account: account, Arn: ann, UserId: user.userId });
});

test('a boundary limits a user, and its tags and name are condition keys', async () => {
  const one = region();
  const { Policy } = await one.call('iam', 'createPolicy', {
    PolicyName: 'boundary',
    PolicyDocument: policy(allow('ssm:Describe*'), allow('ssm:Put*')),
  });
  const Condition = {
    StringEquals: { 'aws:PrincipalTag/team': 'red', 'aws:username': 'ann', 'aws:PrincipalType': 'User' },
    ArnEquals: { 'aws:PrincipalArn': ann },
  };
  const user = await userOf(one, [allow('ssm:*', '*', Condition)], {
    PermissionsBoundary: Policy?.Arn ?? '',
    Tags: [{ Key: 'team', Value: 'red' }],
  });
  await one.call('ssm', 'describeParameters', {}, user);
  await assert.rejects(
    one.call('ssm', 'getParameter', { Name: 'a' }, user),
    /no permissions boundary allows the ssm:GetParameter action$/,
  );
});

test('a user may manage its own keys by a policy on ${aws:username}', async () => {
  const one = region();
  const user = await userOf(one, [allow('iam:*AccessKey*', `arn:aws:iam::${account}:user/\${aws:username}`)]);
  await one.call('iam', 'createUser', { UserName: 'bea' });
  await one.call('iam', 'createAccessKey', {}, user);
  assert.equal(
    (await one.call('iam', 'listAccessKeys', { UserName: 'ann' }, user)).AccessKeyMetadata?.length,
    2,
  );
  await assert.rejects(one.call('iam', 'createAccessKey', { UserName: 'bea' }, user), {
    code: 'AccessDenied',
    message: new RegExp(`iam:CreateAccessKey on resource: arn:aws:iam::${account}:user/bea because`),
  });
});

test('a role may trust one user', async () => {
  const one = region();
  const user = await userOf(one, [allow('ssm:*')]);
  const trust = (AWS: string) => policy({ Effect: 'Allow', Principal: { AWS }, Action: 'sts:AssumeRole' });
  await one.call('iam', 'createRole', { RoleName: 'r', AssumeRolePolicyDocument: trust(ann) });
  const input = { RoleArn: `arn:aws:iam::${account}:role/r`, RoleSessionName: 'ann', DurationSeconds: 3600 };
  await one.call('sts', 'assumeRole', input, user);
  await one.call('iam', 'updateAssumeRolePolicy', { RoleName: 'r', PolicyDocument: trust(`${ann}e`) });
  await assert.rejects(one.call('sts', 'assumeRole', input, user), { code: 'AccessDenied' });
  await one.call('iam', 'updateAssumeRolePolicy', { RoleName: 'r', PolicyDocument: trust(account) });
  await assert.rejects(one.call('sts', 'assumeRole', input, user), { code: 'AccessDenied' });
});

test('a user’s temporary credentials are the user, but for IAM', async () => {
  const one = region();
  const user = await userOf(one, [allow('*')]);
  const { Credentials } = await one.call('sts', 'getSessionToken', { DurationSeconds: 900 }, user);
  const session = findSession(one.tables, account, Credentials?.AccessKeyId ?? '')?.principal;
  assert.ok(session);
  assert.equal((await one.call('sts', 'getCallerIdentity', {}, session)).Arn, ann);
  await one.call('ssm', 'describeParameters', {}, session);
  await assert.rejects(one.call('iam', 'listUsers', {}, session), {
    code: 'InvalidClientTokenId',
    status: 403,
  });
  await assert.rejects(one.call('sts', 'getSessionToken', {}, session), {
    message: 'Cannot call GetSessionToken with session credentials',
  });
  await assert.rejects(one.call('sts', 'getSessionToken', { DurationSeconds: 129_601 }, user), {
    code: 'ValidationError',
  });
});

test('a user of the same name is not the one that is gone', async () => {
  const one = region();
  const user = await userOf(one, [allow('ssm:*')]);
  const { Credentials } = await one.call('sts', 'getSessionToken', {}, user);
  const { AccessKeyMetadata = [] } = await one.call('iam', 'listAccessKeys', { UserName: 'ann' });
  for (const { AccessKeyId } of AccessKeyMetadata)
    await one.call('iam', 'deleteAccessKey', { UserName: 'ann', AccessKeyId });
  await one.call('iam', 'deleteUserPolicy', { UserName: 'ann', PolicyName: 'inline' });
  await one.call('iam', 'deleteUser', { UserName: 'ann' });
  await userOf(one, [allow('ssm:*')]);
  const session = findSession(one.tables, account, Credentials?.AccessKeyId ?? '')?.principal;
  assert.ok(session);
  await assert.rejects(one.call('ssm', 'describeParameters', {}, session), { code: 'AccessDeniedException' });
});

test('a stack that a user makes is made by what the user may do', async () => {
  const one = guardedRegion((tables) => {
    const types = new Map((iam({ tables }).resourceTypes ?? []).map((type) => [type.name, type] as const));
    const readTemplate = () => new Uint8Array();
    return [cloudformation({ tables, resourceTypes: () => types, readTemplate })];
  });
  const user = await userOf(one, [allow('cloudformation:*')]);
  const Resources = { Made: { Type: 'AWS::IAM::User', Properties: { UserName: 'made' } } };
  const stack = {
    TemplateBody: JSON.stringify({ Resources }),
    Capabilities: ['CAPABILITY_NAMED_IAM' as const],
  };
  const statusOf = async (StackName: string) => {
    await one.advance(60);
    const { StackEvents = [] } = await one.call('cloudformation', 'describeStackEvents', { StackName }, user);
    const { Stacks } = await one.call('cloudformation', 'describeStacks', { StackName }, user);
    return [Stacks?.[0]?.StackStatus, ...StackEvents.map((event) => event.ResourceStatusReason ?? '')].join(
      '\n',
    );
  };
  await one.call('cloudformation', 'createStack', { StackName: 'a', ...stack }, user);
  const denied = await statusOf('a');
  assert.match(denied, /^ROLLBACK_COMPLETE/);
  assert.match(
    denied,
    /User: arn:aws:iam::000000000000:user\/ann is not authorized to perform: iam:CreateUser/,
  );
  const PolicyDocument = policy(allow(['cloudformation:*', 'iam:*User*']));
  await one.call('iam', 'putUserPolicy', { UserName: 'ann', PolicyName: 'inline', PolicyDocument });
  await one.call('cloudformation', 'createStack', { StackName: 'b', ...stack }, user);
  assert.match(await statusOf('b'), /^CREATE_COMPLETE/);
});
