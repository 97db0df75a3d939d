import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DescribeChangeSetOutput } from '@aws-sdk/client-cloudformation';
import { type StackRegion, stackRegion } from './testing/stack-region.ts';

const thing = (properties: object = {}, more: object = {}) => ({
  Type: 'Test::Thing',
  Properties: properties,
  ...more,
});
const body = (Resources: object, more: object = {}) => JSON.stringify({ Resources, ...more });

async function changeSet(
  region: StackRegion,
  ChangeSetName: string,
  TemplateBody: string,
  more: object = {},
) {
  await region.call('cloudformation', 'createChangeSet', {
    StackName: 's',
    ChangeSetName,
    TemplateBody,
    ...more,
  });
  return region.call('cloudformation', 'describeChangeSet', { StackName: 's', ChangeSetName });
}

const changesOf = (answer: DescribeChangeSetOutput) =>
  (answer.Changes ?? []).map((change) => change.ResourceChange);

test('a CREATE change set makes a stack in REVIEW_IN_PROGRESS, which its execution creates', async () => {
  const region = stackRegion();
  await assert.rejects(
    changeSet(region, 'c', body({ A: thing() })),
    /^AwsError: Stack \[s\] does not exist$/,
  );
  const described = await changeSet(region, 'c', body({ A: thing() }), { ChangeSetType: 'CREATE' });
  assert.equal(described.Status, 'CREATE_COMPLETE');
  assert.equal(described.ExecutionStatus, 'AVAILABLE');
  assert.deepEqual(changesOf(described), [
    { Action: 'Add', LogicalResourceId: 'A', ResourceType: 'Test::Thing', Scope: [], Details: [] },
  ]);
  assert.equal(await region.status('s'), 'REVIEW_IN_PROGRESS');
  assert.deepEqual(await region.call('cloudformation', 'getTemplate', { StackName: 's' }), {
    StagesAvailable: [],
  });
  await region.call('cloudformation', 'executeChangeSet', { StackName: 's', ChangeSetName: 'c' });
  await region.advance(1);
  assert.deepEqual(await region.events('s'), [
    's REVIEW_IN_PROGRESS: User Initiated',
    's CREATE_IN_PROGRESS: User Initiated',
    'A CREATE_IN_PROGRESS',
    'A CREATE_IN_PROGRESS: Resource creation Initiated',
    'A CREATE_COMPLETE',
    's CREATE_COMPLETE',
  ]);
  const executed = await region.call('cloudformation', 'describeChangeSet', {
    StackName: 's',
    ChangeSetName: 'c',
  });
  assert.equal(executed.ExecutionStatus, 'EXECUTE_COMPLETE');
  await assert.rejects(
    region.call('cloudformation', 'executeChangeSet', { StackName: 's', ChangeSetName: 'c' }),
    (error: { code: string; message: string }) =>
      error.code === 'InvalidChangeSetStatus' &&
      error.message.includes('cannot be executed in its current status of [EXECUTE_COMPLETE]'),
  );
});

test('an empty change set is FAILED with the text that clients look for', async () => {
  const region = stackRegion();
  await region.call('cloudformation', 'createStack', { StackName: 's', TemplateBody: body({ A: thing() }) });
  await region.advance(1);
  const empty = await changeSet(region, 'c', body({ A: thing() }));
  assert.equal(empty.Status, 'FAILED');
  assert.match(empty.StatusReason ?? '', /^The submitted information didn't contain changes\./);
  await assert.rejects(
    region.call('cloudformation', 'executeChangeSet', { StackName: 's', ChangeSetName: 'c' }),
    /cannot be executed in its current status of \[FAILED\]/,
  );
  const outputs = await changeSet(
    region,
    'd',
    body({ A: thing() }, { Outputs: { Id: { Value: { Ref: 'A' } } } }),
  );
  assert.equal(outputs.Status, 'CREATE_COMPLETE');
  assert.deepEqual(outputs.Changes, []);
});

test('a change set foresees what is replaced, and what that changes in other resources', async () => {
  const region = stackRegion();
  const template = (extra: object) =>
    body(
      {
        // A pseudo parameter is no cause.
        Named: thing({ Name: { 'Fn::Sub': '${Name}-${AWS::Region}' } }),
        User: thing({ Uses: [{ Ref: 'Named' }], Secret: { 'Fn::GetAtt': ['Named', 'Arn'] } }),
        Follower: { Type: 'Test::Fixed', Properties: { Value: { 'Fn::Sub': '${Named.Arn}/x' } } },
        ...extra,
      },
      { Parameters: { Name: { Type: 'String' } } },
    );
  const parameter = (ParameterValue: string) => [{ ParameterKey: 'Name', ParameterValue }];
  await region.call('cloudformation', 'createStack', {
    StackName: 's',
    TemplateBody: template({ Old: thing({}, { DeletionPolicy: 'Retain' }) }),
    Parameters: parameter('a'),
  });
  await region.advance(1);
  const described = await changeSet(region, 'c', template({ New: thing() }), { Parameters: parameter('b') });
  const seen = changesOf(described);
  const brief = seen.map(
    (c) => `${c?.Action} ${c?.LogicalResourceId} ${c?.Replacement ?? '-'} ${c?.PolicyAction ?? '-'}`,
  );
  assert.deepEqual(brief, [
    'Modify Follower Conditional ReplaceAndDelete',
    'Modify Named True ReplaceAndDelete',
    'Add New - -',
    'Remove Old - Retain',
    'Modify User False -',
  ]);
  const name = {
    Attribute: 'Properties',
    Name: 'Name',
    RequiresRecreation: 'Always',
    Path: '/Properties/Name',
  };
  assert.deepEqual(seen[1]?.Details, [
    { Target: name, Evaluation: 'Dynamic', ChangeSource: 'DirectModification' },
    { Target: name, Evaluation: 'Static', ChangeSource: 'ParameterReference', CausingEntity: 'Name' },
  ]);
  const uses = {
    Attribute: 'Properties',
    Name: 'Uses',
    RequiresRecreation: 'Never',
    Path: '/Properties/Uses',
  };
  assert.deepEqual(seen[4]?.Details?.[1], {
    Target: uses,
    Evaluation: 'Dynamic',
    ChangeSource: 'ResourceReference',
    CausingEntity: 'Named',
  });
});

test('IncludePropertyValues shows what was and what will be, without secrets', async () => {
  const region = stackRegion();
  const template = (Size: number) =>
    body(
      {
        A: thing({ Size, Secret: { Ref: 'Password' } }),
        B: thing({ Uses: [{ Ref: 'C' }], Secret: '{{resolve:secretsmanager:db:SecretString:password}}' }),
        C: thing({ Name: `c${Size}` }),
      },
      { Parameters: { Password: { Type: 'String', NoEcho: true } } },
    );
  const Parameters = [{ ParameterKey: 'Password', ParameterValue: 'hunter2' }];
  await region.call('cloudformation', 'createStack', {
    StackName: 's',
    TemplateBody: template(1),
    Parameters,
  });
  await region.advance(1);
  await region.call('cloudformation', 'createChangeSet', {
    StackName: 's',
    ChangeSetName: 'c',
    TemplateBody: template(2),
    Parameters,
  });
  const described = await region.call('cloudformation', 'describeChangeSet', {
    StackName: 's',
    ChangeSetName: 'c',
    IncludePropertyValues: true,
  });
  const [a, b] = (described.Changes ?? []).map((change) => change.ResourceChange);
  assert.equal(a?.BeforeContext, '{"Properties":{"Size":1,"Secret":"****"}}');
  assert.equal(a?.AfterContext, '{"Properties":{"Size":2,"Secret":"****"}}');
  assert.equal(
    b?.AfterContext,
    '{"Properties":{"Uses":["{{changeSet:KNOWN_AFTER_APPLY}}"],"Secret":"{{resolve:secretsmanager:db:SecretString:password}}"}}',
  );
  assert.deepEqual(described.Parameters, [{ ParameterKey: 'Password', ParameterValue: '****' }]);
  assert.doesNotMatch(JSON.stringify(described), /hunter2/);
  const { StackEvents } = await region.call('cloudformation', 'describeStackEvents', { StackName: 's' });
  assert.doesNotMatch(JSON.stringify(StackEvents), /hunter2|swordfish/);
  const secrets = [...region.things.values()].map((made) => made.properties['Secret']).sort();
  assert.deepEqual(secrets, ['hunter2', 'swordfish', undefined]);
});

test('executing one change set deletes the others; an update by other means makes them OBSOLETE', async () => {
  const region = stackRegion();
  await region.call('cloudformation', 'createStack', { StackName: 's', TemplateBody: body({ A: thing() }) });
  await region.advance(1);
  for (const [name, size] of [
    ['one', 1],
    ['two', 2],
  ] as const)
    await changeSet(region, name, body({ A: thing({ Size: size }) }));
  await assert.rejects(changeSet(region, 'two', body({})), { code: 'AlreadyExistsException' });
  await region.call('cloudformation', 'executeChangeSet', { StackName: 's', ChangeSetName: 'one' });
  await region.advance(1);
  const { Summaries } = await region.call('cloudformation', 'listChangeSets', { StackName: 's' });
  assert.deepEqual(
    Summaries?.map((summary) => summary.ChangeSetName),
    ['one'],
  );
  await changeSet(region, 'three', body({ A: thing({ Size: 3 }) }));
  await region.call('cloudformation', 'updateStack', {
    StackName: 's',
    TemplateBody: body({ A: thing({ Size: 4 }) }),
  });
  await region.advance(1);
  const obsolete = await region.call('cloudformation', 'describeChangeSet', {
    StackName: 's',
    ChangeSetName: 'three',
  });
  assert.equal(obsolete.ExecutionStatus, 'OBSOLETE');
});

test('the calls of `cdk deploy`: an old change set that is not there is deleted without an error', async () => {
  const region = stackRegion({ parameters: { '/cdk-bootstrap/hnb659fds/version': '32' } });
  const TemplateBody = body(
    {
      CDKMetadata: {
        Type: 'AWS::CDK::Metadata',
        Properties: { Analytics: 'v2:x' },
        Condition: 'CDKMetadataAvailable',
      },
      A: thing(),
    },
    {
      Parameters: {
        BootstrapVersion: {
          Type: 'AWS::SSM::Parameter::Value<String>',
          Default: '/cdk-bootstrap/hnb659fds/version',
        },
      },
      Conditions: {
        CDKMetadataAvailable: {
          'Fn::Or': [
            { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-central-1'] },
            { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'eu-west-1'] },
          ],
        },
      },
      Rules: {
        CheckBootstrapVersion: {
          Assertions: [
            {
              Assert: { 'Fn::Not': [{ 'Fn::Contains': [['1', '2', '3'], { Ref: 'BootstrapVersion' }] }] },
              AssertDescription: 'CDK bootstrap stack version 6 required.',
            },
          ],
        },
      },
    },
  );
  await assert.rejects(region.status('s'), /Stack with id s does not exist/);
  await assert.rejects(
    region.call('cloudformation', 'deleteChangeSet', {
      StackName: 's',
      ChangeSetName: 'cdk-deploy-change-set',
    }),
    /does not exist/,
  );
  const described = await changeSet(region, 'cdk-deploy-change-set', TemplateBody, {
    ChangeSetType: 'CREATE',
    ClientToken: 'create1',
    IncludeNestedStacks: true,
    Description: 'CDK Changeset for execution 1',
    Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM', 'CAPABILITY_AUTO_EXPAND'],
  });
  assert.equal(described.Changes?.length, 2);
  await region.call('cloudformation', 'updateTerminationProtection', {
    StackName: 's',
    EnableTerminationProtection: true,
  });
  await region.call('cloudformation', 'executeChangeSet', {
    StackName: 's',
    ChangeSetName: 'cdk-deploy-change-set',
    ClientRequestToken: 'exec1',
  });
  await region.advance(1);
  const { StackEvents = [] } = await region.call('cloudformation', 'describeStackEvents', { StackName: 's' });
  assert.equal(StackEvents[0]?.ResourceStatus, 'CREATE_COMPLETE');
  assert.equal(StackEvents[0]?.ClientRequestToken, 'exec1');
  assert.equal(
    (await region.call('cloudformation', 'getTemplate', { StackName: 's', TemplateStage: 'Original' }))
      .TemplateBody,
    TemplateBody,
  );
  await region.call('cloudformation', 'deleteChangeSet', { StackName: 's', ChangeSetName: 'never-was' });
  await assert.rejects(
    region.call('cloudformation', 'deleteStack', { StackName: 's' }),
    /Stack \[s\] cannot be deleted while TerminationProtection is enabled/,
  );
  const { Stacks } = await region.call('cloudformation', 'describeStacks', { StackName: 's' });
  assert.deepEqual(Stacks?.[0]?.Parameters, [
    {
      ParameterKey: 'BootstrapVersion',
      ParameterValue: '/cdk-bootstrap/hnb659fds/version',
      ResolvedValue: '32',
    },
  ]);
});

test('a change set with OnStackFailure DELETE deletes a stack whose creation fails', async () => {
  const region = stackRegion();
  await changeSet(region, 'c', body({ A: thing(), B: thing({ Fail: 'stable' }) }), {
    ChangeSetType: 'CREATE',
    OnStackFailure: 'DELETE',
  });
  const { StackId = '' } = await region.call('cloudformation', 'describeChangeSet', {
    StackName: 's',
    ChangeSetName: 'c',
  });
  await region.call('cloudformation', 'executeChangeSet', { StackName: 's', ChangeSetName: 'c' });
  await region.advance(1);
  assert.equal(await region.status(StackId), 'DELETE_COMPLETE');
  assert.equal(region.things.size, 0);
});
