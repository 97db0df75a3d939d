import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Match, Template } from 'aws-cdk-lib/assertions';
import type { EnvironmentOptions } from '../definition/service-definition.ts';
import { exampleApp } from '../testing/example-app.ts';

function dataStack(overrides: EnvironmentOptions = {}) {
  const stack = exampleApp(overrides).stacks.find(({ stackName }) => stackName.endsWith('-data'));
  assert.ok(stack);
  return { stack, template: Template.fromStack(stack) };
}

test('the database is encrypted, private, backed up and protected, its password made and kept by RDS', () => {
  dataStack().template.hasResourceProperties('AWS::RDS::DBInstance', {
    Engine: 'postgres',
    EngineVersion: '17',
    MultiAZ: true,
    StorageEncrypted: true,
    PubliclyAccessible: false,
    BackupRetentionPeriod: 7,
    DeletionProtection: true,
    ManageMasterUserPassword: true,
  });
});

test('no template holds a password', () => {
  assert.doesNotMatch(JSON.stringify(dataStack().template.toJSON()), /MasterUserPassword":\s*(?!true)/);
});

test('the database lies over all three private subnets', () => {
  const [group] = Object.values(dataStack().template.findResources('AWS::RDS::DBSubnetGroup'));
  assert.deepEqual(
    group?.['Properties'].SubnetIds,
    [0, 1, 2].map((index) => ({ 'Fn::Select': [index, { Ref: 'PrivateSubnetIds' }] })),
  );
});

test("the database's security group lets nothing in by itself and nothing out", () => {
  const { template } = dataStack();
  template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
  const [group] = Object.values(template.findResources('AWS::EC2::SecurityGroup'));
  assert.equal(group?.['Properties'].SecurityGroupIngress, undefined);
  assert.deepEqual(
    group?.['Properties'].SecurityGroupEgress.map(({ CidrIp }: { readonly CidrIp: string }) => CidrIp),
    ['255.255.255.255/32'],
  );
});

test('a protected database and what it needs to live outlast their stack', () => {
  const { stack, template } = dataStack();
  assert.equal(stack.terminationProtection, true);
  const policy = { DeletionPolicy: 'RetainExceptOnCreate', UpdateReplacePolicy: 'Retain' };
  for (const type of ['AWS::EC2::SecurityGroup', 'AWS::RDS::DBSubnetGroup', 'AWS::RDS::DBInstance']) {
    template.hasResource(type, policy);
  }
});

test('an unprotected database goes with its stack and leaves a snapshot', () => {
  const { stack, template } = dataStack({ deletionProtection: false });
  assert.equal(stack.terminationProtection, false);
  template.hasResourceProperties('AWS::RDS::DBInstance', { DeletionProtection: false });
  template.hasResource('AWS::RDS::DBInstance', {
    DeletionPolicy: 'Snapshot',
    UpdateReplacePolicy: 'Snapshot',
  });
  template.hasResource('AWS::RDS::DBSubnetGroup', { DeletionPolicy: Match.absent() });
});

test('the endpoint is published as RDS gives it, its port too', () => {
  const published = Object.values(dataStack().template.findResources('AWS::SSM::Parameter'));
  const attributes = published.map(
    ({ Properties }) => Properties.Value['Fn::GetAtt']?.[1] ?? Properties.Value,
  );
  assert.deepEqual(attributes, [
    'Endpoint.Address',
    'Endpoint.Port',
    'devops_app',
    'MasterUserSecret.SecretArn',
    'GroupId',
  ]);
});

test('a service without a database has no data stack and no database parameters', () => {
  const { stacks } = exampleApp({}, { database: false });
  assert.deepEqual(
    stacks.map(({ stackName }) => stackName),
    ['network-prod', 'devops-app-registry', 'devops-app-prod-service', 'devops-app-prod-monitoring'],
  );
  const [, , service] = stacks;
  assert.ok(service);
  assert.doesNotMatch(JSON.stringify(Template.fromStack(service).toJSON()), /database/i);
});
