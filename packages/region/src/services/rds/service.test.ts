import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceModule } from '../../kernel/service.ts';
import { operation } from '../../kernel/service.ts';
import { type TestRegion, testRegion } from '../../testing/test-region.ts';
import { kms } from '../kms/service.ts';
import { secretsmanager } from '../secretsmanager/service.ts';
import { FakeDatabasePlane } from './fake-database-plane.ts';
import { rds } from './service.ts';

/** Three subnets in three zones and one security group, as far as RDS asks for them. */
const ec2: ServiceModule = {
  name: 'ec2',
  operations: {
    DescribeSubnets: operation<object, object>({
      accepts: ['Filters'] as never,
      handler: () => ({
        Subnets: ['a', 'b', 'c'].map((zone) => ({
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

interface World extends TestRegion {
  readonly plane: FakeDatabasePlane;
}

function open(plane = new FakeDatabasePlane(), commits: TestRegion['commits'] = []): World {
  const modules = (tables: Parameters<Parameters<typeof testRegion>[0]>[0]) => [
    ec2,
    kms({ tables }),
    secretsmanager({ tables }),
    rds({ tables, databases: plane }),
  ];
  return { ...testRegion(modules, { commits }), plane };
}

const devopsApp = {
  DBInstanceIdentifier: 'devops-app-local',
  DBInstanceClass: 'db.t4g.micro',
  Engine: 'postgres',
  EngineVersion: '17',
  AllocatedStorage: 20,
  StorageType: 'gp3',
  MasterUsername: 'postgres',
  ManageMasterUserPassword: true,
  DBName: 'devops_app',
  BackupRetentionPeriod: 7,
  VpcSecurityGroupIds: ['sg-1'],
};

async function describe(world: World, id = 'devops-app-local') {
  const { DBInstances: [found] = [] } = await world.call('rds', 'describeDBInstances', {
    DBInstanceIdentifier: id,
  });
  assert.ok(found);
  return found;
}

async function statusOf(world: World): Promise<string | undefined> {
  return (await describe(world)).DBInstanceStatus;
}

async function available(input: object = {}): Promise<World> {
  const world = open();
  await world.call('rds', 'createDBInstance', { ...devopsApp, ...input });
  await world.advance(10);
  assert.equal(await statusOf(world), 'available');
  return world;
}

async function messages(world: World): Promise<readonly (string | undefined)[]> {
  const { Events = [] } = await world.call('rds', 'describeEvents', {
    SourceIdentifier: 'devops-app-local',
    SourceType: 'db-instance',
  });
  return Events.map(({ Message }) => Message);
}

test('a new DB instance is created, backed up, then available at its endpoint', async () => {
  const world = open();
  const { DBInstance } = await world.call('rds', 'createDBInstance', devopsApp);
  assert.equal(DBInstance?.DBInstanceStatus, 'creating');
  assert.equal(DBInstance?.Endpoint, undefined);
  await world.advance(0);
  assert.equal(await statusOf(world), 'backing-up');
  await world.advance(10);
  const found = await describe(world);
  assert.equal(found.DBInstanceStatus, 'available');
  assert.deepEqual([found.Endpoint?.Address, found.Endpoint?.Port], ['127.0.0.1', 20000]);
  assert.equal(found.EngineVersion, '17.10');
  assert.match(found.DbiResourceId ?? '', /^db-[A-Z2-7]{26}$/);
  assert.deepEqual(await messages(world), [
    'DB instance created',
    'Backing up DB instance',
    'Finished DB Instance backup',
  ]);
});

test('a managed master user has its password in a secret that only RDS may delete', async () => {
  const world = await available();
  const { MasterUserSecret: secret } = await describe(world);
  assert.match(secret?.KmsKeyId ?? '', /^arn:aws:kms:eu-central-1:000000000000:key\//);
  assert.equal(secret?.SecretStatus, 'active');
  assert.match(
    secret?.SecretArn ?? '',
    /^arn:aws:secretsmanager:eu-central-1:000000000000:secret:rds!db-[0-9a-f-]{36}-\w{6}$/,
  );
  const { SecretString = '' } = await world.call('secretsmanager', 'getSecretValue', {
    SecretId: secret?.SecretArn,
  });
  const value = JSON.parse(SecretString);
  assert.deepEqual(Object.keys(value), ['username', 'password']);
  assert.equal(value.username, 'postgres');
  await assert.rejects(world.call('secretsmanager', 'deleteSecret', { SecretId: secret?.SecretArn }), {
    code: 'InvalidRequestException',
  });
  await world.call('rds', 'deleteDBInstance', {
    DBInstanceIdentifier: 'devops-app-local',
    SkipFinalSnapshot: true,
  });
  await world.advance(0);
  await assert.rejects(world.call('secretsmanager', 'describeSecret', { SecretId: secret?.SecretArn }), {
    code: 'ResourceNotFoundException',
  });
});

test('no password is in the stored state of RDS', async () => {
  const world = await available({ ManageMasterUserPassword: undefined, MasterUserPassword: 'correct-horse' });
  assert.doesNotMatch(JSON.stringify(world.commits), /correct-horse/);
});

test('a managed password is rotated every seven days, and at once when asked', async () => {
  const world = await available();
  const { MasterUserSecret: secret, DbiResourceId = '' } = await describe(world);
  const read = async (VersionStage: string) =>
    (await world.call('secretsmanager', 'getSecretValue', { SecretId: secret?.SecretArn, VersionStage }))
      .SecretString;
  const first = await read('AWSCURRENT');
  const firstVerifier = world.plane.masterOf(DbiResourceId)?.passwordVerifier;
  await world.call('rds', 'modifyDBInstance', {
    DBInstanceIdentifier: 'devops-app-local',
    RotateMasterUserPassword: true,
    ApplyImmediately: true,
  });
  await world.advance(0);
  assert.equal(await statusOf(world), 'available');
  const second = await read('AWSCURRENT');
  assert.notEqual(second, first);
  assert.equal(await read('AWSPREVIOUS'), first);
  assert.notEqual(world.plane.masterOf(DbiResourceId)?.passwordVerifier, firstVerifier);
  await world.advance(7 * 24 * 3600 + 1);
  assert.notEqual(await read('AWSCURRENT'), second);
});

test('a database that ends by itself is recovered, its instance starting meanwhile', async () => {
  const world = await available();
  const { DbiResourceId = '' } = await describe(world);
  world.plane.failStarts('disk full');
  world.plane.crash(DbiResourceId);
  await world.advance(0);
  assert.equal(await statusOf(world), 'starting');
  await world.advance(2);
  assert.equal(await statusOf(world), 'available');
  assert.deepEqual((await messages(world)).slice(-3), [
    'DB instance shutdown',
    'Recovery of the DB instance has started. Recovery time will vary with the amount of data to be recovered.',
    'Recovery of the DB instance is complete',
  ]);
});

test('a database that does not start fails after three attempts, saying why', async () => {
  const world = open();
  world.plane.failStarts('no space', 'no space', 'no space');
  await world.call('rds', 'createDBInstance', devopsApp);
  await world.advance(10);
  assert.equal(await statusOf(world), 'failed');
  assert.match((await messages(world)).join(), /The DB instance has failed .*: no space/);
});

test('databases run again after the region was stopped or killed', async () => {
  const before = await available();
  const { DbiResourceId = '', Endpoint } = await describe(before);
  await before.plane.stop(DbiResourceId);
  const after = open(before.plane, before.commits);
  await after.advance(0);
  assert.equal(await statusOf(after), 'available');
  assert.ok(after.plane.isRunning(DbiResourceId));
  assert.deepEqual((await describe(after)).Endpoint, Endpoint);
});

test('an instance whose creation was cut off is created at the next start of the region', async () => {
  const before = open();
  await before.call('rds', 'createDBInstance', devopsApp);
  const cutOff = before.commits.slice(0, 1);
  const after = open(new FakeDatabasePlane(), cutOff);
  await after.advance(10);
  assert.equal(await statusOf(after), 'available');
});

test('a deletion that was cut off is finished at the next start of the region', async () => {
  const before = await available();
  const { DbiResourceId = '' } = await describe(before);
  const count = before.commits.length;
  await before.call('rds', 'deleteDBInstance', {
    DBInstanceIdentifier: 'devops-app-local',
    FinalDBSnapshotIdentifier: 'last',
  });
  const after = open(before.plane, before.commits.slice(0, count + 1));
  await after.advance(0);
  await assert.rejects(describe(after), { code: 'DBInstanceNotFound' });
  assert.equal(after.plane.isRunning(DbiResourceId), false);
});

test('deletion asks for a final snapshot unless told otherwise, and a restored instance has the data', async () => {
  const world = await available({ DeletionProtection: true });
  const id = { DBInstanceIdentifier: 'devops-app-local' };
  await assert.rejects(world.call('rds', 'deleteDBInstance', { ...id, SkipFinalSnapshot: true }), {
    code: 'InvalidParameterCombination',
    message: /Cannot delete protected DB Instance/,
  });
  await world.call('rds', 'modifyDBInstance', { ...id, DeletionProtection: false, ApplyImmediately: true });
  await world.advance(1);
  await assert.rejects(world.call('rds', 'deleteDBInstance', id), /FinalDBSnapshotIdentifier is required/);
  await world.call('rds', 'deleteDBInstance', { ...id, FinalDBSnapshotIdentifier: 'Last-One' });
  await world.advance(0);
  const { DBSnapshots: [snapshot] = [] } = await world.call('rds', 'describeDBSnapshots', {});
  assert.deepEqual([snapshot?.DBSnapshotIdentifier, snapshot?.Status], ['last-one', 'available']);
  await world.call('rds', 'restoreDBInstanceFromDBSnapshot', {
    DBInstanceIdentifier: 'restored',
    DBSnapshotIdentifier: 'last-one',
    ManageMasterUserPassword: true,
  });
  await world.advance(10);
  const restored = await describe(world, 'restored');
  assert.deepEqual([restored.DBInstanceStatus, restored.DBName], ['available', 'devops_app']);
  await world.call('rds', 'deleteDBSnapshot', { DBSnapshotIdentifier: 'last-one' });
  await world.advance(0);
  assert.deepEqual(world.plane.snapshotIds, []);
});

test('a snapshot is taken while the instance is backing up', async () => {
  const world = await available();
  await world.call('rds', 'createDBSnapshot', {
    DBInstanceIdentifier: 'devops-app-local',
    DBSnapshotIdentifier: 'before-release',
  });
  await world.advance(1);
  assert.equal(await statusOf(world), 'available');
  const { DBSnapshots: [snapshot] = [] } = await world.call('rds', 'describeDBSnapshots', {
    DBInstanceIdentifier: 'devops-app-local',
  });
  assert.equal(snapshot?.Status, 'available');
  await assert.rejects(
    world.call('rds', 'createDBSnapshot', {
      DBInstanceIdentifier: 'devops-app-local',
      DBSnapshotIdentifier: 'before-release',
    }),
    { code: 'DBSnapshotAlreadyExists' },
  );
});

test('an instance that is deleted while a snapshot is taken leaves the snapshot', async () => {
  const world = await available();
  const id = { DBInstanceIdentifier: 'devops-app-local' };
  const snapshot = world.call('rds', 'createDBSnapshot', { ...id, DBSnapshotIdentifier: 'kept' });
  const deletion = world.call('rds', 'deleteDBInstance', { ...id, SkipFinalSnapshot: true });
  await Promise.all([snapshot, deletion]);
  await world.advance(0);
  const { DBSnapshots = [] } = await world.call('rds', 'describeDBSnapshots', {});
  assert.deepEqual(
    DBSnapshots.map(({ Status }) => Status),
    ['available'],
  );
  assert.deepEqual((await world.call('rds', 'describeDBInstances', {})).DBInstances, []);
});

test('a stopped instance refuses all but start and delete, and starts by itself after seven days', async () => {
  const world = await available();
  const id = { DBInstanceIdentifier: 'devops-app-local' };
  await world.call('rds', 'stopDBInstance', id);
  await world.advance(0);
  assert.equal(await statusOf(world), 'stopped');
  await assert.rejects(world.call('rds', 'rebootDBInstance', id), { code: 'InvalidDBInstanceState' });
  await world.call('rds', 'startDBInstance', id);
  await world.advance(0);
  assert.equal(await statusOf(world), 'available');
  await world.call('rds', 'stopDBInstance', id);
  await world.advance(7 * 24 * 3600 + 1);
  assert.equal(await statusOf(world), 'available');
});

test('a new class waits for the maintenance window unless it is applied at once', async () => {
  const world = await available({ PreferredMaintenanceWindow: 'mon:03:00-mon:03:30' });
  const change = { DBInstanceIdentifier: 'devops-app-local', DBInstanceClass: 'db.t4g.small' };
  await world.call('rds', 'modifyDBInstance', change);
  await world.advance(1);
  const waiting = await describe(world);
  assert.equal(waiting.DBInstanceClass, 'db.t4g.micro');
  assert.deepEqual(waiting.PendingModifiedValues, { DBInstanceClass: 'db.t4g.small' });
  // The test's clock begins on a Sunday at noon.
  await world.advance(15 * 3600 + 1);
  assert.equal((await describe(world)).DBInstanceClass, 'db.t4g.small');
  await world.call('rds', 'modifyDBInstance', {
    ...change,
    DBInstanceClass: 'db.t4g.medium',
    ApplyImmediately: true,
  });
  await world.advance(0);
  const applied = await describe(world);
  assert.deepEqual([applied.DBInstanceClass, applied.DBInstanceStatus], ['db.t4g.medium', 'available']);
});

test('a changed parameter group shows pending-reboot until the instance is rebooted', async () => {
  const world = await available();
  const id = { DBInstanceIdentifier: 'devops-app-local' };
  await world.call('rds', 'createDBParameterGroup', {
    DBParameterGroupName: 'busy',
    DBParameterGroupFamily: 'postgres17',
    Description: 'more connections',
  });
  await world.call('rds', 'modifyDBParameterGroup', {
    DBParameterGroupName: 'busy',
    Parameters: [{ ParameterName: 'max_connections', ParameterValue: '300', ApplyMethod: 'pending-reboot' }],
  });
  await world.call('rds', 'modifyDBInstance', { ...id, DBParameterGroupName: 'busy' });
  await world.advance(1);
  const applied = async () => (await describe(world)).DBParameterGroups?.[0]?.ParameterApplyStatus;
  assert.equal(await applied(), 'pending-reboot');
  await world.call('rds', 'rebootDBInstance', id);
  await world.advance(0);
  assert.equal(await applied(), 'in-sync');
  await assert.rejects(world.call('rds', 'deleteDBParameterGroup', { DBParameterGroupName: 'busy' }), {
    code: 'InvalidDBParameterGroupState',
  });
});

test('a dynamic parameter reaches running databases at once, a static one waits', async () => {
  const world = await available();
  const { DbiResourceId = '' } = await describe(world);
  await world.call('rds', 'createDBParameterGroup', {
    DBParameterGroupName: 'slow',
    DBParameterGroupFamily: 'postgres17',
    Description: 'x',
  });
  const id = { DBInstanceIdentifier: 'devops-app-local' };
  await world.call('rds', 'modifyDBInstance', { ...id, DBParameterGroupName: 'slow' });
  await world.advance(1);
  const set = (ParameterName: string, ParameterValue: string, ApplyMethod: 'immediate' | 'pending-reboot') =>
    world.call('rds', 'modifyDBParameterGroup', {
      DBParameterGroupName: 'slow',
      Parameters: [{ ParameterName, ParameterValue, ApplyMethod }],
    });
  await set('statement_timeout', '5000', 'immediate');
  await world.advance(0);
  assert.equal(world.plane.parametersOf(DbiResourceId)?.['statement_timeout'], '5000');
  const status = async () => (await describe(world)).DBParameterGroups?.[0]?.ParameterApplyStatus;
  assert.equal(await status(), 'in-sync');
  await set('shared_buffers', '32768', 'pending-reboot');
  await world.advance(0);
  assert.equal(world.plane.parametersOf(DbiResourceId)?.['shared_buffers'], undefined);
  assert.equal(await status(), 'pending-reboot');
  await world.call('rds', 'resetDBParameterGroup', {
    DBParameterGroupName: 'slow',
    ResetAllParameters: true,
  });
  await world.advance(0);
  assert.equal(world.plane.parametersOf(DbiResourceId)?.['statement_timeout'], undefined);
  await assert.rejects(set('shared_buffers', '1', 'immediate'), /cannot use immediate apply method/);
  await assert.rejects(set('work_mem', 'much', 'immediate'), /Invalid parameter value: much for: work_mem/);
  await assert.rejects(set('rds.unheard_of', '1', 'immediate'), { code: 'NotModelled' });
});

test('a subnet group in use is not deleted, and its subnets name the zones', async () => {
  const world = open();
  const group = {
    DBSubnetGroupName: 'Private',
    DBSubnetGroupDescription: 'x',
    SubnetIds: ['subnet-a', 'subnet-b', 'subnet-c'],
  };
  const { DBSubnetGroup } = await world.call('rds', 'createDBSubnetGroup', group);
  assert.equal(DBSubnetGroup?.VpcId, 'vpc-1');
  await assert.rejects(
    world.call('rds', 'createDBSubnetGroup', {
      ...group,
      DBSubnetGroupName: 'other',
      SubnetIds: ['subnet-z'],
    }),
    { code: 'InvalidSubnet' },
  );
  await world.call('rds', 'createDBInstance', { ...devopsApp, DBSubnetGroupName: 'private' });
  await assert.rejects(world.call('rds', 'deleteDBSubnetGroup', { DBSubnetGroupName: 'private' }), {
    code: 'InvalidDBSubnetGroupStateFault',
  });
});

test('what is accepted without effect is announced', async () => {
  const world = await available({ MultiAZ: true, StorageEncrypted: true });
  const codes = world.messages.map(({ code }) => code);
  for (const code of ['rds-multi-az', 'rds-encryption', 'rds-backups', 'rds-port'])
    assert.ok(codes.includes(code), code);
});

for (const [name, input, expected] of [
  [
    'an identifier that ends with a hyphen',
    { DBInstanceIdentifier: 'x-' },
    { code: 'InvalidParameterValue' },
  ],
  ['an engine that is not modelled', { Engine: 'mysql' }, { code: 'NotModelled', message: /Engine mysql/ }],
  [
    'a major version that is not there',
    { EngineVersion: '16.4' },
    { code: 'NotModelled', message: /16\.4.*17\.10/ },
  ],
  ['a reserved master user', { MasterUsername: 'rdsadmin' }, /reserved word/],
  [
    'too little storage',
    { AllocatedStorage: 5 },
    /Invalid storage size for engine name postgres and storage type gp3: 5/,
  ],
  ['two kinds of password', { MasterUserPassword: 'correct-horse' }, { code: 'InvalidParameterCombination' }],
  ['no password', { ManageMasterUserPassword: false }, /MasterUserPassword must be provided/],
  [
    'a short password',
    { ManageMasterUserPassword: false, MasterUserPassword: 'short' },
    /shorter than 8 characters/,
  ],
  ['an unknown security group', { VpcSecurityGroupIds: ['sg-9'] }, /Invalid security group , groupId= sg-9/],
  ['an unknown subnet group', { DBSubnetGroupName: 'none' }, { code: 'DBSubnetGroupNotFoundFault' }],
  ['an unknown parameter group', { DBParameterGroupName: 'none' }, { code: 'DBParameterGroupNotFound' }],
  ['a wrong database name', { DBName: '1x' }, /DBName must begin with a letter/],
  [
    'a member that is not modelled',
    { EnableIAMDatabaseAuthentication: true },
    /member EnableIAMDatabaseAuthentication/,
  ],
] as const) {
  test(`CreateDBInstance refuses ${name} and leaves nothing behind`, async () => {
    const world = open();
    await assert.rejects(
      world.call('rds', 'createDBInstance', { ...devopsApp, ...(input as object) }),
      expected,
    );
    assert.deepEqual((await world.call('rds', 'describeDBInstances', {})).DBInstances, []);
    assert.deepEqual((await world.call('secretsmanager', 'listSecrets', {})).SecretList, []);
  });
}
