import { createCipheriv, createDecipheriv } from 'node:crypto';
import { AwsError } from '../../kernel/aws-error.ts';
import type { Context } from '../../kernel/context.ts';
import { decryptionFailure, encryptionFailure, keyAccessDenied } from './errors.ts';
import type { SealedValue, Secret, SecretValue } from './state.ts';

/*
 * Values are stored encrypted as AWS does it: by a data key of the secret's KMS key, with the secret and the version in
 * the encryption context. https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
 */
export function sealValue(ctx: Context, secret: Secret, versionId: string, value: SecretValue): SealedValue {
  const { Plaintext: key = new Uint8Array(), CiphertextBlob: sealedKey = new Uint8Array() } = orRefuse(
    encryptionFailure,
    () =>
      ctx.call('kms', 'generateDataKey', {
        KeyId: secret.kmsKeyId ?? 'alias/aws/secretsmanager',
        KeySpec: 'AES_256',
        EncryptionContext: encryptionContext(secret, versionId),
      }),
  );
  const iv = ctx.secrets.bytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv);
  const data = Buffer.concat([
    cipher.update(JSON.stringify(value), 'utf8'),
    cipher.final(),
    cipher.getAuthTag(),
  ]);
  return { key: base64(sealedKey), iv: base64(iv), data: base64(data) };
}

export function openValue(ctx: Context, secret: Secret, versionId: string, sealed: SealedValue): SecretValue {
  const { Plaintext: key = new Uint8Array() } = orRefuse(decryptionFailure, () =>
    ctx.call('kms', 'decrypt', {
      CiphertextBlob: bytes(sealed.key),
      EncryptionContext: encryptionContext(secret, versionId),
    }),
  );
  const data = bytes(sealed.data);
  const decipher = createDecipheriv('aes-256-gcm', key, bytes(sealed.iv));
  decipher.setAuthTag(data.subarray(-16));
  const text = Buffer.concat([decipher.update(data.subarray(0, -16)), decipher.final()]).toString('utf8');
  return JSON.parse(text);
}

function encryptionContext(secret: Secret, versionId: string): Record<string, string> {
  return { SecretARN: secret.arn, SecretVersionId: versionId };
}

/** A key that is disabled, pending deletion or gone is told in Secrets Manager's words. */
function orRefuse<T>(refusal: () => AwsError, work: () => T): T {
  try {
    return work();
  } catch (error) {
    // Confirmed by docs: who may not use the key is told so.
    if (error instanceof AwsError && error.code === 'AccessDeniedException') throw keyAccessDenied();
    if (error instanceof AwsError && error.fault === 'client') throw refusal();
    throw error;
  }
}

function base64(data: Uint8Array): string {
  return Buffer.from(data).toString('base64');
}

function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'base64'));
}
