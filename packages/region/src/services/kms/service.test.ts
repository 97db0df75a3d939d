import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testRegion } from '../../testing/test-region.ts';
import { ssm } from '../ssm/service.ts';
import { kms } from './service.ts';

const region = () => testRegion((tables) => [kms({ tables }), ssm({ tables })]);
const secret = new TextEncoder().encode('a secret');

test('a ciphertext is decrypted without naming its key, and only with its encryption context', async () => {
  const { call } = region();
  const { KeyMetadata } = await call('kms', 'createKey', {});
  const EncryptionContext = { a: '1', b: '2' };
  const sealed = await call('kms', 'encrypt', {
    KeyId: KeyMetadata?.Arn,
    Plaintext: secret,
    EncryptionContext,
  });
  const { CiphertextBlob } = sealed;
  const opened = await call('kms', 'decrypt', { CiphertextBlob, EncryptionContext: { b: '2', a: '1' } });
  assert.deepEqual(Buffer.from(opened.Plaintext ?? []), Buffer.from(secret));
  await assert.rejects(call('kms', 'decrypt', { CiphertextBlob }), { code: 'InvalidCiphertextException' });
  const other = await call('kms', 'createKey', {});
  await assert.rejects(
    call('kms', 'decrypt', { CiphertextBlob, EncryptionContext, KeyId: other.KeyMetadata?.KeyId }),
    { code: 'IncorrectKeyException' },
  );
});

test('a disabled key and one pending deletion decrypt nothing', async () => {
  const { call } = region();
  const { KeyMetadata } = await call('kms', 'createKey', {});
  const KeyId = KeyMetadata?.KeyId;
  const { CiphertextBlob } = await call('kms', 'encrypt', { KeyId, Plaintext: secret });
  await call('kms', 'disableKey', { KeyId });
  await assert.rejects(call('kms', 'decrypt', { CiphertextBlob }), { code: 'DisabledException' });
  await call('kms', 'scheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
  await assert.rejects(call('kms', 'decrypt', { CiphertextBlob }), { code: 'KMSInvalidStateException' });
});

test('a key is gone when its waiting period is over, with its aliases', async () => {
  const { call, advance } = region();
  const { KeyMetadata } = await call('kms', 'createKey', {});
  const KeyId = KeyMetadata?.KeyId;
  await call('kms', 'createAlias', { AliasName: 'alias/mine', TargetKeyId: KeyId });
  await call('kms', 'scheduleKeyDeletion', { KeyId, PendingWindowInDays: 7 });
  await advance(7 * 86_400 - 1);
  assert.equal((await call('kms', 'describeKey', { KeyId })).KeyMetadata?.KeyState, 'PendingDeletion');
  await advance(1);
  await assert.rejects(call('kms', 'describeKey', { KeyId: 'alias/mine' }), { code: 'NotFoundException' });
});

test('after a rotation new data is sealed by new material and old data still opens', async () => {
  const { call, advance } = region();
  const { KeyMetadata } = await call('kms', 'createKey', {});
  const KeyId = KeyMetadata?.KeyId;
  const before = await call('kms', 'encrypt', { KeyId, Plaintext: secret });
  await call('kms', 'enableKeyRotation', { KeyId, RotationPeriodInDays: 90 });
  await advance(91 * 86_400);
  const afterwards = await call('kms', 'encrypt', { KeyId, Plaintext: secret });
  assert.equal(afterwards.CiphertextBlob?.[37], 1);
  for (const { CiphertextBlob } of [before, afterwards]) {
    const { Plaintext } = await call('kms', 'decrypt', { CiphertextBlob });
    assert.deepEqual(Buffer.from(Plaintext ?? []), Buffer.from(secret));
  }
});

test('a SecureString parameter is kept encrypted and read with WithDecryption', async () => {
  const { call, commits } = region();
  await call('ssm', 'putParameter', { Name: '/s', Value: 'hidden value', Type: 'SecureString' });
  assert.ok(!JSON.stringify(commits).includes('hidden value'));
  const { Parameter } = await call('ssm', 'getParameter', { Name: '/s', WithDecryption: true });
  assert.equal(Parameter?.Value, 'hidden value');
});

test('an algorithm of asymmetric keys is refused by name', async () => {
  const { call } = region();
  const { KeyMetadata } = await call('kms', 'createKey', {});
  const asked = {
    KeyId: KeyMetadata?.KeyId,
    Plaintext: secret,
    EncryptionAlgorithm: 'RSAES_OAEP_SHA_256',
  } as const;
  await assert.rejects(
    call('kms', 'encrypt', asked),
    /kms Encrypt: EncryptionAlgorithm RSAES_OAEP_SHA_256 is not modelled/,
  );
});
