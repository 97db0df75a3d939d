import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testRegion } from '../../../testing/test-region.ts';
import { cloudformation } from '../../cloudformation/service.ts';
import { iam } from '../service.ts';

const region = () =>
  testRegion((tables) => {
    const users = iam({ tables });
    const types = new Map((users.resourceTypes ?? []).map((type) => [type.name, type] as const));
    return [
      users,
      cloudformation({ tables, resourceTypes: () => types, readTemplate: () => new Uint8Array() }),
    ];
  });

const PolicyDocument = (Action: string) => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action, Resource: '*' }],
});

const template = ({ serial = 1, action = 's3:*', path = '/ci/', more = {} } = {}) =>
  JSON.stringify({
    Resources: {
      User: {
        Type: 'AWS::IAM::User',
        Properties: {
          Path: path,
          ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'],
          Policies: [{ PolicyName: 'own', PolicyDocument: PolicyDocument(action) }],
          Tags: [{ Key: 'team', Value: 'red' }],
        },
      },
      Policy: {
        Type: 'AWS::IAM::UserPolicy',
        Properties: { UserName: { Ref: 'User' }, PolicyName: 'p', PolicyDocument: PolicyDocument(action) },
      },
      // What CDK makes of a user's grants.
      Grants: {
        Type: 'AWS::IAM::Policy',
        Properties: { PolicyName: 'g', PolicyDocument: PolicyDocument(action), Users: [{ Ref: 'User' }] },
      },
      Managed: {
        Type: 'AWS::IAM::ManagedPolicy',
        Properties: { PolicyDocument: PolicyDocument(action), Users: [{ Ref: 'User' }] },
      },
      Key: { Type: 'AWS::IAM::AccessKey', Properties: { UserName: { Ref: 'User' }, Serial: serial } },
    },
    Outputs: { User: { Value: { 'Fn::GetAtt': ['User', 'Arn'] } }, Key: { Value: { Ref: 'Key' } }, ...more },
  });
const Capabilities = ['CAPABILITY_IAM' as const];

test('a stack has users, their policies and keys, changes them and removes them', async () => {
  const { call, advance, commits } = region();
  const StackName = 's';
  const outputs = async () => {
    await advance(60);
    const { Stacks: [stack] = [] } = await call('cloudformation', 'describeStacks', { StackName });
    const named = Object.fromEntries(
      (stack?.Outputs ?? []).map(({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue]),
    );
    return { status: stack?.StackStatus, ...named } as Readonly<Record<string, string | undefined>>;
  };
  await call('cloudformation', 'createStack', { StackName, TemplateBody: template(), Capabilities });
  const created = await outputs();
  assert.equal(created['status'], 'CREATE_COMPLETE');
  assert.match(created['User'] ?? '', /^arn:aws:iam::000000000000:user\/ci\/s-User-/);
  assert.match(created['Key'] ?? '', /^AKIA/);
  const UserName = created['User']?.split('/').at(-1) ?? '';
  const changed = template({ serial: 2, action: 'sns:*', path: '/' });
  await call('cloudformation', 'updateStack', { StackName, TemplateBody: changed, Capabilities });
  const updated = await outputs();
  assert.equal(updated['status'], 'UPDATE_COMPLETE');
  assert.equal(updated['User'], `arn:aws:iam::000000000000:user/${UserName}`);
  const { AccessKeyMetadata = [] } = await call('iam', 'listAccessKeys', { UserName });
  assert.deepEqual(
    AccessKeyMetadata.map(({ AccessKeyId }) => AccessKeyId),
    [updated['Key']],
    'the key was rotated',
  );
  assert.notEqual(updated['Key'], created['Key']);
  assert.equal((await call('iam', 'listAttachedUserPolicies', { UserName })).AttachedPolicies?.length, 2);
  for (const PolicyName of ['own', 'p', 'g']) {
    const { PolicyDocument: text = '' } = await call('iam', 'getUserPolicy', { UserName, PolicyName });
    assert.match(decodeURIComponent(text), /sns:\*/);
  }
  const secret = commits
    .flat()
    .filter(({ table }) => table === 'iam.accessKeys')
    .map(({ record }) => (record as { secretAccessKey?: string } | undefined)?.secretAccessKey);
  const kept = JSON.stringify(commits.flat().filter(({ table }) => table !== 'iam.accessKeys'));
  assert.ok(secret.length > 0 && secret.every((one) => one === undefined || !kept.includes(one)));
  await call('cloudformation', 'deleteStack', { StackName });
  await advance(60);
  assert.deepEqual((await call('iam', 'listUsers', {})).Users, []);
});

test('the secret of a key is no attribute', async () => {
  const { call, advance } = region();
  const more = { Secret: { Value: { 'Fn::GetAtt': ['Key', 'SecretAccessKey'] } } };
  await call('cloudformation', 'createStack', {
    StackName: 's',
    TemplateBody: template({ more }),
    Capabilities,
  });
  await advance(60);
  const { StackEvents = [] } = await call('cloudformation', 'describeStackEvents', { StackName: 's' });
  const reasons = StackEvents.map(({ ResourceStatusReason = '' }) => ResourceStatusReason);
  assert.ok(
    reasons.some((reason) => /does not support attribute type SecretAccessKey/.test(reason)),
    String(reasons),
  );
});
