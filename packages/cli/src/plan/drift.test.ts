import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Drift, failuresIn, forPlan } from './drift.ts';
import { driftLines } from './drift-text.ts';

const reason = JSON.stringify({
  Summary: 'Failed to detect drift on resource [Key]',
  Failures: [{ Resource: 'Key', FailureReason: 'User is not authorized to perform: kms:DescribeKey' }],
});

const shop: Drift = {
  stack: 'shop-prod-service',
  resources: [
    {
      logicalId: 'Group',
      physicalId: 'sg-1',
      type: 'AWS::EC2::SecurityGroup',
      status: 'MODIFIED',
      properties: [{ path: 'GroupDescription', expected: 'a', actual: 'b' }],
    },
    {
      logicalId: 'Logs',
      physicalId: '/shop',
      type: 'AWS::Logs::LogGroup',
      status: 'DELETED',
      properties: [],
    },
  ],
  notCompared: failuresIn(reason),
};

test('drift is told by resource and property, and with it what could not be looked at', () => {
  const idle: Drift = {
    stack: 'network-prod',
    resources: [],
    notCompared: [{ kind: 'stack', what: 'network-prod', why: 'it is UPDATE_IN_PROGRESS' }],
  };
  assert.deepEqual(driftLines([shop, idle]), [
    'shop-prod-service:',
    '  ~ AWS::EC2::SecurityGroup Group (sg-1)',
    '      GroupDescription: a → b',
    '  - AWS::Logs::LogGroup Logs (/shop) is gone',
    'Not compared in shop-prod-service: Key: User is not authorized to perform: kms:DescribeKey',
    'Not compared in network-prod: network-prod: it is UPDATE_IN_PROGRESS',
  ]);
});

test('a failed detection whose reason is a text is told as it is', () => {
  assert.deepEqual(failuresIn('Internal failure'), [
    { kind: 'resource', what: 'some resource', why: 'Internal failure' },
  ]);
});

test('no plan is made where CloudFormation could not look at all that it compares', () => {
  assert.throws(
    () => forPlan(shop),
    /cannot tell what was changed by hand in shop-prod-service[\s\S]*kms:DescribeKey/,
  );
  assert.equal(forPlan({ ...shop, notCompared: [{ kind: 'type', what: 'AWS::X', why: '' }] }).length, 2);
});
