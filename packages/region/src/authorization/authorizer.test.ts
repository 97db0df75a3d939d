import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kms } from '../services/kms/service.ts';
import { secretsmanager } from '../services/secretsmanager/service.ts';
import { sns } from '../services/sns/service.ts';
import { ssm } from '../services/ssm/service.ts';
import { account, allow, guardedRegion, policy } from './testing/guarded-region.ts';

const never = () => new Promise<never>(() => {});
const noDeliveries = {
  mail: { hasRelay: false, keep: never, relay: never },
  http: { mayReach: () => false, post: never },
  signer: { sign: never },
  endpointUrl: () => 'http://127.0.0.1:4566',
};
const user = `arn:aws:sts::${account}:assumed-role/app/session`;
const region = () =>
  guardedRegion((tables) => [kms({ tables }), secretsmanager({ tables }), ssm({ tables })]);

test('a role may do what its inline policy allows, and nothing beside it', async () => {
  const { call, sessionOf } = region();
  await call('secretsmanager', 'createSecret', { Name: 'db', SecretString: 'v' });
  const { ARN = '' } = await call('secretsmanager', 'createSecret', { Name: 'other', SecretString: 'w' });
  const secretArn = (await call('secretsmanager', 'describeSecret', { SecretId: 'db' })).ARN ?? '';
  const app = await sessionOf([allow('secretsmanager:GetSecretValue', secretArn)]);
  assert.equal((await call('secretsmanager', 'getSecretValue', { SecretId: 'db' }, app)).SecretString, 'v');
  await assert.rejects(call('secretsmanager', 'getSecretValue', { SecretId: 'other' }, app), {
    code: 'AccessDeniedException',
    message:
      `User: ${user} is not authorized to perform: secretsmanager:GetSecretValue on resource: ${ARN} ` +
      'because no identity-based policy allows the secretsmanager:GetSecretValue action',
  });
  await assert.rejects(call('secretsmanager', 'listSecrets', {}, app), /secretsmanager:ListSecrets/);
});

test('root and the services of the region are not asked', async () => {
  const { call, authorizer } = region();
  await call('ssm', 'putParameter', { Name: '/a', Value: 'b', Type: 'String' });
  assert.deepEqual(authorizer.denials.list(), []);
});

test('each name of GetParameters must be allowed', async () => {
  const { call, sessionOf } = region();
  for (const Name of ['/app/a', '/app/b', '/c'])
    await call('ssm', 'putParameter', { Name, Value: 'v', Type: 'String' });
  const app = await sessionOf([
    allow('ssm:GetParameters', `arn:aws:ssm:eu-central-1:${account}:parameter/app/*`),
  ]);
  await call('ssm', 'getParameters', { Names: ['/app/a', '/app/b'] }, app);
  await assert.rejects(
    call('ssm', 'getParameters', { Names: ['/app/a', '/c'] }, app),
    /on resource: arn:aws:ssm:eu-central-1:000000000000:parameter\/c because/,
  );
});

test('an explicit deny wins over every allow', async () => {
  const { call, sessionOf } = region();
  const app = await sessionOf([
    allow('ssm:*'),
    { Effect: 'Deny', Action: 'ssm:PutParameter', Resource: '*' },
  ]);
  await call('ssm', 'describeParameters', {}, app);
  await assert.rejects(
    call('ssm', 'putParameter', { Name: 'a', Value: 'b', Type: 'String' }, app),
    /with an explicit deny in an identity-based policy$/,
  );
});

test('a permissions boundary limits what policies allow', async () => {
  const { call, sessionOf } = region();
  const { Policy } = await call('iam', 'createPolicy', {
    PolicyName: 'boundary',
    PolicyDocument: policy(allow('ssm:Describe*')),
  });
  const app = await sessionOf([allow('ssm:*')], { boundary: Policy?.Arn ?? '' });
  await call('ssm', 'describeParameters', {}, app);
  await assert.rejects(
    call('ssm', 'getParameter', { Name: 'a' }, app),
    /because no permissions boundary allows the ssm:GetParameter action$/,
  );
});

test('a session policy limits the session', async () => {
  const { call, sessionOf } = region();
  const app = await sessionOf([allow('ssm:*')], { session: { Policy: policy(allow('ssm:Describe*')) } });
  await call('ssm', 'describeParameters', {}, app);
  await assert.rejects(
    call('ssm', 'getParameter', { Name: 'a' }, app),
    /because no session policy allows the ssm:GetParameter action$/,
  );
});

test('managed policies count by their default version, AWS’s own by their documents', async () => {
  const { call, sessionOf } = region();
  const { Policy } = await call('iam', 'createPolicy', {
    PolicyName: 'read',
    PolicyDocument: policy(allow('ssm:GetParameter')),
  });
  const app = await sessionOf([], {
    attached: [Policy?.Arn ?? '', 'arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy'],
  });
  await assert.rejects(call('ssm', 'getParameter', { Name: 'a' }, app), { code: 'ParameterNotFound' });
  await call('iam', 'createPolicyVersion', {
    PolicyArn: Policy?.Arn,
    PolicyDocument: policy(allow('ssm:DescribeParameters')),
    SetAsDefault: true,
  });
  await assert.rejects(call('ssm', 'getParameter', { Name: 'a' }, app), { code: 'AccessDeniedException' });
});

test('what a role may do changes with its policies at once', async () => {
  const { call, sessionOf } = region();
  const app = await sessionOf([allow('ssm:DescribeParameters')]);
  for (let times = 0; times < 2; times += 1) {
    await call('ssm', 'describeParameters', {}, app);
    await call('iam', 'deleteRolePolicy', { RoleName: 'app', PolicyName: 'inline' });
    await assert.rejects(call('ssm', 'describeParameters', {}, app), { code: 'AccessDeniedException' });
    await call('iam', 'putRolePolicy', {
      RoleName: 'app',
      PolicyName: 'inline',
      PolicyDocument: policy(allow('ssm:DescribeParameters')),
    });
  }
  await call('iam', 'deleteRolePolicy', { RoleName: 'app', PolicyName: 'inline' });
  await call('iam', 'deleteRole', { RoleName: 'app' });
  await assert.rejects(call('ssm', 'describeParameters', {}, app), { code: 'AccessDeniedException' });
});

test('the policy of a secret alone lets a role of the account in, and its deny keeps it out', async () => {
  const { call, sessionOf } = region();
  await call('secretsmanager', 'createSecret', { Name: 's', SecretString: 'v' });
  const app = await sessionOf([]);
  const put = (Effect: string) =>
    call('secretsmanager', 'putResourcePolicy', {
      SecretId: 's',
      ResourcePolicy: policy({
        Effect,
        Principal: { AWS: `arn:aws:iam::${account}:role/app` },
        Action: 'secretsmanager:GetSecretValue',
        Resource: '*',
      }),
    });
  await put('Allow');
  assert.equal((await call('secretsmanager', 'getSecretValue', { SecretId: 's' }, app)).SecretString, 'v');
  await put('Deny');
  await assert.rejects(
    call('secretsmanager', 'getSecretValue', { SecretId: 's' }, app),
    /with an explicit deny in a resource-based policy$/,
  );
});

test('a key’s policy must trust the account before its roles’ policies count', async () => {
  const { call, sessionOf } = region();
  const app = await sessionOf([allow('kms:*')]);
  const admin = {
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${account}:role/admin` },
    Action: 'kms:*',
    Resource: '*',
  };
  const { KeyMetadata: closed } = await call('kms', 'createKey', { Policy: policy(admin) });
  const { KeyMetadata: open } = await call('kms', 'createKey', {});
  await call('kms', 'generateDataKey', { KeyId: open?.KeyId, KeySpec: 'AES_256' }, app);
  await assert.rejects(
    call('kms', 'generateDataKey', { KeyId: closed?.KeyId, KeySpec: 'AES_256' }, app),
    /because no resource-based policy allows the kms:GenerateDataKey action$/,
  );
});

test('a secret under a key of one’s own needs the key as well, through Secrets Manager', async () => {
  const { call, sessionOf } = region();
  const { KeyMetadata } = await call('kms', 'createKey', {});
  await call('secretsmanager', 'createSecret', {
    Name: 's',
    SecretString: 'v',
    KmsKeyId: KeyMetadata?.KeyId,
  });
  const app = await sessionOf([allow('secretsmanager:GetSecretValue')]);
  await assert.rejects(call('secretsmanager', 'getSecretValue', { SecretId: 's' }, app), {
    code: 'AccessDeniedException',
    message: 'Access to KMS is not allowed',
  });
  await call('iam', 'putRolePolicy', {
    RoleName: 'app',
    PolicyName: 'key',
    PolicyDocument: policy(
      allow('kms:Decrypt', KeyMetadata?.Arn, {
        StringEquals: { 'kms:ViaService': 'secretsmanager.eu-central-1.amazonaws.com' },
      }),
    ),
  });
  await call('secretsmanager', 'getSecretValue', { SecretId: 's' }, app);
});

test('a topic’s policy may let one role publish', async () => {
  const { call, sessionOf } = guardedRegion((tables) => [sns({ tables, ...noDeliveries })]);
  const { TopicArn = '' } = await call('sns', 'createTopic', { Name: 't' });
  const app = await sessionOf([]);
  await assert.rejects(call('sns', 'publish', { TopicArn, Message: 'm' }, app), {
    code: 'AuthorizationError',
    message:
      `User: ${user} is not authorized to perform: SNS:Publish on resource: ${TopicArn} ` +
      'because no identity-based policy allows the SNS:Publish action',
  });
  await call('sns', 'setTopicAttributes', {
    TopicArn,
    AttributeName: 'Policy',
    AttributeValue: policy({
      Effect: 'Allow',
      Principal: { AWS: `arn:aws:iam::${account}:role/app` },
      Action: 'sns:Publish',
      Resource: TopicArn,
    }),
  });
  await call('sns', 'publish', { TopicArn, Message: 'm' }, app);
});
