import type { Instant } from '../../kernel/instant.ts';
import type { Table, Tables } from '../../kernel/table.ts';
import { notFound } from './errors.ts';

export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion';

export interface Key {
  readonly id: string;
  readonly arn: string;
  readonly description: string;
  readonly state: KeyState;
  /** AWS managed keys (`alias/aws/ssm`) are made at their first use and cannot be changed. */
  readonly manager: 'CUSTOMER' | 'AWS';
  /** 256 bits each in base64, oldest first; the last encrypts, all decrypt. */
  readonly material: readonly string[];
  readonly created: Instant;
  readonly deletionDate?: Instant;
  readonly rotationPeriodDays?: number;
  readonly policy: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface Alias {
  /** With its `alias/`. */
  readonly name: string;
  readonly keyId: string;
  readonly created: Instant;
}

export interface KmsState {
  readonly keys: Table<Key>;
  readonly aliases: Table<Alias>;
}

export function openKms(tables: Tables): KmsState {
  return { keys: tables.table('kms.keys'), aliases: tables.table('kms.aliases') };
}

/** By key id, key ARN, alias name or alias ARN. */
export function findKey(state: KmsState, reference: string | undefined): Key {
  const named = (reference ?? '').replace(/^arn:aws:kms:[^:]*:\d{12}:/, '').replace(/^key\//, '');
  if (!named.startsWith('alias/')) {
    const key = state.keys.get(named);
    if (!key) throw notFound(`Key '${reference ?? ''}' does not exist`);
    return key;
  }
  const alias = state.aliases.get(named);
  const key = alias && state.keys.get(alias.keyId);
  if (!key) throw notFound(`Alias ${reference ?? ''} is not found.`);
  return key;
}
