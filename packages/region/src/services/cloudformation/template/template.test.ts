import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseTemplate } from './parse.ts';
import { checkReferences } from './references.ts';
import { readTemplate } from './template.ts';

const yaml = `
AWSTemplateFormatVersion: 2010-09-09
Description: A thing
Conditions:
  IsProd: !Equals [!Ref Env, prod]
  Other: !And [!Condition IsProd, !Not [!Condition IsProd]]
Resources:
  A:
    Type: Test::Thing
    Properties: &same
      Date: 2012-10-17
      Port: 0080
      Name: !Sub "\${AWS::StackName}-\${B.Arn}"
      List: !Split [",", !GetAtt B.Names.All]
      Pick: !Select [0, !GetAZs ""]
      Nested: !If
        - IsProd
        - !Join ["-", [a, !Ref B]]
        - !Ref AWS::NoValue
      Both: !GetAtt [B, Arn]
      Found: !FindInMap [M, !Ref Env, x]
      In: !ImportValue vpc
      Text: |
        two
        lines
  B:
    Type: Test::Thing
    Properties: *same
`;

test('YAML with short forms becomes the same as JSON with long ones', () => {
  const parsed = parseTemplate(yaml) as { [section: string]: { [name: string]: { Properties: unknown } } };
  assert.deepEqual(parsed['Resources']?.['A']?.Properties, {
    Date: '2012-10-17',
    Port: 80,
    Name: { 'Fn::Sub': '${AWS::StackName}-${B.Arn}' },
    List: { 'Fn::Split': [',', { 'Fn::GetAtt': ['B', 'Names.All'] }] },
    Pick: { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] },
    Nested: { 'Fn::If': ['IsProd', { 'Fn::Join': ['-', ['a', { Ref: 'B' }]] }, { Ref: 'AWS::NoValue' }] },
    Both: { 'Fn::GetAtt': ['B', 'Arn'] },
    Found: { 'Fn::FindInMap': ['M', { Ref: 'Env' }, 'x'] },
    In: { 'Fn::ImportValue': 'vpc' },
    Text: 'two\nlines\n',
  });
  assert.deepEqual(parsed['Resources']?.['B']?.Properties, parsed['Resources']?.['A']?.Properties);
  assert.deepEqual(parsed['Conditions'], {
    IsProd: { 'Fn::Equals': [{ Ref: 'Env' }, 'prod'] },
    Other: { 'Fn::And': [{ Condition: 'IsProd' }, { 'Fn::Not': [{ Condition: 'IsProd' }] }] },
  });
});

test('a text that is no template is refused with the place', () => {
  assert.throws(
    () => parseTemplate('{"a": 1,\n "b" 2}'),
    /^AwsError: Template format error: JSON not well-formed\. \(line 2, column 6\)$/,
  );
  assert.throws(
    () => parseTemplate('a:\n  - b\n c: d'),
    /Template format error: YAML not well-formed\. \(line \d+, column \d+\)/,
  );
  assert.throws(
    () => readTemplate(parseTemplate('just text')),
    /Template format error: unsupported structure\./,
  );
});

const thing = { Type: 'Test::Thing' };
const refusals: readonly (readonly [object, RegExp])[] = [
  [{}, /At least one Resources member must be defined\./],
  [{ Resources: {} }, /At least one Resources member must be defined\./],
  [
    { Resources: { A: thing }, Outpouts: {} },
    /^AwsError: Invalid template property or properties \[Outpouts\]$/,
  ],
  [{ Resources: { 'A-b': thing } }, /Template format error: Resource name A-b is non alphanumeric\./],
  [{ Resources: { A: {} } }, /\[\/Resources\/A\] Every Resources object must contain a Type member\./],
  [{ Resources: { A: { ...thing, Propertys: {} } } }, /Invalid template resource A property 'Propertys'/],
  [{ Resources: { A: { ...thing, CreationPolicy: {} } } }, /CreationPolicy of resource A is not modelled/],
  [{ Resources: { A: { ...thing, UpdatePolicy: {} } } }, /UpdatePolicy of resource A is not modelled/],
  [
    { Resources: { A: { ...thing, DeletionPolicy: 'Keep' } } },
    /Unrecognized DeletionPolicy "Keep" for resource A/,
  ],
  [
    { Resources: { A: thing }, Transform: 'AWS::Serverless-2016-10-31' },
    /Transform \[AWS::Serverless-2016-10-31\] is not modelled/,
  ],
  [
    { Resources: { A: thing }, AWSTemplateFormatVersion: '2009-01-01' },
    /version "2009-01-01" is not supported/,
  ],
  [
    { Resources: { A: thing }, Parameters: { P: {} } },
    /Every Parameters object must contain a Type member\./,
  ],
  [{ Resources: { A: thing }, Outputs: { O: {} } }, /Every Outputs member must contain a Value object/],
  [{ Resources: { A: thing }, Description: 'x'.repeat(1025) }, /'Description' length is greater than 1024/],
  [
    { Resources: Object.fromEntries(Array.from({ length: 501 }, (_, i) => [`A${i}`, thing])) },
    /Number of resources, 501, is greater than maximum allowed, 500/,
  ],
  [
    { Resources: { A: { ...thing, DependsOn: 'B' } } },
    /^AwsError: Template format error: Unresolved resource dependencies \[B\] in the Resources block of the template$/,
  ],
  [
    {
      Resources: { A: { ...thing, Properties: { X: { 'Fn::GetAtt': ['P', 'Arn'] } } } },
      Parameters: { P: { Type: 'String' } },
    },
    /Unresolved resource dependencies \[P\] in the Resources block/,
  ],
  [
    { Resources: { A: thing }, Outputs: { O: { Value: { 'Fn::Sub': '${B}' } } } },
    /Unresolved resource dependencies \[B\] in the Outputs block of the template/,
  ],
  [
    { Resources: { A: { ...thing, Condition: 'C' } } },
    /Unresolved condition dependency C in the Resources block of the template/,
  ],
  [
    { Resources: { A: thing }, Outputs: { O: { Value: 'x', Export: { Name: { Ref: 'A' } } } } },
    /^AwsError: Template format error: Output O is malformed\. The Name field of Export must not depend on any resources, imported values, or Fn::GetAZs\.$/,
  ],
];

for (const [template, message] of refusals) {
  test(`refuses ${JSON.stringify(template).slice(0, 100)}`, () => {
    assert.throws(() => checkReferences(readTemplate(template)), message);
  });
}
