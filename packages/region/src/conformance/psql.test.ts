import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import {
  CreateDBInstanceCommand,
  DeleteDBInstanceCommand,
  DescribeDBInstancesCommand,
  RDSClient,
  waitUntilDBInstanceAvailable,
  waitUntilDBInstanceDeleted,
} from '@aws-sdk/client-rds';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { installed, run, succeed } from './testing/command.ts';
import { startRegionProcess } from './testing/region-process.ts';

const region = await startRegionProcess();
after(() => region.close());

test('psql talks to a DB instance with the endpoint that RDS gives and the password of its secret', async (t) => {
  if ((await installed('psql')).length === 0) return t.skip('needs psql');
  const client = new RDSClient(region.client);
  const DBInstanceIdentifier = 'conformance';
  const wait = { client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 };
  await client.send(
    new CreateDBInstanceCommand({
      DBInstanceIdentifier,
      Engine: 'postgres',
      DBInstanceClass: 'db.t4g.micro',
      AllocatedStorage: 20,
      DBName: 'shop',
      MasterUsername: 'captain',
      ManageMasterUserPassword: true,
    }),
  );
  await waitUntilDBInstanceAvailable(wait, { DBInstanceIdentifier });
  const { DBInstances = [] } = await client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier }));
  const { Endpoint, MasterUserSecret } = DBInstances[0] ?? {};
  const { SecretString = '{}' } = await new SecretsManagerClient(region.client).send(
    new GetSecretValueCommand({ SecretId: MasterUserSecret?.SecretArn }),
  );
  const secret = JSON.parse(SecretString) as { readonly username: string; readonly password: string };
  const psql = (password: string, sql: string): [string, string[], { env: NodeJS.ProcessEnv }] => [
    'psql',
    [
      '-h',
      `${Endpoint?.Address}`,
      '-p',
      `${Endpoint?.Port}`,
      '-U',
      secret.username,
      '-d',
      'shop',
      '-AtXc',
      sql,
    ],
    { env: { ...region.environment, PGPASSWORD: password } },
  ];

  await t.test('the master user reads and writes and is no superuser', async () => {
    const sql =
      'create table boats (name text); insert into boats values ($$Ida$$) returning name; table boats; show is_superuser';
    const { stdout } = await succeed(...psql(secret.password, sql));
    assert.deepEqual(stdout.trim().split('\n'), ['CREATE TABLE', 'Ida', 'INSERT 0 1', 'Ida', 'off']);
  });

  await t.test('another password is refused', async () => {
    const { status, stderr } = await run(...psql('wrong', 'select 1'));
    assert.equal(status, 2);
    assert.match(stderr, /password authentication failed for user "captain"/);
  });

  await t.test('nothing listens there once the instance is deleted', async () => {
    await client.send(new DeleteDBInstanceCommand({ DBInstanceIdentifier, SkipFinalSnapshot: true }));
    await waitUntilDBInstanceDeleted(wait, { DBInstanceIdentifier });
    const { stderr } = await run(...psql(secret.password, 'select 1'));
    assert.match(stderr, /Connection refused/);
  });
});
