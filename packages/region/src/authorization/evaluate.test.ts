import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate, type Outcome, type Policies, type Question } from './evaluate.ts';

const account = '111122223333';
const session = `arn:aws:sts::${account}:assumed-role/app/one`;
const role = `arn:aws:iam::${account}:role/service/app`;
const root = `arn:aws:iam::${account}:root`;
const object = 'arn:aws:s3:::bucket/a/b';

const statement = (more: object = {}): object => ({ Effect: 'Allow', Action: '*', Resource: '*', ...more });
const policy = (...statements: readonly object[]) => ({
  name: 'p',
  document: JSON.stringify({ Version: '2012-10-17', Statement: statements }),
});
const ask = (more: Partial<Question> = {}): Question => ({
  principal: session,
  action: 's3:GetObject',
  resource: object,
  accountId: account,
  context: {},
  ...more,
});
const identity = (...statements: readonly object[]): Policies => ({
  identity: [policy(...statements)],
  boundary: [],
});

test('actions and resources are matched with wildcards, actions in any letter case', () => {
  const rows: readonly (readonly [statement: object, outcome: Outcome])[] = [
    [{ Action: 's3:getobject' }, 'Allowed'],
    [{ Action: ['s3:Put*', 's3:Get?bject'] }, 'Allowed'],
    [{ Action: 's3:Get' }, 'ImplicitlyDenied'],
    [{ NotAction: 's3:*', Action: undefined }, 'ImplicitlyDenied'],
    [{ NotAction: 'ecs:*', Action: undefined }, 'Allowed'],
    [{ Resource: 'arn:aws:s3:::bucket/*' }, 'Allowed'],
    [{ Resource: 'arn:aws:s3:::BUCKET/*' }, 'ImplicitlyDenied'],
    [{ Resource: 'arn:aws:s3:::bucket' }, 'ImplicitlyDenied'],
    [{ Resource: 'arn:*:s3:*:*:bucket/a/?' }, 'Allowed'],
    [{ Resource: 'arn:aws:s3:bucket/*' }, 'ImplicitlyDenied'],
    [{ NotResource: 'arn:aws:s3:::bucket/*', Resource: undefined }, 'ImplicitlyDenied'],
    [{ NotResource: 'arn:aws:s3:::other/*', Resource: undefined }, 'Allowed'],
    [{ Resource: 'arn:aws:s3:::bucket/(a|b)/b' }, 'ImplicitlyDenied'],
    [{ NotResource: 'arn:aws:s3:::${nobody}/*', Resource: undefined }, 'ImplicitlyDenied'],
  ];
  for (const [more, outcome] of rows)
    assert.equal(evaluate(ask(), identity(statement(more))), outcome, JSON.stringify(more));
});

test('the operators of conditions, as documented', () => {
  const context = {
    's3:prefix': 'home/app/x',
    'aws:PrincipalTag/team': 'red',
    'aws:TagKeys': ['team', 'cost'],
    'aws:CurrentTime': '2026-11-22T12:00:00Z',
    'aws:SourceIp': '10.1.2.3',
    'aws:SourceArn': `arn:aws:ecs:eu-central-1:${account}:service/c/s`,
    'aws:SecureTransport': 'true',
    'kms:Count': '5',
    'aws:username': 'a*b',
  };
  const rows: readonly (readonly [condition: object, holds: boolean])[] = [
    [{ StringEquals: { 's3:prefix': ['x', 'home/app/x'] } }, true],
    [{ StringEquals: { 'S3:PREFIX': 'home/app/x' } }, true],
    [{ StringEquals: { 's3:prefix': 'HOME/APP/X' } }, false],
    [{ StringEqualsIgnoreCase: { 's3:prefix': 'HOME/APP/X' } }, true],
    [{ StringEquals: { missing: 'x' } }, false],
    [{ StringNotEquals: { missing: 'x' } }, true],
    [{ StringEqualsIfExists: { missing: 'x' } }, true],
    [{ StringNotEquals: { 's3:prefix': ['x', 'home/app/x'] } }, false],
    [{ StringLike: { 's3:prefix': 'home/*' } }, true],
    [{ StringNotLike: { 's3:prefix': ['no*', 'home/*'] } }, false],
    [{ StringEquals: { 's3:prefix': 'home/*' } }, false],
    [{ StringEquals: { 'aws:PrincipalTag/team': '${aws:PrincipalTag/team}' } }, true],
    [{ StringLike: { 's3:prefix': 'home/${nobody}/*' } }, false],
    [{ StringLike: { 's3:prefix': "home/${nobody, 'app'}/*" } }, true],
    [{ StringLike: { 'aws:username': '${aws:username}' } }, true],
    [{ StringLike: { 's3:prefix': '${aws:username}' } }, false],
    [{ StringEquals: { 'aws:username': 'a${*}b' } }, true],
    [{ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team', 'cost', 'x'] } }, true],
    [{ 'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'] } }, false],
    [{ 'ForAllValues:StringEquals': { missing: ['team'] } }, true],
    [{ 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['cost'] } }, true],
    [{ 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['x'] } }, false],
    [{ 'ForAnyValue:StringEquals': { missing: ['x'] } }, false],
    [{ Null: { missing: 'true' } }, true],
    [{ Null: { 's3:prefix': 'true' } }, false],
    [{ Null: { 's3:prefix': false } }, true],
    [{ Bool: { 'aws:SecureTransport': true } }, true],
    [{ Bool: { 'aws:SecureTransport': 'false' } }, false],
    [{ NumericLessThanEquals: { 'kms:Count': 5 } }, true],
    [{ NumericGreaterThan: { 'kms:Count': '5' } }, false],
    [{ NumericNotEquals: { 'kms:Count': '4' } }, true],
    [{ DateLessThan: { 'aws:CurrentTime': '2026-11-22T13:00:00+01:00' } }, false],
    [{ DateLessThan: { 'aws:CurrentTime': '2026-11-22T12:00:01Z' } }, true],
    [{ DateGreaterThan: { 'aws:CurrentTime': '1700000000' } }, true],
    [{ IpAddress: { 'aws:SourceIp': '10.1.0.0/16' } }, true],
    [{ IpAddress: { 'aws:SourceIp': ['10.2.0.0/16', '2001:db8::/32'] } }, false],
    [{ NotIpAddress: { 'aws:SourceIp': '10.1.2.3' } }, false],
    [{ ArnLike: { 'aws:SourceArn': `arn:aws:ecs:*:${account}:service/c/*` } }, true],
    [{ ArnEquals: { 'aws:SourceArn': `arn:aws:ecs:eu-*:${account}:service/*/s` } }, true],
    [{ ArnLike: { 'aws:SourceArn': 'arn:aws:*:service/c/s' } }, false],
    [{ ArnNotLike: { 'aws:SourceArn': 'arn:aws:ecs:us-*:*:*' } }, true],
    [{ StringEquals: { 's3:prefix': 'home/app/x' }, Bool: { 'aws:SecureTransport': 'false' } }, false],
    [{ StringAlmostEquals: { 's3:prefix': 'home/app/x' } }, false],
  ];
  for (const [Condition, isHeld] of rows) {
    const allowed = evaluate(ask({ context }), identity(statement({ Condition })));
    assert.equal(allowed === 'Allowed', isHeld, JSON.stringify(Condition));
  }
});

test('a denial with an operator that is not known stays a denial', () => {
  const denial = statement({ Effect: 'Deny', Condition: { StringAlmostEquals: { 'aws:username': 'x' } } });
  assert.equal(evaluate(ask(), identity(statement(), denial)), 'ExplicitlyDenied');
});

test('variables are text in policies of 2008', () => {
  const document = JSON.stringify({
    Statement: statement({ Condition: { StringEquals: { 'aws:username': '${aws:username}' } } }),
  });
  const policies = { identity: [{ name: 'p', document }], boundary: [] };
  assert.equal(evaluate(ask({ context: { 'aws:username': 'me' } }), policies), 'ImplicitlyDenied');
  assert.equal(evaluate(ask({ context: { 'aws:username': '${aws:username}' } }), policies), 'Allowed');
});

const allowing = policy(statement());
const denying = policy(statement({ Effect: 'Deny' }));
const of = (Principal: unknown, more: object = {}) => policy(statement({ Principal, ...more }));
const key = `arn:aws:kms:eu-central-1:${account}:key/1`;

test('identity, boundary, session and resource policies together, as the documentation draws it', () => {
  const rows: readonly (readonly [name: string, question: Question, policies: Partial<Policies>, Outcome])[] =
    [
      ['nothing says anything', ask(), {}, 'ImplicitlyDenied'],
      ['identity alone', ask(), { identity: [allowing] }, 'Allowed'],
      ['a denial beside an allowance', ask(), { identity: [allowing, denying] }, 'ExplicitlyDenied'],
      [
        'a boundary that says nothing',
        ask(),
        { identity: [allowing], boundary: [policy()] },
        'ImplicitlyDenied',
      ],
      ['a boundary that denies', ask(), { identity: [allowing], boundary: [denying] }, 'ExplicitlyDenied'],
      ['a boundary alone', ask(), { boundary: [allowing] }, 'ImplicitlyDenied'],
      ['a session that says nothing', ask(), { identity: [allowing], session: [] }, 'ImplicitlyDenied'],
      ['a session that denies', ask(), { identity: [allowing], session: [denying] }, 'ExplicitlyDenied'],
      ['the resource names the role', ask(), { resource: of({ AWS: role }) }, 'Allowed'],
      [
        'and its boundary says nothing',
        ask(),
        { resource: of({ AWS: role }), boundary: [policy()] },
        'ImplicitlyDenied',
      ],
      [
        'the resource names the session',
        ask(),
        { resource: of({ AWS: session }), boundary: [policy()] },
        'Allowed',
      ],
      ['the resource names everybody', ask(), { resource: of('*'), boundary: [policy()] }, 'Allowed'],
      ['the resource names the account', ask(), { resource: of({ AWS: root }) }, 'ImplicitlyDenied'],
      ['the resource names another role', ask(), { resource: of({ AWS: `${role}2` }) }, 'ImplicitlyDenied'],
      [
        'the resource denies',
        ask(),
        { identity: [allowing], resource: of('*', { Effect: 'Deny' }) },
        'ExplicitlyDenied',
      ],
      [
        'the resource denies all but the role',
        ask(),
        {
          identity: [allowing],
          resource: policy(statement({ Effect: 'Deny', NotPrincipal: { AWS: [role, root] } })),
        },
        'Allowed',
      ],
      [
        'the resource denies all but the role, which has a boundary',
        ask(),
        {
          identity: [allowing],
          boundary: [allowing],
          resource: policy(statement({ Effect: 'Deny', NotPrincipal: { AWS: [role, root, session] } })),
        },
        'ExplicitlyDenied',
      ],
      [
        'the resource names the session, whose policy says nothing',
        ask(),
        { resource: of({ AWS: session }), session: [] },
        'Allowed',
      ],
      [
        'the resource names the session, whose policy denies',
        ask(),
        { resource: of({ AWS: session }), session: [denying] },
        'ExplicitlyDenied',
      ],
      [
        'the resource names the role, whose session says nothing',
        ask(),
        { resource: of({ AWS: role }), session: [] },
        'ImplicitlyDenied',
      ],
      [
        'a key that does not open to the account',
        ask({ resource: key }),
        { identity: [allowing], resource: policy() },
        'ImplicitlyDenied',
      ],
      [
        'a key that opens to the account',
        ask({ resource: key }),
        { identity: [allowing], resource: of({ AWS: account }) },
        'Allowed',
      ],
      [
        'a key that opens, and nothing of the role',
        ask({ resource: key }),
        { resource: of({ AWS: root }) },
        'ImplicitlyDenied',
      ],
      [
        'a role that trusts a service',
        ask({ principal: 'ecs-tasks.amazonaws.com', action: 'sts:AssumeRole', resource: role }),
        { resource: of({ Service: 'ecs-tasks.amazonaws.com' }, { Resource: undefined }) },
        'Allowed',
      ],
      [
        'a role that trusts another service',
        ask({ principal: 'ecs-tasks.amazonaws.com', action: 'sts:AssumeRole', resource: role }),
        { identity: [allowing], resource: of({ Service: 'ec2.amazonaws.com' }, { Resource: undefined }) },
        'ImplicitlyDenied',
      ],
    ];
  for (const [name, question, policies, outcome] of rows)
    assert.equal(evaluate(question, { identity: [], boundary: [], ...policies }), outcome, name);
});
