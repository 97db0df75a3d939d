import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Denial, denialListText, denialText, unusedText } from './iam-text.ts';

const denial: Denial = {
  requestId: 'b9f1',
  at: '2026-11-22T12:00:00.000Z',
  principal: 'arn:aws:sts::000000000000:assumed-role/app/task',
  role: 'arn:aws:iam::000000000000:role/app',
  operation: 's3 GetObject',
  action: 's3:GetObject',
  resource: 'arn:aws:s3:::b/k',
  context: { 'aws:RequestedRegion': 'eu-central-1' },
  reason: 'because no identity-based policy allows the s3:GetObject action',
  policies: { identity: ['inline'], boundary: [], session: [], resource: [] },
  missing: {
    to: 'a policy of the role app',
    statement: { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::b/k' },
  },
};

test('a denial is told with the policies that were looked at and the statement that is missing', () => {
  assert.equal(
    denialText(denial).join('\n'),
    `Who       arn:aws:sts::000000000000:assumed-role/app/task
Role      arn:aws:iam::000000000000:role/app
Asked     s3 GetObject at 2026-11-22T12:00:00.000Z
Action    s3:GetObject
Resource  arn:aws:s3:::b/k
Denied    because no identity-based policy allows the s3:GetObject action

Policies that were looked at
  identity: inline

Context
  aws:RequestedRegion = eu-central-1

Missing in a policy of the role app
{
  "Effect": "Allow",
  "Action": "s3:GetObject",
  "Resource": "arn:aws:s3:::b/k"
}`,
  );
});

test('the list names each denial in a line', () => {
  assert.match(denialListText([denial])[0] ?? '', /^12:00:00 {2}b9f1 {2}app\/task {2}s3:GetObject/);
  assert.deepEqual(denialListText([]), ['No request was denied since the region started.']);
});

test('unused grants stand below their role', () => {
  const unused = [{ policy: 'inline', action: 's3:Put*', resources: ['*'] }];
  assert.deepEqual(
    unusedText([
      { role: 'app', unused },
      { role: 'other', unused: [] },
    ]),
    ['app', '  s3:Put*  on *  (inline)'],
  );
});
