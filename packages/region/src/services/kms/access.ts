import {
  type Ask,
  all,
  arnOf,
  on,
  onAnything,
  type Rule,
  type ServiceAccess,
  textOf,
} from '../../kernel/access.ts';
import type { Tables } from '../../kernel/table.ts';
import { managedKeyPolicy } from './managed-key-policy.ts';
import { keyIdOf } from './sealing.ts';
import { findKey, type Key, openKms } from './state.ts';

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awskeymanagementservice.html */
export function kmsAccess(tables: Tables): ServiceAccess {
  const state = openKms(tables);
  const find = (reference: string): Key | undefined => {
    try {
      return findKey(state, reference);
    } catch {
      return undefined;
    }
  };
  const arnOfKey = (ask: Ask, reference: string): string => {
    const bare = reference.replace(/^arn:aws:kms:[^:]*:\d{12}:/, '').replace(/^key\//, '');
    return find(reference)?.arn ?? arnOf(ask, 'kms', bare.startsWith('alias/') ? bare : `key/${bare}`);
  };
  const keyArn = (ask: Ask): string => arnOfKey(ask, textOf(ask, 'KeyId') || ciphertextKey(ask));
  const aliasArn = (ask: Ask): string => arnOf(ask, 'kms', textOf(ask, 'AliasName'));
  const aboutKey = on(keyArn);
  const withKey = (key: (ask: Ask) => string): Rule => all(on(aliasArn), on(key));
  const ofAlias = (ask: Ask): string => arnOfKey(ask, textOf(ask, 'AliasName'));
  const cryptographic = on(keyArn, { context: encryptionContext });
  return {
    prefix: 'kms',
    policyOf: (arn) => {
      const [, , , region = '', accountId = '', resource = ''] = arn.split(':');
      const key = find(arn);
      const isKey = resource.startsWith('key/');
      if (isKey && key?.manager !== 'AWS') return key?.policy;
      // A key of AWS's is made at its first use.
      const alias = isKey ? state.aliases.find(({ keyId }) => keyId === key?.id)?.name : resource;
      const service = /^alias\/aws\/(.+)$/.exec(alias ?? '')?.[1];
      return service === undefined ? undefined : managedKeyPolicy(service, accountId, region);
    },
    tagsOf: (arn) => (arn.includes(':key/') ? find(arn)?.tags : undefined),
    operations: {
      CreateKey: onAnything,
      DescribeKey: aboutKey,
      ListKeys: onAnything,
      EnableKey: aboutKey,
      DisableKey: aboutKey,
      UpdateKeyDescription: aboutKey,
      ScheduleKeyDeletion: aboutKey,
      CancelKeyDeletion: aboutKey,
      EnableKeyRotation: aboutKey,
      DisableKeyRotation: aboutKey,
      GetKeyRotationStatus: aboutKey,
      GetKeyPolicy: aboutKey,
      PutKeyPolicy: aboutKey,
      TagResource: aboutKey,
      UntagResource: aboutKey,
      ListResourceTags: aboutKey,
      CreateAlias: withKey((ask) => arnOfKey(ask, textOf(ask, 'TargetKeyId'))),
      UpdateAlias: all(
        on(aliasArn),
        on(ofAlias),
        on((ask) => arnOfKey(ask, textOf(ask, 'TargetKeyId'))),
      ),
      DeleteAlias: withKey(ofAlias),
      ListAliases: onAnything,
      Encrypt: cryptographic,
      Decrypt: cryptographic,
      GenerateDataKey: cryptographic,
      GenerateDataKeyWithoutPlaintext: cryptographic,
      GenerateRandom: onAnything,
    },
  };
}

/** Confirmed by docs: Decrypt needs no key id, the ciphertext names its key. */
function ciphertextKey(ask: Ask): string {
  const blob = ask.input['CiphertextBlob'];
  try {
    return blob instanceof Uint8Array ? keyIdOf(blob) : '';
  } catch {
    return '';
  }
}

function encryptionContext(ask: Ask): Record<string, string | readonly string[]> {
  const given = (ask.input['EncryptionContext'] ?? {}) as Readonly<Record<string, string>>;
  const keys = Object.keys(given);
  const context: Record<string, string | readonly string[]> = {};
  for (const key of keys) context[`kms:EncryptionContext:${key}`] = given[key] ?? '';
  if (keys.length > 0) context['kms:EncryptionContextKeys'] = keys;
  const reference = textOf(ask, 'KeyId').replace(/^arn:aws:kms:[^:]*:\d{12}:/, '');
  if (reference.startsWith('alias/')) context['kms:RequestAlias'] = reference;
  return context;
}
