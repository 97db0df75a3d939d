import assert from 'node:assert/strict';
import { test } from 'node:test';
import { operation, type ServiceModule } from '../../kernel/service.ts';
import { testRegion } from '../../testing/test-region.ts';
import { cloudformation } from '../cloudformation/service.ts';
import { kms } from '../kms/service.ts';
import { secretsmanager } from '../secretsmanager/service.ts';
import { FakeDatabasePlane } from './fake-database-plane.ts';
import { rds } from './service.ts';

const ec2: ServiceModule = {
  name: 'ec2',
  operations: {
    DescribeSubnets: operation<object, object>({
      accepts: ['Filters'] as never,
      handler: () => ({
        Subnets: ['a', 'b'].map((zone) => ({
          SubnetId: `subnet-${zone}`,
          VpcId: 'vpc-1',
          AvailabilityZone: `eu-central-1${zone}`,
        })),
      }),
    }),
    DescribeSecurityGroups: operation<object, object>({
      accepts: ['Filters'] as never,
      handler: () => ({ SecurityGroups: [{ GroupId: 'sg-1' }] }),
    }),
  },
};

function open() {
  const plane = new FakeDatabasePlane();
  const region = testRegion((tables) => {
    const modules: ServiceModule[] = [
      ec2,
      kms({ tables }),
      secretsmanager({ tables }),
      rds({ tables, databases: plane }),
      cloudformation({
        tables,
        resourceTypes: () =>
          new Map(
            modules.flatMap(({ resourceTypes = [] }) => resourceTypes.map((type) => [type.name, type])),
          ),
        readTemplate: () => new Uint8Array(),
      }),
    ];
    return modules;
  });
  const deploy = async (operationName: 'createStack' | 'updateStack', template: object) => {
    await region.call('cloudformation', operationName, {
      StackName: 'data',
      TemplateBody: JSON.stringify(template),
    });
    await region.advance(60);
    const { Stacks: [stack] = [] } = await region.call('cloudformation', 'describeStacks', {
      StackName: 'data',
    });
    return stack;
  };
  const reasons = async () => {
    const { StackEvents = [] } = await region.call('cloudformation', 'describeStackEvents', {
      StackName: 'data',
    });
    return StackEvents.map(({ ResourceStatusReason = '' }) => ResourceStatusReason).join('\n');
  };
  const instances = async () => (await region.call('rds', 'describeDBInstances', {})).DBInstances ?? [];
  return { ...region, plane, deploy, reasons, instances };
}

const properties = {
  AllocatedStorage: '20',
  BackupRetentionPeriod: 7,
  EnableIAMDatabaseAuthentication: false,
  DBInstanceClass: 'db.t4g.micro',
  DBName: 'devops_app',
  DBSubnetGroupName: { Ref: 'SubnetGroup' },
  DeletionProtection: false,
  Engine: 'postgres',
  EngineVersion: '17',
  ManageMasterUserPassword: true,
  MasterUsername: 'postgres',
  StorageType: 'gp3',
  VPCSecurityGroups: ['sg-1'],
};

function template(changes: object = {}, attributes: object = {}) {
  return {
    Resources: {
      SubnetGroup: {
        Type: 'AWS::RDS::DBSubnetGroup',
        Properties: { DBSubnetGroupDescription: 'private', SubnetIds: ['subnet-a', 'subnet-b'] },
      },
      Database: { Type: 'AWS::RDS::DBInstance', Properties: { ...properties, ...changes }, ...attributes },
    },
    Outputs: {
      Address: { Value: { 'Fn::GetAtt': ['Database', 'Endpoint.Address'] } },
      Port: { Value: { 'Fn::GetAtt': ['Database', 'Endpoint.Port'] } },
      Secret: { Value: { 'Fn::GetAtt': ['Database', 'MasterUserSecret.SecretArn'] } },
    },
  };
}

test('a stack with a database is complete when it is available, and gives its endpoint and secret', async () => {
  const { deploy, instances } = open();
  const stack = await deploy('createStack', template());
  assert.equal(stack?.StackStatus, 'CREATE_COMPLETE');
  const outputs = Object.fromEntries((stack?.Outputs ?? []).map((one) => [one.OutputKey, one.OutputValue]));
  assert.equal(outputs['Address'], '127.0.0.1');
  assert.equal(outputs['Port'], '20000');
  assert.match(outputs['Secret'] ?? '', /secret:rds!db-/);
  const [database] = await instances();
  assert.equal(database?.DBInstanceStatus, 'available');
  assert.match(database?.DBInstanceIdentifier ?? '', /^data-database-[a-z0-9]+$/);
});

test('a changed class is applied in place and at once, a changed database name replaces the instance', async () => {
  const { deploy, instances } = open();
  await deploy('createStack', template());
  const [before] = await instances();
  const updated = await deploy(
    'updateStack',
    template({ DBInstanceClass: 'db.t4g.small', DeletionProtection: true }),
  );
  assert.equal(updated?.StackStatus, 'UPDATE_COMPLETE');
  const [after] = await instances();
  assert.equal(after?.DbiResourceId, before?.DbiResourceId);
  assert.equal(after?.DBInstanceClass, 'db.t4g.small');
  assert.equal(after?.DeletionProtection, true);
  await deploy('updateStack', template({ DeletionProtection: false }));
  await deploy('updateStack', template({ DBName: 'other' }));
  const replaced = await instances();
  assert.deepEqual(
    replaced.map(({ DBName }) => DBName),
    ['other'],
  );
  assert.notEqual(replaced[0]?.DbiResourceId, before?.DbiResourceId);
});

test('a deleted stack leaves a snapshot of its database, unless its policy is Delete', async () => {
  const { deploy, call, advance, instances } = open();
  await deploy('createStack', template());
  await call('cloudformation', 'deleteStack', { StackName: 'data' });
  await advance(60);
  assert.deepEqual(await instances(), []);
  const { DBSnapshots = [] } = await call('rds', 'describeDBSnapshots', {});
  assert.match(DBSnapshots[0]?.DBSnapshotIdentifier ?? '', /^data-snapshot-database-[a-z0-9]{12}$/);
  await deploy('createStack', template({}, { DeletionPolicy: 'Delete' }));
  await call('cloudformation', 'deleteStack', { StackName: 'data' });
  await advance(60);
  assert.deepEqual(await instances(), []);
  assert.equal((await call('rds', 'describeDBSnapshots', {})).DBSnapshots?.length, 1);
});

test('a protected database keeps its stack from being deleted', async () => {
  const { deploy, call, advance, instances, reasons } = open();
  await deploy('createStack', template({ DeletionProtection: true }));
  await call('cloudformation', 'deleteStack', { StackName: 'data' });
  await advance(60);
  assert.equal((await instances()).length, 1);
  assert.match(await reasons(), /Cannot delete protected DB Instance/);
});

test('a database that does not start fails its stack in its own words, and is rolled back without a trace', async () => {
  const { deploy, plane, reasons, instances, call } = open();
  plane.failStarts('no space left', 'no space left', 'no space left');
  const stack = await deploy('createStack', template());
  assert.equal(stack?.StackStatus, 'ROLLBACK_COMPLETE');
  assert.match(await reasons(), /no space left/);
  assert.deepEqual(await instances(), []);
  assert.deepEqual((await call('rds', 'describeDBSubnetGroups', {})).DBSubnetGroups, []);
  assert.deepEqual((await call('secretsmanager', 'listSecrets', {})).SecretList, []);
});

test('a database is restored from the snapshot that its template names', async () => {
  const { deploy, call, advance, instances } = open();
  await deploy('createStack', template());
  await call('cloudformation', 'deleteStack', { StackName: 'data' });
  await advance(60);
  const { DBSnapshots: [snapshot] = [] } = await call('rds', 'describeDBSnapshots', {});
  const stack = await deploy(
    'createStack',
    template({ DBSnapshotIdentifier: snapshot?.DBSnapshotIdentifier }),
  );
  assert.equal(stack?.StackStatus, 'CREATE_COMPLETE');
  assert.equal((await instances())[0]?.DBName, 'devops_app');
});

test('a generated secret is attached to its database and a parameter group to its instance', async () => {
  const { deploy, call, instances } = open();
  const { ManageMasterUserPassword: _, ...own } = properties;
  const password = {
    'Fn::Join': ['', ['{{resolve:secretsmanager:', { Ref: 'Secret' }, ':SecretString:password}}']],
  };
  const stack = await deploy('createStack', {
    Resources: {
      SubnetGroup: template().Resources.SubnetGroup,
      Secret: {
        Type: 'AWS::SecretsManager::Secret',
        Properties: {
          GenerateSecretString: {
            SecretStringTemplate: '{"username":"postgres"}',
            GenerateStringKey: 'password',
            PasswordLength: 24,
            ExcludeCharacters: '"@/\\ ',
          },
        },
      },
      Parameters: {
        Type: 'AWS::RDS::DBParameterGroup',
        Properties: { Family: 'postgres17', Description: 'more', Parameters: { max_connections: '50' } },
      },
      Database: {
        Type: 'AWS::RDS::DBInstance',
        Properties: { ...own, MasterUserPassword: password, DBParameterGroupName: { Ref: 'Parameters' } },
      },
      Attachment: {
        Type: 'AWS::SecretsManager::SecretTargetAttachment',
        Properties: {
          SecretId: { Ref: 'Secret' },
          TargetId: { Ref: 'Database' },
          TargetType: 'AWS::RDS::DBInstance',
        },
      },
    },
  });
  assert.equal(stack?.StackStatus, 'CREATE_COMPLETE', stack?.StackStatusReason);
  const { SecretList: [secret] = [] } = await call('secretsmanager', 'listSecrets', {});
  const { SecretString = '' } = await call('secretsmanager', 'getSecretValue', { SecretId: secret?.ARN });
  const value = JSON.parse(SecretString);
  assert.equal(value.password.length, 24);
  assert.deepEqual(
    { ...value, password: '', dbInstanceIdentifier: '' },
    {
      username: 'postgres',
      password: '',
      engine: 'postgres',
      host: '127.0.0.1',
      port: 20000,
      dbname: 'devops_app',
      dbInstanceIdentifier: '',
    },
  );
  assert.equal((await instances())[0]?.DBParameterGroups?.[0]?.ParameterApplyStatus, 'in-sync');
});
