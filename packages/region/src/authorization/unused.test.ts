import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unusedOf } from './unused.ts';

const secret = 'arn:aws:secretsmanager:eu-central-1:000000000000:secret:db-AbCdEf';
const used = [
  { action: 'secretsmanager:GetSecretValue', resource: secret },
  { action: 's3:GetObject', resource: 'arn:aws:s3:::bucket/a/b' },
];

for (const [name, statement, expected] of [
  ['an action that was used', { Action: 'secretsmanager:GetSecretValue', Resource: secret }, []],
  ['letter case of an action', { Action: 'SecretsManager:getsecretvalue', Resource: '*' }, []],
  ['a wildcard that was used', { Action: ['s3:Get*'], Resource: 'arn:aws:s3:::bucket/*' }, []],
  [
    'the same action on another resource',
    { Action: 's3:GetObject', Resource: 'arn:aws:s3:::other/*' },
    ['s3:GetObject'],
  ],
  ['one of two actions', { Action: ['s3:GetObject', 's3:PutObject'], Resource: '*' }, ['s3:PutObject']],
  ['everything but IAM', { NotAction: 'iam:*', Resource: '*' }, []],
  [
    'everything but what was used',
    { NotAction: ['s3:*', 'secretsmanager:*'], Resource: '*' },
    ['all but s3:*, secretsmanager:*'],
  ],
  ['a policy variable', { Action: 's3:GetObject', Resource: 'arn:aws:s3:::${aws:userid}/*' }, []],
  ['a wildcard over the parts of an ARN', { Action: 's3:*', Resource: 'arn:*:bucket/a/b' }, ['s3:*']],
  ['a denial', { Effect: 'Deny', Action: 'sns:*', Resource: '*' }, []],
] as const) {
  test(`unused grants: ${name}`, () => {
    const document = JSON.stringify({ Version: '2012-10-17', Statement: { Effect: 'Allow', ...statement } });
    assert.deepEqual(
      unusedOf([{ name: 'p', document }], used).map(({ action }) => action),
      expected,
    );
  });
}
