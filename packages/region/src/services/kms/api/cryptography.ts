import type {
  DecryptRequest,
  DecryptResponse,
  EncryptRequest,
  EncryptResponse,
  GenerateDataKeyRequest,
  GenerateDataKeyResponse,
  GenerateDataKeyWithoutPlaintextRequest,
  GenerateDataKeyWithoutPlaintextResponse,
  GenerateRandomRequest,
  GenerateRandomResponse,
} from '@aws-sdk/client-kms';
import { notModelled } from '../../../kernel/aws-error.ts';
import type { Context } from '../../../kernel/context.ts';
import { disabled, incorrectKey, invalidCiphertext, invalidState, validation } from '../errors.ts';
import { keyIdOf, seal, unseal } from '../sealing.ts';
import { findKey, type Key, type KmsState } from '../state.ts';
import { findOrMakeKey } from './aliases.ts';

/** Confirmed by API text: Encrypt takes up to 4096 bytes. */
export function encrypt(ctx: Context, state: KmsState, input: EncryptRequest): EncryptResponse {
  checkAlgorithm('Encrypt', input.EncryptionAlgorithm);
  const key = usable(findOrMakeKey(ctx, state, input.KeyId));
  const plaintext = input.Plaintext ?? new Uint8Array();
  if (plaintext.length < 1 || plaintext.length > 4096) {
    throw validation(
      "1 validation error detected: Value at 'plaintext' failed to satisfy constraint: Member must have length between 1 and 4096",
    );
  }
  return {
    CiphertextBlob: seal(key, ctx.secrets.bytes(12), plaintext, input.EncryptionContext),
    KeyId: key.arn,
    EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
  };
}

export function decrypt(_ctx: Context, state: KmsState, input: DecryptRequest): DecryptResponse {
  checkAlgorithm('Decrypt', input.EncryptionAlgorithm);
  const blob = input.CiphertextBlob ?? new Uint8Array();
  const sealedBy = state.keys.get(keyIdOf(blob));
  if (!sealedBy) throw invalidCiphertext();
  if (input.KeyId !== undefined && findKey(state, input.KeyId).id !== sealedBy.id) throw incorrectKey();
  const key = usable(sealedBy);
  return {
    Plaintext: unseal(key, blob, input.EncryptionContext),
    KeyId: key.arn,
    EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
  };
}

export function generateDataKey(
  ctx: Context,
  state: KmsState,
  input: GenerateDataKeyRequest,
): GenerateDataKeyResponse {
  const key = usable(findOrMakeKey(ctx, state, input.KeyId));
  const plaintext = ctx.secrets.bytes(dataKeyLength(input.KeySpec, input.NumberOfBytes));
  return {
    Plaintext: plaintext,
    CiphertextBlob: seal(key, ctx.secrets.bytes(12), plaintext, input.EncryptionContext),
    KeyId: key.arn,
  };
}

export function generateDataKeyWithoutPlaintext(
  ctx: Context,
  state: KmsState,
  input: GenerateDataKeyWithoutPlaintextRequest,
): GenerateDataKeyWithoutPlaintextResponse {
  const { Plaintext: _, ...sealed } = generateDataKey(ctx, state, input);
  return sealed;
}

export function generateRandom(ctx: Context, input: GenerateRandomRequest): GenerateRandomResponse {
  return { Plaintext: ctx.secrets.bytes(checkLength(input.NumberOfBytes ?? 0)) };
}

function dataKeyLength(spec: string | undefined, bytes: number | undefined): number {
  if ((spec === undefined) === (bytes === undefined)) {
    throw validation('Please specify either number of bytes or key spec.');
  }
  if (spec === undefined) return checkLength(bytes ?? 0);
  return spec === 'AES_128' ? 16 : 32;
}

function checkLength(bytes: number): number {
  if (bytes >= 1 && bytes <= 1024) return bytes;
  throw validation(
    `1 validation error detected: Value '${bytes}' at 'numberOfBytes' failed to satisfy constraint: Member must have value between 1 and 1024`,
  );
}

function checkAlgorithm(operation: string, algorithm: string | undefined): void {
  if (algorithm === undefined || algorithm === 'SYMMETRIC_DEFAULT') return;
  throw notModelled(`kms ${operation}: EncryptionAlgorithm ${algorithm}`, 'kms');
}

function usable(key: Key): Key {
  if (key.state === 'Disabled') throw disabled(key.arn);
  if (key.state === 'PendingDeletion') throw invalidState(key.arn, key.state);
  return key;
}
