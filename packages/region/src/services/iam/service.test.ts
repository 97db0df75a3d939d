import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testRegion } from '../../testing/test-region.ts';
import { sts } from '../sts/service.ts';
import { iam } from './service.ts';

const region = () => testRegion((tables) => [iam({ tables }), sts({ tables })]);
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' },
  ],
});
const allowAll = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
});

test('a role is found whatever its letter case, its trust policy percent-encoded', async () => {
  const { call } = region();
  await call('iam', 'createRole', { RoleName: 'Task', AssumeRolePolicyDocument: trust, Path: '/a/' });
  const { Role } = await call('iam', 'getRole', { RoleName: 'TASK' });
  assert.equal(Role?.Arn, 'arn:aws:iam::000000000000:role/a/Task');
  assert.equal(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''), trust);
  await assert.rejects(call('iam', 'createRole', { RoleName: 'task', AssumeRolePolicyDocument: trust }), {
    code: 'EntityAlreadyExists',
  });
});

test('a role with policies cannot be deleted', async () => {
  const { call } = region();
  const RoleName = 'r';
  const PolicyArn = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
  await call('iam', 'createRole', { RoleName, AssumeRolePolicyDocument: trust });
  await call('iam', 'putRolePolicy', { RoleName, PolicyName: 'p', PolicyDocument: allowAll });
  await call('iam', 'attachRolePolicy', { RoleName, PolicyArn });
  await assert.rejects(call('iam', 'deleteRole', { RoleName }), /must detach all policies first/);
  await call('iam', 'detachRolePolicy', { RoleName, PolicyArn });
  await assert.rejects(call('iam', 'deleteRole', { RoleName }), /must delete policies first/);
  await call('iam', 'deleteRolePolicy', { RoleName, PolicyName: 'p' });
  await call('iam', 'deleteRole', { RoleName });
  await assert.rejects(call('iam', 'getRole', { RoleName }), { code: 'NoSuchEntity', status: 404 });
});

for (const [name, document, message] of [
  ['no JSON', '{', /invalid Json/],
  ['no statement', '{"Version":"2012-10-17"}', /Syntax errors in policy/],
  ['a wrong version', '{"Version":"2020-01-01","Statement":[]}', /valid version string/],
  ['no action', '{"Statement":[{"Effect":"Allow","Resource":"*"}]}', /must contain actions/],
  ['no resource', '{"Statement":{"Effect":"Allow","Action":"*"}}', /must contain resources/],
  [
    'a principal',
    '{"Statement":{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*"}}',
    /should not specify a principal/,
  ],
] as const) {
  test(`an identity policy with ${name} is malformed`, async () => {
    const { call } = region();
    await assert.rejects(call('iam', 'createPolicy', { PolicyName: 'p', PolicyDocument: document }), {
      code: 'MalformedPolicyDocument',
      message,
    });
  });
}

test('a managed policy keeps five versions and its default', async () => {
  const { call } = region();
  const { Policy } = await call('iam', 'createPolicy', { PolicyName: 'p', PolicyDocument: allowAll });
  const PolicyArn = Policy?.Arn;
  for (let i = 0; i < 4; i += 1) {
    await call('iam', 'createPolicyVersion', { PolicyArn, PolicyDocument: allowAll, SetAsDefault: i === 3 });
  }
  await assert.rejects(call('iam', 'createPolicyVersion', { PolicyArn, PolicyDocument: allowAll }), {
    code: 'LimitExceeded',
  });
  assert.equal((await call('iam', 'getPolicy', { PolicyArn })).Policy?.DefaultVersionId, 'v5');
});

test('AssumeRole gives a session of the role, and refuses a role that is not there', async () => {
  const { call } = region();
  const { Role } = await call('iam', 'createRole', { RoleName: 'deploy', AssumeRolePolicyDocument: trust });
  const session = await call('sts', 'assumeRole', { RoleArn: Role?.Arn, RoleSessionName: 'me' });
  assert.equal(session.AssumedRoleUser?.Arn, 'arn:aws:sts::000000000000:assumed-role/deploy/me');
  assert.match(session.Credentials?.AccessKeyId ?? '', /^ASIA[A-Z2-7]{16}$/);
  await assert.rejects(
    call('sts', 'assumeRole', { RoleArn: 'arn:aws:iam::000000000000:role/none', RoleSessionName: 'me' }),
    { code: 'AccessDenied' },
  );
});

test('an AWS managed policy that is held is told, as far as it is', async () => {
  const { call } = region();
  const PolicyArn = 'arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy';
  const { Policy } = await call('iam', 'getPolicy', { PolicyArn });
  assert.equal(Policy?.DefaultVersionId, 'v1');
  const { PolicyVersion } = await call('iam', 'getPolicyVersion', { PolicyArn, VersionId: 'v1' });
  assert.match(decodeURIComponent(PolicyVersion?.Document ?? ''), /ecr:BatchGetImage/);
  const cut = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
  const { Policy: { DefaultVersionId: VersionId } = {} } = await call('iam', 'getPolicy', { PolicyArn: cut });
  await assert.rejects(
    call('iam', 'getPolicyVersion', { PolicyArn: cut, VersionId }),
    /ReadOnlyAccess: its whole document is not modelled/,
  );
});

test('an AWS managed policy that is not held is announced, and told by name; one in another place there is not', async () => {
  const { call, messages } = region();
  await call('iam', 'createRole', { RoleName: 'r', AssumeRolePolicyDocument: trust });
  const attach = (name: string) =>
    call('iam', 'attachRolePolicy', { RoleName: 'r', PolicyArn: `arn:aws:iam::aws:policy/${name}` });
  await attach('AmazonBraketFullAccess');
  assert.match(
    messages.find(({ code }) => code === 'iam-unknown-managed-policy')?.text ?? '',
    /AmazonBraketFullAccess is not in the region: it allows nothing here.*reference\/AmazonBraketFullAccess.html/,
  );
  await assert.rejects(
    call('iam', 'getPolicy', { PolicyArn: 'arn:aws:iam::aws:policy/AmazonBraketFullAccess' }),
    /iam AWS managed policy arn:aws:iam::aws:policy\/AmazonBraketFullAccess is not modelled/,
  );
  await assert.rejects(attach('AmazonECSTaskExecutionRolePolicy'), {
    code: 'NoSuchEntity',
    message:
      'Policy arn:aws:iam::aws:policy/AmazonECSTaskExecutionRolePolicy does not exist or is not attachable.',
  });
});
