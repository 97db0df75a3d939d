/**
 * What KMS does with a key's material: AES-256-GCM, the encryption context as additional data. A ciphertext names its key,
 * so that `Decrypt` needs none:
 *
 *   version (1) · key id (36, ASCII) · material index (1) · nonce (12) · tag (16) · ciphertext
 *
 * AWS does not publish its own form; ciphertexts of AWS and of this region cannot be exchanged.
 */
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { invalidCiphertext } from './errors.ts';
import type { Key } from './state.ts';

const version = 1;
const head = 1 + 36 + 1;

export type EncryptionContext = Readonly<Record<string, string>> | undefined;

export function seal(
  key: Key,
  nonce: Uint8Array,
  plaintext: Uint8Array,
  context: EncryptionContext,
): Uint8Array {
  const index = key.material.length - 1;
  const cipher = createCipheriv('aes-256-gcm', materialOf(key, index), nonce).setAAD(contextBytes(context));
  const sealed = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([
    Buffer.from([version]),
    Buffer.from(key.id),
    Buffer.from([index]),
    nonce,
    cipher.getAuthTag(),
    sealed,
  ]);
}

export function keyIdOf(blob: Uint8Array): string {
  if (blob.length < head + 28 || blob[0] !== version) throw invalidCiphertext();
  return Buffer.from(blob.subarray(1, 37)).toString('latin1');
}

/** Throws `InvalidCiphertextException` for a blob or a context that is not the one it was sealed with. */
export function unseal(key: Key, blob: Uint8Array, context: EncryptionContext): Uint8Array {
  try {
    const nonce = blob.subarray(head, head + 12);
    const tag = blob.subarray(head + 12, head + 28);
    const decipher = createDecipheriv('aes-256-gcm', materialOf(key, blob[head - 1] ?? -1), nonce)
      .setAAD(contextBytes(context))
      .setAuthTag(tag);
    return Buffer.concat([decipher.update(blob.subarray(head + 28)), decipher.final()]);
  } catch {
    throw invalidCiphertext();
  }
}

function materialOf(key: Key, index: number): Buffer {
  const material = key.material[index];
  if (material === undefined) throw invalidCiphertext();
  return Buffer.from(material, 'base64');
}

/** The pairs in order of their names: the order in which they are given does not count. */
function contextBytes(context: EncryptionContext): Buffer {
  const pairs = Object.entries(context ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(JSON.stringify(pairs));
}
