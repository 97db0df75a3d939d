import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Parameter } from '@aws-sdk/client-cloudformation';
import { type AccountLookup, type ParameterValue, resolveParameters } from './parameters.ts';
import type { ParameterDeclaration, Template } from './template.ts';

const account: AccountLookup = {
  ssmParameter: (name) => ({
    value: name === '/list' ? 'a, b' : `value of ${name}`,
    type: name === '/secret' ? 'SecureString' : 'String',
  }),
  checkExists: (parameter, _, value) => {
    if (value === 'vpc-no') throw new Error(`${parameter}: ${value} does not exist`);
  },
};

function resolve(
  declaration: ParameterDeclaration,
  given?: Omit<Parameter, 'ParameterKey'>,
  previous?: readonly ParameterValue[],
): ParameterValue | undefined {
  const template = { Parameters: { P: declaration } } as unknown as Template;
  const parameters = given ? [{ ParameterKey: 'P', ...given }] : [];
  return resolveParameters(template, parameters, previous, account)[0];
}

const values: readonly (readonly [string, ParameterDeclaration, string | undefined, unknown])[] = [
  ['a given value', { Type: 'String', Default: 'd' }, 'g', 'g'],
  ['the default', { Type: 'String', Default: 'd' }, undefined, 'd'],
  ['an empty value', { Type: 'String', Default: 'd' }, '', ''],
  ['a number as text', { Type: 'Number', Default: 3 }, undefined, '3'],
  ['a list', { Type: 'CommaDelimitedList' }, 'a, b ,c', ['a', 'b', 'c']],
  ['an empty list', { Type: 'CommaDelimitedList' }, '', []],
  ['a list of numbers', { Type: 'List<Number>' }, '1,2', ['1', '2']],
  ['a thing of the account', { Type: 'AWS::EC2::VPC::Id' }, 'vpc-1', 'vpc-1'],
  ['a list of things of the account', { Type: 'List<AWS::EC2::Subnet::Id>' }, 's-1,s-2', ['s-1', 's-2']],
  ['an SSM value', { Type: 'AWS::SSM::Parameter::Value<String>' }, '/x', 'value of /x'],
  ['an SSM name', { Type: 'AWS::SSM::Parameter::Name' }, '/x', '/x'],
  ['an SSM list', { Type: 'AWS::SSM::Parameter::Value<List<String>>' }, '/list', ['a', 'b']],
  [
    'an SSM list of things',
    { Type: 'AWS::SSM::Parameter::Value<List<AWS::EC2::Subnet::Id>>' },
    '/list',
    ['a', 'b'],
  ],
  ['an SSM comma list', { Type: 'AWS::SSM::Parameter::Value<CommaDelimitedList>' }, '/list', ['a', 'b']],
];

for (const [name, declaration, given, expected] of values) {
  test(`a parameter takes ${name}`, () => {
    const value = resolve(declaration, given === undefined ? undefined : { ParameterValue: given });
    assert.deepEqual(value?.value, expected);
  });
}

const refusals: readonly (readonly [ParameterDeclaration, string | undefined, string | RegExp])[] = [
  [{ Type: 'String' }, undefined, 'Parameters: [P] must have values'],
  [{ Type: 'Number' }, 'x', "Parameter 'P' must be a number"],
  [{ Type: 'Nonsense' }, 'x', 'Template format error: Unrecognized parameter type: Nonsense'],
  [{ Type: 'String', AllowedValues: ['a', 'b'] }, 'c', "Parameter 'P' must be one of AllowedValues: [a, b]"],
  [{ Type: 'String', AllowedPattern: '[a-z]+' }, 'a1', "Parameter 'P' must match pattern [a-z]+"],
  [
    { Type: 'String', AllowedPattern: '[a-z]+', ConstraintDescription: 'letters only' },
    'a1',
    "Parameter 'P' failed to satisfy constraint: letters only",
  ],
  [{ Type: 'String', MinLength: 3 }, 'ab', "Parameter 'P' must contain at least 3 characters"],
  [{ Type: 'String', MaxLength: '3' }, 'abcd', "Parameter 'P' must contain at most 3 characters"],
  [{ Type: 'Number', MinValue: 3 }, '2', "Parameter 'P' must be a number not less than 3"],
  [{ Type: 'Number', MaxValue: 3 }, '4', "Parameter 'P' must be a number not greater than 3"],
  [{ Type: 'String' }, 'x'.repeat(4097), "Parameter 'P' value is longer than 4096 bytes"],
  [{ Type: 'AWS::EC2::VPC::Id' }, 'vpc-no', 'P: vpc-no does not exist'],
  [
    { Type: 'AWS::SSM::Parameter::Value<String>' },
    '/secret',
    'Parameters [/secret] referenced by template have types not supported by CloudFormation.',
  ],
];

for (const [declaration, given, message] of refusals) {
  test(`a parameter is refused: ${message}`, () => {
    assert.throws(() => resolve(declaration, given === undefined ? undefined : { ParameterValue: given }), {
      message,
    });
  });
}

test('UsePreviousValue keeps what was given before, also for an SSM name', () => {
  const previous = [{ key: 'P', given: 'before', value: 'before', noEcho: false }];
  assert.equal(
    resolve({ Type: 'String', Default: 'd' }, { UsePreviousValue: true }, previous)?.value,
    'before',
  );
  assert.throws(
    () => resolve({ Type: 'String' }, { UsePreviousValue: true }),
    /Cannot specify usePreviousValue as true for a parameter key not in the previous template/,
  );
});

test('a parameter that the template does not have is refused', () => {
  const template = { Parameters: {} } as unknown as Template;
  assert.throws(
    () => resolveParameters(template, [{ ParameterKey: 'X', ParameterValue: '1' }], undefined, account),
    /Parameters: \[X\] do not exist in the template/,
  );
});
