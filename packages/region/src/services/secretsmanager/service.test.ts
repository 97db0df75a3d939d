import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testRegion } from '../../testing/test-region.ts';
import { kms } from '../kms/service.ts';
import { secretsmanager } from './service.ts';

const region = () => testRegion((tables) => [kms({ tables }), secretsmanager({ tables })]);
const token = (letter: string) => letter.repeat(32);

test('a secret is found by name, ARN, and ARN without its last six characters', async () => {
  const { call } = region();
  const { ARN = '' } = await call('secretsmanager', 'createSecret', { Name: 'app/key', SecretString: 'v1' });
  assert.match(ARN, /^arn:aws:secretsmanager:eu-central-1:000000000000:secret:app\/key-[A-Za-z0-9]{6}$/);
  for (const SecretId of ['app/key', ARN, ARN.slice(0, -7)]) {
    assert.equal((await call('secretsmanager', 'getSecretValue', { SecretId })).SecretString, 'v1');
  }
  await assert.rejects(call('secretsmanager', 'getSecretValue', { SecretId: 'app' }), {
    code: 'ResourceNotFoundException',
    message: "Secrets Manager can't find the specified secret.",
  });
});

test('a new value becomes AWSCURRENT, the one before AWSPREVIOUS', async () => {
  const { call } = region();
  await call('secretsmanager', 'createSecret', {
    Name: 's',
    SecretString: 'one',
    ClientRequestToken: token('a'),
  });
  await call('secretsmanager', 'putSecretValue', {
    SecretId: 's',
    SecretString: 'two',
    ClientRequestToken: token('b'),
  });
  await call('secretsmanager', 'updateSecret', {
    SecretId: 's',
    SecretString: 'three',
    ClientRequestToken: token('c'),
  });
  const value = async (VersionStage: string) =>
    (await call('secretsmanager', 'getSecretValue', { SecretId: 's', VersionStage })).SecretString;
  assert.equal(await value('AWSCURRENT'), 'three');
  assert.equal(await value('AWSPREVIOUS'), 'two');
  const described = await call('secretsmanager', 'describeSecret', { SecretId: 's' });
  assert.deepEqual(described.VersionIdsToStages, {
    [token('b')]: ['AWSPREVIOUS'],
    [token('c')]: ['AWSCURRENT'],
  });
  const { Versions } = await call('secretsmanager', 'listSecretVersionIds', {
    SecretId: 's',
    IncludeDeprecated: true,
  });
  assert.equal(Versions?.length, 3);
});

test('the same token with the same value changes nothing, with another value it is refused', async () => {
  const { call } = region();
  const first = { Name: 's', SecretString: 'one', ClientRequestToken: token('a') };
  const created = await call('secretsmanager', 'createSecret', first);
  assert.deepEqual(await call('secretsmanager', 'createSecret', first), created);
  const again = { SecretId: 's', SecretString: 'one', ClientRequestToken: token('a') };
  assert.deepEqual((await call('secretsmanager', 'putSecretValue', again)).VersionStages, ['AWSCURRENT']);
  await assert.rejects(call('secretsmanager', 'putSecretValue', { ...again, SecretString: 'other' }), {
    code: 'ResourceExistsException',
  });
});

test('a pending version becomes current by moving the label, as rotation does', async () => {
  const { call } = region();
  await call('secretsmanager', 'createSecret', {
    Name: 's',
    SecretString: 'one',
    ClientRequestToken: token('a'),
  });
  await call('secretsmanager', 'putSecretValue', {
    SecretId: 's',
    SecretString: 'two',
    ClientRequestToken: token('b'),
    VersionStages: ['AWSPENDING'],
  });
  assert.equal((await call('secretsmanager', 'getSecretValue', { SecretId: 's' })).SecretString, 'one');
  const move = { SecretId: 's', VersionStage: 'AWSCURRENT', MoveToVersionId: token('b') };
  await assert.rejects(
    call('secretsmanager', 'updateSecretVersionStage', move),
    /Staging label AWSCURRENT is currently attached to version a+/,
  );
  await call('secretsmanager', 'updateSecretVersionStage', { ...move, RemoveFromVersionId: token('a') });
  const { VersionIdsToStages } = await call('secretsmanager', 'describeSecret', { SecretId: 's' });
  assert.deepEqual(VersionIdsToStages, {
    [token('a')]: ['AWSPREVIOUS'],
    [token('b')]: ['AWSPENDING', 'AWSCURRENT'],
  });
  await assert.rejects(
    call('secretsmanager', 'updateSecretVersionStage', {
      SecretId: 's',
      VersionStage: 'AWSCURRENT',
      RemoveFromVersionId: token('b'),
    }),
    /can.t be completely removed/,
  );
});

test('binary values come back as they were', async () => {
  const { call } = region();
  const SecretBinary = new Uint8Array([0, 255, 128]);
  await call('secretsmanager', 'createSecret', { Name: 's', SecretBinary });
  const answer = await call('secretsmanager', 'getSecretValue', { SecretId: 's' });
  assert.deepEqual(answer.SecretBinary, SecretBinary);
  assert.equal(answer.SecretString, undefined);
});

test('no value is stored in plain text, and a disabled key refuses to open it', async () => {
  const { call, commits, messages } = region();
  const { KeyMetadata } = await call('kms', 'createKey', {});
  const KmsKeyId = KeyMetadata?.KeyId;
  await call('secretsmanager', 'createSecret', { Name: 's', SecretString: 'very-secret', KmsKeyId });
  assert.doesNotMatch(JSON.stringify([commits, messages]), /very-secret/);
  await call('kms', 'disableKey', { KeyId: KmsKeyId });
  await assert.rejects(call('secretsmanager', 'getSecretValue', { SecretId: 's' }), {
    code: 'DecryptionFailure',
  });
  await assert.rejects(call('secretsmanager', 'putSecretValue', { SecretId: 's', SecretString: 'x' }), {
    code: 'EncryptionFailure',
  });
});

test('a deleted secret can be restored until its recovery window is over', async () => {
  const { call, advance } = region();
  await call('secretsmanager', 'createSecret', { Name: 's', SecretString: 'v' });
  const { DeletionDate } = await call('secretsmanager', 'deleteSecret', {
    SecretId: 's',
    RecoveryWindowInDays: 7,
  });
  assert.equal(DeletionDate?.toISOString(), '2026-11-29T12:00:00.000Z');
  await assert.rejects(call('secretsmanager', 'getSecretValue', { SecretId: 's' }), /marked for deletion/);
  await assert.rejects(
    call('secretsmanager', 'createSecret', { Name: 's' }),
    /already scheduled for deletion/,
  );
  assert.deepEqual((await call('secretsmanager', 'listSecrets', {})).SecretList, []);
  await call('secretsmanager', 'restoreSecret', { SecretId: 's' });
  await advance(8 * 24 * 3600);
  assert.equal((await call('secretsmanager', 'getSecretValue', { SecretId: 's' })).SecretString, 'v');
  await call('secretsmanager', 'deleteSecret', { SecretId: 's' });
  await advance(30 * 24 * 3600);
  await assert.rejects(call('secretsmanager', 'describeSecret', { SecretId: 's' }), {
    code: 'ResourceNotFoundException',
  });
});

test('forcing a deletion is immediate, and no error for what is not there', async () => {
  const { call } = region();
  await call('secretsmanager', 'createSecret', { Name: 's', SecretString: 'v' });
  await call('secretsmanager', 'deleteSecret', { SecretId: 's', ForceDeleteWithoutRecovery: true });
  await call('secretsmanager', 'deleteSecret', { SecretId: 's', ForceDeleteWithoutRecovery: true });
  await call('secretsmanager', 'createSecret', { Name: 's', SecretString: 'again' });
});

test('GetRandomPassword has 32 characters with each type in it, without those excluded', async () => {
  const { call } = region();
  const { RandomPassword = '' } = await call('secretsmanager', 'getRandomPassword', {});
  assert.equal(RandomPassword.length, 32);
  for (const type of [/[a-z]/, /[A-Z]/, /[0-9]/, /[^a-zA-Z0-9]/]) assert.match(RandomPassword, type);
  const plain = await call('secretsmanager', 'getRandomPassword', {
    PasswordLength: 64,
    ExcludePunctuation: true,
    ExcludeCharacters: 'abcXYZ019',
  });
  assert.match(plain.RandomPassword ?? '', /^[d-zA-W2-8]{64}$/);
});

test('tags and ListSecrets filters match from the beginning, ! negates', async () => {
  const { call } = region();
  for (const Name of ['prod/db', 'prod/api', 'dev/db'])
    await call('secretsmanager', 'createSecret', { Name });
  await call('secretsmanager', 'tagResource', { SecretId: 'dev/db', Tags: [{ Key: 'team', Value: 'core' }] });
  const names = async (Key: string, ...Values: string[]) =>
    (
      await call('secretsmanager', 'listSecrets', { Filters: [{ Key: Key as 'name', Values }] })
    ).SecretList?.map(({ Name }) => Name);
  assert.deepEqual(await names('name', 'prod/'), ['prod/db', 'prod/api']);
  assert.deepEqual(await names('name', '!prod/'), ['dev/db']);
  assert.deepEqual(await names('tag-key', 'team'), ['dev/db']);
  await call('secretsmanager', 'untagResource', { SecretId: 'dev/db', TagKeys: ['team'] });
  assert.deepEqual(await names('tag-key', 'team'), []);
});

test('a resource policy is kept and given back', async () => {
  const { call } = region();
  await call('secretsmanager', 'createSecret', { Name: 's' });
  const ResourcePolicy = '{"Version":"2012-10-17","Statement":[]}';
  await call('secretsmanager', 'putResourcePolicy', { SecretId: 's', ResourcePolicy });
  assert.equal(
    (await call('secretsmanager', 'getResourcePolicy', { SecretId: 's' })).ResourcePolicy,
    ResourcePolicy,
  );
  await assert.rejects(call('secretsmanager', 'putResourcePolicy', { SecretId: 's', ResourcePolicy: '[]' }), {
    code: 'MalformedPolicyDocumentException',
  });
});

for (const [name, input, code] of [
  ['a name with a character that is not allowed', { Name: 'rds!db-1' }, 'InvalidParameterException'],
  [
    'two values at once',
    { Name: 'x', SecretString: 'a', SecretBinary: new Uint8Array(1) },
    'InvalidParameterException',
  ],
  ['a value over 64 KiB', { Name: 'x', SecretString: 'a'.repeat(65_537) }, 'InvalidParameterException'],
  [
    'a short token',
    { Name: 'x', SecretString: 'a', ClientRequestToken: 'short' },
    'InvalidParameterException',
  ],
  ['a name that is taken', { Name: 'taken', SecretString: 'b' }, 'ResourceExistsException'],
] as const) {
  test(`CreateSecret refuses ${name}`, async () => {
    const { call } = region();
    await call('secretsmanager', 'createSecret', { Name: 'taken', SecretString: 'a' });
    await assert.rejects(call('secretsmanager', 'createSecret', input), { code });
  });
}

test('rotation by a Lambda function is refused by name', async () => {
  const { call } = region();
  await call('secretsmanager', 'createSecret', { Name: 's' });
  await assert.rejects(call('secretsmanager', 'rotateSecret', { SecretId: 's' }), { code: 'NotModelled' });
});
