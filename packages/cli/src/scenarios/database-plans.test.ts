/** Plans over what holds data, and over what fails. */
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  GetSecretValueCommand,
  ListSecretsCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { sealed } from '../plan/plan-document.ts';
import { localAccessKey } from '../region/credentials.ts';
import {
  answer,
  applied,
  definition,
  emptyRegion,
  happenings,
  planned,
  shownIn,
  stackOf,
  statusOf,
  whatHappened,
} from '../testing/planned.ts';

const database = (name: string, size = 'micro'): string => `
  import { defineService } from '@plimsoll/blueprint';
  export default defineService({
    name: 'tiny',
    image: { command: ['node', 'dist/main.mjs'] },
    scaling: { min: 1 },
    database: { engine: 'postgres', version: '17', name: '${name}', multiAz: false, instanceClass: 'db.t4g.${size}' },
    environments: { local: { region: 'eu-central-1' } },
  });
`;

test('a database is replaced or removed by a plan only where that is allowed by name, and no plan holds its password', {
  timeout: 900_000,
}, async (t) => {
  const { service, target } = await emptyRegion(t);
  await service.definition(database('one'));
  await planned(service, 'first.plan');
  const up = await service.plimsoll('apply', 'first.plan');
  assert.equal(up.code, 0, `${up.stdout}\n${up.stderr}`);

  await service.definition(database('one', 'small'));
  await service.answer('two');
  const both = await planned(service, 'both.plan');
  assert.equal(stackOf(both, 'tiny-local-service').exactness, 'exact', 'what it reads of the database stays');
  await applied(service, target, both, 'both.plan');
  assert.equal(await answer(service), 'two');

  await service.definition(database('two', 'small'));
  const before = await happenings(target);
  const refused = await service.plimsoll('plan', '--out', 'two.plan');
  assert.equal(refused.code, 1);
  assert.match(
    refused.stderr,
    /tiny-local-data Database: AWS::RDS::DBInstance is replaced by an empty one, for DBName/,
  );
  assert.match(refused.stderr, /If it is meant: --allow-data-loss Database/);
  assert.deepEqual(whatHappened(before, await happenings(target)), []);
  const allowed = await planned(service, 'two.plan', '--allow-data-loss', 'Database');
  assert.deepEqual(allowed.allowedDataLoss, ['Database']);
  const service2 = stackOf(allowed, 'tiny-local-service');
  assert.equal(service2.exactness, 'derived', 'it reads the name of the database');

  const { hash: _, ...plan } = allowed;
  await writeFile(
    join(service.folder, 'forged.plan'),
    JSON.stringify(sealed({ ...plan, allowedDataLoss: [] })),
  );
  const forged = await service.plimsoll('apply', 'forged.plan');
  assert.equal(forged.code, 1);
  assert.match(forged.stderr, /This plan would lose data, and does not say that it may/);
  assert.deepEqual(whatHappened(before, await happenings(target)), []);

  await service.definition(database('one', 'small'));
  const stays = await service.plimsoll('plan', '--destroy');
  const names = /--allow-data-loss (\S+)/.exec(stays.stderr)?.[1] ?? '';
  const removal = await planned(service, 'removal.plan', '--destroy', '--allow-data-loss', names);
  const data = stackOf(removal, 'tiny-local-data');
  assert.deepEqual(
    data.kept?.map(({ type }) => type),
    ['AWS::RDS::DBInstance', 'AWS::EC2::SecurityGroup', 'AWS::RDS::DBSubnetGroup'],
  );
  assert.deepEqual(data.lifts, ['termination protection of the stack']);
  assert.match(stackOf(removal, 'network-local').staysFor ?? '', /what is kept stands in it: tiny-local/);

  const secrets = await everySecret(await statusOf(service));
  assert.ok(secrets.length > 0);
  for (const file of ['first.plan', 'both.plan', 'two.plan', 'removal.plan']) {
    const text = await readFile(join(service.folder, file), 'utf8');
    for (const secret of secrets) assert.ok(!text.includes(secret), `a secret is in ${file}`);
  }

  const then = await happenings(target);
  const removed = await service.plimsoll('apply', 'removal.plan');
  assert.equal(removed.code, 0, `${removed.stdout}\n${removed.stderr}`);
  assert.deepEqual(whatHappened(then, await happenings(target, removal)), shownIn(removal));
  const left = await statusOf(service);
  assert.deepEqual(
    left.databases.map(({ identifier }) => identifier),
    ['tiny-local'],
  );
  assert.deepEqual(
    left.stacks.map(({ name }) => name),
    ['network-local'],
  );
});

test('a database is added to a service that runs, in one plan', { timeout: 900_000 }, async (t) => {
  const { service, target } = await emptyRegion(t);
  await planned(service, 'first.plan');
  assert.equal((await service.plimsoll('apply', 'first.plan')).code, 0);
  await service.definition(
    definition("scaling: { min: 1 }, database: { engine: 'postgres', version: '17', multiAz: false },"),
  );
  await service.answer('two');
  const plan = await planned(service, 'database.plan');
  const { exactness, changes } = stackOf(plan, 'tiny-local-service');
  assert.equal(exactness, 'derived');
  assert.ok(
    changes.some(({ type, replacement }) => type === 'AWS::ECS::TaskDefinition' && replacement === 'yes'),
  );
  const shown = await service.plimsoll('show', 'database.plan');
  assert.match(shown.stdout, /DatabaseIngress: lets in tcp \(known after apply\) from sg-/);
  await applied(service, target, plan, 'database.plan');
  assert.equal(await answer(service), 'two');
  assert.equal((await service.plimsoll('plan')).code, 0, 'nothing would change');
});

test('a plan whose release fails is rolled back there, leaves later waves alone and says where things stand', {
  timeout: 900_000,
}, async (t) => {
  const { service, target } = await emptyRegion(t);
  await planned(service, 'first.plan');
  assert.equal((await service.plimsoll('apply', 'first.plan')).code, 0);
  await service.program('process.exit(3);');
  const source = await readFile(join(service.folder, 'plimsoll.config.ts'), 'utf8');
  await service.definition(source.replace('scaling: { min: 1 }', 'scaling: { min: 1, max: 7 }'));
  const plan = await planned(service, 'bad.plan');
  assert.equal(plan.waves.length, 2);
  const before = await happenings(target);
  const { code, stderr } = await service.plimsoll('apply', 'bad.plan');
  assert.equal(code, 1);
  assert.match(stderr, /The stack tiny-local-service failed at ServiceD69D759B/);
  assert.match(
    stderr,
    /Of this plan: applied nothing; not applied tiny-local-service, tiny-local-monitoring\./,
  );
  const happened = whatHappened(before, await happenings(target));
  assert.ok(
    happened.every((line) => line.startsWith('tiny-local-service ')),
    happened.join('\n'),
  );
  assert.equal(await answer(service), 'one');
  const again = await service.plimsoll('apply', 'bad.plan');
  assert.equal(again.code, 1);
  assert.match(again.stderr, /is UPDATE_ROLLBACK_COMPLETE after this plan was applied to it/);
});

async function everySecret({
  endpoint,
  region,
}: {
  readonly endpoint: string;
  readonly region: string;
}): Promise<readonly string[]> {
  const client = new SecretsManagerClient({ endpoint, region, credentials: localAccessKey(process.env) });
  const { SecretList = [] } = await client.send(new ListSecretsCommand({}));
  const values = await Promise.all(
    SecretList.map(
      async ({ ARN }) => (await client.send(new GetSecretValueCommand({ SecretId: ARN }))).SecretString ?? '',
    ),
  );
  client.destroy();
  return values.flatMap((value) => {
    try {
      const parsed = JSON.parse(value) as Readonly<Record<string, unknown>>;
      return [value, ...(typeof parsed['password'] === 'string' ? [parsed['password']] : [])];
    } catch {
      return [value];
    }
  });
}
