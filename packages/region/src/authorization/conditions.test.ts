import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ecs } from '../services/ecs/service.ts';
import { kms } from '../services/kms/service.ts';
import { s3 } from '../services/s3/service.ts';
import { secretsmanager } from '../services/secretsmanager/service.ts';
import { ssm } from '../services/ssm/service.ts';
import { account, allow, guardedRegion, policy } from './testing/guarded-region.ts';

const region = () =>
  guardedRegion((tables) => [
    kms({ tables }),
    secretsmanager({ tables }),
    ssm({ tables }),
    s3({ tables, objects: { keepOnly: async () => {} } }),
  ]);
const denied = { code: /AccessDenied/ };

test('listing may be limited to a prefix', async () => {
  const { call, sessionOf } = region();
  await call('s3', 'createBucket', {
    Bucket: 'bucket',
    CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' },
  });
  const app = await sessionOf([
    allow('s3:ListBucket', 'arn:aws:s3:::bucket', { StringLike: { 's3:prefix': 'app/*' } }),
  ]);
  await call('s3', 'listObjectsV2', { Bucket: 'bucket', Prefix: 'app/x' }, app);
  await assert.rejects(call('s3', 'listObjectsV2', { Bucket: 'bucket', Prefix: 'other/' }, app), denied);
  await assert.rejects(call('s3', 'listObjectsV2', { Bucket: 'bucket' }, app), {
    code: 'AccessDenied',
    message:
      `User: arn:aws:sts::${account}:assumed-role/app/session is not authorized to perform: s3:ListBucket on resource: ` +
      '"arn:aws:s3:::bucket" because no identity-based policy allows the s3:ListBucket action',
  });
});

test('a bucket’s policy may let a role in and keep others out', async () => {
  const { call, sessionOf } = region();
  await call('s3', 'createBucket', {
    Bucket: 'bucket',
    CreateBucketConfiguration: { LocationConstraint: 'eu-central-1' },
  });
  const app = await sessionOf([]);
  const admin = await sessionOf([allow('s3:*')], { name: 'admin' });
  await call('s3', 'putBucketPolicy', {
    Bucket: 'bucket',
    Policy: policy(
      {
        Effect: 'Allow',
        Principal: { AWS: `arn:aws:iam::${account}:role/app` },
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::bucket/public/*',
      },
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::bucket/closed/*',
        Condition: { StringNotEquals: { 'aws:PrincipalArn': `arn:aws:iam::${account}:role/owner` } },
      },
    ),
  });
  await assert.rejects(call('s3', 'getObject', { Bucket: 'bucket', Key: 'public/a' }, app), {
    code: 'NoSuchKey',
  });
  await assert.rejects(call('s3', 'getObject', { Bucket: 'bucket', Key: 'private/a' }, app), denied);
  await assert.rejects(call('s3', 'getObject', { Bucket: 'bucket', Key: 'private/a' }, admin), {
    code: 'NoSuchKey',
  });
  await assert.rejects(
    call('s3', 'getObject', { Bucket: 'bucket', Key: 'closed/a' }, admin),
    /with an explicit deny in a resource-based policy/,
  );
});

test('tags of the resource, the request and the principal count', async () => {
  const { call, sessionOf } = region();
  for (const [Name, team] of [
    ['a', 'red'],
    ['b', 'blue'],
  ])
    await call('secretsmanager', 'createSecret', {
      Name,
      SecretString: 'v',
      Tags: [{ Key: 'team', Value: team }],
    });
  const app = await sessionOf(
    [
      allow('secretsmanager:GetSecretValue', '*', {
        StringEquals: { 'aws:ResourceTag/team': '$' + '{aws:PrincipalTag/team}' },
      }),
      allow('secretsmanager:CreateSecret', '*', {
        StringEquals: { 'aws:RequestTag/team': 'red' },
        'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] },
      }),
    ],
    { tags: { team: 'red' } },
  );
  await call('secretsmanager', 'getSecretValue', { SecretId: 'a' }, app);
  await assert.rejects(call('secretsmanager', 'getSecretValue', { SecretId: 'b' }, app), denied);
  const make = (...tags: readonly (readonly [string, string])[]) =>
    call(
      'secretsmanager',
      'createSecret',
      { Name: 'c', SecretString: 'v', Tags: tags.map(([Key, Value]) => ({ Key, Value })) },
      app,
    );
  await assert.rejects(make(['team', 'blue']), denied);
  await assert.rejects(make(['team', 'red'], ['x', 'y']), denied);
  await make(['team', 'red']);
});

test('the time of a condition is the region’s', async () => {
  const { call, sessionOf, advance } = region();
  const app = await sessionOf([
    allow('ssm:DescribeParameters', '*', { DateLessThan: { 'aws:CurrentTime': '2026-11-22T13:00:00Z' } }),
  ]);
  await call('ssm', 'describeParameters', {}, app);
  await advance(3600);
  await assert.rejects(call('ssm', 'describeParameters', {}, app), denied);
});

const runner = {
  pullImage: () => new Promise<never>(() => {}),
  startContainer: () => new Promise<never>(() => {}),
  signalContainer: async () => {},
  checkContainer: async () => ({ passed: true }),
  measure: async () => [],
  connect: () => {},
};

test('whoever registers a task definition must be allowed to pass its roles to ECS’s tasks', async () => {
  const { call, sessionOf } = guardedRegion((tables) => [ecs({ tables, taskRunner: runner })]);
  const register = (caller: Awaited<ReturnType<typeof sessionOf>>, taskRoleArn?: string) =>
    call(
      'ecs',
      'registerTaskDefinition',
      {
        family: 'app',
        requiresCompatibilities: ['FARGATE'],
        networkMode: 'awsvpc',
        cpu: '256',
        memory: '512',
        containerDefinitions: [{ name: 'app', image: 'localhost:4566/app:1' }],
        executionRoleArn: `arn:aws:iam::${account}:role/execution`,
        ...(taskRoleArn !== undefined && { taskRoleArn }),
      },
      caller,
    );
  const family = `arn:aws:ecs:eu-central-1:${account}:task-definition/app:*`;
  const passing = (to: string) =>
    allow('iam:PassRole', `arn:aws:iam::${account}:role/execution`, {
      StringEquals: { 'iam:PassedToService': to },
    });
  const ecsOnly = await sessionOf([allow('ecs:RegisterTaskDefinition', family)]);
  await assert.rejects(
    register(ecsOnly),
    /is not authorized to perform: iam:PassRole on resource: .*:role\/execution/,
  );
  const elsewhere = await sessionOf([allow('ecs:*'), passing('ec2.amazonaws.com')], { name: 'elsewhere' });
  await assert.rejects(register(elsewhere), denied);
  const deployer = await sessionOf(
    [allow('ecs:RegisterTaskDefinition', family), passing('ecs-tasks.amazonaws.com')],
    { name: 'deployer' },
  );
  await register(deployer);
  await assert.rejects(
    register(deployer, `arn:aws:iam::${account}:role/admin`),
    /iam:PassRole on resource: .*:role\/admin/,
  );
});

test('what is made with tags needs ecs:TagResource too, which may be limited to the making', async () => {
  const { call, sessionOf } = guardedRegion((tables) => [ecs({ tables, taskRunner: runner })]);
  const maker = await sessionOf([allow('ecs:CreateCluster')], { name: 'maker' });
  const tags = [{ key: 'team', value: 'a' }];
  await call('ecs', 'createCluster', { clusterName: 'plain' }, maker);
  await assert.rejects(call('ecs', 'createCluster', { clusterName: 'tagged', tags }, maker), {
    code: 'AccessDeniedException',
    message: /is not authorized to perform: ecs:TagResource on resource: \S+:cluster\/tagged/,
  });
  const tagger = await sessionOf(
    [
      allow('ecs:CreateCluster'),
      allow('ecs:TagResource', '*', { StringEquals: { 'ecs:CreateAction': 'CreateCluster' } }),
    ],
    { name: 'tagger' },
  );
  const { cluster } = await call('ecs', 'createCluster', { clusterName: 'tagged', tags }, tagger);
  assert.deepEqual(cluster?.tags, tags);
  await assert.rejects(
    call('ecs', 'tagResource', { resourceArn: cluster?.clusterArn, tags }, tagger),
    denied,
  );
});
