import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type StackRegion, stackRegion } from './testing/stack-region.ts';

const thing = (properties: object = {}, more: object = {}) => ({
  Type: 'Test::Thing',
  Properties: properties,
  ...more,
});

const create = (region: StackRegion, template: object, more: object = {}) =>
  region.call('cloudformation', 'createStack', {
    StackName: 's',
    TemplateBody: JSON.stringify(template),
    ...more,
  });

const refusals: readonly (readonly [string, object, RegExp])[] = [
  [
    'an unknown resource type is named with its logical id',
    { Resources: { A: thing(), Queue: { Type: 'AWS::SQS::Queue' } } },
    /^AwsError: Template format error: Unrecognized resource types: \[AWS::SQS::Queue\]\. Not modelled by this local region: Queue \(AWS::SQS::Queue\)$/,
  ],
  [
    'a nested stack is refused by name',
    { Resources: { Child: { Type: 'AWS::CloudFormation::Stack', Properties: { TemplateURL: 'x' } } } },
    /Unrecognized resource types: \[AWS::CloudFormation::Stack\]/,
  ],
  [
    'all properties that do not fit are named at once',
    { Resources: { A: thing({ Colour: 'red', Size: 'big' }), F: { Type: 'Test::Fixed' } } },
    /^AwsError: Properties validation failed for resource A \(Test::Thing\) with message:\n#: extraneous key \[Colour\] is not permitted \(not modelled by this local region\)\n#\/Size: expected type: Integer, found: String\nProperties validation failed for resource F \(Test::Fixed\) with message:\n#: required key \[Value\] not found$/,
  ],
  [
    'a circle is named',
    { Resources: { A: thing({ Uses: [{ Ref: 'B' }] }), B: thing({}, { DependsOn: 'A' }), C: thing() } },
    /^AwsError: Circular dependency between resources: \[A, B\]$/,
  ],
  [
    'a reference to a resource whose condition is false is unresolved',
    {
      Conditions: { No: { 'Fn::Equals': ['a', 'b'] } },
      Resources: { A: thing({ Uses: [{ Ref: 'B' }] }), B: thing({}, { Condition: 'No' }) },
    },
    /Unresolved resource dependencies \[B\] in the Resources block of the template/,
  ],
  [
    'conditions in a circle are refused',
    {
      Conditions: { X: { 'Fn::Not': [{ Condition: 'Y' }] }, Y: { 'Fn::Not': [{ Condition: 'X' }] } },
      Resources: { A: thing({}, { Condition: 'X' }) },
    },
    /Circular dependency between conditions/,
  ],
  [
    'an import that nobody exports is refused',
    { Resources: { A: thing({ Secret: { 'Fn::ImportValue': 'nothing' } }) } },
    /^AwsError: No export named nothing found\.$/,
  ],
  [
    'a policy that the type cannot follow is refused',
    { Resources: { A: thing({}, { DeletionPolicy: 'Snapshot' }) } },
    /resource type Test::Thing does not support deletion policy Snapshot \(A\)/,
  ],
  [
    'an SSM parameter that is not there is named as the CDK knows it',
    {
      Parameters: { V: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/cdk-bootstrap/x/version' } },
      Resources: { A: thing() },
    },
    /^AwsError: Unable to fetch parameters \[\/cdk-bootstrap\/x\/version\] from parameter store for this account\.$/,
  ],
  [
    'a rule that does not hold says so',
    {
      Rules: {
        R: { Assertions: [{ Assert: { 'Fn::Equals': ['a', 'b'] }, AssertDescription: 'a must be b' }] },
      },
      Resources: { A: thing() },
    },
    /Rule R failed: a must be b/,
  ],
  [
    'more than 60 dynamic references are refused',
    { Resources: { A: thing({ Secret: '{{resolve:ssm:/x}}'.repeat(61) }) } },
    /at most 60 dynamic references/,
  ],
];

for (const [name, template, message] of refusals) {
  test(`before anything is created: ${name}`, async () => {
    const region = stackRegion();
    await assert.rejects(create(region, template), message);
    assert.equal(region.things.size, 0);
    await assert.rejects(region.status('s'), /does not exist/);
  });
}

test('IAM resources need a capability, those with a name of their own the stronger one', async () => {
  const role = (Properties: object) => ({ Resources: { R: { Type: 'AWS::IAM::Role', Properties } } });
  const region = stackRegion();
  await assert.rejects(
    create(region, role({})),
    (error: { code: string; message: string }) =>
      error.code === 'InsufficientCapabilitiesException' &&
      error.message === 'Requires capabilities : [CAPABILITY_IAM]',
  );
  await assert.rejects(
    create(region, role({ RoleName: 'r' }), { Capabilities: ['CAPABILITY_IAM'] }),
    /Requires capabilities : \[CAPABILITY_NAMED_IAM\]/,
  );
  await create(region, role({ RoleName: 'r' }), { Capabilities: ['CAPABILITY_NAMED_IAM'] });
  const validated = await region.call('cloudformation', 'validateTemplate', {
    TemplateBody: JSON.stringify(role({ RoleName: 'r' })),
  });
  assert.deepEqual(validated.Capabilities, ['CAPABILITY_NAMED_IAM']);
});

test('a template comes from S3 by each form of its URL', async () => {
  const asked: string[] = [];
  const region = stackRegion({
    readTemplate: (bucket, key) => {
      asked.push(`${bucket} ${key}`);
      return JSON.stringify({ Resources: { A: thing() } });
    },
  });
  const urls = [
    'https://b.s3.eu-central-1.amazonaws.com/dir/t.json',
    'https://b.s3.amazonaws.com/dir/t.json',
    'https://s3.eu-central-1.amazonaws.com/b/dir/t.json',
    'http://127.0.0.1:4566/b/dir/t.json',
    'http://localhost:4566/b/dir/t.json?versionId=1',
  ];
  for (const TemplateURL of urls) await region.call('cloudformation', 'validateTemplate', { TemplateURL });
  assert.deepEqual(
    asked,
    urls.map(() => 'b dir/t.json'),
  );
  await assert.rejects(
    region.call('cloudformation', 'validateTemplate', { TemplateURL: 'https://example.com/b/t.json' }),
    /TemplateURL must be a supported URL\./,
  );
  await assert.rejects(
    stackRegion().call('cloudformation', 'validateTemplate', { TemplateURL: urls[0] }),
    /TemplateURL is not modelled/,
  );
});

test('the same request with the same token gives the same stack', async () => {
  const region = stackRegion();
  const template = { Resources: { A: thing() } };
  const first = await create(region, template, { ClientRequestToken: 't1' });
  const second = await create(region, template, { ClientRequestToken: 't1' });
  assert.equal(first.StackId, second.StackId);
  await assert.rejects(
    create(region, template, { ClientRequestToken: 't2' }),
    (error: { code: string; message: string }) =>
      error.code === 'AlreadyExistsException' && error.message === 'Stack [s] already exists',
  );
});

test('dynamic references of SSM are resolved when the resource is deployed', async () => {
  const region = stackRegion({ parameters: { '/name': 'found', '/secure/x': 'hidden' } });
  await create(region, {
    Resources: {
      A: thing({
        Name: 'x-{{resolve:ssm:/name}}',
        Secret: { 'Fn::Join': ['', ['{{resolve:ssm-secure:/secure/', 'x}}']] },
      }),
    },
    Outputs: { Name: { Value: '{{resolve:ssm:/name}}' } },
  });
  await region.advance(1);
  const [made] = [...region.things.values()];
  assert.equal(made?.properties['Name'], 'x-found');
  assert.equal(made?.properties['Secret'], 'hidden');
  assert.deepEqual(await region.outputs('s'), { Name: 'found' });
  assert.doesNotMatch(
    JSON.stringify([...region.tables.table('cloudformation.resources').values()]),
    /hidden/,
  );
});

test('an attribute that the type does not have fails the resource that asks for it', async () => {
  const region = stackRegion();
  await create(region, {
    Resources: { A: thing(), B: thing({ Secret: { 'Fn::GetAtt': ['A', 'Colour'] } }) },
  });
  await region.advance(1);
  assert.equal(await region.status('s'), 'ROLLBACK_COMPLETE');
  assert.ok(
    (await region.events('s')).includes(
      'B CREATE_FAILED: Template error: resource A does not support attribute type Colour in Fn::GetAtt (Test::Thing)',
    ),
  );
});

test('long lists come in pages, events newest first', async () => {
  const region = stackRegion();
  const Resources = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`A${i}`, thing()]));
  await create(region, { Resources });
  await region.advance(1);
  const first = await region.call('cloudformation', 'describeStackEvents', { StackName: 's' });
  assert.equal(first.StackEvents?.length, 100);
  assert.equal(first.StackEvents?.[0]?.ResourceStatus, 'CREATE_COMPLETE');
  assert.equal(first.StackEvents?.[0]?.LogicalResourceId, 's');
  const second = await region.call('cloudformation', 'describeStackEvents', {
    StackName: 's',
    NextToken: first.NextToken,
  });
  assert.equal(second.StackEvents?.length, 82);
  assert.equal(second.NextToken, undefined);
  const ids = [...(first.StackEvents ?? []), ...(second.StackEvents ?? [])].map((event) => event.EventId);
  assert.equal(new Set(ids).size, 182);
});

test('what is left out is refused by name', async () => {
  const region = stackRegion();
  const template = { Resources: { A: thing() } };
  await assert.rejects(
    create(region, template, { NotificationARNs: ['arn:aws:sns:eu-central-1:000000000000:t'] }),
    /NotificationARNs is not modelled/,
  );
  await assert.rejects(
    create(region, template, { RollbackConfiguration: { MonitoringTimeInMinutes: 5 } }),
    /RollbackConfiguration is not modelled/,
  );
  await assert.rejects(
    create(region, template, { DeploymentConfig: { Mode: 'EXPRESS' } }),
    /EXPRESS is not modelled/,
  );
  await assert.rejects(
    region.call('cloudformation', 'detectStackSetDrift', { StackSetName: 's' }),
    /cloudformation DetectStackSetDrift is not modelled/,
  );
  await create(region, template, { NotificationARNs: [], RollbackConfiguration: {} });
});

test('a template in YAML is deployed as one in JSON', async () => {
  const region = stackRegion();
  await region.call('cloudformation', 'createStack', {
    StackName: 's',
    TemplateBody: `
Parameters:
  Size: { Type: Number, Default: 4 }
Resources:
  A:
    Type: Test::Thing
    Properties:
      Size: !Ref Size
      Name: !Sub "\${AWS::StackName}-\${AWS::Region}"
  B:
    Type: Test::Thing
    Properties:
      Uses: [!Ref A]
Outputs:
  Zone:
    Value: !Select [1, !GetAZs ""]
  Arn:
    Value: !GetAtt A.Arn
`,
  });
  await region.advance(1);
  assert.equal(await region.status('s'), 'CREATE_COMPLETE');
  assert.equal((await region.outputs('s'))['Zone'], 'eu-central-1b');
});

test('with a service role every call is made as that role, also in later operations', async () => {
  const region = stackRegion();
  const template = (Size: number) => ({ Resources: { A: thing({ Size }) } });
  const makers = () => [...region.things.values()].map((made) => made.by);
  await assert.rejects(
    create(region, template(1), { RoleARN: 'arn:aws:iam::000000000000:role/nobody' }),
    /^AwsError: Role arn:aws:iam::000000000000:role\/nobody is invalid or cannot be assumed$/,
  );
  await create(region, template(1), { RoleARN: 'arn:aws:iam::000000000000:role/deployer' });
  await region.advance(1);
  const asRole = 'arn:aws:sts::000000000000:assumed-role/deployer/AWSCloudFormation';
  assert.deepEqual(makers(), [asRole]);
  await region.call('cloudformation', 'updateStack', {
    StackName: 's',
    TemplateBody: JSON.stringify(template(2)),
  });
  await region.advance(1);
  assert.deepEqual(makers(), [asRole]);
  const plain = stackRegion();
  await create(plain, template(1));
  await plain.advance(1);
  assert.equal([...plain.things.values()][0]?.by, 'arn:aws:iam::000000000000:root');
});
