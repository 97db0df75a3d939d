import assert from 'node:assert/strict';
import { test } from 'node:test';
import { boundariesOf } from './local-boundary.ts';

const bounded = (name: string): object => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    PermissionsBoundary: {
      'Fn::Join': [
        '',
        ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'AWS::AccountId' }, `:policy/${name}`],
      ],
    },
  },
});

test('the policies that bound the roles of a template are found by name, each once', () => {
  const Resources = {
    One: bounded('acme-delivery-boundary'),
    Two: bounded('acme-delivery-boundary'),
    Unbounded: { Type: 'AWS::IAM::Role', Properties: {} },
    Queue: { Type: 'AWS::SQS::Queue' },
  };
  assert.deepEqual(boundariesOf({ Resources }), ['acme-delivery-boundary']);
  assert.deepEqual(boundariesOf({ Resources: { Queue: Resources.Queue } }), []);
});
