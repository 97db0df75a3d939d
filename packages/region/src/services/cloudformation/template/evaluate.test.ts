import assert from 'node:assert/strict';
import { test } from 'node:test';
import { evaluate, evaluateCondition, knownAfterApply, type Scope } from './evaluate.ts';
import { referencesOf } from './references.ts';

const parameters: { readonly [name: string]: string | readonly string[] } = {
  Env: 'prod',
  Empty: '',
  Subnets: ['s-1', 's-2', 's-3'],
  'AWS::Region': 'eu-central-1',
};

const scope: Scope = {
  parameter: (name) => parameters[name],
  resource: (logicalId) => (logicalId === 'New' ? knownAfterApply : logicalId === 'Db' ? 'db-1' : undefined),
  attribute: (logicalId, attribute) => (logicalId === 'New' ? knownAfterApply : `${logicalId}/${attribute}`),
  condition: (name) => name === 'Yes',
  importValue: (name) => `imported ${name}`,
  availabilityZones: () => ['a', 'b', 'c'],
  mappings: { Sizes: { prod: { cpu: 1024, zones: ['x', 'y'] } } },
};

const values: readonly (readonly [string, unknown, unknown])[] = [
  ['plain values stay', { a: [1, true, null, 'x'] }, { a: [1, true, null, 'x'] }],
  ['Ref of a parameter', { Ref: 'Env' }, 'prod'],
  ['Ref of an empty parameter', { Ref: 'Empty' }, ''],
  ['Ref of a list', { Ref: 'Subnets' }, ['s-1', 's-2', 's-3']],
  ['Ref of a resource', { Ref: 'Db' }, 'db-1'],
  ['Ref of a resource to come', { Ref: 'New' }, knownAfterApply],
  ['NoValue drops a property', { a: { Ref: 'AWS::NoValue' }, b: 1 }, { b: 1 }],
  ['NoValue drops an item', [1, { Ref: 'AWS::NoValue' }], [1]],
  ['GetAtt as a list', { 'Fn::GetAtt': ['Db', 'Endpoint.Address'] }, 'Db/Endpoint.Address'],
  ['GetAtt as a text', { 'Fn::GetAtt': 'Db.Endpoint.Address' }, 'Db/Endpoint.Address'],
  ['GetAtt of an attribute named by a parameter', { 'Fn::GetAtt': ['Db', { Ref: 'Env' }] }, 'Db/prod'],
  ['If takes its branch only', { 'Fn::If': ['Yes', 1, { 'Fn::ImportValue': 'never' }] }, 1],
  ['If without a value', { a: { 'Fn::If': ['No', 1, { Ref: 'AWS::NoValue' }] } }, {}],
  [
    'Sub of a parameter, a resource, an attribute',
    { 'Fn::Sub': '${Env}-${Db}-${Db.Port}' },
    'prod-db-1-Db/Port',
  ],
  ['Sub of a pseudo parameter', { 'Fn::Sub': 'in ${AWS::Region}' }, 'in eu-central-1'],
  ['Sub with a literal', { 'Fn::Sub': '${!Env} $x' }, '${Env} $x'],
  ['Sub with variables of its own', { 'Fn::Sub': ['${X}/${Env}', { X: { Ref: 'Db' } }] }, 'db-1/prod'],
  ['Sub of what is to come', { 'Fn::Sub': '${Env}-${New}' }, knownAfterApply],
  ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Env' }, 3]] }, 'a-prod-3'],
  ['Join of a list', { 'Fn::Join': [',', { Ref: 'Subnets' }] }, 's-1,s-2,s-3'],
  ['Join of a list in a list', { 'Fn::Join': [',', ['x', { Ref: 'Subnets' }]] }, 'x,s-1,s-2,s-3'],
  ['Join with what is to come', { 'Fn::Join': ['', ['a', { Ref: 'New' }]] }, knownAfterApply],
  ['Select', { 'Fn::Select': ['1', { Ref: 'Subnets' }] }, 's-2'],
  ['Select of zones', { 'Fn::Select': [2, { 'Fn::GetAZs': '' }] }, 'c'],
  ['Select of the known among unknown', { 'Fn::Select': [0, ['a', { Ref: 'New' }]] }, 'a'],
  ['Split', { 'Fn::Split': [':', 'a:b:c'] }, ['a', 'b', 'c']],
  ['Select of Split', { 'Fn::Select': [1, { 'Fn::Split': ['/', { 'Fn::GetAtt': 'Db.Arn' }] }] }, 'Arn'],
  ['FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'Env' }, 'cpu'] }, 1024],
  ['FindInMap of a list', { 'Fn::FindInMap': ['Sizes', 'prod', 'zones'] }, ['x', 'y']],
  ['Base64', { 'Fn::Base64': 'Grüße, €!' }, Buffer.from('Grüße, €!').toString('base64')],
  ['ImportValue', { 'Fn::ImportValue': { 'Fn::Sub': '${Env}-vpc' } }, 'imported prod-vpc'],
  ['Cidr of IPv4', { 'Fn::Cidr': ['10.0.0.0/16', 3, 8] }, ['10.0.0.0/24', '10.0.1.0/24', '10.0.2.0/24']],
  ['Cidr of IPv6', { 'Fn::Cidr': ['2001:db8::/56', 2, 64] }, ['2001:db8::/64', '2001:db8:0:1::/64']],
];

for (const [name, expression, expected] of values) {
  test(`evaluates: ${name}`, () => assert.deepEqual(evaluate(expression, scope), expected));
}

const refusals: readonly (readonly [unknown, RegExp])[] = [
  [
    { 'Fn::FindInMap': ['Sizes', 'dev', 'cpu'] },
    /^Template error: Unable to get mapping for Sizes::dev::cpu$/,
  ],
  [{ 'Fn::Select': [5, ['a']] }, /Fn::Select cannot select nonexistent value at index 5/],
  [{ 'Fn::Join': ['-'] }, /every Fn::Join object requires two parameters/],
  [{ 'Fn::Split': ['-', ['a']] }, /every Fn::Split object requires two parameters/],
  [{ 'Fn::GetAtt': 'Db' }, /every Fn::GetAtt object requires two non-empty parameters/],
  [{ Ref: 'Nobody' }, /Unresolved resource dependencies \[Nobody\]/],
  [{ 'Fn::Transform': { Name: 'AWS::Include' } }, /The intrinsic function Fn::Transform is not modelled/],
  [{ 'Fn::ToJsonString': {} }, /The intrinsic function Fn::ToJsonString is not modelled/],
  [{ 'Fn::Cidr': ['10.0.0.0/24', 3, 8] }, /3 blocks of 8 bits do not fit into 10\.0\.0\.0\/24/],
  [{ 'Fn::Cidr': ['10.0.0/24', 1, 8] }, /10\.0\.0\/24 is not a valid CIDR block/],
];

for (const [expression, message] of refusals) {
  test(`refuses ${JSON.stringify(expression)}`, () =>
    assert.throws(() => evaluate(expression, scope), { message }));
}

const conditions: readonly (readonly [unknown, boolean])[] = [
  [{ 'Fn::Equals': [{ Ref: 'Env' }, 'prod'] }, true],
  [{ 'Fn::Equals': [{ Ref: 'Env' }, 'dev'] }, false],
  [{ 'Fn::Equals': ['80', 80] }, true],
  [{ 'Fn::Not': [{ Condition: 'Yes' }] }, false],
  [{ 'Fn::And': [{ Condition: 'Yes' }, { 'Fn::Not': [{ Condition: 'No' }] }] }, true],
  [{ 'Fn::Or': [{ Condition: 'No' }, { Condition: 'Yes' }] }, true],
  [{ Condition: 'No' }, false],
  [{ 'Fn::Contains': [['dev', 'prod'], { Ref: 'Env' }] }, true],
  [{ 'Fn::EachMemberEquals': [{ Ref: 'Subnets' }, 's-1'] }, false],
  [{ 'Fn::EachMemberIn': [{ Ref: 'Subnets' }, ['s-1', 's-2', 's-3', 's-4']] }, true],
];

for (const [expression, expected] of conditions) {
  test(`decides ${JSON.stringify(expression)}`, () =>
    assert.equal(evaluateCondition(expression, scope), expected));
}

test('a condition must be a condition function', () => {
  assert.throws(
    () => evaluateCondition({ Ref: 'Env' }, scope),
    /Every condition must be a condition function/,
  );
  assert.throws(
    () => evaluateCondition({ 'Fn::RefAll': 'x' }, scope),
    /Fn::RefAll in a condition is not modelled/,
  );
  assert.throws(
    () => evaluateCondition({ 'Fn::Not': [] }, scope),
    /every Fn::Not object requires a list argument with 1/,
  );
});

test('references are found in every function, and only in the branch that is taken', () => {
  const expression = {
    a: { Ref: 'A' },
    b: { 'Fn::Sub': ['${B.Arn} ${!C} ${V}', { V: { Ref: 'D' } }] },
    c: { 'Fn::If': ['Yes', { Ref: 'E' }, { Ref: 'F' }] },
    d: { 'Fn::Join': ['', [{ 'Fn::GetAtt': ['G', 'X.Y'] }]] },
  };
  const names = (condition?: Scope['condition']) =>
    referencesOf(expression, condition).flatMap((r) =>
      r.kind === 'Function' ? [] : [`${r.kind} ${r.name}`],
    );
  assert.deepEqual(names(), ['Ref A', 'GetAtt B', 'Ref D', 'Condition Yes', 'Ref E', 'Ref F', 'GetAtt G']);
  assert.deepEqual(names(scope.condition), [
    'Ref A',
    'GetAtt B',
    'Ref D',
    'Condition Yes',
    'Ref E',
    'GetAtt G',
  ]);
});
