import assert from 'node:assert/strict';
import { test } from 'node:test';
import { planFile, plannedStack, resourceChange } from '../testing/plan.ts';
import type { ResourceChange } from './picture.ts';
import { lossesOf, warningsOf } from './warnings.ts';

const database = { logicalId: 'Database', type: 'AWS::RDS::DBInstance', properties: [] } as const;
const engine = { path: 'Engine', before: '"a"', after: '"b"', replaces: true };
const policy = (path: string, before: unknown, after: unknown) => ({
  path,
  ...(before !== undefined && { before: JSON.stringify(before) }),
  ...(after !== undefined && { after: JSON.stringify(after) }),
  replaces: false,
});

const rows: readonly (readonly [what: string, change: Partial<ResourceChange>, texts: readonly string[]])[] =
  [
    ['a database is changed in place', { ...database }, []],
    [
      'a database is replaced',
      { ...database, replacement: 'yes', oldOne: 'deleted', properties: [engine] },
      ['data-loss AWS::RDS::DBInstance is replaced by an empty one, for Engine'],
    ],
    [
      'a database may be replaced, with a snapshot',
      { ...database, replacement: 'maybe', oldOne: 'snapshot' },
      ['data-loss AWS::RDS::DBInstance may be replaced by an empty one; a snapshot is kept'],
    ],
    [
      'a database is removed and retained',
      { ...database, action: 'remove', oldOne: 'retained' },
      ['data-loss AWS::RDS::DBInstance is removed with its data; the old one is kept'],
    ],
    ['a service is replaced', { replacement: 'yes' }, []],
    [
      'a role may do more',
      {
        type: 'AWS::IAM::Policy',
        properties: [
          policy('PolicyDocument.Statement.0.Action', ['s3:GetObject'], ['s3:GetObject', 's3:PutObject']),
        ],
      },
      ['permissions PolicyDocument.Statement.0.Action gains s3:PutObject'],
    ],
    [
      'a role may do less',
      {
        type: 'AWS::IAM::Policy',
        properties: [policy('PolicyDocument.Statement.0.Action', ['a:B', 'a:C'], ['a:B'])],
      },
      [],
    ],
    [
      'a denial is gone',
      {
        type: 'AWS::IAM::Policy',
        properties: [
          policy('PolicyDocument.Statement', [{ Effect: 'Deny', Action: 'a:B', Resource: '*' }], undefined),
        ],
      },
      ['permissions PolicyDocument.Statement loses a Deny'],
    ],
    [
      'a condition is gone',
      {
        type: 'AWS::IAM::Role',
        properties: [
          policy(
            'AssumeRolePolicyDocument.Statement.0.Condition',
            { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } },
            undefined,
          ),
        ],
      },
      ['permissions AssumeRolePolicyDocument.Statement.0.Condition is gone'],
    ],
    [
      'a boundary is gone',
      {
        type: 'AWS::IAM::Role',
        properties: [policy('PermissionsBoundary', 'arn:aws:iam::1:policy/b', undefined)],
      },
      ['permissions PermissionsBoundary is gone'],
    ],
    [
      'a boundary where there was none takes away, another one may give',
      {
        type: 'AWS::IAM::Role',
        properties: [policy('PermissionsBoundary', undefined, 'arn:aws:iam::1:policy/b')],
      },
      [],
    ],
    [
      'a boundary is another',
      {
        type: 'AWS::IAM::Role',
        properties: [policy('PermissionsBoundary', 'arn:aws:iam::1:policy/b', 'arn:aws:iam::1:policy/c')],
      },
      ['permissions PermissionsBoundary gains arn:aws:iam::1:policy/c'],
    ],
    [
      'another role may be assumed by somebody else',
      {
        type: 'AWS::IAM::Role',
        properties: [policy('AssumeRolePolicyDocument.Statement.0.Principal.AWS', '1', '2')],
      },
      ['permissions AssumeRolePolicyDocument.Statement.0.Principal.AWS gains 2'],
    ],
    [
      'a new role names what is yet to come',
      {
        type: 'AWS::IAM::Policy',
        action: 'add',
        properties: [
          policy('PolicyName', undefined, 'p'),
          policy('PolicyDocument', undefined, {
            Version: '2012-10-17',
            Statement: [
              {
                Sid: 's',
                Effect: 'Allow',
                Action: 'a:B',
                Resource: [
                  { 'Fn::GetAtt': ['LogGroup', 'Arn'] },
                  { 'Fn::Join': ['', ['arn:', { Ref: 'X' }]] },
                ],
              },
            ],
          }),
        ],
      },
      ['permissions PolicyDocument gains a:B, ${LogGroup.Arn}, arn:${X}'],
    ],
    [
      'a new policy denies, and allows where a condition holds',
      {
        type: 'AWS::SNS::TopicPolicy',
        action: 'add',
        properties: [
          policy('PolicyDocument', undefined, {
            Statement: [
              { Effect: 'Deny', Principal: '*', Action: 'sns:Publish' },
              {
                Effect: 'Allow',
                Principal: { Service: 'x.amazonaws.com' },
                Action: 'sns:Publish',
                Condition: { StringEquals: { 'aws:SourceAccount': '1' } },
              },
            ],
          }),
        ],
      },
      ['permissions PolicyDocument gains x.amazonaws.com, sns:Publish'],
    ],
    [
      'a condition of a policy is another one',
      {
        type: 'AWS::IAM::Role',
        properties: [
          policy('AssumeRolePolicyDocument.Statement.0.Condition.StringLike.sub', 'repo:a', 'repo:*'),
        ],
      },
      ['permissions AssumeRolePolicyDocument.Statement.0.Condition.StringLike.sub gains repo:*'],
    ],
    [
      'images of a repository expire',
      { type: 'AWS::ECR::Repository', properties: [policy('LifecyclePolicy.LifecyclePolicyText', 'a', 'b')] },
      [],
    ],
    [
      'a description of a role is changed',
      { type: 'AWS::IAM::Role', properties: [policy('Description', 'a', 'b')] },
      [],
    ],
    [
      'a port is opened to everybody',
      {
        type: 'AWS::EC2::SecurityGroup',
        properties: [policy('SecurityGroupIngress', [], [{ CidrIp: '0.0.0.0/0', FromPort: 22, ToPort: 22 }])],
      },
      ['ports SecurityGroupIngress is opened to everybody: port 22 from 0.0.0.0/0'],
    ],
    [
      'a group that is open anyway lets in on another port',
      { type: 'AWS::EC2::SecurityGroup', properties: [policy('SecurityGroupIngress.0.FromPort', 80, 22)] },
      ['ports SecurityGroupIngress.0.FromPort 80 → 22'],
    ],
    [
      'a group lets in one more',
      {
        type: 'AWS::EC2::SecurityGroup',
        properties: [policy('SecurityGroupIngress.1', undefined, { CidrIp: '10.0.0.0/8', IpProtocol: '-1' })],
      },
      ['ports SecurityGroupIngress.1 lets in everything from 10.0.0.0/8'],
    ],
    [
      'a rule of its own lets in one more',
      {
        type: 'AWS::EC2::SecurityGroupIngress',
        action: 'add',
        properties: [
          policy('FromPort', undefined, 22),
          policy('IpProtocol', undefined, 'tcp'),
          policy('SourceSecurityGroupId', undefined, 'sg-1'),
        ],
      },
      ['ports lets in tcp 22 from sg-1'],
    ],
    [
      'a group lets in somebody else',
      {
        type: 'AWS::EC2::SecurityGroup',
        properties: [policy('SecurityGroupIngress.0.SourceSecurityGroupId', 'sg-1', 'sg-2')],
      },
      ['ports SecurityGroupIngress.0.SourceSecurityGroupId "sg-1" → "sg-2"'],
    ],
    [
      'a new group lets in an address',
      {
        type: 'AWS::EC2::SecurityGroup',
        action: 'add',
        properties: [policy('SecurityGroupIngress', undefined, [{ CidrIp: '10.0.0.0/8' }])],
      },
      [],
    ],
    [
      'a group may reach everybody',
      {
        type: 'AWS::EC2::SecurityGroup',
        properties: [policy('SecurityGroupEgress', [], [{ CidrIp: '0.0.0.0/0' }])],
      },
      [],
    ],
  ];

for (const [what, change, texts] of rows) {
  test(`${texts.length === 0 ? 'nobody is warned' : 'a reviewer is warned'} where ${what}`, () => {
    const plan = planFile([plannedStack({ changes: [resourceChange(change)] })]);
    assert.deepEqual(
      warningsOf(plan).map(({ kind, text }) => `${kind} ${text}`),
      texts,
    );
  });
}

test('permissions stand first, then ports, then lost data', () => {
  const plan = planFile([
    plannedStack({
      changes: [
        resourceChange({ ...database, action: 'remove', oldOne: 'deleted' }),
        resourceChange({
          type: 'AWS::EC2::SecurityGroupIngress',
          properties: [policy('CidrIp', '10.0.0.0/8', '0.0.0.0/0')],
        }),
        resourceChange({
          type: 'AWS::IAM::ManagedPolicy',
          action: 'add',
          properties: [policy('PolicyDocument', undefined, { Action: '*' })],
        }),
      ],
    }),
  ]);
  assert.deepEqual(
    warningsOf(plan).map(({ kind }) => kind),
    ['permissions', 'ports', 'data-loss'],
  );
});

test('what is allowed by name is not lost without a word', () => {
  const plan = planFile([plannedStack({ changes: [resourceChange({ ...database, replacement: 'yes' })] })]);
  assert.equal(lossesOf(plan, []).length, 1);
  assert.equal(lossesOf(plan, ['Database']).length, 0);
  assert.equal(lossesOf(plan, ['Other']).length, 1);
});
